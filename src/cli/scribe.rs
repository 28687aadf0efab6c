//! Says things: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, StripStream};

use crate::cli::allowance::Allowance;
use crate::cli::diagnostics::draw;
use crate::cli::stream::to_stdout;
use crate::cli::{Color, Global, MessageFormat, OutputFormat, Stopped};
use crate::diagnostic::{Diagnostic, MOST_TOLD, Severity};
use crate::disk;
use crate::write;
use crate::write::text::visible;

/// What is said, and how.
#[derive(Debug, Clone)]
pub(super) struct Scribe {
    global: Global,
}

impl Scribe {
    pub(super) fn new(global: &Global) -> Scribe {
        Scribe { global: global.clone() }
    }

    pub(super) fn is_json(&self) -> bool {
        self.global.format == OutputFormat::Json
    }

    /// How much of each input is read.
    pub(super) fn allowance(&self) -> Allowance {
        Allowance { most: self.global.max_input }
    }

    /// Whether only errors are to be told.
    pub(super) fn is_quiet(&self) -> bool {
        self.global.quiet
    }

    /// Whether progress may be shown: on a terminal, to people who want to hear.
    pub(super) fn shows_progress(&self) -> bool {
        !self.global.quiet && io::stderr().is_terminal()
    }

    /// Prints a result.
    pub(super) fn result(&self, text: &str) -> Result<(), Stopped> {
        let choice = self.choice(AutoStream::choice(&io::stdout()));
        let json = self.is_json().then(|| write::json::harmless(text));
        let text = json.as_deref().unwrap_or(text);
        to_stdout(&mut coloured(disk::stdout(), choice), text.as_bytes())
    }

    /// Prints a result that nobody needs who asked for quiet.
    pub(super) fn summary(&self, text: &str) -> Result<(), Stopped> {
        if self.global.quiet { Ok(()) } else { self.result(text) }
    }

    /// Tells what is being done, to those who asked.
    pub(super) fn detail(&self, text: &str) {
        if self.global.verbose {
            self.tell(&format!("{}\n", visible(text)));
        }
    }

    /// Tells something beside the result.
    pub(super) fn note(&self, text: &str) {
        if !self.global.quiet {
            self.tell(text);
        }
    }

    /// Tells what went wrong beside the result; also to those who asked for quiet.
    pub(super) fn problem(&self, text: &str) {
        self.tell(text);
    }

    /// Prints diagnostics; warnings only to those who did not ask for quiet.
    pub(super) fn diagnostics(&self, diagnostics: &[Diagnostic]) {
        let shown = diagnostics
            .iter()
            .filter(|diagnostic| !self.global.quiet || diagnostic.severity == Severity::Error);
        let is_short = self.global.message_format == MessageFormat::Short;
        for diagnostic in shown.clone().take(MOST_TOLD) {
            self.tell(&draw(diagnostic, is_short));
        }
        let more = shown.skip(MOST_TOLD).count();
        if more > 0 {
            self.tell(&format!("and {more} more like these\n"));
        }
    }

    fn tell(&self, text: &str) {
        let choice = self.choice(AutoStream::choice(&io::stderr()));
        let mut out = coloured(disk::stderr(), choice);
        // Where nobody can be told, nothing is left to do.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// What is asked for, or what the terminal takes.
    fn choice(&self, auto: ColorChoice) -> ColorChoice {
        match self.global.color {
            Color::Auto => auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }
}

/// A stream that takes colours, or drops them.
fn coloured(out: impl Write + 'static, choice: ColorChoice) -> Box<dyn Write> {
    match choice {
        ColorChoice::Never => Box::new(StripStream::new(Box::new(out) as Box<dyn Write>)),
        ColorChoice::Auto | ColorChoice::Always | ColorChoice::AlwaysAnsi => Box::new(out),
    }
}
