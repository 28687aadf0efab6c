//! What is said about rules, in words.

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::hashmap::{Fault, Hashmap, Rule, Trigger};

/// Why there is no price, what to do, and because of which rule.
pub(super) type Refusal<'r> = (String, String, Option<&'r Rule>);

/// The words for what the rating says.
pub(super) fn refusal(fault: Fault<'_>) -> Refusal<'_> {
    match fault {
        Fault::Threshold(rule) => (
            "it looks at each thing in each period, and a book's tiers at an account's whole cycle"
                .to_owned(),
            "leave it out, or write tiers by hand that say what you mean".to_owned(),
            Some(rule),
        ),
        Fault::Twice(rule) => (
            "another rule of its group is for the same, and CloudKitty keeps one of them"
                .to_owned(),
            "keep one of the two".to_owned(),
            Some(rule),
        ),
        Fault::TooLarge(overflow) => (overflow.to_string(), "check its cost".to_owned(), None),
    }
}

/// What cannot be said, with the place where it is listed.
pub(super) fn unsaid(what: &str, why: &str, help: &str, at: &Place) -> Diagnostic {
    Diagnostic::warning(Code::HashmapUnsaid, format!("{what} cannot be said: {why}"))
        .at(at.clone(), "listed here")
        .help(help)
}

/// A rule that cannot be said.
pub(super) fn unsaid_rule(what: &str, why: &str, help: &str, rule: &Rule) -> Diagnostic {
    let message = format!("{what} cannot be said: {why}");
    Diagnostic::warning(Code::HashmapUnsaid, message)
        .at(rule.place.clone(), format!("{} {}", rule.effect.as_str(), rule.cost))
        .help(help)
}

/// Which rules a price comes of, for the book's `source`.
pub(super) fn source(rules: &[&Rule], hashmap: &Hashmap) -> String {
    if rules.is_empty() {
        return "no rule is in force: CloudKitty rates nothing".to_owned();
    }
    let told = rules.iter().map(|rule| {
        let group = rule.group.as_deref().map(|id| {
            let known = hashmap.groups.iter().find(|group| group.id == id);
            format!(" of group {}", known.map_or(id, |group| &group.name))
        });
        let level = match rule.trigger {
            Trigger::Level(level) => format!(" from {level}"),
            Trigger::Value(_) => String::new(),
        };
        let group = group.unwrap_or_default();
        format!(
            "{} {} {}{level}{group} ({})",
            rule.kind(),
            rule.effect.as_str(),
            rule.cost,
            rule.id
        )
    });
    told.collect::<Vec<_>>().join("; ")
}
