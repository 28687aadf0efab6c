//! Accounts: who pays, from when to when a cycle runs, and which service level applies.

use rustc_hash::FxHashMap;

use crate::value::{AccountId, BillingDay, Instant, LevelId, Names};

/// What is known of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name for people.
    pub name: String,
    /// The day its cycles begin on (B2).
    pub billing_day: BillingDay,
    /// Its service level (R3b).
    pub level: LevelId,
    /// The day it was opened (P6); `None` is "since ever".
    pub opened: Option<Instant>,
    /// Where the cost is booked.
    pub cost_center: String,
}

/// All accounts of a run. One that is not listed has billing day 1, the book's default service
/// level, and is open since ever.
#[derive(Debug, Clone)]
pub struct Accounts {
    listed: FxHashMap<AccountId, Account>,
    unlisted: Account,
}

impl Accounts {
    /// Accounts, of which none is listed yet.
    #[must_use]
    pub fn new(default_level: LevelId) -> Accounts {
        let unlisted = Account {
            name: String::new(),
            billing_day: BillingDay::FIRST,
            level: default_level,
            opened: None,
            cost_center: String::new(),
        };
        Accounts { listed: FxHashMap::default(), unlisted }
    }

    /// Lists an account; gives back what was listed under the same id before.
    pub fn list(&mut self, id: AccountId, account: Account) -> Option<Account> {
        self.listed.insert(id, account)
    }

    /// What is known of an account.
    #[must_use]
    pub fn get(&self, id: AccountId) -> &Account {
        self.listed.get(&id).unwrap_or(&self.unlisted)
    }

    /// The accounts that are listed, by their texts.
    #[must_use]
    pub fn listed(&self, names: &Names) -> Vec<AccountId> {
        let mut listed: Vec<AccountId> = self.listed.keys().copied().collect();
        listed.sort_unstable_by_key(|account| names.accounts.text(*account));
        listed
    }
}
