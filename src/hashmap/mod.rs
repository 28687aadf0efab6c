//! CloudKitty's hashmap rating: what a configuration says, and what it makes a thing cost.
//!
//! The rule is that of CloudKitty's `rating/hash` module. For each thing and collect period, group by
//! group: of the flat mappings that match the dearest counts; the rates that match multiply it; that
//! is times the quantity. The threshold with the highest level that the quantity reaches adds its
//! cost once (flat) or multiplies (rate). The groups are added up.
//!
//! [`draft()`] says it in the words of a price book where it can be said exactly, and names all else.

mod convert;
mod draft;
mod rating;
mod telling;

pub use convert::{Measure, Target};
pub use draft::{Draft, DraftOptions, DraftRate, draft};
pub use rating::{Amounts, Fault, Point, Price, rate};

use crate::diagnostic::Place;
use crate::value::{Exact, Instant};

/// A hashmap configuration.
#[derive(Debug, Clone, Default)]
pub struct Hashmap {
    /// The metrics that are rated.
    pub services: Vec<Named>,
    /// Their metadata that prices may depend on.
    pub fields: Vec<Field>,
    /// Groups of rules, by which prices are added up. May be absent: rules name them by id.
    pub groups: Vec<Named>,
    /// Mappings and thresholds.
    pub rules: Vec<Rule>,
}

/// A service or a group.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is listed.
    pub place: Place,
}

/// A field of a service.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its id.
    pub id: String,
    /// The metadata's name, like `flavor_id`.
    pub name: String,
    /// The id of its service.
    pub service: String,
    /// Where it is listed.
    pub place: Place,
}

/// A mapping or a threshold.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// Which of the two.
    pub trigger: Trigger,
    /// Whether it is a sum or a factor.
    pub effect: Effect,
    /// The sum or factor.
    pub cost: Exact,
    /// What it is a rule of.
    pub scope: Scope,
    /// The id of its group; rules without one are a group, too.
    pub group: Option<String>,
    /// The one project that it is for.
    pub tenant: Option<String>,
    /// From when on.
    pub start: Option<Instant>,
    /// Until when.
    pub end: Option<Instant>,
    /// Whether it was taken back.
    pub is_deleted: bool,
    /// Where it is listed.
    pub place: Place,
}

/// What makes a rule apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A mapping: the field has this value; of a service, always.
    Value(String),
    /// A threshold: the quantity, or the field's number, is at least so much.
    Level(Exact),
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is a price.
    Flat,
    /// It multiplies one.
    Rate,
}

/// What a rule is of, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A service: everything that is measured.
    Service(String),
    /// A field.
    Field(String),
}

impl Rule {
    /// Whether it is in force at an instant: from its start on, until its end.
    #[must_use]
    pub fn is_in_force(&self, at: Instant) -> bool {
        let has_begun = self.start.is_none_or(|start| start <= at);
        !self.is_deleted && has_begun && self.end.is_none_or(|end| end > at)
    }

    /// Whether it never changes a price: a factor of 1, or a flat that is not above 0 and so never
    /// the dearest, or a threshold that adds nothing.
    #[must_use]
    pub fn is_neutral(&self) -> bool {
        match (self.effect, &self.trigger) {
            (Effect::Rate, _) => self.cost.to_string() == "1",
            (Effect::Flat, Trigger::Value(_)) => self.cost.is_zero() || self.cost.is_negative(),
            (Effect::Flat, Trigger::Level(_)) => self.cost.is_zero(),
        }
    }

    /// Its word: what the client calls it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.trigger {
            Trigger::Value(_) => "mapping",
            Trigger::Level(_) => "threshold",
        }
    }
}

impl Effect {
    /// Its word in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Flat => "flat",
            Effect::Rate => "rate",
        }
    }
}
