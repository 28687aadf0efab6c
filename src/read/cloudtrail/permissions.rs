//! Who may launch an image, and what of that native events say.
//!
//! | permission | native |
//! |---|---|
//! | an account | a member |
//! | `group=all` | visibility `public` |
//! | an organization, or a unit of one | visibility `community`: no call names its accounts |

use std::collections::BTreeSet;

use super::action::Granted;

/// Who may launch one image.
#[derive(Debug, Default)]
pub(super) struct Access {
    owner: String,
    members: BTreeSet<String>,
    everybody: bool,
    organizations: BTreeSet<String>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    Shared(String),
    Unshared(String),
    Visibility(&'static str),
}

impl Access {
    /// That of a new image.
    pub(super) fn new(owner: &str, everybody: bool) -> Access {
        Access { owner: owner.to_string(), everybody, ..Access::default() }
    }

    pub(super) fn visibility(&self) -> &'static str {
        match (self.everybody, self.organizations.is_empty()) {
            (true, _) => "public",
            (false, false) => "community",
            (false, true) => "private",
        }
    }

    /// Adds permissions, and takes others away.
    pub(super) fn change(&mut self, added: &Granted, removed: &Granted) -> Vec<Told> {
        let before = self.visibility();
        let mut told = Vec::new();
        for account in &removed.accounts {
            if self.members.remove(account) {
                told.push(Told::Unshared(account.clone()));
            }
        }
        for account in added.accounts.iter().filter(|account| **account != self.owner) {
            if self.members.insert(account.clone()) {
                told.push(Told::Shared(account.clone()));
            }
        }
        self.everybody = (self.everybody && !removed.everybody) || added.everybody;
        self.organizations.retain(|organization| !removed.organizations.contains(organization));
        self.organizations.extend(added.organizations.iter().cloned());
        let after = self.visibility();
        told.extend((before != after).then_some(Told::Visibility(after)));
        told
    }

    /// Takes all permissions away.
    pub(super) fn reset(&mut self) -> Vec<Told> {
        let all = Granted {
            accounts: self.members.clone(),
            everybody: true,
            organizations: self.organizations.clone(),
        };
        self.change(&Granted::default(), &all)
    }
}
