//! Horizontal bars, ranked: accounts, images.

use rust_decimal::Decimal;

use crate::write::html::chart::svg::{Anchor, Svg};
use crate::write::html::chart::{About, Part, float, short};
use crate::write::html::markup::money;

/// One bar.
pub(in crate::write::html) struct Bar {
    pub(in crate::write::html) label: String,
    pub(in crate::write::html) parts: Vec<Part>,
    pub(in crate::write::html) total: Decimal,
    /// What stands behind the amount.
    pub(in crate::write::html) note: String,
}

const ROW: f64 = 30.0;
const LEFT: f64 = 190.0;
const LENGTH: f64 = 540.0;
const WIDTH: f64 = 960.0;

/// Bars below each other. What is negative has no length, but is told.
pub(in crate::write::html) fn bars(about: &About<'_>, bars: &[Bar]) -> String {
    let height = ROW * bars.len() as f64 + 8.0;
    let positive = |bar: &Bar| -> f64 {
        bar.parts.iter().map(|part| float(part.amount)).filter(|amount| *amount > 0.0).sum()
    };
    let most = bars.iter().map(positive).fold(0.0, f64::max);
    let scale = if most > 0.0 { LENGTH / most } else { 0.0 };
    let mut svg = Svg::new(about, WIDTH, height);
    svg.line("axis", (LEFT, 0.0), (LEFT, height));
    for (place, bar) in bars.iter().enumerate() {
        let top = ROW * place as f64 + 6.0;
        svg.text("name", (LEFT - 12.0, top + 15.0), Anchor::End, &short(&bar.label, 24));
        let mut x = LEFT + 1.0;
        for part in &bar.parts {
            let told = format!("{}\n{}", bar.label, about.told(&part.label, part.amount));
            let length = (float(part.amount) * scale).max(0.0);
            if length > 0.0 {
                svg.rect(part.class, [x, top, (length - 1.0).max(0.8), 20.0], &told);
            }
            x += length;
        }
        let label = money(bar.total, about.digits);
        svg.text("value", (x + 8.0, top + 15.0), Anchor::Start, &label);
        if !bar.note.is_empty() {
            let beside = x + 16.0 + 7.6 * label.chars().count() as f64;
            svg.text("note", (beside, top + 15.0), Anchor::Start, &bar.note);
        }
    }
    svg.finish()
}
