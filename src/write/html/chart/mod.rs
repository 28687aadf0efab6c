//! Charts as inline SVG. Money becomes pixels here, and only here; what is said on hover is the
//! exact amount.
#![expect(clippy::disallowed_types, reason = "pixels, never money")]

mod bars;
mod columns;
mod fan;
mod flow;
mod svg;
mod tornado;
mod waterfall;

pub(super) use bars::{Bar, bars};
pub(super) use columns::{Stack, columns};
pub(super) use fan::{Fan, FanMonth, fan};
pub(super) use flow::{FlowMap, Link, Node, flow};
pub(super) use tornado::{Swing, tornado};
pub(super) use waterfall::{Step, waterfall};

use rust_decimal::Decimal;

use crate::write::html::markup::money;
use crate::write::text::{grouped, visible};

/// One coloured part of a bar.
pub(super) struct Part {
    /// The class that colours it.
    pub(super) class: &'static str,
    /// What it is, for people.
    pub(super) label: String,
    /// How much.
    pub(super) amount: Decimal,
}

/// What a chart is about.
pub(super) struct About<'a> {
    /// Unique in the page.
    pub(super) id: &'a str,
    /// Its title, for people who hear it.
    pub(super) title: &'a str,
    /// What it shows, in a sentence.
    pub(super) description: &'a str,
    /// The currency's code.
    pub(super) code: &'a str,
    /// The currency's digits.
    pub(super) digits: u32,
}

impl About<'_> {
    /// An exact amount with its currency.
    fn money(&self, amount: Decimal) -> String {
        format!("{} {}", money(amount, self.digits), self.code)
    }

    /// A part's name and exact amount.
    fn told(&self, label: &str, amount: Decimal) -> String {
        format!("{label}: {}", self.money(amount))
    }
}

/// A number as a float, for drawing alone.
fn float(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or(0.0)
}

/// Round numbers on an axis that covers `low ..= high`; what is hardly below 0 gets no number.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = if high > low { high - low } else { 1.0 };
    let magnitude = 10_f64.powf((span / 4.0).log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * magnitude);
    let step = step.into_iter().find(|step| span / step <= 5.0).unwrap_or(magnitude * 10.0);
    let first = if low > -0.2 * step { 0.0 } else { (low / step).floor() };
    let last = (high / step).ceil();
    let count = (last - first).max(1.0) as usize;
    (0..=count).map(|place| (first + place as f64) * step).collect()
}

/// What stands beside a tick: as few digits as tell it.
fn tick_label(value: f64) -> String {
    let decimals = if value.fract().abs() < 1e-9 {
        0
    } else if (value * 10.0).fract().abs() < 1e-6 {
        1
    } else {
        2
    };
    grouped(format!("{value:.decimals$}"))
}

/// A name that fits: its beginning and end.
fn short(name: &str, most: usize) -> String {
    let name = visible(name);
    let count = name.chars().count();
    if count <= most {
        return name;
    }
    let tail = most / 3;
    let head: String = name.chars().take(most - tail - 1).collect();
    let tail: String = name.chars().skip(count - tail).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_everything() {
        let texts =
            |low, high| -> Vec<String> { ticks(low, high).into_iter().map(tick_label).collect() };
        assert_eq!(texts(0.0, 1874.0), ["0", "500", "1,000", "1,500", "2,000"]);
        assert_eq!(texts(-12.0, 93.0), ["-25", "0", "25", "50", "75", "100"]);
        assert_eq!(texts(-2.0, 93.0), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(texts(0.0, 0.9), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert!(texts(0.0, 0.0).len() > 1);
    }

    #[test]
    fn long_names_keep_their_beginning_and_end() {
        assert_eq!(short("img-web-2016-04", 20), "img-web-2016-04");
        assert_eq!(short("0f1e2d3c-aaaa-bbbb-cccc-123456789abc", 12), "0f1e2d3…9abc");
        assert_eq!(short("a\u{202e}b", 20), "a\\u{202e}b");
    }
}
