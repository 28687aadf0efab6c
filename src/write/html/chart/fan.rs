//! A fan: what is expected month by month, and between which amounts it will be.

use rust_decimal::Decimal;

use crate::write::html::chart::svg::{Anchor, Svg, through};
use crate::write::html::chart::{About, float, tick_label, ticks};

/// One month of a fan.
pub(in crate::write::html) struct FanMonth {
    pub(in crate::write::html) label: String,
    pub(in crate::write::html) mean: Decimal,
    pub(in crate::write::html) quantiles: Option<[Decimal; 5]>,
    pub(in crate::write::html) budget: Option<Decimal>,
}

/// A fan, and how large it is drawn.
pub(in crate::write::html) struct Fan {
    pub(in crate::write::html) months: Vec<FanMonth>,
    pub(in crate::write::html) is_small: bool,
}

const LEFT: f64 = 74.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 34.0;

/// The picture of a fan.
pub(in crate::write::html) fn fan(about: &About<'_>, fan: &Fan) -> String {
    let (width, height) = if fan.is_small { (480.0, 210.0) } else { (960.0, 320.0) };
    let months = &fan.months;
    let all = months.iter().flat_map(|month| {
        let more = month.quantiles.into_iter().flatten().chain(month.budget);
        more.chain([month.mean]).map(float)
    });
    let (low, high) =
        all.fold((0.0, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
    let ticks = ticks(low, high);
    let (low, high) = (ticks[0], ticks[ticks.len() - 1]);
    let y = |value: Decimal| TOP + (height - TOP - BOTTOM) * (high - float(value)) / (high - low);
    let step = (width - LEFT - 42.0) / (months.len().max(2) - 1) as f64;
    let x = |place: usize| LEFT + 10.0 + step * place as f64;
    let mut svg = Svg::new(about, width, height);
    for tick in &ticks {
        let at = TOP + (height - TOP - BOTTOM) * (high - tick) / (high - low);
        svg.line(if tick.abs() < 1e-9 { "axis" } else { "grid" }, (LEFT - 6.0, at), (width, at));
        svg.text("tick", (LEFT - 12.0, at + 4.0), Anchor::End, &tick_label(*tick));
    }
    let band = |low: usize, high: usize| {
        let edge = |place: usize, quantile: usize| {
            let quantiles = months[place].quantiles?;
            Some((x(place), y(quantiles[quantile])))
        };
        let up = (0..months.len()).filter_map(|place| edge(place, high));
        let down = (0..months.len()).rev().filter_map(|place| edge(place, low));
        through(up.chain(down)) + "Z"
    };
    if months.iter().all(|month| month.quantiles.is_some()) {
        svg.path("band wide", &band(0, 4), "p5 to p95");
        svg.path("band", &band(1, 3), "p10 to p90");
        let median = months.iter().enumerate();
        let median = median.filter_map(|(place, m)| Some((x(place), y(m.quantiles?[2]))));
        svg.path("median", &through(median), "p50");
    }
    let means = months.iter().enumerate().map(|(place, month)| (x(place), y(month.mean)));
    svg.path("mean", &through(means), "mean");
    budget(&mut svg, months, x, y);
    let every = if fan.is_small { months.len().div_ceil(5) } else { months.len().div_ceil(12) };
    for (place, month) in months.iter().enumerate() {
        svg.dot("dot", (x(place), y(month.mean)), 4.0, &told(about, month));
        if place.is_multiple_of(every.max(1)) {
            svg.text("tick", (x(place), height - 12.0), Anchor::Middle, &month.label);
        }
    }
    svg.finish()
}

/// The line of a budget; it may have another height each month.
fn budget(
    svg: &mut Svg,
    months: &[FanMonth],
    x: impl Fn(usize) -> f64,
    y: impl Fn(Decimal) -> f64,
) {
    let points = months.iter().enumerate();
    let points = points.filter_map(|(place, month)| Some((x(place), y(month.budget?))));
    let points: Vec<(f64, f64)> = points.collect();
    if let Some((at, height)) = points.last().copied() {
        svg.path("budget", &through(points), "budget");
        svg.text("note budget-name", (at, height - 6.0), Anchor::End, "budget");
    }
}

fn told(about: &About<'_>, month: &FanMonth) -> String {
    let mut told = format!("{}\n{}", month.label, about.told("mean", month.mean));
    let names = ["p5", "p10", "p50", "p90", "p95"];
    for (name, quantile) in names.into_iter().zip(month.quantiles.into_iter().flatten()) {
        told += &format!("\n{}", about.told(name, quantile));
    }
    if let Some(budget) = month.budget {
        told += &format!("\n{}", about.told("budget", budget));
    }
    told
}
