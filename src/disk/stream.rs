//! The three streams that a program is started with.

use std::io::{self, Read, Write};
use std::path::Path;

use crate::disk::fault::{Call, transfer};

/// Standard input.
#[derive(Debug)]
pub struct Stdin(io::Stdin);

/// Standard output.
#[derive(Debug)]
pub struct Stdout(io::Stdout);

/// Standard error.
#[derive(Debug)]
pub struct Stderr(io::Stderr);

/// Standard input.
#[must_use]
pub fn stdin() -> Stdin {
    Stdin(io::stdin())
}

/// Standard output.
#[must_use]
pub fn stdout() -> Stdout {
    Stdout(io::stdout())
}

/// Standard error.
#[must_use]
pub fn stderr() -> Stderr {
    Stderr(io::stderr())
}

impl Read for Stdin {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = transfer(Call::Read, Path::new("<stdin>"), out.len())?;
        self.0.read(&mut out[..length])
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = transfer(Call::Write, Path::new("<stdout>"), bytes.len())?;
        self.0.write(&bytes[..length])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = transfer(Call::Write, Path::new("<stderr>"), bytes.len())?;
        self.0.write(&bytes[..length])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
