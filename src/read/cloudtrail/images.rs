//! Images: everything that was told of each, to native events.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Action, Making};
use super::call::Call;
use super::described::ImageFacts;
use super::permissions::{Access, Told};
use super::sizes::{Size, Sizes};
use super::snapshots::{self, Deletions};
use super::verdict::{Key, Verdicts};
use crate::read::foreign::NativeRow;
use crate::read::foreign::ledger::About;
use crate::read::foreign::problem::{Fault, ProblemCode};

/// What all images are told by.
pub(super) struct Context<'a> {
    pub(super) sizes: &'a Sizes<'a>,
    /// The accounts whose trails are read.
    pub(super) accounts: &'a BTreeSet<String>,
    /// The region of what tells none.
    pub(super) region: Option<String>,
}

const AS_BEFORE: &str = "changes nothing: it was so before";
const OF_OLDER: &str = "of an image from before the trail, or of unknown size: told once";
const OF_OTHERS: &str = "of an account whose trail is not read";
const GONE: &str = "an image that is not there";
const GIVES: &str = "gives what no call tells";
const ORGANIZATION: &str = "an organization's accounts are not named: told as community";

/// Everything that was told of one image.
#[derive(Default)]
struct Story<'a> {
    made: Vec<(usize, &'a Call)>,
    changes: Vec<(usize, &'a Call)>,
    facts: Option<&'a ImageFacts>,
    /// Where it was used.
    region: Option<&'a str>,
}

/// Whose an image is, and where; once its creation is told.
struct Known {
    owner: String,
    region: String,
    size: Size,
    access: Access,
}

/// Tells all images; returns what is to be said of the input as a whole.
pub(super) fn tell(
    context: &Context<'_>,
    calls: &[Call],
    verdicts: &mut Verdicts<'_>,
) -> Vec<String> {
    let stories = gather(context, calls);
    let owners = owners(&stories);
    let mut deletions = snapshots::deletions(calls);
    let mut unknown_count = 0;
    for (image, story) in &stories {
        let mut teller = Teller { context, owners: &owners, image, verdicts };
        let Some(mut known) = teller.creation(story) else {
            teller.leave_changes_out(story);
            continue;
        };
        for (number, call) in &story.changes {
            unknown_count += teller.change(*number, call, &mut known, &mut deletions);
        }
    }
    snapshots::finish(calls, context.sizes, deletions, verdicts);
    let note = format!(
        "which snapshots {unknown_count} deregistered images had is not told: if they were kept, \
         the bill lacks them; DescribeSnapshots beside the trail tells"
    );
    if unknown_count > 0 { vec![note] } else { Vec::new() }
}

fn gather<'a>(context: &Context<'a>, calls: &'a [Call]) -> BTreeMap<&'a str, Story<'a>> {
    let mut stories: BTreeMap<&str, Story<'_>> = BTreeMap::new();
    for (image, facts) in &context.sizes.described.images {
        stories.entry(image).or_default().facts = Some(facts);
    }
    for (number, call) in calls.iter().enumerate() {
        match call.action.as_ref() {
            Ok(Action::ImageMade { image, .. }) => {
                stories.entry(image).or_default().made.push((number, call));
            }
            Ok(
                Action::Permissions { image, .. }
                | Action::PermissionsReset { image }
                | Action::ImageDisabled { image }
                | Action::ImageEnabled { image }
                | Action::ImageGone { image, .. },
            ) => {
                let story = stories.entry(image).or_default();
                story.changes.push((number, call));
                story.region.get_or_insert(&call.region);
            }
            _ => {}
        }
    }
    // Where a described image is, those who use it tell.
    for call in calls {
        let mut used = |image: &str, region: &'a str| {
            if let Some(story) = stories.get_mut(image) {
                story.region.get_or_insert(region);
            }
        };
        match call.action.as_ref() {
            Ok(Action::Launched(all)) => {
                all.iter().for_each(|launched| used(&launched.image, &call.region));
            }
            Ok(Action::ImageMade { how: Making::Copied { source, region }, .. }) => {
                used(source, region);
            }
            _ => {}
        }
    }
    stories
}

/// Whose each image is, as far as it is told.
fn owners(stories: &BTreeMap<&str, Story<'_>>) -> BTreeMap<String, String> {
    let owner = |story: &Story<'_>| {
        let made = story.made.first().map(|(_, call)| call.account.clone());
        let described = || story.facts.map(|facts| facts.owner.clone());
        let changed = || story.changes.first().map(|(_, call)| call.account.clone());
        made.or_else(described).filter(|owner| !owner.is_empty()).or_else(changed)
    };
    let known = stories.iter().filter_map(|(image, story)| Some((*image, owner(story)?)));
    known.map(|(image, owner)| (image.to_string(), owner)).collect()
}

/// Tells one image.
struct Teller<'t, 'v> {
    context: &'t Context<'t>,
    owners: &'t BTreeMap<String, String>,
    image: &'t str,
    verdicts: &'t mut Verdicts<'v>,
}

impl Teller<'_, '_> {
    /// Its creation, told by a call or else by its description; `None` where it cannot be.
    fn creation(&mut self, story: &Story<'_>) -> Option<Known> {
        let mut known = None;
        for (number, call) in &story.made {
            let told = self.made(*number, call, story);
            known = known.or(told);
        }
        match story.facts {
            Some(facts) if story.made.is_empty() => self.found(facts, story),
            _ => known,
        }
    }

    /// A call that made it.
    fn made(&mut self, number: usize, call: &Call, story: &Story<'_>) -> Option<Known> {
        let Ok(Action::ImageMade { how, .. }) = &call.action else { return None };
        let key = self.verdicts.call(number);
        let region = if call.region.is_empty() { Err(no_region()) } else { Ok(()) };
        let size = match region.and_then(|()| self.size(how)) {
            Ok(size) => size,
            Err(fault) => {
                self.verdicts.problem(key, fault, self.about(call));
                return None;
            }
        };
        let source = match how {
            Making::Registered(_) => "",
            Making::Taken(instance) => instance,
            Making::Copied { source, .. } => source,
        };
        let row = NativeRow {
            account: call.account.clone(),
            region: call.region.clone(),
            resource: self.image.to_string(),
            source: source.to_string(),
            bytes: self.context.sizes.stored(self.image, &size).to_string(),
            os: story.facts.map(|facts| facts.os.clone()).unwrap_or_default(),
            ..self.verdicts.blank(key, "image.create", call.time)
        };
        self.verdicts.row(key, row);
        if let Making::Copied { source, region } = how {
            self.transfer(key, call, (source, region), &size);
        }
        self.uses(&size, story.facts);
        let access = Access::new(&call.account, false);
        let (owner, region) = (call.account.clone(), call.region.clone());
        Some(Known { owner, region, size, access })
    }

    /// A copy to another region sends the image there, at the cost of the source's owner.
    fn transfer(&mut self, key: Key, call: &Call, (source, region): (&str, &str), size: &Size) {
        if *region == call.region {
            return;
        }
        let Some(owner) = self.owners.get(source) else {
            let message = format!(
                "nobody tells whose {source} is, who pays for sending it from {region}: put its \
                 description (aws ec2 describe-images) beside the trail"
            );
            let about = About { resource: source.to_string(), ..self.about(call) };
            let fault = Fault::new(ProblemCode::MissingField, message);
            return self.verdicts.problem(key, fault, about);
        };
        let row = NativeRow {
            account: owner.clone(),
            region: region.to_string(),
            resource: source.to_string(),
            bytes: size.full().to_string(),
            ..self.verdicts.blank(key, "transfer.out", call.time)
        };
        self.verdicts.row(key, row);
        if let Some(facts) = self.context.sizes.described.images.get(source) {
            self.verdicts.merged(self.verdicts.note(facts.note), GIVES);
        }
    }

    /// An image from before the trail, which is described.
    fn found(&mut self, facts: &ImageFacts, story: &Story<'_>) -> Option<Known> {
        let key = self.verdicts.note(facts.note);
        let Some(created) = facts.created.filter(|_| facts.is_there) else {
            self.verdicts.left_out(key, GONE);
            return None;
        };
        if !self.context.accounts.contains(&facts.owner) {
            self.verdicts.left_out(key, OF_OTHERS);
            return None;
        }
        let about = About {
            time: created.to_string(),
            account: facts.owner.clone(),
            resource: self.image.to_string(),
        };
        let told = story.region.filter(|region| !region.is_empty()).map(str::to_string);
        let region = told.or_else(|| facts.region.clone()).or_else(|| self.context.region.clone());
        let (region, size) = match (region, self.size(&Making::Registered(Vec::new()))) {
            (Some(region), Ok(size)) => (region, size),
            (None, Ok(_)) => {
                self.verdicts.problem(key, no_region(), about);
                return None;
            }
            (_, Err(fault)) => {
                self.verdicts.problem(key, fault, about);
                return None;
            }
        };
        // Who was added in the trail was not there before.
        let added = |call: &Call| matches!(&call.action, Ok(Action::Permissions { added, .. }) if added.everybody);
        let is_public = facts.is_public && !story.changes.iter().any(|(_, call)| added(call));
        let row = NativeRow {
            account: facts.owner.clone(),
            region: region.clone(),
            resource: self.image.to_string(),
            source: facts.source.clone(),
            bytes: self.context.sizes.stored(self.image, &size).to_string(),
            os: facts.os.clone(),
            visibility: if is_public { "public".into() } else { String::new() },
            ..self.verdicts.blank(key, "image.create", created)
        };
        self.verdicts.row(key, row);
        self.uses(&size, None);
        let access = Access::new(&facts.owner, is_public);
        Some(Known { owner: facts.owner.clone(), region, size, access })
    }

    /// One change of an image that is known; returns how many deregistered images it leaves of
    /// which the snapshots are not known.
    fn change(
        &mut self,
        number: usize,
        call: &Call,
        known: &mut Known,
        deletions: &mut Deletions<'_>,
    ) -> usize {
        let key = self.verdicts.call(number);
        let (told, event) = match &call.action {
            Ok(Action::Permissions { added, removed, .. }) => {
                if !added.organizations.is_empty() {
                    self.verdicts.remark(key, ORGANIZATION);
                }
                (known.access.change(added, removed), None)
            }
            Ok(Action::PermissionsReset { .. }) => (known.access.reset(), None),
            // Whoever had access loses it, and does not get it back.
            Ok(Action::ImageDisabled { .. }) => (known.access.reset(), Some("image.deactivate")),
            Ok(Action::ImageEnabled { .. }) => (Vec::new(), Some("image.reactivate")),
            Ok(Action::ImageGone { .. }) => (Vec::new(), Some("image.delete")),
            _ => return 0,
        };
        if told.is_empty() && event.is_none() {
            self.verdicts.merged(key, AS_BEFORE);
        }
        for told in told {
            let (event, member, visibility) = match told {
                Told::Shared(account) => ("image.member.create", account, ""),
                Told::Unshared(account) => ("image.member.delete", account, ""),
                Told::Visibility(visibility) => ("image.update", String::new(), visibility),
            };
            let visibility = visibility.to_string();
            let row = NativeRow { member, visibility, ..self.row(key, call, event) };
            self.verdicts.row(key, row);
        }
        if let Some(event) = event {
            let row = self.row(key, call, event);
            self.verdicts.row(key, row);
        }
        let Ok(Action::ImageGone { with_snapshots: false, .. }) = call.action else { return 0 };
        let kept = snapshots::Kept {
            image: self.image,
            owner: &known.owner,
            region: &known.region,
            size: &known.size,
            gone: (key, call),
        };
        kept.tell(self.context.sizes, deletions, self.verdicts)
    }

    fn row(&self, key: Key, call: &Call, event: &str) -> NativeRow {
        NativeRow {
            account: call.account.clone(),
            resource: self.image.to_string(),
            ..self.verdicts.blank(key, event, call.time)
        }
    }

    /// Changes of an image whose creation is not told: one problem, and not one each.
    fn leave_changes_out(&mut self, story: &Story<'_>) {
        for (place, (number, call)) in story.changes.iter().enumerate() {
            let key = self.verdicts.call(*number);
            if place > 0 || !story.made.is_empty() || story.facts.is_some() {
                self.verdicts.left_out(key, OF_OLDER);
                continue;
            }
            let message = format!(
                "{} was made before the trail begins, and is not in the bill: put its description \
                 (aws ec2 describe-images --owners self) beside the trail",
                self.image
            );
            let fault = Fault::new(ProblemCode::Contradiction, message);
            self.verdicts.problem(key, fault, self.about(call));
        }
    }

    fn size(&self, how: &Making) -> Result<Size, Fault> {
        self.context.sizes.image(self.image).map_err(|missing| {
            let missing = missing.join(", ");
            let why = match how {
                Making::Taken(_) => "CreateImage answers without a size".to_string(),
                Making::Copied { source, .. } => {
                    format!("it is a copy of {source}, and the size of {missing} is not told")
                }
                Making::Registered(_) => format!("the size of {missing} is not told"),
            };
            let image = self.image;
            let message = format!(
                "how large {image} is, no call tells ({why}): put its description (aws ec2 \
                 describe-images, or describe-snapshots) beside the trail, or a table with the \
                 columns ImageId,VolumeSize"
            );
            Fault::new(ProblemCode::MissingField, message)
        })
    }

    /// The descriptions that were needed.
    fn uses(&mut self, size: &Size, facts: Option<&ImageFacts>) {
        let told = facts.filter(|facts| !facts.os.is_empty()).map(|facts| facts.note);
        for note in size.notes.iter().copied().chain(told) {
            self.verdicts.merged(self.verdicts.note(note), GIVES);
        }
    }

    fn about(&self, call: &Call) -> About {
        About {
            time: call.time.to_string(),
            account: call.account.clone(),
            resource: self.image.to_string(),
        }
    }
}

pub(super) fn no_region() -> Fault {
    let message = "no region: neither the record nor the file's name tells one; say --region R";
    Fault::new(ProblemCode::NoRegion, message)
}
