//! What a call means to the bill, or why it means nothing.

use super::event::Event;

/// What to do with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Call(CallKind),
    /// For this reason.
    LeftOut(String),
}

/// The calls and events that images and instances come and go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallKind {
    RegisterImage,
    CreateImage,
    CopyImage,
    /// `CreateRestoreImageTask`: an image from a file in S3.
    RestoreImage,
    ModifyImage,
    ResetImage,
    DisableImage,
    EnableImage,
    DeregisterImage,
    /// It matters, and native events have no word for it.
    NoWord(&'static str),
    RunInstances,
    TerminateInstances,
    StopInstances,
    StartInstances,
    ModifyInstance,
    ReplaceRoot,
    /// A spot instance that was taken away.
    Evicted,
    /// EventBridge's notification of an instance's state.
    State,
    CreateSnapshot,
    CreateSnapshots,
    CopySnapshot,
    DeleteSnapshot,
}

const NOT_EC2: &str = "a call of another service";
const READ_ONLY: &str = "reads, and changes nothing";
const DRY_RUN: &str = "a dry run";
const TAGS: &str = "tags cost nothing";
const VOLUMES: &str = "volumes are not in this bill: only images and instances are";
const FLEET: &str = "asks for instances; RunInstances tells which came of it";
const NO_CHARGE: &str = "changes nothing that this bill has";
const INSIGHT: &str = "an insight: it tells of calls, and is none";
const EXPORT: &str = "an export to S3, whose storage is not in this bill";
const IMPORT: &str = "an import that is under way; its image is known once DescribeImages tells it";
const PERMISSION: &str = "says who may copy a snapshot, which costs nothing";

/// The longest error code that is told whole.
const LONGEST_CODE: usize = 60;

/// Every record has its place.
pub(super) fn classify(event: &Event) -> Kind {
    let left_out = |why: &str| Kind::LeftOut(why.to_string());
    if event.is_state_change {
        return Kind::Call(CallKind::State);
    }
    let fields = event.fields();
    let insight = fields.text("eventType").is_some_and(|kind| kind == "AwsCloudTrailInsight");
    if insight {
        return left_out(INSIGHT);
    }
    if !event.is_of_ec2() {
        return left_out(NOT_EC2);
    }
    let name = event.name();
    let kind = of_name(name);
    let is_read_only = fields.is_true("readOnly").unwrap_or_else(|| {
        ["Describe", "Get", "List", "Search"].iter().any(|verb| name.starts_with(verb))
    });
    match (kind, fields.text("errorCode")) {
        (Err(why), _) if why != NO_CHARGE => left_out(why),
        (Err(_), _) if is_read_only => left_out(READ_ONLY),
        (Err(why), _) => left_out(why),
        (Ok(_), Some(code)) if code.ends_with("DryRunOperation") => left_out(DRY_RUN),
        (Ok(_), Some(code)) => {
            let code: String = code.chars().take(LONGEST_CODE).collect();
            Kind::LeftOut(format!("the call failed: {code}"))
        }
        (Ok(kind), None) => Kind::Call(kind),
    }
}

fn of_name(name: &str) -> Result<CallKind, &'static str> {
    Ok(match name {
        "RegisterImage" => CallKind::RegisterImage,
        "CreateImage" => CallKind::CreateImage,
        "CopyImage" => CallKind::CopyImage,
        "CreateRestoreImageTask" => CallKind::RestoreImage,
        "ModifyImageAttribute" => CallKind::ModifyImage,
        "ResetImageAttribute" => CallKind::ResetImage,
        "DisableImage" => CallKind::DisableImage,
        "EnableImage" => CallKind::EnableImage,
        "DeregisterImage" => CallKind::DeregisterImage,
        "RestoreImageFromRecycleBin" => CallKind::NoWord(
            "an image came back from the recycle bin, for which native events have no word: it is \
             not charged from here on",
        ),
        "CancelImageLaunchPermission" => CallKind::NoWord(
            "an account gave up its own launch permission, for which native events have no word: \
             it counts as a member on",
        ),
        "RunInstances" => CallKind::RunInstances,
        "TerminateInstances" => CallKind::TerminateInstances,
        "StopInstances" => CallKind::StopInstances,
        "StartInstances" => CallKind::StartInstances,
        "ModifyInstanceAttribute" => CallKind::ModifyInstance,
        "CreateReplaceRootVolumeTask" => CallKind::ReplaceRoot,
        "BidEvictedEvent" => CallKind::Evicted,
        "CreateSnapshot" => CallKind::CreateSnapshot,
        "CreateSnapshots" => CallKind::CreateSnapshots,
        "CopySnapshot" => CallKind::CopySnapshot,
        "DeleteSnapshot" => CallKind::DeleteSnapshot,
        "CreateTags" | "DeleteTags" => return Err(TAGS),
        "CreateVolume" | "DeleteVolume" | "AttachVolume" | "DetachVolume" | "ModifyVolume" => {
            return Err(VOLUMES);
        }
        "CreateFleet" | "RequestSpotInstances" | "RequestSpotFleet" | "ModifyFleet" => {
            return Err(FLEET);
        }
        "ImportImage" | "ImportSnapshot" => return Err(IMPORT),
        "ExportImage" | "CreateStoreImageTask" => return Err(EXPORT),
        "ModifySnapshotAttribute" | "ResetSnapshotAttribute" => return Err(PERMISSION),
        _ => return Err(NO_CHARGE),
    })
}
