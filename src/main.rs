//! Parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    sharebill::cli::run(std::env::args_os())
}
