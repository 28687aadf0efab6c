//! Calls that fail when a test says so.
//!
//! Builds with debug assertions, which are those that tests run, ask the environment:
//! - `SHAREBILL_FAULT=KIND@N`: the N-th call, counted from 0 over the whole process, meets a fault
//!   of this kind; `KIND@N+`: and so does each that follows. A call that a kind makes no sense for
//!   goes on as usual.
//! - `SHAREBILL_CALLS=FILE`: each call that met a fault is appended as a line `N CALL PATH`; without
//!   `SHAREBILL_FAULT`, each call.
//! - `SHAREBILL_OLD_DISK=1`: nothing can take another's place in one step.
//! - `SHAREBILL_HELD=BYTES`: how much is held in memory where more would go to a scratch file.
//!
//! In a release build none of this exists.

/// What is asked of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Open,
    Create,
    Read,
    Write,
    Seek,
    Sync,
    /// What stands at a path, or how large it is.
    Look,
    List,
    MakeFolder,
    Rename,
    Remove,
}

#[cfg(debug_assertions)]
pub use planned::held;
#[cfg(debug_assertions)]
pub(super) use planned::{is_old, strike, transfer};
#[cfg(not(debug_assertions))]
pub use released::held;
#[cfg(not(debug_assertions))]
pub(super) use released::{is_old, strike, transfer};

#[cfg(not(debug_assertions))]
mod released {
    use std::io;
    use std::path::Path;

    use super::Call;

    #[inline(always)]
    pub(in crate::disk) fn strike(_: Call, _: &Path) -> io::Result<()> {
        Ok(())
    }

    #[inline(always)]
    pub(in crate::disk) fn transfer(_: Call, _: &Path, wanted: usize) -> io::Result<usize> {
        Ok(wanted)
    }

    #[inline(always)]
    pub(in crate::disk) fn is_old() -> bool {
        false
    }

    /// How much is held in memory before the rest goes to a scratch file.
    #[must_use]
    #[inline(always)]
    pub fn held(usual: usize) -> usize {
        usual
    }
}

#[cfg(debug_assertions)]
mod planned {
    use std::env;
    use std::fs::{File, OpenOptions};
    use std::io::{self, Write as _};
    use std::path::Path;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Mutex, OnceLock, PoisonError};

    use super::Call;

    /// What a call meets.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Fault {
        /// No room is left.
        Full,
        /// Somebody has taken the right away.
        Denied,
        /// What was there is not any more.
        Gone,
        /// The device fails.
        Device,
        /// Nobody reads any more.
        Pipe,
        /// A signal came between: the call is to be made again.
        Interrupted,
        /// One byte is moved, and not what was asked for.
        Short,
        /// A file ends before its end.
        End,
    }

    #[derive(Default)]
    struct Plan {
        fault: Option<(Fault, u64, bool)>,
        calls: Option<Mutex<File>>,
        held: Option<usize>,
        is_old: bool,
    }

    static PLAN: OnceLock<Plan> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(0);

    impl Fault {
        fn of(word: &str) -> Option<Fault> {
            Some(match word {
                "full" => Fault::Full,
                "denied" => Fault::Denied,
                "gone" => Fault::Gone,
                "device" => Fault::Device,
                "pipe" => Fault::Pipe,
                "interrupted" => Fault::Interrupted,
                "short" => Fault::Short,
                "end" => Fault::End,
                _ => return None,
            })
        }

        fn can_meet(self, call: Call) -> bool {
            let is_transfer = matches!(call, Call::Read | Call::Write);
            match self {
                Fault::Full => {
                    matches!(
                        call,
                        Call::Create | Call::Write | Call::Sync | Call::MakeFolder | Call::Rename
                    )
                }
                Fault::Denied | Fault::Gone => {
                    !is_transfer && !matches!(call, Call::Seek | Call::Sync)
                }
                Fault::Device => true,
                Fault::Pipe => call == Call::Write,
                Fault::Interrupted | Fault::Short => is_transfer,
                Fault::End => call == Call::Read,
            }
        }

        /// The system's own number, so that the error is the one that users meet.
        fn error(self) -> Option<io::Error> {
            Some(match self {
                Fault::Full => io::Error::from_raw_os_error(28),
                Fault::Denied => io::Error::from_raw_os_error(13),
                Fault::Gone => io::Error::from_raw_os_error(2),
                Fault::Device => io::Error::from_raw_os_error(5),
                Fault::Pipe => io::Error::from_raw_os_error(32),
                Fault::Interrupted => io::Error::from_raw_os_error(4),
                Fault::Short | Fault::End => return None,
            })
        }
    }

    impl Plan {
        fn of_environment() -> Plan {
            let text = |name: &str| env::var(name).ok();
            let fault = text("SHAREBILL_FAULT").and_then(|text| {
                let (kind, place) = text.split_once('@')?;
                let (place, goes_on) =
                    place.strip_suffix('+').map_or((place, false), |place| (place, true));
                Some((Fault::of(kind)?, place.parse().ok()?, goes_on))
            });
            let open = |path: String| OpenOptions::new().append(true).create(true).open(path).ok();
            Plan {
                fault,
                calls: text("SHAREBILL_CALLS").and_then(open).map(Mutex::new),
                held: text("SHAREBILL_HELD").and_then(|text| text.parse().ok()),
                is_old: text("SHAREBILL_OLD_DISK").is_some(),
            }
        }

        fn tell(&self, number: u64, call: Call, path: &Path) {
            if let Some(calls) = &self.calls {
                let line = format!("{number} {call:?} {}\n", path.display());
                let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = calls.write_all(line.as_bytes());
            }
        }
    }

    fn plan() -> &'static Plan {
        PLAN.get_or_init(Plan::of_environment)
    }

    /// What this call meets, if anything.
    fn meet(call: Call, path: &Path) -> Option<Fault> {
        let plan = plan();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let Some((fault, place, goes_on)) = plan.fault else {
            plan.tell(number, call, path);
            return None;
        };
        // A full disk is no full terminal.
        let is_stream = path.as_os_str().as_encoded_bytes().starts_with(b"<");
        let is_struck = number == place || (goes_on && number > place && !is_stream);
        if !is_struck || !fault.can_meet(call) {
            return None;
        }
        plan.tell(number, call, path);
        Some(fault)
    }

    pub(in crate::disk) fn strike(call: Call, path: &Path) -> io::Result<()> {
        match meet(call, path).and_then(Fault::error) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// How many of the wanted bytes are moved.
    pub(in crate::disk) fn transfer(call: Call, path: &Path, wanted: usize) -> io::Result<usize> {
        match meet(call, path) {
            None => Ok(wanted),
            Some(Fault::Short) => Ok(wanted.min(1)),
            Some(Fault::End) => Ok(0),
            Some(fault) => fault.error().map_or(Ok(wanted), Err),
        }
    }

    pub(in crate::disk) fn is_old() -> bool {
        plan().is_old
    }

    /// How much is held in memory before the rest goes to a scratch file.
    #[must_use]
    pub fn held(usual: usize) -> usize {
        plan().held.map_or(usual, |held| held.min(usual))
    }
}
