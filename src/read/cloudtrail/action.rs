//! What a call did, read from its request and its answer.

use std::collections::BTreeSet;

use super::kind::CallKind;
use super::platform;
use crate::read::foreign::fields::Fields;
use crate::read::foreign::problem::{Fault, ProblemCode};

/// Bytes of a GiB, in which volumes are measured.
pub(super) const GIB: u64 = 1 << 30;

/// What a call did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// For this reason nothing comes of it.
    Nothing(&'static str),
    /// It matters, and native events have no word for it.
    NoWord(&'static str),
    ImageMade {
        image: String,
        how: Making,
    },
    Permissions {
        image: String,
        added: Granted,
        removed: Granted,
    },
    PermissionsReset {
        image: String,
    },
    ImageDisabled {
        image: String,
    },
    ImageEnabled {
        image: String,
    },
    ImageGone {
        image: String,
        /// Whether its snapshots went with it.
        with_snapshots: bool,
    },
    Launched(Vec<Launched>),
    Changed {
        instances: Vec<String>,
        change: Change,
    },
    SnapshotsMade(Vec<SnapshotMade>),
    SnapshotGone {
        snapshot: String,
    },
}

/// How an image came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Making {
    /// Of these devices, each a snapshot with its size in bytes where the request tells it.
    Registered(Vec<(String, Option<u64>)>),
    /// Of an instance.
    Taken(String),
    Copied {
        source: String,
        region: String,
    },
}

/// Who gets launch permission, or loses it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) accounts: BTreeSet<String>,
    pub(super) everybody: bool,
    /// Organizations and their units.
    pub(super) organizations: BTreeSet<String>,
}

/// One instance that was launched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Launched {
    pub(super) instance: String,
    pub(super) image: String,
    pub(super) flavor: String,
    pub(super) os: String,
}

/// What happened to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Started,
    Stopped,
    Resized(String),
    Rebuilt(String),
    Ended,
}

/// One snapshot that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SnapshotMade {
    pub(super) snapshot: String,
    /// The size of the volume, in bytes.
    pub(super) bytes: Option<u64>,
    /// The snapshot that it is a copy of.
    pub(super) copy_of: String,
}

impl Action {
    /// Its place among calls of the same second.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Action::SnapshotsMade(_) => 1,
            Action::ImageMade { .. } => 2,
            Action::ImageEnabled { .. } => 3,
            Action::Permissions { .. } | Action::PermissionsReset { .. } => 4,
            Action::Launched(_) => 5,
            Action::Changed { change, .. } => match change {
                Change::Stopped => 6,
                Change::Resized(_) => 7,
                Change::Rebuilt(_) => 8,
                Change::Started => 9,
                Change::Ended => 10,
            },
            Action::ImageDisabled { .. } => 11,
            Action::ImageGone { .. } => 12,
            Action::SnapshotGone { .. } => 13,
            Action::Nothing(_) | Action::NoWord(_) => 0,
        }
    }
}

const NO_ANSWER: &str = "the record has no responseElements with ";

/// Reads what a call did.
pub(super) fn read(kind: CallKind, fields: Fields<'_>) -> Result<Action, Fault> {
    let request = fields.child("requestParameters");
    let answer = fields.child("responseElements");
    let asked = |keys: &[&str]| needed(request, keys, "requestParameters");
    let image = || asked(&["imageId"]);
    match kind {
        CallKind::RegisterImage => registered(request, answer),
        CallKind::CreateImage => {
            let how = Making::Taken(asked(&["instanceId"])?);
            Ok(Action::ImageMade { image: made_image(answer)?, how })
        }
        CallKind::CopyImage => {
            let (source, region) = (asked(&["sourceImageId"])?, asked(&["sourceRegion"])?);
            let how = Making::Copied { source, region };
            Ok(Action::ImageMade { image: made_image(answer)?, how })
        }
        CallKind::RestoreImage => {
            let how = Making::Registered(Vec::new());
            Ok(Action::ImageMade { image: made_image(answer)?, how })
        }
        CallKind::ModifyImage => permissions(request),
        CallKind::ResetImage => Ok(Action::PermissionsReset { image: image()? }),
        CallKind::DisableImage => Ok(Action::ImageDisabled { image: image()? }),
        CallKind::EnableImage => Ok(Action::ImageEnabled { image: image()? }),
        CallKind::DeregisterImage => {
            let key = "deleteAssociatedSnapshots";
            let with_snapshots = request.and_then(|request| request.is_true(key)).unwrap_or(false);
            Ok(Action::ImageGone { image: image()?, with_snapshots })
        }
        CallKind::NoWord(why) => Ok(Action::NoWord(why)),
        CallKind::RunInstances => launched(request, answer),
        CallKind::TerminateInstances => changed(request, answer, Change::Ended),
        CallKind::StopInstances => changed(request, answer, Change::Stopped),
        CallKind::StartInstances => changed(request, answer, Change::Started),
        CallKind::ModifyInstance => resized(request),
        CallKind::ReplaceRoot => match request.and_then(|request| request.text("imageId")) {
            Some(image) => {
                let instances = vec![asked(&["instanceId"])?];
                Ok(Action::Changed { instances, change: Change::Rebuilt(image) })
            }
            None => Ok(Action::Nothing("puts back a disk of the image that runs already")),
        },
        CallKind::Evicted => {
            let details = fields.child("serviceEventDetails");
            let instances = details.map(|details| details.words("instanceIdSet"));
            let instances = instances.unwrap_or_default();
            if instances.is_empty() {
                return Err(Fault::missing("serviceEventDetails.instanceIdSet"));
            }
            Ok(Action::Changed { instances, change: Change::Ended })
        }
        CallKind::State => state(fields),
        CallKind::CreateSnapshot => snapshots_made(answer, answer.into_iter().collect()),
        CallKind::CreateSnapshots => {
            let inner = answer.and_then(|answer| answer.child("CreateSnapshotsResponse"));
            let set = inner.or(answer).map(|set| set.items("snapshotSet")).unwrap_or_default();
            snapshots_made(answer, set)
        }
        CallKind::CopySnapshot => {
            let copy_of = asked(&["sourceSnapshotId"])?;
            let snapshot = needed(answer, &["snapshotId"], "responseElements")?;
            Ok(Action::SnapshotsMade(vec![SnapshotMade { snapshot, bytes: None, copy_of }]))
        }
        CallKind::DeleteSnapshot => Ok(Action::SnapshotGone { snapshot: asked(&["snapshotId"])? }),
    }
}

/// A text in the request or the answer; the fault names where it was looked for.
fn needed(place: Option<Fields<'_>>, keys: &[&str], what: &str) -> Result<String, Fault> {
    let found = place.and_then(|place| place.first_text(keys));
    found.ok_or_else(|| Fault::missing(&format!("{what}.{}", keys.join(" or "))))
}

fn made_image(answer: Option<Fields<'_>>) -> Result<String, Fault> {
    answer.and_then(|answer| answer.text("imageId")).ok_or_else(|| no_answer("imageId"))
}

/// CloudTrail leaves out answers that are too long.
fn no_answer(key: &str) -> Fault {
    let message = format!("{NO_ANSWER}{key}: what came of the call is not told");
    Fault::new(ProblemCode::MissingField, message)
}

/// Devices without a snapshot are empty volumes, or disks of the host: nothing is stored for them.
fn registered(request: Option<Fields<'_>>, answer: Option<Fields<'_>>) -> Result<Action, Fault> {
    let image = made_image(answer)?;
    let devices = request.map(|request| request.items("blockDeviceMapping")).unwrap_or_default();
    let mut snapshots = Vec::new();
    for device in devices {
        let Some(disk) = device.child("ebs") else { continue };
        let Some(snapshot) = disk.text("snapshotId") else { continue };
        snapshots.push((snapshot, gib(disk, "volumeSize")?));
    }
    Ok(Action::ImageMade { image, how: Making::Registered(snapshots) })
}

/// A size in GiB, as bytes.
pub(super) fn gib(fields: Fields<'_>, key: &str) -> Result<Option<u64>, Fault> {
    let Some(gib) = fields.whole_number(key)? else { return Ok(None) };
    let message = || format!("{key} is more than fits: {gib} GiB");
    let bytes = gib.checked_mul(GIB);
    bytes.map(Some).ok_or_else(|| Fault::new(ProblemCode::BadNumber, message()))
}

fn permissions(request: Option<Fields<'_>>) -> Result<Action, Fault> {
    let image = needed(request, &["imageId"], "requestParameters")?;
    let changes = request.and_then(|request| request.child("launchPermission"));
    let (added, removed) = match changes {
        Some(changes) => (granted(changes.items("add")), granted(changes.items("remove"))),
        None => flat_permissions(request),
    };
    if added == Granted::default() && removed == Granted::default() {
        return Ok(Action::Nothing("changes no launch permission"));
    }
    Ok(Action::Permissions { image, added, removed })
}

fn granted(items: Vec<Fields<'_>>) -> Granted {
    let mut granted = Granted::default();
    for item in items {
        granted.accounts.extend(item.text("userId"));
        granted.everybody |= item.text("group").is_some_and(|group| group == "all");
        let organization = item.first_text(&["organizationArn", "organizationalUnitArn"]);
        granted.organizations.extend(organization);
    }
    granted
}

/// The older way to ask: `operationType`, with lists of accounts and groups.
fn flat_permissions(request: Option<Fields<'_>>) -> (Granted, Granted) {
    let Some(request) = request else { return Default::default() };
    let listed = |key: &str, inner: &str| {
        let items = request.items(key).into_iter();
        items.filter_map(|item| item.text(inner)).chain(request.words(key)).collect::<BTreeSet<_>>()
    };
    let granted = Granted {
        accounts: listed("userIdSet", "userId"),
        everybody: listed("groupSet", "group").contains("all"),
        organizations: BTreeSet::new(),
    };
    match request.text("operationType").as_deref() {
        Some("add") => (granted, Granted::default()),
        Some("remove") => (Granted::default(), granted),
        _ => Default::default(),
    }
}

fn launched(request: Option<Fields<'_>>, answer: Option<Fields<'_>>) -> Result<Action, Fault> {
    let items = answer.map(|answer| answer.items("instancesSet")).unwrap_or_default();
    if items.is_empty() {
        return Err(no_answer("instancesSet"));
    }
    let asked = |key: &str| request.and_then(|request| request.text(key));
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let flavor = item.text("instanceType").or_else(|| asked("instanceType"));
        let platform = item.first_text(&["platformDetails", "platform"]).unwrap_or_default();
        all.push(Launched {
            instance: item.needed_text(&["instanceId"])?,
            image: item.text("imageId").or_else(|| asked("imageId")).unwrap_or_default(),
            flavor: flavor_of(
                flavor.ok_or_else(|| Fault::missing("instanceType"))?,
                item.text("instanceLifecycle"),
            ),
            os: platform::word(&platform),
        });
    }
    Ok(Action::Launched(all))
}

/// The instance type; of a spot instance one of its own, as its price is another.
pub(super) fn flavor_of(instance_type: String, lifecycle: Option<String>) -> String {
    match lifecycle.as_deref() {
        Some("spot") => format!("{instance_type}-spot"),
        _ => instance_type,
    }
}

/// The instances that the answer names; where there is none, those that were asked for.
fn changed(
    request: Option<Fields<'_>>,
    answer: Option<Fields<'_>>,
    change: Change,
) -> Result<Action, Fault> {
    let ids = |place: Option<Fields<'_>>| {
        let items = place.map(|place| place.items("instancesSet")).unwrap_or_default();
        items.into_iter().filter_map(|item| item.text("instanceId")).collect::<Vec<_>>()
    };
    let mut instances = ids(answer);
    if instances.is_empty() {
        instances = ids(request);
    }
    if instances.is_empty() {
        return Err(Fault::missing("instancesSet with an instanceId"));
    }
    instances.sort();
    instances.dedup();
    Ok(Action::Changed { instances, change })
}

fn resized(request: Option<Fields<'_>>) -> Result<Action, Fault> {
    let wrapped = |request: Fields<'_>| request.child("instanceType")?.text("value");
    let by_name = |request: Fields<'_>| {
        let is_type = request.text("attribute").is_some_and(|name| name == "instanceType");
        request.text("value").filter(|_| is_type)
    };
    let flavor = request
        .and_then(|request| request.text("instanceType").or(wrapped(request)).or(by_name(request)));
    let Some(flavor) = flavor else {
        return Ok(Action::Nothing("changes another attribute than the instance type"));
    };
    let instances = vec![needed(request, &["instanceId"], "requestParameters")?];
    Ok(Action::Changed { instances, change: Change::Resized(flavor) })
}

fn state(fields: Fields<'_>) -> Result<Action, Fault> {
    let instances = vec![fields.needed_text(&["instance-id"])?];
    let change = match fields.needed_text(&["state"])?.as_str() {
        "pending" | "running" => Change::Started,
        "stopping" | "stopped" => Change::Stopped,
        "shutting-down" | "terminated" => Change::Ended,
        _ => return Ok(Action::Nothing("a state that nobody knows")),
    };
    Ok(Action::Changed { instances, change })
}

fn snapshots_made(answer: Option<Fields<'_>>, items: Vec<Fields<'_>>) -> Result<Action, Fault> {
    if answer.is_none() || items.is_empty() {
        return Err(no_answer("snapshotId"));
    }
    let made = items.into_iter().map(|item| {
        let snapshot = item.needed_text(&["snapshotId"])?;
        Ok(SnapshotMade { snapshot, bytes: gib(item, "volumeSize")?, copy_of: String::new() })
    });
    Ok(Action::SnapshotsMade(made.collect::<Result<_, Fault>>()?))
}
