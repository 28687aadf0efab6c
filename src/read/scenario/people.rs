//! Who is meant: accounts, and groups of them.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::{Code, Diagnostic, Place, nearest};
use crate::read::toml::keys::Keys;
use crate::read::toml::tree::{Node, Value};
use crate::value::{AccountId, Names};

/// The groups of a scenario, and the accounts that are known.
pub(super) struct People {
    groups: Vec<(String, Vec<AccountId>)>,
    /// The place of the first group of each name.
    places: FxHashMap<String, usize>,
    known: Vec<AccountId>,
    is_known: FxHashSet<AccountId>,
    /// Whether nobody else is there.
    is_closed: bool,
}

impl People {
    pub(super) fn new(listed: &[AccountId]) -> People {
        let mut people = People {
            groups: Vec::new(),
            places: FxHashMap::default(),
            known: Vec::new(),
            is_known: FxHashSet::default(),
            is_closed: !listed.is_empty(),
        };
        people.note_all(listed);
        people
    }

    /// From now on whoever has not been named is nobody.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    fn note_all(&mut self, accounts: &[AccountId]) {
        for account in accounts {
            if self.is_known.insert(*account) {
                self.known.push(*account);
            }
        }
    }

    /// Reads `[[group]]`.
    pub(super) fn read_group(
        &mut self,
        node: &Node,
        names: &mut Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Some(mut keys) = Keys::of(node, "[[group]]", diagnostics) else { return };
        let name = keys.needed_text("name", "\"teams\"");
        let listed = keys.texts("accounts");
        let count = keys.whole("count", 1, 1_000_000);
        let prefix = keys.text("prefix");
        let mut members: Vec<AccountId> =
            listed.iter().map(|(account, _)| names.accounts.intern(account)).collect();
        if let (Some(count), Some((prefix, _))) = (count, prefix) {
            let width = count.to_string().len();
            for number in 1..=count {
                members.push(names.accounts.intern(&format!("{prefix}{number:0width$}")));
            }
        }
        let told = keys.find("accounts").or(keys.find("count")).or(keys.find("prefix"));
        if let (None, Some(node)) | (Some(node), None) = (keys.find("count"), keys.find("prefix")) {
            keys.diagnostics.push(
                Diagnostic::error(Code::ScenarioUnclear, "`count` and `prefix` need each other")
                    .at(node.place.clone(), "the other one is missing")
                    .help("write both, like count = 40 and prefix = \"team-\""),
            );
        }
        if let Some((name, place)) = name {
            // A value of the wrong kind has been told.
            let is_list = told
                .is_none_or(|node| matches!(&node.value, Value::List(items) if items.is_empty()));
            if members.is_empty() && is_list {
                keys.diagnostics.push(
                    Diagnostic::error(Code::ScenarioUnclear, format!("group `{name}` is empty"))
                        .at(place.clone(), "nobody is in it")
                        .help(
                            "write accounts = [\"team-a\"], or count = 40 and prefix = \"team-\"",
                        ),
                );
            }
            if self.group(name).is_some() {
                keys.diagnostics.push(twice("group", name, place));
            }
            self.note_all(&members);
            self.places.entry(name.to_owned()).or_insert(self.groups.len());
            self.groups.push((name.to_owned(), members));
        }
        keys.finish();
    }

    /// The owner of an image is known from then on.
    pub(super) fn note_owner(&mut self, image: &Node, names: &mut Names) {
        let Value::Table(entries) = &image.value else { return };
        let owner = entries.iter().find(|entry| entry.key == "owner");
        if let Some(Value::Text(owner)) = owner.map(|entry| &entry.node.value) {
            // A list says who there is; without one, whoever is named is there.
            if self.group(owner).is_none() && !self.is_closed && self.misspelled(owner).is_none() {
                self.note_all(&[names.accounts.intern(owner)]);
            }
        }
    }

    /// The accounts of a group.
    fn group(&self, name: &str) -> Option<&[AccountId]> {
        self.places.get(name).map(|place| self.groups[*place].1.as_slice())
    }

    /// The group that was probably meant.
    fn misspelled(&self, name: &str) -> Option<&str> {
        let groups = self.groups.iter().map(|(group, _)| group.as_str());
        let near = nearest(name, groups)?;
        let distance = strsim::damerau_levenshtein(&name.to_lowercase(), &near.to_lowercase());
        (distance <= 1).then_some(near)
    }

    /// One account, or those of a group.
    pub(super) fn accounts(
        &mut self,
        name: &str,
        place: &Place,
        names: &mut Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<AccountId> {
        if let Some(members) = self.group(name) {
            return members.to_vec();
        }
        self.account(name, place, names, diagnostics).into_iter().collect()
    }

    /// The owner of an image: one account, not several.
    pub(super) fn owner(
        &mut self,
        name: &str,
        place: &Place,
        names: &mut Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<AccountId> {
        if self.group(name).is_some() {
            diagnostics.push(
                Diagnostic::error(Code::ScenarioUnclear, format!("`{name}` is a group"))
                    .at(place.clone(), "an image has one owner")
                    .help("name the account that pays for storing it"),
            );
            return None;
        }
        self.account(name, place, names, diagnostics)
    }

    /// One account.
    fn account(
        &mut self,
        name: &str,
        place: &Place,
        names: &mut Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<AccountId> {
        let found = names.accounts.find(name).filter(|account| self.is_known.contains(account));
        if found.is_some() {
            return found;
        }
        if !self.is_closed && self.misspelled(name).is_none() {
            let account = names.accounts.intern(name);
            self.note_all(&[account]);
            return Some(account);
        }
        let groups = self.groups.iter().map(|(group, _)| group.as_str());
        let accounts = self.known.iter().map(|account| names.accounts.text(*account));
        let known: Vec<&str> = groups.chain(accounts).collect();
        diagnostics.push(
            Diagnostic::error(Code::NameUnknown, format!("`{name}` is no account and no group"))
                .at(place.clone(), "nobody is called so")
                .did_you_mean(name, known),
        );
        None
    }
}

/// Tells that a name stands for two things.
pub(super) fn twice(what: &str, name: &str, place: &Place) -> Diagnostic {
    Diagnostic::error(Code::ScenarioUnclear, format!("two {what}s are called `{name}`"))
        .at(place.clone(), "the second one")
        .help("give each a name of its own")
}
