//! Distributions: `{ lognormal = { median = "36 hours", p95 = "20 days" } }`.
#![expect(clippy::disallowed_types, reason = "chance is no money: draws become whole numbers")]

use rust_decimal::prelude::ToPrimitive;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::read::scenario::image::unmeasured;
use crate::read::toml::keys::{Keys, decimal, short, wrong_kind};
use crate::read::toml::tree::{Entry, Node, Value};
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
#[derive(Clone, Copy)]
pub(super) struct Number<'f> {
    pub(super) read: &'f dyn Fn(&Node) -> Option<f64>,
    /// What one looks like.
    pub(super) expected: &'f str,
    pub(super) has_unit: bool,
}

/// A number without a unit.
pub(super) const PLAIN: Number<'_> =
    Number { read: &plain, expected: "a number without unit", has_unit: false };

/// A period in hours.
pub(super) fn in_hours(period: Period) -> f64 {
    period.micros() as f64 / MICROS_PER_HOUR as f64
}

fn plain(node: &Node) -> Option<f64> {
    decimal(node)?.to_f64()
}

/// A value: fixed, or a table with one distribution.
pub(super) fn read_value(
    what: &str,
    node: &Node,
    number: Number<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Distribution> {
    if let Value::Table(entries) = &node.value {
        return match entries.as_slice() {
            [entry] => read_kind(entry, number, diagnostics),
            _ => {
                diagnostics.push(
                    wrong("a distribution has one name", &node.place)
                        .help(format!("one of: {}", KINDS.join(", "))),
                );
                None
            }
        };
    }
    let fixed = (number.read)(node);
    if fixed.is_none() {
        diagnostics.push(unmeasured(what, node, number.expected, ", or a distribution"));
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
    let told = keys.diagnostics.len();
    let mut reader = Reader { keys: &mut keys, number, kind, told };
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
        keys.diagnostics.push(wrong(message, &entry.key_place).help(sense(kind)));
    }
    keys.finish();
    made.filter(|_| is_fine)
}

/// What the numbers of a distribution have to be like.
fn sense(kind: &str) -> &'static str {
    match kind {
        "uniform" => "low has to be below high",
        "triangular" | "pert" => "low has to be below high, and mode between them",
        "normal" => "sd has to be above 0, and quantiles have to ascend: p5 below p95",
        "lognormal" => "all its numbers have to be above 0, and quantiles ascend: p5 below p95",
        _ => "its mean has to be above 0",
    }
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
    kind: &'r str,
    /// How many mistakes were told before.
    told: usize,
}

impl Reader<'_, '_, '_> {
    fn get(&mut self, key: &'static str) -> Option<f64> {
        let node = self.keys.find(key)?;
        let number = (self.number.read)(node);
        if number.is_none() {
            self.wrong(key, node);
        }
        number
    }

    /// Tells that a value is none.
    fn wrong(&mut self, key: &str, node: &Node) {
        let expected = self.number.expected;
        if self.number.has_unit {
            self.keys.diagnostics.push(unmeasured(key, node, expected, ""));
        } else {
            self.keys.wrong(key, node, expected);
        }
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
        if self.keys.diagnostics.len() == self.told {
            let place = self.keys.place().clone();
            let message = format!("this tells too little of a `{}`, or too much", self.kind);
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

    /// The numbers of a list; what is none is told.
    fn list(&mut self, key: &'static str, number: Number<'_>) -> Vec<f64> {
        let Some(node) = self.keys.find(key) else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.keys.diagnostics.push(wrong_kind(&format!("`{key}`"), node, "a list"));
            return Vec::new();
        };
        let mut numbers = Vec::new();
        for item in items {
            match (number.read)(item) {
                Some(number) => numbers.push(number),
                None => self.wrong(key, item),
            }
        }
        numbers
    }

    fn discrete(&mut self) -> Option<Distribution> {
        self.keys.need("values", "[20, 40, 80]");
        let values = self.list("values", self.number);
        let mut weights = self.list("weights", PLAIN);
        if weights.is_empty() {
            weights = vec![1.0; values.len()];
        }
        let sum: f64 = weights.iter().sum();
        let is_fine = weights.len() == values.len() && weights.iter().all(|w| *w >= 0.0);
        if values.is_empty() || !is_fine || sum <= 0.0 || self.keys.diagnostics.len() > self.told {
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
