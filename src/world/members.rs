//! The members of one image, found by their accounts.

use prefetch_index::prefetch_index;
use rustc_hash::FxHashMap;

use crate::value::AccountId;

/// Up to so many members are looked through, which is faster than a table; a million are not.
const FEW: usize = 64;
/// How many accounts stand in one line of the cache.
const IN_A_LINE: usize = 16;

/// What is known of each member, in no particular order. The accounts are first: who is a member is
/// asked of them, and of nothing else where they are few.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Members<M> {
    accounts: Vec<AccountId>,
    /// In the same order.
    members: Vec<M>,
    /// The place of each account, once there were many.
    places: FxHashMap<AccountId, u32>,
}

impl<M> Default for Members<M> {
    fn default() -> Self {
        Members { accounts: Vec::new(), members: Vec::new(), places: FxHashMap::default() }
    }
}

impl<M> Members<M> {
    #[inline]
    pub(super) fn contains(&self, account: AccountId) -> bool {
        if self.are_many() {
            return self.places.contains_key(&account);
        }
        // No early end, so that compilers do this many accounts at a time.
        self.accounts.iter().fold(false, |found, member| found | (*member == account))
    }

    pub(super) fn get_mut(&mut self, account: AccountId) -> Option<&mut M> {
        let place = self.place(account)?;
        self.members.get_mut(place)
    }

    /// Adds an account, unless it is one already.
    pub(super) fn add(&mut self, account: AccountId, member: M) {
        if self.contains(account) {
            return;
        }
        self.accounts.push(account);
        self.members.push(member);
        if self.has_table() {
            self.places.insert(account, self.accounts.len() as u32 - 1);
        } else if self.accounts.len() > FEW {
            self.places = self.accounts.iter().copied().zip(0..).collect();
        }
    }

    pub(super) fn remove(&mut self, account: AccountId) -> Option<M> {
        let place = self.place(account)?;
        self.accounts.swap_remove(place);
        if self.has_table() {
            self.places.remove(&account);
            if let Some(moved) = self.accounts.get(place) {
                self.places.insert(*moved, place as u32);
            }
        }
        Some(self.members.swap_remove(place))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (AccountId, &M)> {
        self.accounts.iter().copied().zip(&self.members)
    }

    /// Has the accounts fetched, as far as they are looked through.
    #[inline]
    pub(super) fn prefetch(&self) {
        prefetch_index(&self.accounts, 0);
        prefetch_index(&self.accounts, IN_A_LINE);
    }

    /// Whether they are looked for by the table, which there is then.
    #[inline]
    fn are_many(&self) -> bool {
        self.accounts.len() > FEW
    }

    /// Whether there is a table: since they were many, as long as there are any.
    fn has_table(&self) -> bool {
        !self.places.is_empty()
    }

    fn place(&self, account: AccountId) -> Option<usize> {
        if self.are_many() {
            return self.places.get(&account).map(|place| *place as usize);
        }
        self.accounts.iter().position(|member| *member == account)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn members_come_and_go_be_they_few_or_many() {
        let mut members = Members::default();
        let mut expected = BTreeMap::new();
        // Up past the number from which on a table is kept, and down to none, twice.
        let mut change = |number: u32, is_coming: bool| {
            let account = AccountId::from(number * 7 % 101);
            if is_coming {
                members.add(account, number);
                expected.entry(account).or_insert(number);
            } else {
                assert_eq!(members.remove(account), expected.remove(&account));
            }
            let mut all: Vec<_> = members.iter().map(|(account, m)| (account, *m)).collect();
            all.sort_unstable();
            assert_eq!(all, expected.clone().into_iter().collect::<Vec<_>>());
            for account in (0..101).map(AccountId::from) {
                assert_eq!(members.contains(account), expected.contains_key(&account));
                assert_eq!(members.get_mut(account).copied(), expected.get(&account).copied());
            }
        };
        for _ in 0..2 {
            (0..150).for_each(|number| change(number, true));
            (0..150).for_each(|number| change(number * 3, false));
        }
    }

    #[test]
    fn a_table_is_kept_of_many_alone() {
        let mut members = Members::default();
        for number in 0..FEW as u32 {
            members.add(AccountId::from(number), ());
            assert!(!members.has_table(), "{number}");
        }
        members.add(AccountId::from(FEW as u32), ());
        assert!(members.has_table());
    }
}
