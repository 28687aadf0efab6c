//! Spans of servers and images, to native events.

use super::super::kind::Change;
use super::super::os;
use super::super::region::Region;
use super::super::server::Facts;
use crate::read::foreign::NativeRow;
use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::{About, Ledger, Origin, Source};
use crate::read::foreign::problem::Fault;
use crate::read::foreign::table::Fate;
use crate::read::foreign::time::Moment;

/// A server from one time to another.
#[derive(Debug)]
pub(super) struct ServerSpan {
    /// Absent where only the end is told.
    begin: Option<Moment>,
    /// When it was deleted, if that is told.
    deleted: Option<Moment>,
    facts: Facts,
    origin: Origin,
}

/// An image from one time to another.
#[derive(Debug)]
pub(super) struct ImageSpan {
    begin: Option<Moment>,
    deleted: Option<Moment>,
    owner: String,
    bytes: Option<u64>,
    source: String,
    os: String,
    region: Region,
    origin: Origin,
}

const KNOWN: &str = "a notification tells the same";
const REPEATED: &str = "another period of what is known";

/// What an entry says of a server.
pub(super) fn server(
    fields: Fields<'_>,
    region: Region,
    source: &Source<'_>,
) -> Result<ServerSpan, Fault> {
    let is_deleted = fields.text("status").is_some_and(|status| status == "DELETED");
    let ended = fields.time("endTime")?.filter(|_| is_deleted);
    let flavor =
        ["flavorName", "instance_type", "instance_flavor_id", "instance_type_id", "flavorId"];
    let facts = Facts {
        account: fields.first_text(&["tenantId", "tenant", "tenant_id"]).unwrap_or_default(),
        flavor: fields.first_text(&flavor).unwrap_or_default(),
        source: String::new(),
        os: system(fields),
        region,
    };
    let deleted = fields.time("deleted_at")?.or(ended);
    let begin = fields.time("startTime")?.or(fields.time("launched_at")?);
    // StackTach's deletes have a launch time, and neither project nor flavor.
    let begin = begin.filter(|_| !facts.account.is_empty() || deleted.is_none());
    if begin.is_none() && deleted.is_none() {
        return Err(Fault::missing("startTime, launched_at or deleted_at"));
    }
    if begin.is_some() {
        facts.check(Change::Create).map_err(|_| Fault::missing("tenant or no flavor"))?;
    }
    Ok(ServerSpan { begin, deleted, facts, origin: source.keep() })
}

/// A licence's word, else that of the distribution.
fn system(fields: Fields<'_>) -> String {
    let application = fields.text("applicationLicense").unwrap_or_default();
    let license = fields.text("osLicenseType").unwrap_or_default();
    match (application.as_str(), license.as_str()) {
        ("MSSQL_WEB", _) => "mssql-web".into(),
        ("MSSQL", _) => "mssql-standard".into(),
        (_, "RHEL") => "redhat".into(),
        (_, "LINUX") => String::new(),
        (_, "") => os::word(&[Some(fields)]),
        (_, license) => license.to_lowercase(),
    }
}

/// What an entry says of an image.
pub(super) fn image(
    fields: Fields<'_>,
    region: Region,
    source: &Source<'_>,
) -> Result<ImageSpan, Fault> {
    let properties = fields.child("properties");
    let server = properties.and_then(|inner| inner.text("instance_uuid"));
    let end = fields.time("endTime")?;
    let span = ImageSpan {
        begin: fields.time("startTime")?.or(fields.time("created_at")?),
        // A feed tells the audit's end; a time before it is the image's own.
        deleted: fields.time("deleted_at")?.or(end.filter(|end| !end.ends_a_day())),
        owner: fields.first_text(&["tenantId", "owner"]).unwrap_or_default(),
        bytes: fields.whole_number("storage")?.or(fields.whole_number("size")?),
        source: fields.text("serverId").or(server).unwrap_or_default(),
        os: os::word(&[properties]),
        region,
        origin: source.keep(),
    };
    if span.begin.is_none() && span.deleted.is_none() {
        return Err(Fault::missing("startTime, created_at or deleted_at"));
    }
    Ok(span)
}

/// Tells a server: its first span begins it, one of another flavor resizes it.
pub(super) fn tell_server(
    id: &str,
    mut spans: Vec<ServerSpan>,
    is_known: bool,
    ledger: &mut Ledger,
) {
    spans.sort_by_key(|span| (span.begin.is_none(), span.begin, span.origin.place));
    if is_known {
        for span in spans {
            ledger.table.settle(span.origin.type_id, Fate::Merged, KNOWN);
        }
        return;
    }
    let mut flavor: Option<String> = None;
    let mut end: Option<Moment> = None;
    for span in &spans {
        let ends_here = span.deleted.filter(|_| end.is_none());
        end = end.or(ends_here);
        let change = match (&flavor, span.begin) {
            (None, Some(begin)) => Some((Change::Create, begin)),
            (Some(known), Some(begin)) if *known != span.facts.flavor => {
                Some((Change::Resize, begin))
            }
            (_, Some(_)) => None,
            (_, None) => ends_here.map(|end| (Change::Delete, end)),
        };
        let Some((change, time)) = change else {
            ledger.table.settle(span.origin.type_id, Fate::Merged, REPEATED);
            add_end(id, span, ends_here, ledger);
            continue;
        };
        match span.facts.row(change, id, time, &span.origin) {
            Ok(row) => ledger.accept(&span.origin, row),
            Err(fault) => {
                ledger.refuse(&span.origin, fault, span.facts.about(id, time));
                continue;
            }
        }
        if change != Change::Delete {
            flavor = Some(span.facts.flavor.clone());
            add_end(id, span, ends_here, ledger);
        }
    }
}

/// An end that a span tells beside a start.
fn add_end(id: &str, span: &ServerSpan, end: Option<Moment>, ledger: &mut Ledger) {
    let Some(end) = end else { return };
    if let Ok(mut row) = span.facts.row(Change::Delete, id, end, &span.origin) {
        if !row.id.is_empty() {
            row.id.push_str(":delete");
        }
        ledger.add_row(&span.origin, row);
    }
}

/// Tells an image: its earliest span begins it.
pub(super) fn tell_image(id: &str, mut spans: Vec<ImageSpan>, is_known: bool, ledger: &mut Ledger) {
    spans.sort_by_key(|span| (span.begin.is_none(), span.begin, span.origin.place));
    let mut is_told = is_known;
    for span in &spans {
        if is_told || span.begin.is_none() {
            let why = if is_known { KNOWN } else { REPEATED };
            if span.begin.is_some() || is_known {
                ledger.table.settle(span.origin.type_id, Fate::Merged, why);
            }
            continue;
        }
        match span.row(id) {
            Ok(row) => {
                ledger.accept(&span.origin, row);
                is_told = true;
            }
            Err(fault) => {
                let about =
                    About { account: span.owner.clone(), resource: id.into(), ..About::default() };
                ledger.refuse(&span.origin, fault, about);
            }
        }
    }
    if is_known {
        return;
    }
    let mut has_ended = false;
    for span in &spans {
        let row = span.deleted.filter(|_| !has_ended).map(|end| NativeRow {
            account: span.owner.clone(),
            resource: id.to_string(),
            ..span.origin.row("image.delete", end)
        });
        has_ended |= row.is_some();
        match (span.begin, row) {
            (None, Some(row)) => ledger.accept(&span.origin, row),
            (None, None) => ledger.table.settle(span.origin.type_id, Fate::Merged, REPEATED),
            (Some(_), Some(mut row)) => {
                if !row.id.is_empty() {
                    row.id.push_str(":delete");
                }
                ledger.add_row(&span.origin, row);
            }
            (Some(_), None) => {}
        }
    }
}

impl ImageSpan {
    fn row(&self, id: &str) -> Result<NativeRow, Fault> {
        let begin = self.begin.ok_or_else(|| Fault::missing("startTime or created_at"))?;
        if self.owner.is_empty() {
            return Err(Fault::missing("owner"));
        }
        let bytes = self.bytes.ok_or_else(|| Fault::missing("size"))?;
        Ok(NativeRow {
            account: self.owner.clone(),
            region: self.region.clone().map_err(|nowhere| nowhere.fault())?,
            resource: id.to_string(),
            source: self.source.clone(),
            bytes: bytes.to_string(),
            os: self.os.clone(),
            ..self.origin.row("image.create", begin)
        })
    }
}
