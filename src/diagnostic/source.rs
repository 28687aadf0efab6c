//! Texts that diagnostics point into.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use memchr::memchr_iter;

/// A text with the name that its readers know it by.
#[derive(Debug)]
pub struct Source {
    /// The file's path as the user gave it.
    pub name: String,
    /// All of it, or the part that can be pointed at.
    pub text: String,
    /// The line number of the text's first line.
    pub first_line: u64,
    /// Where its lines end. Found once: a file of a million rows may have a million mistakes.
    line_ends: OnceLock<Vec<usize>>,
}

/// A range of a text.
#[derive(Debug, Clone)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The bytes of it that are meant.
    pub span: Range<usize>,
}

impl Source {
    /// A whole file's text.
    #[must_use]
    pub fn whole(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        Source::part(name, text, 1)
    }

    /// A part of a file, whose first line has this number.
    #[must_use]
    pub fn part(name: impl Into<String>, text: impl Into<String>, first_line: u64) -> Arc<Source> {
        let (name, text) = (name.into(), text.into());
        Arc::new(Source { name, text, first_line, line_ends: OnceLock::new() })
    }

    /// A place in it. A span that does not fit is cut to the text.
    #[must_use]
    pub fn place(self: &Arc<Self>, span: Range<usize>) -> Place {
        let fit = |mut at: usize| {
            at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = fit(span.start);
        Place { source: Arc::clone(self), span: start..fit(span.end).max(start) }
    }
}

impl Place {
    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        let text = self.source.text.as_bytes();
        let ends = self.source.line_ends.get_or_init(|| memchr_iter(b'\n', text).collect());
        self.source.first_line + ends.partition_point(|end| *end < self.span.start) as u64
    }

    /// The column, in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        let before = &self.source.text[..self.span.start];
        let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
        line.trim_start_matches('\u{feff}').chars().count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let source = Source::whole("f", "é,b\ncd,e\n");
        let at = |start| {
            let place = source.place(start..start + 1);
            (place.line(), place.column())
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (1, 3));
        assert_eq!(at(5), (2, 1));
        assert_eq!(at(8), (2, 4));
        assert_eq!(source.place(1..90).span, 0..10);
    }
}
