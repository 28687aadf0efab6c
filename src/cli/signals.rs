//! What happens when the program is told to stop.

/// Watches for signals from here on.
#[cfg(unix)]
pub(super) fn watch() {
    unix::watch();
}

/// Systems without signals end the program as they do.
#[cfg(not(unix))]
pub(super) fn watch() {}

#[cfg(unix)]
mod unix {
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::process;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use signal_hook::{flag, low_level};

    use crate::cli::output::clear;
    use crate::disk;
    use crate::write::text::visible;

    pub(super) fn watch() {
        // A file that grows past a limit is an error like a full disk, not the end.
        let _ = flag::register(SIGXFSZ, Arc::default());
        let ignored = ignored();
        let is_stopping = Arc::new(AtomicBool::new(false));
        let mut watched = Vec::new();
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            // `nohup` and shells that put a job aside have said that it does not matter.
            if ignored & (1 << (signal - 1)) != 0 {
                continue;
            }
            // The second one ends the program at once.
            let _ = flag::register_conditional_default(signal, Arc::clone(&is_stopping));
            watched.push(signal);
        }
        let Ok(mut signals) = Signals::new(watched) else { return };
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                is_stopping.store(true, Ordering::SeqCst);
                stop(signal);
            }
        });
    }

    /// The signals that the program was started to ignore, a bit each.
    fn ignored() -> u64 {
        let status = disk::read("/proc/self/status").unwrap_or_default();
        let status = String::from_utf8_lossy(&status);
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }

    /// Removes what is in the making, says so, and ends as the signal would have.
    #[expect(clippy::exit, reason = "a program that was told to stop stops")]
    fn stop(signal: i32) -> ! {
        let name = low_level::signal_name(signal).unwrap_or("a signal");
        let mut said = format!("error: stopped by {name}");
        for (number, (target, left)) in clear().into_iter().enumerate() {
            let target = visible(&target.display().to_string());
            let sign = if number == 0 { ":" } else { "," };
            let _ = write!(said, "{sign} `{target}` was not written");
            if let Some(left) = left {
                let left = visible(&left.display().to_string());
                let _ = write!(said, " (what is left is `{left}`; the next run removes it)");
            }
        }
        said.push('\n');
        let _ = disk::stderr().write_all(said.as_bytes());
        // Whoever waits for the program is to see the signal: a script then stops as well.
        let _ = low_level::emulate_default_handler(signal);
        process::exit(128 + signal)
    }
}
