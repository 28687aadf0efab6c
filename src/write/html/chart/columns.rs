//! Stacked columns: what each month or run comes to, by category.

use rust_decimal::Decimal;

use crate::write::html::chart::svg::{Anchor, Svg};
use crate::write::html::chart::{About, Part, float, short, tick_label, ticks};
use crate::write::html::markup::money;

/// One column.
pub(in crate::write::html) struct Stack {
    pub(in crate::write::html) label: String,
    pub(in crate::write::html) parts: Vec<Part>,
    pub(in crate::write::html) total: Decimal,
}

const HEIGHT: f64 = 300.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 34.0;
const LEFT: f64 = 74.0;

/// Columns side by side.
pub(in crate::write::html) fn columns(about: &About<'_>, stacks: &[Stack]) -> String {
    let sum = |stack: &Stack, is_below: bool| -> f64 {
        let amounts = stack.parts.iter().map(|part| float(part.amount));
        amounts.filter(|amount| (*amount < 0.0) == is_below).sum()
    };
    let high = stacks.iter().map(|stack| sum(stack, false)).fold(0.0, f64::max);
    let low = stacks.iter().map(|stack| sum(stack, true)).fold(0.0, f64::min);
    let ticks = ticks(low, high);
    let (low, high) = (ticks[0], ticks[ticks.len() - 1]);
    let count = stacks.len().max(1) as f64;
    let step = (880.0 / count).clamp(58.0, 150.0);
    let width = (LEFT + step * count + 16.0).max(640.0);
    let y = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low);
    let mut svg = Svg::new(about, width, HEIGHT);
    for tick in &ticks {
        let class = if tick.abs() < 1e-9 { "axis" } else { "grid" };
        svg.line(class, (LEFT - 6.0, y(*tick)), (width, y(*tick)));
        svg.text("tick", (LEFT - 12.0, y(*tick) + 4.0), Anchor::End, &tick_label(*tick));
    }
    let thick = (step * 0.62).min(64.0);
    for (place, stack) in stacks.iter().enumerate() {
        let middle = LEFT + step * (place as f64 + 0.5);
        let (mut above, mut below) = (0.0, 0.0);
        for part in &stack.parts {
            let amount = float(part.amount);
            let end = if amount < 0.0 { &mut below } else { &mut above };
            let from = *end;
            *end += amount;
            let (top, bottom) = (y(from.max(*end)), y(from.min(*end)));
            let told = format!("{}\n{}", stack.label, about.told(&part.label, part.amount));
            // A hair of background between parts tells them apart without their colours.
            let tall = (bottom - top - 1.0).max(if amount == 0.0 { 0.0 } else { 0.8 });
            svg.rect(part.class, [middle - thick / 2.0, top, thick, tall], &told);
        }
        let label = money(stack.total, about.digits);
        svg.text("value", (middle, y(above) - 7.0), Anchor::Middle, &label);
        let name = short(&stack.label, (step / 7.0) as usize);
        svg.text("tick", (middle, HEIGHT - 12.0), Anchor::Middle, &name);
    }
    svg.finish()
}
