//! Distributions: `{ lognormal = { median = "36 hours", p95 = "20 days" } }`.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become whole numbers")]

use rust_decimal::prelude::ToPrimitive;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::read::scenario::keys::{Keys, decimal, short};
use crate::read::scenario::tree::{Entry, Node, Value};
use crate::scenario::{Distribution, MICROS_PER_HOUR, Period};

/// The names of distributions.
pub(super) const KINDS: [&str; 7] =
    ["uniform", "triangular", "pert", "normal", "lognormal", "exponential", "discrete"];

/// The quantiles that a distribution may be told by.
const QUANTILES: [(&str, f64); 10] = [
    ("p1", 0.01),
    ("p5", 0.05),
    ("p10", 0.1),
    ("p25", 0.25),
    ("median", 0.5),
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p95", 0.95),
    ("p99", 0.99),
];

/// How a value of a distribution is read.
type Number<'f> = &'f dyn Fn(&Node) -> Option<f64>;

/// A period in hours.
pub(super) fn in_hours(period: Period) -> f64 {
    period.micros() as f64 / MICROS_PER_HOUR as f64
}

/// A plain number.
pub(super) fn plain(node: &Node) -> Option<f64> {
    decimal(node)?.to_f64()
}

/// A value: fixed, or a table with one distribution.
pub(super) fn read_value(
    what: &str,
    node: &Node,
    number: Number<'_>,
    expected: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Distribution> {
    if let Value::Table(entries) = &node.value {
        return match entries.as_slice() {
            [entry] => read_kind(entry, number, expected, diagnostics),
            _ => {
                diagnostics.push(
                    wrong("a distribution has one name", &node.place)
                        .help(format!("one of: {}", KINDS.join(", "))),
                );
                None
            }
        };
    }
    let fixed = number(node);
    if fixed.is_none() {
        let shown = node.shown().unwrap_or_else(|| node.kind().to_owned());
        let message = format!("`{what}` cannot be `{}`", short(&shown));
        diagnostics.push(
            Diagnostic::error(Code::UnitWrong, message)
                .at(node.place.clone(), "a number with its unit expected")
                .help(format!("write {expected}, or a distribution")),
        );
    }
    fixed.map(Distribution::Fixed)
}

fn wrong(message: impl Into<String>, place: &Place) -> Diagnostic {
    Diagnostic::error(Code::DistributionWrong, message).at(place.clone(), "here")
}

/// The distribution that a key names.
pub(super) fn read_kind(
    entry: &Entry,
    number: Number<'_>,
    expected: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Distribution> {
    let kind = entry.key.as_str();
    if !KINDS.contains(&kind) {
        let message = format!("`{}` is no distribution", short(kind));
        diagnostics.push(wrong(message, &entry.key_place).did_you_mean(kind, KINDS));
        return None;
    }
    let what = format!("`{kind}`");
    let mut keys = Keys::of(&entry.node, &what, diagnostics)?;
    let mut reader = Reader { keys: &mut keys, number, expected };
    let made = match kind {
        "uniform" => reader.bounds(None).map(|[low, _, high]| Distribution::Uniform { low, high }),
        "triangular" => reader
            .bounds(Some("mode"))
            .map(|[low, mode, high]| Distribution::Triangular { low, mode, high }),
        "pert" => reader.bounds(Some("mode")).map(|[low, mode, high]| Distribution::Pert {
            low,
            mode,
            high,
        }),
        "exponential" => reader.need("mean").map(|mean| Distribution::Exponential { mean }),
        "discrete" => reader.discrete(),
        "normal" => reader.normal(),
        _ => reader.lognormal(),
    };
    let is_fine = made.as_ref().is_some_and(is_sane);
    if made.is_some() && !is_fine {
        let message = format!("this {what} makes no sense");
        let help = "bounds ascend, a mode lies between them, spreads are above 0, and so are the \
                    values of a lognormal";
        keys.diagnostics.push(wrong(message, &entry.key_place).help(help));
    }
    keys.finish();
    made.filter(|_| is_fine)
}

/// Whether a distribution can be drawn from.
fn is_sane(distribution: &Distribution) -> bool {
    let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    match distribution {
        Distribution::Fixed(value) => value.is_finite(),
        Distribution::Uniform { low, high } => finite(&[*low, *high]) && low < high,
        Distribution::Triangular { low, mode, high } | Distribution::Pert { low, mode, high } => {
            finite(&[*low, *mode, *high]) && low <= mode && mode <= high && low < high
        }
        Distribution::Normal { mean, deviation } => {
            finite(&[*mean, *deviation]) && *deviation > 0.0
        }
        Distribution::Lognormal { mu, sigma } => finite(&[*mu, *sigma]) && *sigma > 0.0,
        Distribution::Exponential { mean } => finite(&[*mean]) && *mean > 0.0,
        Distribution::Discrete { values } => !values.is_empty(),
    }
}

struct Reader<'r, 'a, 'd> {
    keys: &'r mut Keys<'a, 'd>,
    number: Number<'r>,
    expected: &'r str,
}

impl Reader<'_, '_, '_> {
    fn get(&mut self, key: &'static str) -> Option<f64> {
        let node = self.keys.find(key)?;
        let number = (self.number)(node);
        if number.is_none() {
            self.keys.wrong(key, node, self.expected);
        }
        number
    }

    fn need(&mut self, key: &'static str) -> Option<f64> {
        self.keys.need(key, "…")?;
        self.get(key)
    }

    fn bounds(&mut self, mode: Option<&'static str>) -> Option<[f64; 3]> {
        let low = self.need("low");
        let mode = mode.map(|mode| self.need(mode));
        let high = self.need("high");
        let mode = match mode {
            Some(mode) => mode?,
            None => low?,
        };
        Some([low?, mode, high?])
    }

    /// The quantiles that are given.
    fn quantiles(&mut self) -> Vec<(f64, f64)> {
        let asked = QUANTILES.map(|(key, probability)| (probability, self.get(key)));
        asked.into_iter().filter_map(|(p, value)| Some((p, value?))).collect()
    }

    fn unclear(&mut self, help: &str) -> Option<Distribution> {
        // What is wrong with a value has been told.
        if !crate::diagnostic::has_errors(self.keys.diagnostics) {
            let place = self.keys.place().clone();
            let message = "a distribution that is told by too little, or too much";
            self.keys.diagnostics.push(wrong(message, &place).help(help.to_owned()));
        }
        None
    }

    fn normal(&mut self) -> Option<Distribution> {
        let (mean, deviation) = (self.get("mean"), self.get("sd"));
        match (mean, deviation, self.quantiles().as_slice()) {
            (Some(mean), Some(deviation), []) => Some(Distribution::Normal { mean, deviation }),
            (None, None, [p, q]) => Some(Distribution::normal_of(*p, *q)),
            _ => self.unclear("write mean and sd, or two quantiles like p5 and p95"),
        }
    }

    fn lognormal(&mut self) -> Option<Distribution> {
        let (mean, sd, sigma) = (self.get("mean"), self.get("sd"), self.sigma());
        match (mean, sd, sigma, self.quantiles().as_slice()) {
            (Some(mean), Some(sd), None, []) => {
                let variance = (1.0 + (sd / mean) * (sd / mean)).ln();
                let mu = mean.ln() - variance / 2.0;
                Some(Distribution::Lognormal { mu, sigma: variance.sqrt() })
            }
            (None, None, Some(sigma), [(p, median)]) if (*p - 0.5).abs() < 1e-9 => {
                Some(Distribution::Lognormal { mu: median.ln(), sigma })
            }
            (None, None, None, [p, q]) => Some(Distribution::lognormal_of(*p, *q)),
            _ => self.unclear(
                "write two quantiles like median and p95, or median and sigma, or mean and sd",
            ),
        }
    }

    /// The spread of a logarithm has no unit.
    fn sigma(&mut self) -> Option<f64> {
        let node = self.keys.find("sigma")?;
        let sigma = plain(node);
        if sigma.is_none() {
            self.keys.wrong("sigma", node, "a number without quotes");
        }
        sigma
    }

    fn discrete(&mut self) -> Option<Distribution> {
        let list = |node: Option<&Node>| match node.map(|node| &node.value) {
            Some(Value::List(items)) => items.clone(),
            _ => Vec::new(),
        };
        let values = list(self.keys.need("values", "[20, 40, 80]"));
        let values: Vec<f64> = values.iter().filter_map(|item| (self.number)(item)).collect();
        let weights = list(self.keys.find("weights"));
        let mut weights: Vec<f64> = weights.iter().filter_map(plain).collect();
        if weights.is_empty() {
            weights = vec![1.0; values.len()];
        }
        let sum: f64 = weights.iter().sum();
        let is_fine = weights.len() == values.len() && weights.iter().all(|w| *w >= 0.0);
        if values.is_empty() || !is_fine || sum <= 0.0 {
            return self.unclear("write values, and as many weights, like values = [20, 40, 80] and weights = [1, 2, 1]");
        }
        let mut up_to = 0.0;
        let cumulated = values.into_iter().zip(weights).map(|(value, weight)| {
            up_to += weight / sum;
            (value, up_to)
        });
        Some(Distribution::Discrete { values: cumulated.collect() })
    }
}
