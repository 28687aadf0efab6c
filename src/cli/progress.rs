//! Progress on long work, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::scribe::Scribe;
use crate::write::text::visible;

/// A bar that counts bytes, or nothing at all.
pub(super) fn bytes(scribe: &Scribe, what: &str, size: u64) -> ProgressBar {
    if !scribe.shows_progress() || size < (1 << 20) {
        return ProgressBar::hidden();
    }
    let template = "{msg:20} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar());
    ProgressBar::new(size).with_style(style).with_message(visible(what))
}

/// A turning sign for a stage whose length nobody knows, or nothing at all.
pub(super) fn stage(scribe: &Scribe, what: &str, rows: u64) -> ProgressBar {
    if !scribe.shows_progress() || rows < 100_000 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    bar
}
