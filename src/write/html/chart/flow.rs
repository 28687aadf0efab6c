//! The map of sharing: money flowing from left to right through columns of nodes.

use rust_decimal::Decimal;

use crate::write::html::chart::svg::{Anchor, Svg, at};
use crate::write::html::chart::{About, float, short};
use crate::write::html::markup::money;

/// Somebody or something that money goes through.
pub(in crate::write::html) struct Node {
    /// Its column, from the left.
    pub(in crate::write::html) column: usize,
    pub(in crate::write::html) label: String,
    pub(in crate::write::html) class: &'static str,
    /// What is told of it.
    pub(in crate::write::html) amount: Decimal,
}

/// Money between two nodes, by their places.
pub(in crate::write::html) struct Link {
    pub(in crate::write::html) from: usize,
    pub(in crate::write::html) to: usize,
    pub(in crate::write::html) class: &'static str,
    pub(in crate::write::html) amount: Decimal,
}

/// Nodes, by column, and the money between them.
#[derive(Default)]
pub(in crate::write::html) struct FlowMap {
    pub(in crate::write::html) headings: Vec<&'static str>,
    pub(in crate::write::html) nodes: Vec<Node>,
    pub(in crate::write::html) links: Vec<Link>,
}

const WIDTH: f64 = 1000.0;
const TOP: f64 = 34.0;
const GAP: f64 = 26.0;
const THICK: f64 = 12.0;
const LEAST: f64 = 1.5;
const ROOM: f64 = 300.0;
/// Where columns stand: little happens between the first two.
const X: [f64; 4] = [0.0, 210.0, 590.0, WIDTH - THICK];

struct Place {
    x: f64,
    y: f64,
    height: f64,
    /// How far links have come on either side.
    left: f64,
    right: f64,
}

/// The map.
pub(in crate::write::html) fn flow(about: &About<'_>, map: &FlowMap) -> String {
    let columns = map.headings.len();
    let amount_through = |node: usize| sides(map, node, |link| float(link.amount));
    let of_column =
        |column: usize| (0..map.nodes.len()).filter(move |node| map.nodes[*node].column == column);
    let sum = |column: usize| of_column(column).map(amount_through).sum::<f64>();
    let most = (0..columns).map(sum).fold(0.0, f64::max);
    let scale = if most > 0.0 { ROOM / most } else { 0.0 };
    let thick = |link: &Link| (float(link.amount) * scale).max(LEAST);
    let tall = |node: usize| sides(map, node, thick).max(LEAST);
    let heights: Vec<f64> =
        (0..columns).map(|c| of_column(c).map(|node| tall(node) + GAP).sum::<f64>()).collect();
    let height = TOP + heights.iter().copied().fold(60.0, f64::max);
    let begin = |tall: &f64| TOP + (height - TOP - tall) / 2.0 + GAP / 2.0;
    let mut next: Vec<f64> = heights.iter().map(begin).collect();
    let mut places: Vec<Place> = Vec::new();
    for (node, Node { column, .. }) in map.nodes.iter().enumerate() {
        let (y, height) = (next[*column], tall(node));
        next[*column] += height + GAP;
        places.push(Place { x: X[*column], y, height, left: y, right: y });
    }
    let mut svg = Svg::new(about, WIDTH, height);
    for (column, heading) in map.headings.iter().enumerate() {
        let is_last = column + 1 == columns;
        let (x, anchor) = if is_last { (WIDTH, Anchor::End) } else { (X[column], Anchor::Start) };
        svg.text("heading", (x, 14.0), anchor, heading);
    }
    for link in &map.links {
        let thick = thick(link);
        let (x1, y1) = (places[link.from].x + THICK, places[link.from].right);
        places[link.from].right += thick;
        let (x2, y2) = (places[link.to].x, places[link.to].left);
        places[link.to].left += thick;
        let names = format!("{} → {}", map.nodes[link.from].label, map.nodes[link.to].label);
        let told = about.told(&names, link.amount);
        svg.path(link.class, &ribbon((x1, y1), (x2, y2), thick), &told);
    }
    for (node, place) in map.nodes.iter().zip(&places) {
        let told = about.told(&node.label, node.amount);
        svg.rect(node.class, [place.x, place.y, THICK, place.height], &told);
        let is_last = node.column + 1 == columns;
        let (x, anchor) = if is_last {
            (place.x - 8.0, Anchor::End)
        } else {
            (place.x + THICK + 8.0, Anchor::Start)
        };
        let middle = place.y + place.height / 2.0;
        svg.text("name halo", (x, middle + 0.5), anchor, &short(&node.label, 26));
        svg.text("value halo", (x, middle + 13.5), anchor, &money(node.amount, about.digits));
    }
    svg.finish()
}

/// What goes through a node: the larger of what comes in and what goes out.
fn sides(map: &FlowMap, node: usize, size: impl Fn(&Link) -> f64) -> f64 {
    let side = |is: fn(&Link) -> usize| -> f64 {
        map.links.iter().filter(|link| is(link) == node).map(&size).sum()
    };
    side(|link| link.from).max(side(|link| link.to))
}

/// A band from one node to the next.
fn ribbon((x1, y1): (f64, f64), (x2, y2): (f64, f64), thick: f64) -> String {
    let middle = at(f64::midpoint(x1, x2));
    let [x1, x2] = [x1, x2].map(at);
    let [top1, top2, end1, end2] = [y1, y2, y1 + thick, y2 + thick].map(at);
    format!(
        "M{x1} {top1}C{middle} {top1} {middle} {top2} {x2} {top2}L{x2} {end2}\
         C{middle} {end2} {middle} {end1} {x1} {end1}Z"
    )
}
