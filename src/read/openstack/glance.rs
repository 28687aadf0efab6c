//! What Glance's notifications say about images.
//!
//! An image's life is told in many records, of which a bill needs few: `create`, `update` (saving)
//! and `prepare` come before there is data, `upload` and `activate` when there is, and any of them
//! may be lost or repeated. So records are gathered by image, and told in [`super::image`].

use std::collections::{BTreeMap, BTreeSet};

use super::ImageClock;
use super::envelope::Notification;
use super::image::{Creation, Deletion, Image, MemberChange, Update, needed};
use super::kind::ImageKind;
use super::os;
use super::region::Region;
use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::{Ledger, Source};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::table::{Fate, Table};
use crate::read::foreign::time::Moment;

const BEGUN: &str = "comes before the image has data; the activation or upload is used";
const NO_ID: &str = "carries no image id; the upload is used";

/// Where image ids stand: Glance's own name, then the flattened one.
const ID: &[&str] = &["id", "resource_id", "image_id"];
const MEMBERS_IMAGE: &[&str] = &["image_id", "resource_id"];
const OWNER: &[&str] = &["owner", "project_id", "tenant_id"];

/// The images that were told of so far.
#[derive(Debug)]
pub(super) struct Images {
    clock: ImageClock,
    images: BTreeMap<String, Image>,
}

impl Images {
    pub(super) fn new(clock: ImageClock) -> Images {
        Images { clock, images: BTreeMap::new() }
    }

    /// Notes one record; or says why it cannot be used.
    pub(super) fn take(
        &mut self,
        kind: ImageKind,
        source: &Source<'_>,
        notification: &Notification,
        region: Region,
        table: &mut Table,
    ) -> Result<(), Fault> {
        let Some(fields) = notification.fields() else { return Ok(()) };
        let sent = notification.sent_at()?;
        match kind {
            ImageKind::MemberCreate | ImageKind::MemberUpdate | ImageKind::MemberDelete => {
                let change = member_change(kind, source, fields, sent)?;
                self.image(&fields.needed_text(MEMBERS_IMAGE)?).members.push(change);
                return Ok(());
            }
            ImageKind::Begun
            | ImageKind::Upload
            | ImageKind::Activate
            | ImageKind::Update
            | ImageKind::Delete => {}
        }
        let reason = if kind == ImageKind::Begun { BEGUN } else { NO_ID };
        let id = match fields.needed_text(ID) {
            Ok(id) => id,
            Err(_) if matches!(kind, ImageKind::Begun | ImageKind::Activate) => {
                table.settle(source.type_id, Fate::LeftOut, reason);
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        self.take_image(kind, &id, source, (fields, sent), region)
    }

    /// Links an image to the server that it was taken of, which `instance.snapshot.end` tells.
    pub(super) fn take_snapshot(&mut self, image: &str, server: String, source: &Source<'_>) {
        self.image(image).snapshots.push((server, source.type_id));
    }

    /// Those whose start is told.
    pub(super) fn known(&self) -> BTreeSet<String> {
        let with =
            |(id, image): (&String, &Image)| (!image.creations.is_empty()).then(|| id.clone());
        self.images.iter().filter_map(with).collect()
    }

    /// Tells all images.
    pub(super) fn finish(self, ledger: &mut Ledger) {
        for (id, image) in self.images {
            image.finish(&id, self.clock, ledger);
        }
    }

    fn image(&mut self, id: &str) -> &mut Image {
        self.images.entry(id.to_string()).or_default()
    }

    fn take_image(
        &mut self,
        kind: ImageKind,
        id: &str,
        source: &Source<'_>,
        (fields, sent): (Fields<'_>, Option<Moment>),
        region: Region,
    ) -> Result<(), Fault> {
        let owner = fields.first_text(OWNER).unwrap_or_default();
        let observed = sent.or(fields.time("updated_at")?);
        match kind {
            ImageKind::Upload | ImageKind::Activate => {
                let creation = creation(kind, id, source, (fields, sent), region)?;
                self.image(id).creations.push(creation);
            }
            ImageKind::Update if is_before_data(fields) => {
                self.image(id).begun.push(source.type_id);
            }
            ImageKind::Update => {
                let update = update(source, fields, sent)?;
                self.image(id).updates.push(update);
            }
            ImageKind::Delete => {
                let deletion = Deletion {
                    time: needed(fields.time("deleted_at")?.or(sent), "deleted_at or timestamp")?,
                    owner: owner.clone(),
                    had_data: fields.whole_number("size")?.is_some(),
                    origin: source.keep(),
                };
                self.image(id).deletions.push(deletion);
            }
            ImageKind::Begun => self.image(id).begun.push(source.type_id),
            ImageKind::MemberCreate | ImageKind::MemberUpdate | ImageKind::MemberDelete => {}
        }
        self.image(id).observe_owner(observed, owner);
        Ok(())
    }
}

/// Whether an `image.update` tells of an image that has no data yet.
fn is_before_data(fields: Fields<'_>) -> bool {
    let status = fields.text("status").unwrap_or_default();
    matches!(status.as_str(), "queued" | "saving" | "uploading" | "importing")
}

fn creation(
    kind: ImageKind,
    id: &str,
    source: &Source<'_>,
    (fields, sent): (Fields<'_>, Option<Moment>),
    region: Region,
) -> Result<Creation, Fault> {
    let properties = fields.child("properties");
    let text = |key: &str| properties.and_then(|inner| inner.text(key)).or(fields.text(key));
    let mut labels = fields.words("tags");
    labels.sort();
    labels.dedup();
    Ok(Creation {
        activates: kind == ImageKind::Activate,
        sent,
        created_at: fields.time("created_at")?,
        updated_at: fields.time("updated_at")?,
        owner: fields.first_text(OWNER).unwrap_or_default(),
        bytes: fields.whole_number("size")?,
        server: text("instance_uuid").unwrap_or_default(),
        copy_of: copied_from(id, text("image_type"), text("base_image_ref")),
        os: os::word(&[Some(fields), properties]),
        visibility: visibility_of(fields),
        labels: labels.join(";"),
        region,
        origin: source.keep(),
    })
}

/// The image that this one is a copy of, or nothing.
///
/// Glance has no notification of a copy. `base_image_ref` alone does not make one, since Nova
/// writes it on every snapshot, where it names the distant ancestor and not the source. An image
/// counts as a copy when it names another image, and its `image_type` is none of those that
/// something else than copying makes. A server that it was taken of goes first.
pub(super) fn copied_from(id: &str, image_type: Option<String>, base: Option<String>) -> String {
    let made_otherwise = matches!(image_type.as_deref(), Some("snapshot" | "backup" | "base"));
    base.filter(|base| !made_otherwise && base != id).unwrap_or_default()
}

/// The native word; an unknown one is passed on, so that the reader of native events complains.
pub(super) fn visibility_of(fields: Fields<'_>) -> String {
    let told = fields.text("visibility").map(|text| match text.as_str() {
        "shared" => "private".to_string(),
        _ => text,
    });
    let by_flag = || match fields.is_true("is_public") {
        Some(true) => "public".to_string(),
        Some(false) => "private".to_string(),
        None => String::new(),
    };
    told.unwrap_or_else(by_flag)
}

fn update(source: &Source<'_>, fields: Fields<'_>, sent: Option<Moment>) -> Result<Update, Fault> {
    Ok(Update {
        time: needed(sent.or(fields.time("updated_at")?), "timestamp or updated_at")?,
        visibility: visibility_of(fields),
        owner: fields.first_text(OWNER).unwrap_or_default(),
        origin: source.keep(),
    })
}

fn member_change(
    kind: ImageKind,
    source: &Source<'_>,
    fields: Fields<'_>,
    sent: Option<Moment>,
) -> Result<MemberChange, Fault> {
    let (event, key) = match kind {
        ImageKind::MemberUpdate => ("image.member.update", "updated_at"),
        ImageKind::MemberDelete => ("image.member.delete", "deleted_at"),
        ImageKind::MemberCreate
        | ImageKind::Begun
        | ImageKind::Upload
        | ImageKind::Activate
        | ImageKind::Update
        | ImageKind::Delete => ("image.member.create", "created_at"),
    };
    let by_member = kind == ImageKind::MemberUpdate;
    Ok(MemberChange {
        event,
        time: needed(fields.time(key)?.or(sent), &format!("{key} or timestamp"))?,
        member: fields.needed_text(&["member_id"])?,
        by_member,
        status: fields.text("status").filter(|_| by_member).unwrap_or_default(),
        origin: source.keep(),
    })
}
