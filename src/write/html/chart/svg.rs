//! A little SVG: shapes with classes, and what is said about them.

use std::fmt::Write as _;

use crate::write::html::chart::About;
use crate::write::html::markup::escaped;

/// A picture in the making.
pub(super) struct Svg {
    out: String,
}

/// Where a text stands beside its point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn attribute(self) -> &'static str {
        match self {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        }
    }
}

/// A coordinate with one decimal, and none where it is whole.
pub(super) fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

impl Svg {
    /// Begins a picture; one that is wider than the screen scrolls, so that its texts stay legible.
    pub(super) fn new(about: &About<'_>, width: f64, height: f64) -> Svg {
        let mut svg = Svg { out: String::new() };
        let (id, title) = (about.id, escaped(about.title));
        let _ = writeln!(
            svg.out,
            "<div class=\"chart\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\
             <svg viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" \
             aria-labelledby=\"{id}-t {id}-d\">\n<title id=\"{id}-t\">{title}</title>\
             <desc id=\"{id}-d\">{}</desc>",
            escaped(about.description),
            w = at(width),
            h = at(height),
        );
        svg
    }

    /// A rectangle; `told` is what is said on hover.
    pub(super) fn rect(&mut self, class: &str, place: [f64; 4], told: &str) {
        let [x, y, width, height] = place.map(|value| at(value.max(0.0)));
        let _ = write!(
            self.out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""
        );
        self.close("rect", told);
    }

    /// A path.
    pub(super) fn path(&mut self, class: &str, path: &str, told: &str) {
        let _ = write!(self.out, "<path class=\"{class}\" d=\"{path}\"");
        self.close("path", told);
    }

    /// A circle.
    pub(super) fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64, told: &str) {
        let [x, y, radius] = [x, y, radius].map(at);
        let _ = write!(self.out, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
        self.close("circle", told);
    }

    /// A line.
    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(at);
        let _ = writeln!(
            self.out,
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"
        );
    }

    /// A text.
    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let _ = writeln!(
            self.out,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\"{}>{}</text>",
            at(x),
            at(y),
            anchor.attribute(),
            escaped(text)
        );
    }

    fn close(&mut self, tag: &str, told: &str) {
        let _ = if told.is_empty() {
            writeln!(self.out, "/>")
        } else {
            writeln!(self.out, "><title>{}</title></{tag}>", escaped(told))
        };
    }

    /// The finished picture.
    pub(super) fn finish(mut self) -> String {
        self.out.push_str("</svg></div>\n");
        self.out
    }
}

/// The path of a polygon or line through points.
pub(super) fn through(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (x, y) in points {
        let letter = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{} {}", at(x), at(y));
    }
    path
}
