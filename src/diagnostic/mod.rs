//! What is wrong with an input, as a plain value: code, place, one sentence, and what to do.
//!
//! Drawing it on a terminal belongs to [`crate::cli`].

mod code;
mod nearest;
mod source;

pub use code::Code;
pub use nearest::nearest;
pub use source::{Place, Source};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be computed with this.
    Error,
    /// It can, but is probably not meant.
    Warning,
}

/// One mistake in an input.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Which kind of mistake.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One short sentence.
    pub message: String,
    /// Where, and what to write beside the marked text.
    pub place: Option<(Place, String)>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error that has no place in a file.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: None,
            help: None,
        }
    }

    /// A warning that has no place in a file.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message) }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(self, place: Place, label: impl Into<String>) -> Diagnostic {
        Diagnostic { place: Some((place, label.into())), ..self }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Diagnostic {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// The same, with the nearest known word, or all of them where there are few.
    #[must_use]
    pub fn did_you_mean<'a>(
        self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Diagnostic {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(word, known.iter().copied()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if known.is_empty() || known.len() > 20 => self,
            None => self.help(format!("known: {}", known.join(", "))),
        }
    }
}

/// How many mistakes of a run are told, of a million; the rest is counted.
pub const MOST_TOLD: usize = 1_000;

/// Whether any of them is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
