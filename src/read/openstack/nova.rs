//! What Nova's notifications say about servers, versioned or not.
//!
//! Both families say the same things under mostly the same names; where they differ, both names are
//! looked for. Records are gathered by server, and told in [`super::server`].

use std::collections::{BTreeMap, BTreeSet};

use super::envelope::Notification;
use super::glance::Images;
use super::image::needed;
use super::kind::{Change, Family};
use super::os;
use super::presence::Exists;
use super::region::Region;
use super::server::{Event, Facts, Server};
use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::{Ledger, Source};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::table::{Fate, Table};
use crate::read::foreign::time::Moment;

/// Where server ids stand: unversioned, versioned, flattened.
const ID: &[&str] = &["instance_id", "uuid", "resource_id"];
const TENANT: &[&str] = &["tenant_id", "project_id"];

/// The servers that were told of so far.
#[derive(Debug, Default)]
pub(super) struct Servers {
    servers: BTreeMap<String, Server>,
}

impl Servers {
    /// Notes what becomes a native event of its own; or says why it cannot.
    pub(super) fn take_change(
        &mut self,
        (change, family): (Change, Family),
        source: &Source<'_>,
        notification: &Notification,
        region: Region,
    ) -> Result<(), Fault> {
        let Some(fields) = notification.fields() else { return Ok(()) };
        let sent = notification.sent_at()?;
        let server = fields.needed_text(ID)?;
        let time = time_of(change, fields, sent)?;
        let facts = facts(fields, region);
        facts.check(change)?;
        let event = Event { change, family, time, facts, origin: source.keep() };
        self.server(server).events.push(event);
        Ok(())
    }

    /// Notes that a server exists; or says why that cannot be understood.
    pub(super) fn take_exists(
        &mut self,
        source: &Source<'_>,
        notification: &Notification,
        region: Region,
    ) -> Result<(), Fault> {
        let Some(fields) = notification.fields() else { return Ok(()) };
        let server = fields.needed_text(ID)?;
        let audit = fields.child("audit_period").unwrap_or(fields);
        let begin = audit.time("audit_period_beginning")?;
        let state = fields.text("state").unwrap_or_default();
        let exists = Exists {
            begin,
            sent: notification.sent_at()?,
            launched: fields.time("launched_at")?,
            deleted: fields.time("deleted_at")?.filter(|_| state == "deleted"),
        };
        self.server(server).presence.take(exists, source, || facts(fields, region.clone()));
        Ok(())
    }

    /// Those that anything is told of.
    pub(super) fn known(&self) -> BTreeSet<String> {
        self.servers.keys().cloned().collect()
    }

    /// Tells all servers.
    pub(super) fn finish(self, ledger: &mut Ledger) {
        for (id, server) in self.servers {
            server.finish(&id, ledger);
        }
    }

    fn server(&mut self, id: String) -> &mut Server {
        self.servers.entry(id).or_default()
    }
}

/// `instance.snapshot.end` tells which server the image was taken of. The unversioned one names no
/// image; there, the image's own `instance_uuid` has to do.
pub(super) fn take_snapshot(
    source: &Source<'_>,
    notification: &Notification,
    images: &mut Images,
    table: &mut Table,
) -> Result<(), Fault> {
    let Some(fields) = notification.fields() else { return Ok(()) };
    match fields.text("snapshot_image_id") {
        Some(image) => images.take_snapshot(&image, fields.needed_text(ID)?, source),
        None => table.settle(source.type_id, Fate::LeftOut, "names no image; the image's own do"),
    }
    Ok(())
}

/// When it happened. Resizes and rebuilds have no time of their own but the envelope's; a bare
/// versioned one has no envelope, and its `updated_at` is the change that was saved last.
fn time_of(change: Change, fields: Fields<'_>, sent: Option<Moment>) -> Result<Moment, Fault> {
    match change {
        Change::Create => needed(fields.time("launched_at")?.or(sent), "launched_at or timestamp"),
        Change::Delete => {
            let own = fields.time("deleted_at")?.or(fields.time("terminated_at")?);
            needed(own.or(sent), "deleted_at, terminated_at or timestamp")
        }
        Change::Resize | Change::Rebuild => {
            needed(sent.or(fields.time("updated_at")?), "timestamp or updated_at")
        }
    }
}

fn facts(fields: Fields<'_>, region: Region) -> Facts {
    let image_meta = fields.child("image_meta");
    let flavor = fields.child("flavor").and_then(|flavor| flavor.text("name"));
    Facts {
        account: fields.first_text(TENANT).unwrap_or_default(),
        flavor: fields.text("instance_type").or(flavor).unwrap_or_default(),
        source: image_of(fields, image_meta),
        os: os::word(&[image_meta, Some(fields)]),
        region,
    }
}

/// The image that the server runs: the last segment of `image_ref_url`, which is empty for a server
/// booted from a volume; else `image_uuid`. `image_meta.base_image_ref` is the last resort, only
/// where the image is no snapshot: of one, it names the distant ancestor.
fn image_of(fields: Fields<'_>, image_meta: Option<Fields<'_>>) -> String {
    let url = fields.text("image_ref_url").unwrap_or_default();
    let by_url = url.rsplit('/').next().filter(|segment| !segment.is_empty()).map(str::to_string);
    let base = || {
        let image_type = image_meta?.text("image_type").unwrap_or_default();
        let taken_of_server = matches!(image_type.as_str(), "snapshot" | "backup");
        image_meta?.text("base_image_ref").filter(|_| !taken_of_server)
    };
    by_url.or(fields.text("image_uuid")).or_else(base).unwrap_or_default()
}
