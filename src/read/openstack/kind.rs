//! What an event type means to the bill, or why it means nothing.

/// What to do with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Image(ImageKind),
    Server(ServerKind, Family),
    /// For this reason.
    LeftOut(&'static str),
}

/// What Glance tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImageKind {
    /// `image.create`, `image.prepare`: there is a record of the image, and no data yet.
    Begun,
    Upload,
    Activate,
    Update,
    Delete,
    MemberCreate,
    MemberUpdate,
    MemberDelete,
}

/// What Nova tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerKind {
    Change(Change),
    Snapshot,
    Exists,
}

/// What becomes a native event of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Create,
    Resize,
    Rebuild,
    Delete,
}

impl Change {
    /// The native event.
    pub(super) fn event(self) -> &'static str {
        match self {
            Change::Create => "server.create",
            Change::Resize => "server.resize",
            Change::Rebuild => "server.rebuild",
            Change::Delete => "server.delete",
        }
    }
}

/// Which of Nova's two families of notifications. A cloud with `notification_format = both` sends
/// each event in both, with different message ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// `compute.instance.*`
    Unversioned,
    /// `instance.*`
    Versioned,
}

const NOT_OURS: &str = "not about images or servers";
const START: &str = "the start of an operation; its end is used";
const FAILED: &str = "an operation that failed";
const NO_CHARGE: &str = "changes nothing that is billed";
const RESIZE: &str = "a step of a resize; the end of finish_resize is used";
const SOFT_DELETE: &str = "a soft-deleted server is kept, and billed, until delete.end";
const SEND: &str = "downloading costs nothing; it is evidence of use by receiver_tenant_id";
const RACKSPACE: &str = "an audit of images, which --from rackspace reads";

/// Every event type has its place.
pub(super) fn classify(event_type: &str) -> Kind {
    if let Some(rest) = event_type.strip_prefix("compute.instance.") {
        return server(rest, Family::Unversioned);
    }
    if let Some(rest) = event_type.strip_prefix("instance.") {
        return server(rest, Family::Versioned);
    }
    match event_type.strip_prefix("image.") {
        Some(rest) => image(rest),
        None => Kind::LeftOut(NOT_OURS),
    }
}

fn image(rest: &str) -> Kind {
    match rest {
        "create" | "prepare" => Kind::Image(ImageKind::Begun),
        "upload" => Kind::Image(ImageKind::Upload),
        "activate" => Kind::Image(ImageKind::Activate),
        "update" => Kind::Image(ImageKind::Update),
        "delete" => Kind::Image(ImageKind::Delete),
        "member.create" => Kind::Image(ImageKind::MemberCreate),
        "member.update" => Kind::Image(ImageKind::MemberUpdate),
        "member.delete" => Kind::Image(ImageKind::MemberDelete),
        "send" => Kind::LeftOut(SEND),
        "exists" => Kind::LeftOut(RACKSPACE),
        _ => Kind::LeftOut(NO_CHARGE),
    }
}

fn server(rest: &str, family: Family) -> Kind {
    let kind = match rest {
        "create.end" => ServerKind::Change(Change::Create),
        "delete.end" => ServerKind::Change(Change::Delete),
        "finish_resize.end" | "resize_finish.end" | "resize.revert.end" | "resize_revert.end" => {
            ServerKind::Change(Change::Resize)
        }
        "rebuild.end" => ServerKind::Change(Change::Rebuild),
        "snapshot.end" => ServerKind::Snapshot,
        "exists" => ServerKind::Exists,
        _ => return Kind::LeftOut(reason_for(rest)),
    };
    Kind::Server(kind, family)
}

fn reason_for(rest: &str) -> &'static str {
    if rest.ends_with(".start") {
        return START;
    }
    if rest.ends_with(".error") {
        return FAILED;
    }
    if rest.starts_with("soft_delete") {
        return SOFT_DELETE;
    }
    if rest.starts_with("resize") || rest.starts_with("finish_resize") { RESIZE } else { NO_CHARGE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_type_has_its_place() {
        let server = |change, family| Kind::Server(ServerKind::Change(change), family);
        let cases = [
            ("image.create", Kind::Image(ImageKind::Begun)),
            ("image.activate", Kind::Image(ImageKind::Activate)),
            ("image.member.delete", Kind::Image(ImageKind::MemberDelete)),
            ("image.send", Kind::LeftOut(SEND)),
            ("image.exists", Kind::LeftOut(RACKSPACE)),
            ("image.location.add", Kind::LeftOut(NO_CHARGE)),
            ("compute.instance.create.end", server(Change::Create, Family::Unversioned)),
            ("instance.create.end", server(Change::Create, Family::Versioned)),
            ("compute.instance.finish_resize.end", server(Change::Resize, Family::Unversioned)),
            ("compute.instance.resize.revert.end", server(Change::Resize, Family::Unversioned)),
            ("instance.resize_finish.end", server(Change::Resize, Family::Versioned)),
            ("instance.resize_revert.end", server(Change::Resize, Family::Versioned)),
            ("instance.exists", Kind::Server(ServerKind::Exists, Family::Versioned)),
            ("instance.snapshot.end", Kind::Server(ServerKind::Snapshot, Family::Versioned)),
            ("compute.instance.create.start", Kind::LeftOut(START)),
            ("compute.instance.create.error", Kind::LeftOut(FAILED)),
            ("compute.instance.resize.end", Kind::LeftOut(RESIZE)),
            ("compute.instance.finish_resize.start", Kind::LeftOut(START)),
            ("compute.instance.soft_delete.end", Kind::LeftOut(SOFT_DELETE)),
            ("compute.instance.exists.verified.old", Kind::LeftOut(NO_CHARGE)),
            ("instance.shelve_offload.end", Kind::LeftOut(NO_CHARGE)),
            ("instances.create.end", Kind::LeftOut(NOT_OURS)),
            ("port.create.end", Kind::LeftOut(NOT_OURS)),
            ("", Kind::LeftOut(NOT_OURS)),
        ];
        for (event_type, expected) in cases {
            assert_eq!(classify(event_type), expected, "{event_type}");
        }
    }
}
