//! Events as native rows.

use std::io::{self, Write};

use crate::event::{
    Action, Batch, Event, ImageCreate, MemberStatus, ObjectCreate, ServerCreate, Visibility,
};
use crate::read::events::RowText;
use crate::value::Names;
use crate::write::csv::events;

/// The texts of a row that are made for it.
#[derive(Default)]
struct Made {
    time: String,
    bytes: String,
}

/// Writes a batch as `events.csv`, in the order in which it stands.
///
/// # Errors
/// What `out` gives.
pub fn log<W: Write>(out: W, batch: &Batch, names: &Names) -> io::Result<()> {
    let made: Vec<Made> = batch.events.iter().map(made).collect();
    let rows = batch.events.iter().zip(&made);
    events(out, rows.map(|(event, made)| row(event, made, batch, names)))
}

fn made(event: &Event) -> Made {
    let bytes = match event.action {
        Action::ImageCreate(ImageCreate { bytes, .. })
        | Action::ObjectCreate(ObjectCreate { bytes, .. })
        | Action::TransferOut { bytes, .. } => bytes.to_string(),
        _ => String::new(),
    };
    Made { time: event.time.to_string(), bytes }
}

fn row<'a>(event: &Event, made: &'a Made, batch: &'a Batch, names: &'a Names) -> RowText<'a> {
    let kind = event.action.kind();
    let resource = |id| batch.resource(id);
    let common = RowText {
        time: &made.time,
        event: kind.as_str(),
        account: event.actor.map_or("", |actor| names.accounts.text(actor)),
        resource: resource(event.action.resource()),
        source: event.action.source().map_or("", resource),
        member: event.action.member().map_or("", |member| names.accounts.text(member)),
        bytes: &made.bytes,
        id: event.id.map_or("", |id| batch.id(id)),
        ..RowText::default()
    };
    match event.action {
        Action::ImageCreate(ImageCreate { region, os, visibility, labels, .. }) => RowText {
            region: names.regions.text(region),
            os: os.map_or("", |os| names.systems.text(os)),
            visibility: if visibility == Visibility::Private { "" } else { word(visibility) },
            labels: labels.map_or("", |labels| names.labels.text(labels)),
            ..common
        },
        Action::ImageUpdate { visibility, .. } => {
            RowText { visibility: word(visibility), ..common }
        }
        Action::MemberUpdate { status, .. } => RowText { status: status_word(status), ..common },
        Action::ServerCreate(ServerCreate { region, flavor, os, .. }) => RowText {
            region: names.regions.text(region),
            flavor: names.flavors.text(flavor),
            os: os.map_or("", |os| names.systems.text(os)),
            ..common
        },
        Action::ServerResize { flavor, .. } => {
            RowText { flavor: names.flavors.text(flavor), ..common }
        }
        Action::ServerRebuild { os, .. } => {
            RowText { os: os.map_or("", |os| names.systems.text(os)), ..common }
        }
        Action::ObjectCreate(ObjectCreate { region, os, .. }) => RowText {
            region: names.regions.text(region),
            os: os.map_or("", |os| names.systems.text(os)),
            ..common
        },
        Action::TransferOut { region, .. } => {
            RowText { region: names.regions.text(region), ..common }
        }
        _ => common,
    }
}

fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Private => "private",
        Visibility::Community => "community",
        Visibility::Public => "public",
    }
}

fn status_word(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Pending => "pending",
        MemberStatus::Accepted => "accepted",
        MemberStatus::Rejected => "rejected",
    }
}
