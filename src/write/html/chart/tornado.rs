//! A tornado: how far each uncertain number moves what is paid.

use rust_decimal::Decimal;

use crate::write::html::chart::svg::{Anchor, Svg};
use crate::write::html::chart::{About, float, short};
use crate::write::html::markup::{money, percent};

/// One uncertain number.
pub(in crate::write::html) struct Swing {
    pub(in crate::write::html) label: String,
    pub(in crate::write::html) at_p10: Decimal,
    pub(in crate::write::html) at_p90: Decimal,
    pub(in crate::write::html) share: Decimal,
}

const ROW: f64 = 40.0;
const LEFT: f64 = 330.0;
const WIDTH: f64 = 960.0;
const RIGHT: f64 = 110.0;

/// Bars from what is paid at each number's p10 to what is paid at its p90, around the mean.
pub(in crate::write::html) fn tornado(
    about: &About<'_>,
    mean: Decimal,
    swings: &[Swing],
) -> String {
    let height = ROW * swings.len() as f64 + 46.0;
    let ends = swings.iter().flat_map(|swing| [float(swing.at_p10), float(swing.at_p90)]);
    let middle = float(mean);
    let reach = ends.map(|end| (end - middle).abs()).fold(0.0, f64::max).max(1e-9);
    let half = (WIDTH - LEFT - RIGHT) / 2.0;
    let x = |value: Decimal| LEFT + half * (1.0 + (float(value) - middle) / reach);
    let mut svg = Svg::new(about, WIDTH, height);
    for (place, swing) in swings.iter().enumerate() {
        let top = 34.0 + ROW * place as f64;
        let (low, high) = (swing.at_p10.min(swing.at_p90), swing.at_p10.max(swing.at_p90));
        svg.text("name", (0.0, top + 10.0), Anchor::Start, &short(&swing.label, 30));
        let share = format!("{} of the variance", percent(swing.share));
        svg.text("note", (0.0, top + 25.0), Anchor::Start, &share);
        for (class, from, to, name, amount) in [
            ("low", low, mean.min(high), "at its p10", swing.at_p10),
            ("high", mean.max(low), high, "at its p90", swing.at_p90),
        ] {
            let told = format!("{}\n{}", swing.label, about.told(name, amount));
            svg.rect(class, [x(from), top, (x(to) - x(from)).max(0.8), 22.0], &told);
        }
        svg.text("value", (x(low) - 8.0, top + 16.0), Anchor::End, &money(low, about.digits));
        svg.text("value", (x(high) + 8.0, top + 16.0), Anchor::Start, &money(high, about.digits));
    }
    svg.line("axis", (x(mean), 22.0), (x(mean), height));
    let label = format!("mean {}", money(mean, about.digits));
    svg.text("value", (x(mean), 14.0), Anchor::Middle, &label);
    svg.finish()
}
