//! What `run.json` says of a run.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::value::{Currency, Instant};

/// What kind of run a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunKind {
    /// What did happen, billed.
    #[default]
    Bill,
    /// What may happen: an estimate, not an invoice.
    Projection,
}

/// What `run.json` says. What a kind of run does not tell is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunInfo {
    /// A bill or a projection.
    pub kind: RunKind,
    /// The program's version that made it.
    pub version: String,
    /// The price book.
    pub book: Option<BookInfo>,
    /// The run's first instant.
    pub start: Option<Instant>,
    /// The first instant after it.
    pub end: Option<Instant>,
    /// The flags that decided the result: `prices`, `accounts`, `policy` …
    pub arguments: BTreeMap<String, String>,
    /// What was read.
    pub inputs: Vec<InputInfo>,
    /// Findings by code.
    pub findings: FindingInfo,
    /// The currency and the total of all statements; of a projection of several scenarios, none.
    pub total: Option<(Currency, rust_decimal::Decimal)>,
    /// The scenarios of a projection.
    pub scenarios: Vec<ScenarioInfo>,
}

impl RunInfo {
    /// The fingerprint of an input.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<&InputInfo> {
        self.inputs.iter().find(|input| input.name == name)
    }
}

/// Which book the prices are from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct BookInfo {
    /// Its id.
    pub id: String,
    /// Its title, for people.
    pub title: String,
    /// What its GB are: `GB` or `GiB`.
    pub gigabyte: String,
}

/// A file that went in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct InputInfo {
    /// Its name as it was given.
    pub name: String,
    /// How it was read, for event logs: `csv`, `jsonl`, `parquet`, `oslo` …
    pub format: String,
    /// Its bytes, as they are on disk.
    pub size: u64,
    /// Their fingerprint.
    pub sha256: String,
    /// Rows of an event log.
    pub rows_read: u64,
    /// Those that were applied.
    pub rows_used: u64,
}

/// How many findings there are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct FindingInfo {
    /// Of level error.
    pub errors: u64,
    /// Of level warning.
    pub warnings: u64,
    /// Of each code.
    pub by_code: BTreeMap<String, u64>,
}

/// One scenario of a projection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ScenarioInfo {
    /// Its name.
    pub name: String,
    /// How often it was run; 1 is deterministic.
    pub runs: u64,
}
