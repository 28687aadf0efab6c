//! sharebill tells what sharing cloud images costs, and whom.
//!
//! Sharing an image is free, and so is using a shared one. Only the producer pays, for storing it.
//! A consumer starts to pay when it creates a server from the shared image, and when it takes an
//! image of such a server: that one is its own. A bill is computed from *events* (what happened to
//! images, servers and objects) and a *price book* (what things cost), in stages that are the
//! modules of this crate:
//!
//! ```text
//! events -> world -> usage -> charges -> statements
//!                                   \-> allocations -> sharing
//! ```
//!
//! # Invariants
//! - Money is exact. Usage is whole base units until it is priced; a priced quantity is rounded
//!   once (M6), an amount once (P5), and every total is a sum of printed amounts.
//! - Nothing depends on the order of the input, on how it is cut into files, on the number of
//!   threads, the clock, the locale or the time zone (C7).
//! - Nothing is lost and nothing invented: every row is applied, dropped as a repeat, after the
//!   end, or set aside with a finding; the counts add up.
//! - Only [`cli`] touches files, the terminal and the environment; everything else computes. What
//!   does not fit into memory goes through [`scratch`].
//!
//! # Words
//! Each has one meaning. *Event*: one thing that happened. *Usage*: exact base units of a SKU.
//! *Charge*: one printed line, quantity × unit price. *Statement*: an account's charges of a cycle,
//! added up. *Allocation*: a charge's part that one resource caused. *Book*: one provider's prices
//! and rules. *Rate*: the dated price of a SKU in a region; a *version* is one date's. *Cycle*: an
//! account's billing period. *Finding*: a rule that an event breaks. *Run*: the span that is
//! billed.
//!
//! The modules, in reading order:

pub mod value;

pub mod disk;

pub mod guard;

pub mod scratch;

#[warn(clippy::wildcard_enum_match_arm)]
pub mod event;

pub mod account;

pub mod book;

pub mod diagnostic;

pub mod scenario;

#[warn(clippy::wildcard_enum_match_arm)]
pub mod timeline;

#[warn(clippy::wildcard_enum_match_arm)]
pub mod world;

pub mod ledger;

pub mod replay;

#[warn(clippy::wildcard_enum_match_arm)]
pub mod meter;

#[warn(clippy::wildcard_enum_match_arm)]
pub mod price;

#[warn(clippy::wildcard_enum_match_arm)]
pub mod statement;

pub mod bill;

pub mod forecast;

pub mod generate;

pub mod advise;

pub mod compare;

pub mod conformance;

pub mod explain;

pub mod run;

pub mod hashmap;

pub mod reconcile;

pub mod project;

pub mod read;

pub mod report;

pub mod write;

pub mod cli;
