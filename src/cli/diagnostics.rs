//! Draws diagnostics: with an excerpt, or in one line.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::write::text::{is_harmful, visible};

/// The longest excerpt that is drawn: a line of 10 MB is no help to anybody.
const LONGEST_EXCERPT: usize = 2_000;

/// Draws one diagnostic, with colours that the terminal may drop.
pub(super) fn draw(diagnostic: &Diagnostic, is_short: bool) -> String {
    if is_short { short(diagnostic) } else { full(diagnostic) }
}

fn short(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = diagnostic.place.as_ref().map_or_else(String::new, |(place, _)| {
        format!("{}:{}:{}: ", visible(&place.source.name), place.line(), place.column())
    });
    let help =
        diagnostic.help.as_ref().map_or_else(String::new, |help| format!(" ({})", visible(help)));
    let message = visible(&diagnostic.message);
    format!("{place}{severity}[{}]: {message}{help}\n", diagnostic.code)
}

fn full(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = visible(&diagnostic.message);
    let title = level.primary_title(message.as_str()).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let excerpt = diagnostic.place.as_ref().map(|(place, label)| {
        let (text, start) = line_around(&place.source.text, place.span.start);
        // What is marked may lie in the line's end, which is not drawn.
        let limit = start + text.len();
        let span = place.span.start.min(limit) - start..place.span.end.min(limit) - start;
        let span = span.start..span.end.max(span.start);
        (shown(text), visible(&place.source.name), place.line(), span, visible(label))
    });
    if let Some((text, path, line, span, label)) = &excerpt {
        let line = usize::try_from(*line).unwrap_or(usize::MAX);
        let annotation = AnnotationKind::Primary.span(span.clone()).label(label.as_str());
        let snippet = Snippet::source(text.as_str())
            .line_start(line)
            .path(path.as_str())
            .annotation(annotation);
        group = group.element(snippet);
    }
    let help = diagnostic.help.as_deref().map(visible);
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    format!("{}\n\n", Renderer::styled().render(&[group]))
}

/// The line that a byte is on, and where it starts. A byte order mark is part of no line.
fn line_around(text: &str, at: usize) -> (&str, usize) {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let start = text[..at].rfind('\n').map_or(mark.min(at), |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let mut end = end.min(start + LONGEST_EXCERPT).max(at);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (text[start..end].trim_end_matches('\r'), start)
}

/// An excerpt with control characters replaced, each by one of the same width in bytes, so that
/// places stay where they are.
fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let is_replaced = is_harmful(character) && character != '\t';
            let count = if is_replaced { character.len_utf8() } else { 1 };
            std::iter::repeat_n(if is_replaced { '?' } else { character }, count)
        })
        .collect()
}
