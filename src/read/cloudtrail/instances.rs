//! Instances: everything that was told of each, to native events.
//!
//! An instance that is stopped costs nothing, but goes on. So it is told as one of another flavor,
//! [`STOPPED`], for which a price book has a rate of 0: the instance keeps its id, its image and
//! its lineage, and a bill shows for how long it stood still.

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Action, Change, Launched};
use super::call::Call;
use super::described::{Described, InstanceFacts};
use super::images::no_region;
use super::verdict::{Key, Verdicts};
use crate::read::foreign::NativeRow;
use crate::read::foreign::ledger::About;
use crate::read::foreign::problem::{Fault, ProblemCode};
use crate::read::foreign::time::Moment;

/// The flavor of an instance that is stopped.
pub(super) const STOPPED: &str = "stopped";

const AS_BEFORE: &str = "the instance was in this state before";
const ON_START: &str = "of a stopped instance: it counts once that is started";
const OF_OLDER: &str = "of an instance from before the trail: told once";
const OF_OTHERS: &str = "of an account whose trail is not read";
const ENDED: &str = "of an instance that had ended before";
const NO_LAUNCH_TIME: &str = "describes instances that are gone, or tells no time";
const TOLD: &str = "the trail tells the same";

/// Everything that was told of one instance.
#[derive(Default)]
struct Story<'a> {
    launches: Vec<(usize, &'a Call, &'a Launched)>,
    changes: Vec<(usize, &'a Call, &'a Change)>,
    facts: Option<&'a InstanceFacts>,
}

/// What an instance is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Stopped,
    Ended,
}

/// An instance whose start is told.
struct Alive {
    state: State,
    flavor: String,
}

/// Tells all instances.
pub(super) fn tell(
    calls: &[Call],
    described: &Described,
    accounts: &BTreeSet<String>,
    verdicts: &mut Verdicts<'_>,
) {
    let mut stories: BTreeMap<&str, Story<'_>> = BTreeMap::new();
    for (instance, facts) in &described.instances {
        stories.entry(instance).or_default().facts = Some(facts);
    }
    for (number, call) in calls.iter().enumerate() {
        match &call.action {
            Ok(Action::Launched(all)) => {
                for launched in all {
                    let story = stories.entry(&launched.instance).or_default();
                    story.launches.push((number, call, launched));
                }
            }
            Ok(Action::Changed { instances, change }) => {
                for instance in instances {
                    let story = stories.entry(instance).or_default();
                    story.changes.push((number, call, change));
                }
            }
            _ => {}
        }
    }
    for (instance, story) in &stories {
        let mut teller = Teller { instance, verdicts };
        match teller.start(story, accounts) {
            Some(mut alive) => {
                for (number, call, change) in &story.changes {
                    teller.change(*number, call, change, &mut alive);
                }
            }
            None => teller.leave_changes_out(story),
        }
    }
}

/// Tells one instance.
struct Teller<'t, 'v> {
    instance: &'t str,
    verdicts: &'t mut Verdicts<'v>,
}

impl Teller<'_, '_> {
    /// Its start, told by its launch or else by its description.
    fn start(&mut self, story: &Story<'_>, accounts: &BTreeSet<String>) -> Option<Alive> {
        let mut alive = None;
        for (number, call, launched) in &story.launches {
            let key = self.verdicts.call(*number);
            if call.region.is_empty() {
                self.verdicts.problem(key, no_region(), self.about(call));
                continue;
            }
            let row = NativeRow {
                account: call.account.clone(),
                region: call.region.clone(),
                resource: self.instance.to_string(),
                source: launched.image.clone(),
                flavor: launched.flavor.clone(),
                os: launched.os.clone(),
                ..self.verdicts.blank(key, "server.create", call.time)
            };
            self.verdicts.row(key, row);
            alive.get_or_insert(Alive { state: State::Running, flavor: launched.flavor.clone() });
        }
        match story.facts {
            Some(facts) if story.launches.is_empty() => self.found(facts, story, accounts),
            Some(facts) => {
                self.verdicts.merged(self.verdicts.note(facts.note), TOLD);
                alive
            }
            None => alive,
        }
    }

    /// An instance from before the trail, which is described.
    fn found(
        &mut self,
        facts: &InstanceFacts,
        story: &Story<'_>,
        accounts: &BTreeSet<String>,
    ) -> Option<Alive> {
        let key = self.verdicts.note(facts.note);
        let is_there = !matches!(facts.state.as_str(), "terminated" | "shutting-down");
        let told_end = story.changes.iter().any(|(_, _, change)| **change == Change::Ended);
        let Some(launched) = facts.launched.filter(|_| is_there || told_end) else {
            self.verdicts.left_out(key, NO_LAUNCH_TIME);
            return None;
        };
        if !accounts.contains(&facts.owner) {
            self.verdicts.left_out(key, OF_OTHERS);
            return None;
        }
        let Some(region) = facts.region.clone() else {
            let about = About {
                time: launched.to_string(),
                account: facts.owner.clone(),
                resource: self.instance.to_string(),
            };
            self.verdicts.problem(key, no_region(), about);
            return None;
        };
        let row = NativeRow {
            account: facts.owner.clone(),
            region,
            resource: self.instance.to_string(),
            source: facts.image.clone(),
            flavor: facts.flavor.clone(),
            os: facts.os.clone(),
            ..self.verdicts.blank(key, "server.create", launched)
        };
        self.verdicts.row(key, row);
        let mut alive = Alive { state: State::Running, flavor: facts.flavor.clone() };
        let stands = matches!(facts.state.as_str(), "stopped" | "stopping");
        // The trail's own calls, where there are any, say better when it stopped and went on.
        if stands && story.changes.is_empty() {
            let since = facts.since.unwrap_or(launched);
            self.resize(key, since, &facts.owner, STOPPED);
            alive.state = State::Stopped;
        }
        Some(alive)
    }

    fn change(&mut self, number: usize, call: &Call, change: &Change, alive: &mut Alive) {
        let key = self.verdicts.call(number);
        let owner = call.account.as_str();
        match (change, alive.state) {
            (_, State::Ended) => self.verdicts.merged(key, ENDED),
            (Change::Started, State::Running) | (Change::Stopped, State::Stopped) => {
                self.verdicts.merged(key, AS_BEFORE);
            }
            (Change::Started, State::Stopped) => {
                self.resize(key, call.time, owner, &alive.flavor);
                alive.state = State::Running;
            }
            (Change::Stopped, State::Running) => {
                self.resize(key, call.time, owner, STOPPED);
                alive.state = State::Stopped;
            }
            (Change::Resized(flavor), _) if *flavor == alive.flavor => {
                self.verdicts.merged(key, AS_BEFORE);
            }
            (Change::Resized(flavor), State::Stopped) => {
                alive.flavor.clone_from(flavor);
                self.verdicts.merged(key, ON_START);
            }
            (Change::Resized(flavor), State::Running) => {
                alive.flavor.clone_from(flavor);
                self.resize(key, call.time, owner, flavor);
            }
            (Change::Rebuilt(image), _) => {
                let row = NativeRow {
                    source: image.clone(),
                    ..self.row(key, "server.rebuild", call.time, owner)
                };
                self.verdicts.row(key, row);
            }
            (Change::Ended, _) => {
                let row = self.row(key, "server.delete", call.time, owner);
                self.verdicts.row(key, row);
                alive.state = State::Ended;
            }
        }
    }

    fn resize(&mut self, key: Key, time: Moment, account: &str, flavor: &str) {
        let flavor = flavor.to_string();
        let row = NativeRow { flavor, ..self.row(key, "server.resize", time, account) };
        self.verdicts.row(key, row);
    }

    fn row(&self, key: Key, event: &str, time: Moment, account: &str) -> NativeRow {
        NativeRow {
            account: account.to_string(),
            resource: self.instance.to_string(),
            ..self.verdicts.blank(key, event, time)
        }
    }

    /// Changes of an instance whose start is not told: one problem, and not one each.
    fn leave_changes_out(&mut self, story: &Story<'_>) {
        for (place, (number, call, _)) in story.changes.iter().enumerate() {
            let key = self.verdicts.call(*number);
            if place > 0 || story.facts.is_some() {
                self.verdicts.left_out(key, OF_OLDER);
                continue;
            }
            let message = format!(
                "{} was launched before the trail begins, and is not in the bill: put its \
                 description (aws ec2 describe-instances) beside the trail",
                self.instance
            );
            let fault = Fault::new(ProblemCode::Contradiction, message);
            self.verdicts.problem(key, fault, self.about(call));
        }
    }

    fn about(&self, call: &Call) -> About {
        About {
            time: call.time.to_string(),
            account: call.account.clone(),
            resource: self.instance.to_string(),
        }
    }
}
