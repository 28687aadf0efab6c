//! A waterfall: from one total to another, part by part.

use rust_decimal::Decimal;

use crate::write::html::chart::svg::{Anchor, Svg};
use crate::write::html::chart::{About, float, short, tick_label, ticks};
use crate::write::html::markup::money;

/// One column of a waterfall.
pub(in crate::write::html) enum Step {
    /// A total that stands on the axis.
    Total(String, Decimal),
    /// What is added to, or taken off, the columns before.
    Part(String, Decimal),
}

const HEIGHT: f64 = 320.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 36.0;
const LEFT: f64 = 80.0;

/// The columns of a waterfall.
pub(in crate::write::html) fn waterfall(about: &About<'_>, steps: &[Step]) -> String {
    let mut level = 0.0;
    let mut spans = Vec::new();
    for step in steps {
        let from = match step {
            Step::Total(..) => 0.0,
            Step::Part(..) => level,
        };
        level = match step {
            Step::Total(_, amount) => float(*amount),
            Step::Part(_, amount) => level + float(*amount),
        };
        spans.push((from, level));
    }
    let ends = || spans.iter().flat_map(|(from, to)| [*from, *to]);
    let ticks = ticks(ends().fold(0.0, f64::min), ends().fold(0.0, f64::max));
    let (low, high) = (ticks[0], ticks[ticks.len() - 1]);
    let step = (860.0 / steps.len().max(1) as f64).clamp(84.0, 150.0);
    let width = (LEFT + step * steps.len() as f64 + 16.0).max(640.0);
    let y = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low);
    let mut svg = Svg::new(about, width, HEIGHT);
    for tick in &ticks {
        let class = if tick.abs() < 1e-9 { "axis" } else { "grid" };
        svg.line(class, (LEFT - 6.0, y(*tick)), (width, y(*tick)));
        svg.text("tick", (LEFT - 12.0, y(*tick) + 4.0), Anchor::End, &tick_label(*tick));
    }
    let thick = step * 0.62;
    for (place, (shown, (from, to))) in steps.iter().zip(&spans).enumerate() {
        let middle = LEFT + step * (place as f64 + 0.5);
        let (class, name, amount, sign) = match shown {
            Step::Total(name, amount) => ("sum", name, *amount, ""),
            Step::Part(name, amount) if amount.is_sign_negative() => ("less", name, *amount, ""),
            Step::Part(name, amount) => ("plus", name, *amount, "+"),
        };
        let (top, bottom) = (y(from.max(*to)), y(from.min(*to)));
        let told = about.told(name, amount);
        svg.rect(class, [middle - thick / 2.0, top, thick, (bottom - top).max(1.0)], &told);
        if place + 1 < steps.len() {
            svg.line("link", (middle + thick / 2.0, y(*to)), (middle + step - thick / 2.0, y(*to)));
        }
        let label = format!("{sign}{}", money(amount, about.digits));
        svg.text("value", (middle, top - 7.0), Anchor::Middle, &label);
        let name = short(name, (step / 7.0) as usize);
        svg.text("tick", (middle, HEIGHT - 12.0), Anchor::Middle, &name);
    }
    svg.finish()
}
