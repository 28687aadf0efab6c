//! CloudKitty's rule for one thing in one collect period.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::hashmap::{Effect, Rule, Scope, Trigger};
use crate::value::{Exact, Overflow};

/// What is known of the quantity that a thing has in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// It is 1: a server that is there.
    One,
    /// It may be anything from 0 on.
    Any,
}

/// What a thing costs in a period: a price for each unit, and a sum once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// For one unit.
    pub per_unit: Exact,
    /// Once, whatever the quantity.
    pub once: Exact,
}

/// Why no such price can be told.
#[derive(Debug, Clone, Copy)]
pub enum Fault<'r> {
    /// Whether this threshold applies depends on the quantity.
    Threshold(&'r Rule),
    /// CloudKitty keeps one of the two, and nobody knows which.
    Twice(&'r Rule),
    /// The numbers are too large.
    TooLarge(Overflow),
}

impl From<Overflow> for Fault<'_> {
    fn from(overflow: Overflow) -> Self {
        Fault::TooLarge(overflow)
    }
}

/// Prices, and the rates that multiply nothing.
pub type Amounts<'r> = (Price, Vec<&'r Rule>);

/// What a thing costs for which `rules` match: those of its service, and those of its field.
///
/// Of two rules for the same, one of them for the thing's own project, the project's one replaces
/// the other.
///
/// # Errors
/// [`Fault`], where the price depends on what is not known.
pub fn rate<'r>(
    rules: impl IntoIterator<Item = &'r Rule>,
    point: Point,
) -> Result<Amounts<'r>, Fault<'r>> {
    let mut groups: BTreeMap<Option<&str>, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        groups.entry(rule.group.as_deref()).or_default().push(rule);
    }
    let mut sum = Price { per_unit: Exact::ZERO, once: Exact::ZERO };
    let mut idle = Vec::new();
    for rules in groups.into_values() {
        let rules = replaced(rules)?;
        let (price, multiplies_nothing) = group(&rules, point)?;
        sum.per_unit = sum.per_unit.plus(price.per_unit)?;
        sum.once = sum.once.plus(price.once)?;
        idle.extend(multiplies_nothing);
    }
    Ok((sum, idle))
}

/// Puts a project's own rules in the place of those for everybody.
fn replaced(rules: Vec<&Rule>) -> Result<Vec<&Rule>, Fault<'_>> {
    let mut kept: Vec<&Rule> = Vec::new();
    for rule in rules {
        let same = |known: &&Rule| known.scope == rule.scope && is_same(known, rule);
        match kept.iter_mut().find(|known| same(known)) {
            None => kept.push(rule),
            Some(known) if known.tenant.is_none() && rule.tenant.is_some() => *known = rule,
            Some(known) if known.tenant.is_some() && rule.tenant.is_none() => {}
            Some(known) if known.effect == rule.effect && known.cost == rule.cost => {}
            Some(_) => return Err(Fault::Twice(rule)),
        }
    }
    Ok(kept)
}

/// Whether two rules of one scope have the same place in CloudKitty's tables.
fn is_same(a: &Rule, b: &Rule) -> bool {
    match (&a.trigger, &b.trigger) {
        (Trigger::Value(a_value), Trigger::Value(b_value)) => {
            a_value == b_value || matches!(a.scope, Scope::Service(_))
        }
        (Trigger::Level(a), Trigger::Level(b)) => a.compare(*b) == Ok(Ordering::Equal),
        (Trigger::Value(_), Trigger::Level(_)) | (Trigger::Level(_), Trigger::Value(_)) => false,
    }
}

fn group<'r>(rules: &[&'r Rule], point: Point) -> Result<Amounts<'r>, Fault<'r>> {
    let (mut flat, mut factor, mut rates) = (Exact::ZERO, Exact::of(1.into()), Vec::new());
    for rule in rules.iter().filter(|rule| matches!(rule.trigger, Trigger::Value(_))) {
        match rule.effect {
            // Starting from 0: a flat below it never counts.
            Effect::Flat if rule.cost.compare(flat)? == Ordering::Greater => flat = rule.cost,
            Effect::Flat => {}
            Effect::Rate => {
                factor = factor.times(rule.cost)?;
                rates.push(*rule);
            }
        }
    }
    let mut price = Price { per_unit: flat.times(factor)?, once: Exact::ZERO };
    if let Some(threshold) = highest(rules, point)? {
        match threshold.effect {
            Effect::Flat => price.once = threshold.cost,
            Effect::Rate => price.per_unit = price.per_unit.times(threshold.cost)?,
        }
    }
    let idle = if flat.is_zero() { rates } else { Vec::new() };
    Ok((price, idle))
}

/// The threshold that applies, if any does.
fn highest<'r>(rules: &[&'r Rule], point: Point) -> Result<Option<&'r Rule>, Fault<'r>> {
    let mut reached: Option<(&Rule, Exact)> = None;
    let mut beyond = None;
    let minus_one = Exact::of((-1).into());
    let sure = match point {
        Point::One => Exact::of(1.into()),
        Point::Any => Exact::ZERO,
    };
    for rule in rules {
        let Trigger::Level(level) = rule.trigger else { continue };
        // CloudKitty looks for a level above −1.
        if level.compare(minus_one)? != Ordering::Greater {
            continue;
        }
        if level.compare(sure)? == Ordering::Greater {
            beyond = Some(*rule);
            continue;
        }
        let is_higher = match reached {
            None => true,
            Some((_, best)) => level.compare(best)? == Ordering::Greater,
        };
        if is_higher {
            reached = Some((rule, level));
        }
    }
    match (point, beyond) {
        (Point::One, _) | (_, None) => Ok(reached.map(|(rule, _)| rule)),
        (Point::Any, Some(beyond)) => {
            let levels = rules.iter().filter(|rule| matches!(rule.trigger, Trigger::Level(_)));
            let mut telling = levels.filter(|rule| !rule.is_neutral());
            if telling.next().is_none() { Ok(None) } else { Err(Fault::Threshold(beyond)) }
        }
    }
}
