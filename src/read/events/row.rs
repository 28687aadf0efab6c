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

        /// A column of a native event log.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(non_camel_case_types, reason = "the names are those of the columns")]
        pub(in crate::read) enum Cell { $($name),* }

        impl Cells for RowText<'_> {
            fn cell(&self, cell: Cell) -> &str {
                match cell { $(Cell::$name => self.$name),* }
            }
        }

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

/// The texts of one row, wherever they stand: only those that its kind of event needs are looked
/// for.
pub(in crate::read) trait Cells {
    /// The text in a column; an empty text is an absent value.
    fn cell(&self, cell: Cell) -> &str;
}

/// A name, if there is one.
#[inline]
pub(super) fn name(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Reads one row, or says in a sentence why it is none.
pub(in crate::read) fn read<N: NameIds>(
    text: &RowText<'_>,
    origin: Origin,
    names: &mut N,
) -> Result<Event, String> {
    check_characters(text)?;
    read_checked(text, parse_time(text.time)?, None, origin, names)
}

/// The time in a row's text, or in a sentence why there is none.
pub(in crate::read) fn parse_time(text: &str) -> Result<Instant, String> {
    Instant::parse(text).map_err(|error| format!("`{}`: {error}", abridged(text)))
}

/// As [`read`], where a time and a size are known without their texts: those are not looked at.
/// A size that is not given is read from its text, which may be empty.
pub(in crate::read) fn read_known<N: NameIds>(
    text: &RowText<'_>,
    time: Instant,
    bytes: Option<u64>,
    origin: Origin,
    names: &mut N,
) -> Result<Event, String> {
    check_characters(text)?;
    read_checked(text, time, bytes, origin, names)
}

/// As [`read_known`], for a row whose texts have no control characters.
pub(in crate::read) fn read_checked<N: NameIds>(
    text: &RowText<'_>,
    time: Instant,
    bytes: Option<u64>,
    origin: Origin,
    names: &mut N,
) -> Result<Event, String> {
    let kind = EventKind::parse(text.event).ok_or_else(|| unknown_event(text.event))?;
    read_cells(text, time, kind, bytes, origin, names)
}

/// Reads the rest of a row whose time and kind are known, and which has no control characters.
fn read_cells<C: Cells, N: NameIds>(
    cells: &C,
    time: Instant,
    kind: EventKind,
    bytes: Option<u64>,
    origin: Origin,
    names: &mut N,
) -> Result<Event, String> {
    let mut event = unread(time, origin);
    read_into(&mut event, cells, kind, bytes, names)?;
    Ok(event)
}

/// An event that waits for [`read_into`].
#[inline]
pub(in crate::read) fn unread(time: Instant, origin: Origin) -> Event {
    let nothing = ResourceId::from(0);
    Event { time, actor: None, id: None, action: Action::ImageDelete { image: nothing }, origin }
}

/// Reads all but time and origin of an event where it stands: moving it costs as much as reading it.
#[inline]
pub(in crate::read) fn read_into<C: Cells, N: NameIds>(
    event: &mut Event,
    cells: &C,
    kind: EventKind,
    bytes: Option<u64>,
    names: &mut N,
) -> Result<(), String> {
    let mut fields = Fields { cells, bytes, account: None, names };
    fields.action(kind, &mut event.action)?;
    event.id = name(cells.cell(Cell::id)).map(|id| fields.names.event(id));
    event.actor = fields
        .account
        .or_else(|| name(cells.cell(Cell::account)).map(|account| fields.names.account(account)));
    Ok(())
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
        if has_control(text) {
            return Err(format!("a control character in `{}`", column.name));
        }
    }
    Ok(())
}

/// Whether a text has a control character. All of it is looked at, many bytes at a time.
pub(in crate::read) fn has_control(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | (byte < 0x20) | (byte == 0x7f))
}

#[cold]
fn missing(event: &str, cell: Cell) -> String {
    format!("{event} needs `{}`", COLUMNS[cell as usize].name)
}

/// Reads the fields that a kind of event needs.
struct Fields<'c, 'n, C, N> {
    cells: &'c C,
    /// The size, where it is known without its text.
    bytes: Option<u64>,
    /// The account, once it was asked for.
    account: Option<AccountId>,
    names: &'n mut N,
}

impl<'c, C: Cells, N: NameIds> Fields<'c, '_, C, N> {
    #[inline]
    fn action(&mut self, kind: EventKind, action: &mut Action) -> Result<(), String> {
        *action = match kind {
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
                self.needed(Cell::visibility)?;
                Action::ImageUpdate { image: self.image()?, visibility: self.visibility()? }
            }
            EventKind::ImageDelete => Action::ImageDelete { image: self.image()? },
            EventKind::ImageDeactivate => Action::ImageDeactivate { image: self.image()? },
            EventKind::ImageReactivate => Action::ImageReactivate { image: self.image()? },
            EventKind::MemberCreate => {
                Action::MemberCreate { image: self.image()?, member: self.member()? }
            }
            EventKind::MemberUpdate => Action::MemberUpdate {
                image: self.image()?,
                member: self.member()?,
                status: self.status()?,
            },
            EventKind::MemberDelete => {
                Action::MemberDelete { image: self.image()?, member: self.member()? }
            }
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
                resource: self.image()?,
                bytes: self.bytes()?,
            },
        };
        Ok(())
    }

    #[inline]
    fn needed(&self, cell: Cell) -> Result<&'c str, String> {
        match self.cells.cell(cell) {
            "" => Err(missing(self.cells.cell(Cell::event), cell)),
            text => Ok(text),
        }
    }

    #[inline]
    fn account(&mut self) -> Result<AccountId, String> {
        let text = self.needed(Cell::account)?;
        let account = self.names.account(text);
        self.account = Some(account);
        Ok(account)
    }

    #[inline]
    fn member(&mut self) -> Result<AccountId, String> {
        let text = self.needed(Cell::member)?;
        Ok(self.names.account(text))
    }

    #[inline]
    fn region(&mut self) -> Result<RegionId, String> {
        let text = self.needed(Cell::region)?;
        Ok(self.names.region(text))
    }

    #[inline]
    fn resource(&mut self) -> Result<ResourceId, String> {
        let text = self.needed(Cell::resource)?;
        Ok(self.names.resource(text))
    }

    /// A resource that other events name as well, as an image mostly is.
    #[inline]
    fn image(&mut self) -> Result<ResourceId, String> {
        let text = self.needed(Cell::resource)?;
        Ok(self.names.known_resource(text))
    }

    fn needed_source(&mut self) -> Result<ResourceId, String> {
        let text = self.needed(Cell::source)?;
        Ok(self.names.known_resource(text))
    }

    #[inline]
    fn source(&mut self) -> Option<ResourceId> {
        name(self.cells.cell(Cell::source)).map(|source| self.names.known_resource(source))
    }

    #[inline]
    fn flavor(&mut self) -> Result<FlavorId, String> {
        let text = self.needed(Cell::flavor)?;
        Ok(self.names.flavor(text))
    }

    #[inline]
    fn os(&mut self) -> Option<OsId> {
        name(self.cells.cell(Cell::os)).map(|os| self.names.system(os))
    }

    fn labels(&mut self) -> Option<LabelsId> {
        name(self.cells.cell(Cell::labels)).map(|labels| self.names.labels(labels))
    }

    fn status(&self) -> Result<MemberStatus, String> {
        let text = self.needed(Cell::status)?;
        MemberStatus::parse(text).ok_or_else(|| {
            format!("status `{}` is not pending, accepted or rejected", abridged(text))
        })
    }

    fn visibility(&self) -> Result<Visibility, String> {
        match self.cells.cell(Cell::visibility) {
            "" => Ok(Visibility::Private),
            text => Visibility::parse(text).ok_or_else(|| {
                format!("visibility `{}` is not private, community or public", abridged(text))
            }),
        }
    }

    fn bytes(&self) -> Result<u64, String> {
        let too_large = |text: &str| format!("bytes `{}`: more than 2^63 - 1", abridged(text));
        if let Some(bytes) = self.bytes {
            let fits = i64::try_from(bytes).is_ok();
            return if fits { Ok(bytes) } else { Err(too_large(&bytes.to_string())) };
        }
        let text = self.needed(Cell::bytes)?;
        let mut bytes = 0_i64;
        let mut fits = true;
        for digit in text.bytes() {
            if !digit.is_ascii_digit() {
                return Err(format!(
                    "bytes `{}`: a whole number without sign or exponent expected",
                    abridged(text)
                ));
            }
            let (tens, over) = bytes.overflowing_mul(10);
            let (sum, over_too) = tens.overflowing_add(i64::from(digit - b'0'));
            bytes = sum;
            fits &= !over && !over_too;
        }
        if fits { Ok(bytes.unsigned_abs()) } else { Err(too_large(text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Names;

    const ORIGIN: Origin = Origin { input: 0, line: 2, record: 0 };
    const ROW: RowText<'_> = RowText {
        time: "",
        event: "",
        account: "",
        region: "",
        resource: "o",
        source: "",
        member: "",
        status: "",
        bytes: "",
        flavor: "",
        os: "",
        visibility: "",
        labels: "",
        id: "",
    };

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

    #[test]
    fn known_times_and_sizes_are_taken_as_they_are() {
        let text = RowText { event: "object.create", account: "a", region: "r", ..ROW };
        let read = |bytes| {
            read_known(&text, Instant::from_micros(7), bytes, ORIGIN, &mut Names::default())
        };
        let event = read(Some(5)).expect("an event");
        assert_eq!(event.time, Instant::from_micros(7));
        assert!(matches!(event.action, Action::ObjectCreate(ObjectCreate { bytes: 5, .. })));
        assert_eq!(read(None), Err("object.create needs `bytes`".to_owned()));
        assert!(read(Some(1 << 63)).is_err_and(|why| why.contains("2^63 - 1")));
    }
}
