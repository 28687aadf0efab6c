//! What stands beside a trail: the answers of `DescribeImages`, `DescribeSnapshots` and
//! `DescribeInstances`, and tables of sizes.
//!
//! They say what no call does: how large an image is, which snapshots it has, and what was there
//! before the trail begins. A description says no region; instances do, by their zone, and else a
//! region in the file's name counts.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::action::{GIB, flavor_of, gib};
use super::platform;
use crate::read::csv;
use crate::read::foreign::fields::Fields;
use crate::read::foreign::ledger::{About, Ledger, Origin, Source};
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::records::{Piece, Record};
use crate::read::foreign::time::Moment;

/// A thing that is described.
pub(super) enum Thing {
    Image(Map<String, Value>),
    Snapshot(Map<String, Value>),
    Reservation(Map<String, Value>),
}

impl Thing {
    /// Its name in the table.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Thing::Image(_) => "image described",
            Thing::Snapshot(_) => "snapshot described",
            Thing::Reservation(_) => "instances described",
        }
    }
}

/// Names a description among all: its place in [`Described::origins`].
pub(super) type Note = usize;

/// Everything that is described.
#[derive(Debug, Default)]
pub(super) struct Described {
    pub(super) images: BTreeMap<String, ImageFacts>,
    pub(super) snapshots: BTreeMap<String, SnapshotFacts>,
    pub(super) instances: BTreeMap<String, InstanceFacts>,
    /// Bytes of images and snapshots that a table gives, by id.
    pub(super) sizes: BTreeMap<String, (u64, Note)>,
    pub(super) origins: Vec<Origin>,
}

/// One image.
#[derive(Debug)]
pub(super) struct ImageFacts {
    pub(super) owner: String,
    pub(super) created: Option<Moment>,
    pub(super) region: Option<String>,
    pub(super) is_public: bool,
    pub(super) is_there: bool,
    pub(super) os: String,
    /// The instance or image that it was made of.
    pub(super) source: String,
    /// Its snapshots, with the sizes of their volumes in bytes.
    pub(super) snapshots: Vec<(String, Option<u64>)>,
    pub(super) note: Note,
}

/// One snapshot.
#[derive(Debug)]
pub(super) struct SnapshotFacts {
    /// What is stored, in bytes: of a volume, the blocks that were written.
    pub(super) stored: Option<u64>,
    /// The volume's size, in bytes.
    pub(super) volume: Option<u64>,
    /// The image that it was made for, as its description says.
    pub(super) image: Option<String>,
    pub(super) note: Note,
}

/// One instance.
#[derive(Debug)]
pub(super) struct InstanceFacts {
    pub(super) owner: String,
    pub(super) launched: Option<Moment>,
    pub(super) region: Option<String>,
    pub(super) image: String,
    pub(super) flavor: String,
    pub(super) os: String,
    pub(super) state: String,
    /// When it came into that state, where the user or AWS stopped it.
    pub(super) since: Option<Moment>,
    pub(super) note: Note,
}

impl Described {
    /// Notes one description, or says why it cannot be used.
    pub(super) fn take(
        &mut self,
        thing: Thing,
        name: &str,
        source: &Source<'_>,
    ) -> Result<(), Fault> {
        let note = self.origins.len();
        match thing {
            Thing::Image(map) => {
                let fields = Fields::new(&map);
                let id = fields.needed_text(&["ImageId"])?;
                let facts = image(fields, name, note)?;
                keep(&mut self.images, id, facts, source, &self.origins, |facts| facts.note);
            }
            Thing::Snapshot(map) => {
                let fields = Fields::new(&map);
                let id = fields.needed_text(&["SnapshotId"])?;
                let facts = snapshot(fields, note)?;
                keep(&mut self.snapshots, id, facts, source, &self.origins, |facts| facts.note);
            }
            Thing::Reservation(map) => {
                let fields = Fields::new(&map);
                let owner = fields.text("OwnerId").unwrap_or_default();
                for instance in fields.items("Instances") {
                    let id = instance.needed_text(&["InstanceId"])?;
                    let facts = instance_of(instance, &owner, note)?;
                    let origins = &self.origins;
                    keep(&mut self.instances, id, facts, source, origins, |facts| facts.note);
                }
            }
        }
        self.origins.push(source.keep());
        Ok(())
    }

    /// A table of sizes: `ImageId,VolumeSize`.
    pub(super) fn take_table(
        &mut self,
        (file, serial): (usize, &mut u64),
        bytes: &[u8],
        ledger: &mut Ledger,
    ) {
        let mut records = csv::Records::new(bytes);
        let mut row = csv::Record::default();
        let mut columns = Columns::default();
        while records.read(&mut row) {
            let cells: Vec<String> = row
                .fields
                .iter()
                .map(|field| field.text(bytes).map(|text| text.trim().to_string()))
                .map(Option::unwrap_or_default)
                .collect();
            if let Some(found) = Columns::find(&cells) {
                columns = found;
                continue;
            }
            *serial += 1;
            let record = Record {
                line: row.line,
                offset: row.span.start,
                bytes: bytes.get(row.span.clone()).unwrap_or_default(),
                piece: Piece::LogLine,
            };
            let type_id = ledger.table.read("(size)");
            let source = Source { file, serial: *serial, record: &record, id: "", type_id };
            match columns.size(&cells) {
                Ok((id, size)) => {
                    let note = self.origins.len();
                    let smaller = self.sizes.get(&id).is_some_and(|(known, _)| *known <= size);
                    if !smaller {
                        self.sizes.insert(id, (size, note));
                    }
                    self.origins.push(source.keep());
                }
                Err(fault) => ledger.refuse(&source.keep(), fault, About::default()),
            }
        }
    }
}

/// Keeps one description of a thing. Of several, which one stays does not depend on their order.
fn keep<F>(
    known: &mut BTreeMap<String, F>,
    id: String,
    facts: F,
    source: &Source<'_>,
    origins: &[Origin],
    note: impl Fn(&F) -> Note,
) {
    let before = known.get(&id).and_then(|facts| origins.get(note(facts)));
    let is_later = before.is_some_and(|before| before.record.as_bytes() <= source.record.bytes);
    if !is_later {
        known.insert(id, facts);
    }
}

fn image(fields: Fields<'_>, name: &str, note: Note) -> Result<ImageFacts, Fault> {
    let mut snapshots = Vec::new();
    for device in fields.items("BlockDeviceMappings") {
        let Some(disk) = device.child("Ebs") else { continue };
        let Some(snapshot) = disk.text("SnapshotId") else { continue };
        snapshots.push((snapshot, gib(disk, "VolumeSize")?));
    }
    let platform = fields.first_text(&["PlatformDetails", "Platform"]).unwrap_or_default();
    let state = fields.text("State");
    Ok(ImageFacts {
        owner: fields.text("OwnerId").unwrap_or_default(),
        created: fields.time("CreationDate")?,
        region: region_in(name),
        is_public: fields.is_true("Public").unwrap_or(false),
        is_there: !matches!(
            state.as_deref(),
            Some("failed" | "error" | "invalid" | "deregistered")
        ),
        os: platform::word(&platform),
        source: fields.first_text(&["SourceInstanceId", "SourceImageId"]).unwrap_or_default(),
        snapshots,
        note,
    })
}

fn snapshot(fields: Fields<'_>, note: Note) -> Result<SnapshotFacts, Fault> {
    let text = fields.text("Description").unwrap_or_default();
    Ok(SnapshotFacts {
        stored: fields.whole_number("FullSnapshotSizeInBytes")?.filter(|bytes| *bytes > 0),
        volume: gib(fields, "VolumeSize")?,
        image: image_in(&text),
        note,
    })
}

/// The image that EC2 names in the descriptions that it writes: `Created by CreateImage(i-1) for
/// ami-1`, `Copied for DestinationAmi ami-2 from SourceAmi ami-1 for SourceSnapshot snap-1`.
fn image_in(text: &str) -> Option<String> {
    let rest = match text.strip_prefix("Copied for DestinationAmi ") {
        Some(rest) => rest,
        None => text.strip_prefix("Created by CreateImage(")?.split_once(") for ")?.1,
    };
    let id = rest.split_whitespace().next()?;
    id.starts_with("ami-").then(|| id.to_string())
}

fn instance_of(fields: Fields<'_>, owner: &str, note: Note) -> Result<InstanceFacts, Fault> {
    let mut launched = fields.time("LaunchTime")?;
    // Each start is a launch; the disk that was attached first tells when the first was.
    for device in fields.items("BlockDeviceMappings") {
        let attached = device.child("Ebs").map(|disk| disk.time("AttachTime")).transpose()?;
        launched = [launched, attached.flatten()].into_iter().flatten().min();
    }
    let platform = fields.first_text(&["PlatformDetails", "Platform"]).unwrap_or_default();
    let zone = fields.child("Placement").and_then(|place| place.text("AvailabilityZone"));
    let reason = fields.text("StateTransitionReason").unwrap_or_default();
    let since = reason.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    Ok(InstanceFacts {
        owner: owner.to_string(),
        launched,
        region: zone.and_then(|zone| region_in(&zone)),
        image: fields.text("ImageId").unwrap_or_default(),
        flavor: flavor_of(fields.needed_text(&["InstanceType"])?, fields.text("InstanceLifecycle")),
        os: platform::word(&platform),
        state: fields.child("State").and_then(|state| state.text("Name")).unwrap_or_default(),
        since: since.and_then(|(time, _)| Moment::parse(time)),
        note,
    })
}

/// The last region that a text names: `trail/us-east-1/images.json`, `us-east-1a`.
pub(super) fn region_in(text: &str) -> Option<String> {
    const POINTS: [&str; 9] = [
        "north",
        "south",
        "east",
        "west",
        "central",
        "northeast",
        "northwest",
        "southeast",
        "southwest",
    ];
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).collect::<Vec<_>>();
    (0..words.len()).rev().find_map(|at| {
        let number =
            words.get(at)?.get(..1).filter(|digit| digit.as_bytes()[0].is_ascii_digit())?;
        let point = words.get(at.checked_sub(1)?).filter(|word| POINTS.contains(word))?;
        // `us-gov-west-1` has a word more than `us-east-1`.
        let start = [2, 3].into_iter().find_map(|back| {
            let country = words.get(at.checked_sub(back)?)?;
            let is_one = country.len() == 2 && country.bytes().all(|b| b.is_ascii_lowercase());
            is_one.then_some(at - back)
        })?;
        let between = words.get(start..at - 1)?;
        Some(format!("{}-{point}-{number}", between.join("-")))
    })
}

/// Where the columns of a table of sizes are.
#[derive(Debug, Default)]
struct Columns {
    id: usize,
    size: usize,
    in_gib: bool,
}

impl Columns {
    fn find(cells: &[String]) -> Option<Columns> {
        let at = |names: &[&str]| cells.iter().position(|cell| names.contains(&cell.as_str()));
        let id = at(&["ImageId", "SnapshotId"])?;
        let in_gib = at(&["VolumeSize"]);
        Some(Columns { id, size: in_gib.or_else(|| at(&["Bytes"]))?, in_gib: in_gib.is_some() })
    }

    fn size(&self, cells: &[String]) -> Result<(String, u64), Fault> {
        let cell = |at: usize| cells.get(at).map(String::as_str).unwrap_or_default();
        let (id, text) = (cell(self.id), cell(self.size));
        if id.is_empty() {
            return Err(Fault::missing("ImageId or SnapshotId"));
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<u64>().ok().filter(|_| digits);
        let unit = if self.in_gib { GIB } else { 1 };
        let bytes = number.and_then(|number| number.checked_mul(unit));
        let wrong =
            || Fault::new(ProblemCode::BadNumber, format!("the size is no whole number: {text}"));
        Ok((id.to_string(), bytes.ok_or_else(wrong)?))
    }
}

/// Whether bytes begin with the header of a table of sizes.
pub(super) fn is_table(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.len() > 1000 || line.trim_ascii_start().starts_with(b"{") {
        return false;
    }
    let text = String::from_utf8_lossy(line);
    let cells = text.trim_start_matches('\u{feff}').split(',');
    let cells: Vec<String> = cells.map(|cell| cell.trim().trim_matches('"').to_string()).collect();
    Columns::find(&cells).is_some()
}

#[cfg(test)]
mod tests {
    use super::{image_in, region_in};

    #[test]
    fn regions_are_found_in_names_and_zones() {
        let cases = [
            ("us-east-1", Some("us-east-1")),
            ("us-east-1a", Some("us-east-1")),
            ("us-gov-west-1b", Some("us-gov-west-1")),
            ("us-west-2-lax-1a", Some("us-west-2")),
            ("AWSLogs/1/eu-west-1/2026/03/images.json", Some("eu-west-1")),
            ("images-ap-southeast-2.json", Some("ap-southeast-2")),
            ("images.json", None),
            ("east-1", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(region_in(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn snapshots_name_the_image_that_they_were_made_for() {
        let cases = [
            ("Created by CreateImage(i-1) for ami-1", Some("ami-1")),
            ("Created by CreateImage(i-1) for ami-1 from vol-1", Some("ami-1")),
            (
                "Copied for DestinationAmi ami-2 from SourceAmi ami-1 for SourceSnapshot snap-1",
                Some("ami-2"),
            ),
            ("nightly backup for ami-1", None),
            ("Created by CreateImage(i-1) for nothing", None),
        ];
        for (text, expected) in cases {
            assert_eq!(image_in(text).as_deref(), expected, "{text}");
        }
    }
}
