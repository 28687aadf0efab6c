//! Why a bill is what it is, as a tree for people and as JSON for machines.

mod json;
mod resources;
mod text;
mod tree;
mod words;

pub use json::{
    accounts as accounts_json, code as code_json, json, rule as rule_json, rules as rules_json,
};
pub use text::{accounts, code, rule, rules, text};

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::Book;
use crate::explain::{Caused, ChargeExplained, CycleExplained, Heard, HeardEvent};
use crate::statement::{Images, Share};
use crate::value::{AccountId, Money, Names, ResourceTexts, Span};
use crate::world::LastingTexts;

/// What is explained, with everything that gives it names.
#[derive(Debug)]
pub struct Explained<'a> {
    /// The run's folder, as it was given.
    pub folder: &'a str,
    /// The price book's folder.
    pub prices: &'a str,
    /// The inputs of the run, checked.
    pub inputs: &'a [CheckedInput],
    /// The names of the logs, by the number that an origin has.
    pub logs: &'a [String],
    /// The prices.
    pub book: &'a Book,
    /// The accounts.
    pub accounts: &'a Accounts,
    /// All names but those of resources.
    pub names: &'a Names,
    /// The texts of source images.
    pub texts: &'a LastingTexts,
    /// The images that were shared, or that something was made from.
    pub images: &'a Images,
    /// What was heard of the accounts.
    pub heard: &'a Heard,
    /// How the images came to be that other accounts made.
    pub origins: &'a FxHashMap<String, HeardEvent>,
    /// The run.
    pub run: Span,
    /// The cycles that are explained, with the charges that are asked for.
    pub cycles: &'a [SelectedCycle],
    /// The one resource that is asked for.
    pub resource: Option<&'a str>,
    /// How many of each kind are told one by one; for people.
    pub top: Option<usize>,
}

/// A file of the run, which is what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedInput {
    /// Its name in `run.json`.
    pub name: String,
    /// Where it was found now.
    pub found: String,
    /// Its fingerprint.
    pub sha256: String,
}

/// A cycle with the charges that are asked for.
#[derive(Debug)]
pub struct SelectedCycle {
    /// It, without other charges.
    pub cycle: CycleExplained,
    /// The sum of all its charges.
    pub total: Money,
    /// How many charges it has in all.
    pub charge_count: usize,
}

/// An account that could be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSum {
    /// Its id.
    pub account: String,
    /// What its charges come to, of those that are asked for.
    pub amount: Decimal,
    /// How many there are.
    pub charge_count: usize,
}

/// How much is told one by one.
#[derive(Debug, Clone, Copy)]
struct Screen {
    charges: usize,
    /// 0 tells none, not even together.
    resources: usize,
    /// How many spans, and how many rows of the log, each resource has.
    rows: usize,
    /// Whether each event has a line of its own, and so has the source of a price.
    is_near: bool,
}

/// Some things told one by one, and the rest together.
struct Told<'a> {
    shown: Vec<&'a Caused>,
    rest: Vec<&'a Caused>,
}

impl Explained<'_> {
    /// The account of the cycles.
    fn account_text(&self, account: AccountId) -> &str {
        self.names.accounts.text(account)
    }

    /// What a resource is called.
    fn resource_text(&self, caused: &Caused) -> &str {
        self.heard.names.text(caused.cause.resource)
    }

    /// The image behind something, and whose it is.
    fn source(&self, caused: &Caused) -> Option<(&str, Option<&str>)> {
        let image = caused.cause.source_image?;
        let owner = self.images.owner(image).map(|owner| self.account_text(owner));
        Some((self.texts.text(image), owner))
    }

    /// Where an event was read: file and line.
    fn place(&self, event: &HeardEvent) -> (&str, u64) {
        let file = self.logs.get(event.origin.input as usize);
        (file.map_or("", |file| file), event.origin.line)
    }

    /// The resources of a charge, biggest first, of which at most so many are told one by one. If
    /// one is asked for, it is that.
    fn told<'c>(&self, charge: &'c ChargeExplained, most: usize) -> Told<'c> {
        let mut all: Vec<&Caused> = charge.resources.iter().collect();
        let size = |caused: &Caused| (caused.amount.units().abs(), caused.quantity.units());
        all.sort_by(|a, b| {
            let by_text = || self.resource_text(a).cmp(self.resource_text(b));
            size(b).cmp(&size(a)).then_with(by_text)
        });
        if let Some(resource) = self.resource {
            let (shown, rest) = all.into_iter().partition(|c| self.resource_text(c) == resource);
            return Told { shown, rest };
        }
        // One more line tells the last as well as it tells that it is left out.
        let most = if all.len() == most + 1 { all.len() } else { most };
        let rest = all.split_off(most.min(all.len()));
        Told { shown: all, rest }
    }
}

/// The sum of some shares of one charge: quantity and amount, exactly.
fn sum_of(caused: &[&Caused]) -> (Decimal, Decimal) {
    let sum = |of: fn(&Caused) -> Share| {
        let decimals = caused.first().map_or(0, |first| of(first).decimals());
        let units = caused.iter().map(|caused| of(caused).units()).sum();
        // A part of a charge fits where the charge does.
        Share::from_units(units, decimals).map(Share::decimal).unwrap_or_default()
    };
    (sum(|caused| caused.quantity), sum(|caused| caused.amount))
}
