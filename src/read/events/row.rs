//! One native row: fourteen texts to one checked event.

use crate::diagnostic::nearest;
use crate::event::{
    Action, Event, EventKind, ImageCreate, MemberStatus, ObjectCreate, Origin, ServerCreate,
    Visibility,
};
use crate::read::table::{Column, abridged};
use crate::value::{AccountId, FlavorId, Instant, LabelsId, NameIds, OsId, RegionId, ResourceId};

/// Declares the columns of a native log once.
macro_rules! columns {
    ($($name:ident $needed:literal),* $(,)?) => {
        /// The columns of a native event log, in their usual order.
        pub const COLUMNS: [Column; 14] =
            [$(Column { name: stringify!($name), needed: $needed }),*];

        /// The texts of one row, by column; an empty text is an absent value.
        #[derive(Debug, Clone, Copy, Default)]
        #[expect(missing_docs, reason = "the names are those of the columns")]
        pub struct RowText<'a> { $(pub $name: &'a str),* }

        impl<'a> RowText<'a> {
            /// The row whose columns have these texts, in the order of [`COLUMNS`].
            #[must_use]
            pub fn from_columns([$($name),*]: [&'a str; 14]) -> RowText<'a> {
                RowText { $($name),* }
            }

            /// Its texts, in the order of [`COLUMNS`].
            #[must_use]
            pub fn to_columns(&self) -> [&'a str; 14] {
                [$(self.$name),*]
            }
        }
    };
}

columns! {
    time true, event true, account true, region true, resource true, source false, member false,
    status false, bytes true, flavor false, os false, visibility false, labels false, id false,
}

/// A name, if there is one.
pub(super) fn name(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Reads one row, or says in a sentence why it is none.
pub(super) fn read<N: NameIds>(
    text: &RowText<'_>,
    origin: Origin,
    names: &mut N,
) -> Result<Event, String> {
    check_characters(text)?;
    let time =
        Instant::parse(text.time).map_err(|error| format!("`{}`: {error}", abridged(text.time)))?;
    let kind = EventKind::parse(text.event).ok_or_else(|| unknown_event(text.event))?;
    let mut fields = Fields { text, names };
    let action = fields.action(kind)?;
    let id = name(text.id).map(|id| fields.names.event(id));
    let actor = name(text.account).map(|account| fields.names.account(account));
    Ok(Event { time, actor, id, action, origin })
}

fn unknown_event(word: &str) -> String {
    if word.is_empty() {
        return "the event is missing".to_owned();
    }
    let known = EventKind::ALL.map(EventKind::as_str);
    let shown = abridged(word);
    match nearest(word, known) {
        Some(near) => format!("unknown event `{shown}`: did you mean `{near}`?"),
        None => format!("unknown event `{shown}`"),
    }
}

/// Control characters have no place in a name, and could do harm on a terminal.
fn check_characters(text: &RowText<'_>) -> Result<(), String> {
    for (column, text) in COLUMNS.iter().zip(text.to_columns()) {
        if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
            return Err(format!("a control character in `{}`", column.name));
        }
    }
    Ok(())
}

/// Reads the fields that a kind of event needs.
struct Fields<'t, 'n, N> {
    text: &'t RowText<'t>,
    names: &'n mut N,
}

impl<N: NameIds> Fields<'_, '_, N> {
    fn action(&mut self, kind: EventKind) -> Result<Action, String> {
        Ok(match kind {
            EventKind::ImageCreate | EventKind::ImageCreateFromSource => {
                Action::ImageCreate(ImageCreate {
                    image: self.resource()?,
                    owner: self.account()?,
                    region: self.region()?,
                    source: self.source(),
                    bytes: self.bytes()?,
                    os: self.os(),
                    visibility: self.visibility()?,
                    labels: self.labels(),
                })
            }
            EventKind::ImageUpdate => {
                // Here an absent one is not "private": it would take an image from its users.
                self.needed(self.text.visibility, "visibility")?;
                Action::ImageUpdate { image: self.resource()?, visibility: self.visibility()? }
            }
            EventKind::ImageDelete => Action::ImageDelete { image: self.resource()? },
            EventKind::ImageDeactivate => Action::ImageDeactivate { image: self.resource()? },
            EventKind::ImageReactivate => Action::ImageReactivate { image: self.resource()? },
            EventKind::MemberCreate => {
                Action::MemberCreate { image: self.resource()?, member: self.member()? }
            }
            EventKind::MemberUpdate => Action::MemberUpdate {
                image: self.resource()?,
                member: self.member()?,
                status: self.status()?,
            },
            EventKind::MemberDelete => {
                Action::MemberDelete { image: self.resource()?, member: self.member()? }
            }
            EventKind::ServerCreate => Action::ServerCreate(ServerCreate {
                server: self.resource()?,
                owner: self.account()?,
                region: self.region()?,
                source: self.source(),
                flavor: self.flavor()?,
                os: self.os(),
            }),
            EventKind::ServerResize => {
                Action::ServerResize { server: self.resource()?, flavor: self.flavor()? }
            }
            EventKind::ServerRebuild => Action::ServerRebuild {
                server: self.resource()?,
                source: self.needed_source()?,
                os: self.os(),
            },
            EventKind::ServerDelete => Action::ServerDelete { server: self.resource()? },
            EventKind::ObjectCreate => Action::ObjectCreate(ObjectCreate {
                object: self.resource()?,
                owner: self.account()?,
                region: self.region()?,
                source: self.source(),
                bytes: self.bytes()?,
                os: self.os(),
            }),
            EventKind::ObjectDelete => Action::ObjectDelete { object: self.resource()? },
            EventKind::TransferOut => Action::TransferOut {
                account: self.account()?,
                region: self.region()?,
                resource: self.resource()?,
                bytes: self.bytes()?,
            },
        })
    }

    fn needed<'a>(&self, text: &'a str, column: &str) -> Result<&'a str, String> {
        name(text).ok_or_else(|| format!("{} needs `{column}`", self.text.event))
    }

    fn account(&mut self) -> Result<AccountId, String> {
        let text = self.needed(self.text.account, "account")?;
        Ok(self.names.account(text))
    }

    fn member(&mut self) -> Result<AccountId, String> {
        let text = self.needed(self.text.member, "member")?;
        Ok(self.names.account(text))
    }

    fn region(&mut self) -> Result<RegionId, String> {
        let text = self.needed(self.text.region, "region")?;
        Ok(self.names.region(text))
    }

    fn resource(&mut self) -> Result<ResourceId, String> {
        let text = self.needed(self.text.resource, "resource")?;
        Ok(self.names.resource(text))
    }

    fn needed_source(&mut self) -> Result<ResourceId, String> {
        let text = self.needed(self.text.source, "source")?;
        Ok(self.names.resource(text))
    }

    fn source(&mut self) -> Option<ResourceId> {
        name(self.text.source).map(|source| self.names.resource(source))
    }

    fn flavor(&mut self) -> Result<FlavorId, String> {
        let text = self.needed(self.text.flavor, "flavor")?;
        Ok(self.names.flavor(text))
    }

    fn os(&mut self) -> Option<OsId> {
        name(self.text.os).map(|os| self.names.system(os))
    }

    fn labels(&mut self) -> Option<LabelsId> {
        name(self.text.labels).map(|labels| self.names.labels(labels))
    }

    fn status(&self) -> Result<MemberStatus, String> {
        let text = self.needed(self.text.status, "status")?;
        MemberStatus::parse(text).ok_or_else(|| {
            format!("status `{}` is not pending, accepted or rejected", abridged(text))
        })
    }

    fn visibility(&self) -> Result<Visibility, String> {
        match self.text.visibility {
            "" => Ok(Visibility::Private),
            text => Visibility::parse(text).ok_or_else(|| {
                format!("visibility `{}` is not private, community or public", abridged(text))
            }),
        }
    }

    fn bytes(&self) -> Result<u64, String> {
        let text = self.needed(self.text.bytes, "bytes")?;
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!(
                "bytes `{}`: a whole number without sign or exponent expected",
                abridged(text)
            ));
        }
        let bytes = text.parse::<i64>().ok().map(i64::unsigned_abs);
        bytes.ok_or_else(|| format!("bytes `{}`: more than 2^63 - 1", abridged(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Names;

    const ORIGIN: Origin = Origin { input: 0, line: 2, record: 0 };

    fn read_csv(line: &str) -> Result<Event, String> {
        let mut columns = [""; 14];
        for (column, text) in columns.iter_mut().zip(line.split(',')) {
            *column = text;
        }
        read(&RowText::from_columns(columns), ORIGIN, &mut Names::default())
    }

    fn refused(line: &str, reason: &str) {
        match read_csv(line) {
            Ok(event) => panic!("{line} was read as {event:?}"),
            Err(why) => assert!(why.contains(reason), "{line}: {why}"),
        }
    }

    #[test]
    fn each_kind_says_what_it_needs() {
        let time = "2016-03-01T00:00:00Z";
        refused(&format!("{time},image.create,,DFW,i,,,,5"), "needs `account`");
        refused(&format!("{time},image.create,a,,i,,,,5"), "needs `region`");
        refused(&format!("{time},image.create,a,DFW,,,,,5"), "needs `resource`");
        refused(&format!("{time},image.create,a,DFW,i"), "needs `bytes`");
        refused(&format!("{time},image.member.create,a,,i"), "needs `member`");
        refused(&format!("{time},image.member.update,a,,i,,m"), "needs `status`");
        refused(&format!("{time},server.create,a,DFW,s"), "needs `flavor`");
        refused(&format!("{time},server.rebuild,a,,s"), "needs `source`");
        assert!(read_csv(&format!("{time},image.delete,,,i")).is_ok());
    }

    #[test]
    fn what_is_no_number_no_time_and_no_word_is_refused() {
        let time = "2016-03-01T00:00:00Z";
        for bytes in ["1e9", "-5", "1.5", "5 ", "0x5", "five"] {
            refused(&format!("{time},object.create,a,DFW,o,,,,{bytes}"), "a whole number");
        }
        refused(&format!("{time},object.create,a,DFW,o,,,,9223372036854775808"), "2^63 - 1");
        assert!(read_csv(&format!("{time},object.create,a,DFW,o,,,,9223372036854775807")).is_ok());
        refused("yesterday,image.delete,,,i", "not a time");
        refused("0001-01-01T00:00:00Z,image.delete,,,i", "outside the years");
        refused(&format!("{time},image.crate,,,i"), "did you mean `image.create`?");
        refused(&format!("{time},image.member.update,a,,i,,m,maybe"), "not pending");
        refused(&format!("{time},image.delete,,,i\0"), "control character in `resource`");
    }
}
