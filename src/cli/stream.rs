//! Standard output.

use std::io::{self, Write};

use crate::cli::Stopped;
use crate::diagnostic::{Code, Diagnostic};

/// Writes to standard output.
pub(super) fn to_stdout(out: &mut impl Write, bytes: &[u8]) -> Result<(), Stopped> {
    printed(out.write_all(bytes).and_then(|()| out.flush()))
}

/// What printing came to.
pub(super) fn printed(outcome: io::Result<()>) -> Result<(), Stopped> {
    match outcome {
        Ok(()) => Ok(()),
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            let message = format!("cannot write to standard output: {error}");
            Err(vec![Diagnostic::error(Code::FileUnwritable, message)])
        }
    }
}
