//! What is allowed, and what cannot be: one function a code (L).

use super::book::Book;
use super::text::Event;
use super::world::{Ancestor, World};

/// L14: is this an event on something that was never created or has ended, or a second create of
/// the same id? Images, servers and objects share one set of ids. A transfer is always possible.
pub fn is_impossible(world: &World, event: &Event) -> bool {
    let id = &event.resource;
    let image = world.images.get(id).filter(|image| image.deleted.is_none());
    let server = world.servers.get(id).filter(|server| server.deleted.is_none());
    let object = world.objects.get(id).filter(|object| object.deleted.is_none());
    match event.event.as_str() {
        "image.create" | "server.create" | "object.create" => world.was_created(id),
        "server.resize" | "server.rebuild" | "server.delete" => server.is_none(),
        "object.delete" => object.is_none(),
        "transfer.out" => false,
        "image.member.update" | "image.member.delete" => {
            !image.is_some_and(|image| image.has_member(&event.member))
        }
        _ => image.is_none(),
    }
}

/// The codes of all rules of sharing that an event breaks.
pub fn broken_rules(world: &World, book: &Book, event: &Event) -> Vec<&'static str> {
    let checks = [
        ("L01", boots_without_membership(world, event)),
        ("L02", boots_in_another_region(world, event)),
        ("L03", changes_an_image_of_others(world, event)),
        ("L04", changes_status_of_others(event)),
        ("L05", uses_an_ended_image(world, event)),
        ("L06", takes_away_an_image_of_others(world, book, event)),
        ("L07", exports_a_licence(world, book, event)),
        ("L08", imports_too_much(world, book, event)),
        ("L09", takes_image_of_unimageable(world, book, event)),
        ("L10", source_is_unknown(world, book, event)),
        ("L11", shares_on(world, event)),
        ("L13", shares_what_is_labelled(world, event)),
    ];
    checks.iter().filter(|(_, is_broken)| *is_broken).map(|(code, _)| *code).collect()
}

/// Does the event boot an image: create a server from it, or rebuild one to it?
fn is_boot(event: &Event) -> bool {
    matches!(event.event.as_str(), "server.create" | "server.rebuild")
}

/// Does the event make an object or another image from its source?
fn is_export_or_copy(event: &Event) -> bool {
    matches!(event.event.as_str(), "object.create" | "image.create")
}

/// L01: another account's private image is booted by an account that is no member.
fn boots_without_membership(world: &World, event: &Event) -> bool {
    let Some(image) = world.source_image(event) else { return false };
    let account = match world.servers.get(&event.resource) {
        Some(server) if event.account.is_empty() => &server.owner,
        _ => &event.account,
    };
    let may_boot =
        image.owner == *account || image.visibility != "private" || image.has_member(account);
    is_boot(event) && !may_boot
}

/// L02: an image is booted in another region.
fn boots_in_another_region(world: &World, event: &Event) -> bool {
    let Some(image) = world.source_image(event) else { return false };
    let region = match world.servers.get(&event.resource) {
        Some(server) => &server.region,
        None => &event.region,
    };
    is_boot(event) && image.region != *region
}

/// L03: an image is changed by an account that does not own it. The operator may.
fn changes_an_image_of_others(world: &World, event: &Event) -> bool {
    let changes_image = matches!(
        event.event.as_str(),
        "image.update"
            | "image.member.create"
            | "image.member.delete"
            | "image.deactivate"
            | "image.reactivate"
            | "image.delete"
    );
    let Some(image) = world.images.get(&event.resource) else { return false };
    changes_image && !event.account.is_empty() && event.account != image.owner
}

/// L04: a member's status is changed by another account. The operator may.
fn changes_status_of_others(event: &Event) -> bool {
    let is_update = event.event == "image.member.update";
    is_update && !event.account.is_empty() && event.account != event.member
}

/// Is this a rebuild of a server to the image that it runs?
fn runs_this_image_already(world: &World, event: &Event) -> bool {
    let is_rebuild = event.event == "server.rebuild";
    let Some(server) = world.servers.get(&event.resource) else { return false };
    is_rebuild && server.now().image.as_ref() == Some(&event.source)
}

/// L05: a deactivated or deleted image is booted, copied or exported.
fn uses_an_ended_image(world: &World, event: &Event) -> bool {
    let Some(image) = world.source_image(event) else { return false };
    let has_ended = !image.is_active || image.deleted.is_some();
    let uses = is_boot(event) || is_export_or_copy(event);
    uses && has_ended && !runs_this_image_already(world, event)
}

/// L06: an image is exported or copied by an account that does not own it. The account owns none
/// of the book's public images.
fn takes_away_an_image_of_others(world: &World, book: &Book, event: &Event) -> bool {
    if !is_export_or_copy(event) {
        return false;
    }
    match world.source_image(event) {
        Some(image) => image.owner != event.account,
        None => !world.was_created(&event.source) && book.is_public_image(&event.source),
    }
}

/// L07: an image is exported whose os, or an ancestor's os, must not be.
fn exports_a_licence(world: &World, book: &Book, event: &Event) -> bool {
    if event.event != "object.create" {
        return false;
    }
    let lineage = world.lineage_of_source(book, event);
    let mut systems = lineage.iter().filter_map(|ancestor| ancestor.os.as_ref());
    systems.any(|os| book.policy.no_export_os.contains(os))
}

/// L08: an object is imported that is too large, or of an os that must not be.
fn imports_too_much(world: &World, book: &Book, event: &Event) -> bool {
    let is_import = event.event == "image.create" && world.objects.contains_key(&event.source);
    let limit = book.policy.import_limit_bytes.as_ref();
    let is_too_large = limit.is_some_and(|limit| event.bytes > *limit);
    let os = world.os_of_creation(book, event);
    let is_forbidden = os.is_some_and(|os| book.policy.no_import_os.contains(&os));
    is_import && (is_too_large || is_forbidden)
}

/// L09: an image is taken of a server whose flavor does not allow it.
fn takes_image_of_unimageable(world: &World, book: &Book, event: &Event) -> bool {
    let Some(server) = world.servers.get(&event.source) else { return false };
    let flavor = book.flavors.get(&server.now().flavor);
    event.event == "image.create" && flavor.is_some_and(|flavor| !flavor.imageable)
}

/// L10: the source is nothing that was created, and none of the book's public images. The cases
/// never tell it of a rebuild.
fn source_is_unknown(world: &World, book: &Book, event: &Event) -> bool {
    let has_source = event.event == "server.create" || is_export_or_copy(event);
    has_source && !event.source.is_empty() && !world.source_is_known(book, event)
}

/// L11: an image is shared that descends from another producer's image.
fn shares_on(world: &World, event: &Event) -> bool {
    let Some(image) = world.images.get(&event.resource) else { return false };
    let is_of_others = |ancestor: &Ancestor| {
        let is_foreign = ancestor.owner.as_ref().is_some_and(|owner| *owner != image.owner);
        ancestor.is_image && is_foreign
    };
    let ancestors = world.ancestors_of_image_now(image);
    event.event == "image.member.create" && ancestors.iter().any(is_of_others)
}

/// L13: an image is shared whose labels warn.
fn shares_what_is_labelled(world: &World, event: &Event) -> bool {
    let Some(image) = world.images.get(&event.resource) else { return false };
    let warns = |label: &String| {
        let warning = ["confidential", "credentials", "licensed", "copyright", "untrusted"];
        warning.contains(&label.as_str())
    };
    event.event == "image.member.create" && image.labels.iter().any(warns)
}
