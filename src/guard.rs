//! Code of others that panics where it should say an error.
//!
//! A panic is a bug and ends the program, also one in a crate. Some crates assert what a damaged
//! file or a full disk makes false; there, it is an error like any other.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// That a step panicked, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked(pub String);

/// Whether a panic in this thread would be an error, and nobody is to hear of a bug.
#[must_use]
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

/// Runs a step that may panic. Whatever it was doing must not be used afterwards.
///
/// # Errors
/// [`Panicked`].
pub fn guarded<T>(step: impl FnOnce() -> T) -> Result<T, Panicked> {
    let was_guarded = IS_GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(step));
    IS_GUARDED.set(was_guarded);
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Panicked(text.unwrap_or("no reason is told").to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_only_inside() {
        assert_eq!(guarded(|| 7), Ok(7));
        let message = guarded(|| -> u32 { panic!("at {}", 3) });
        assert_eq!(message, Err(Panicked("at 3".to_owned())));
        assert_eq!(guarded(is_guarded), Ok(true));
        assert!(!is_guarded());
    }
}
