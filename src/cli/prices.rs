//! x
use crate::cli::scribe::Scribe;
use crate::cli::{Exit, Stopped};
use clap::Args;
/// Price books
#[derive(Debug, Args)]
pub(super) struct Prices {}
impl Prices {
    pub(super) fn run(&self, _: &Scribe) -> Result<Exit, Stopped> {
        Ok(Exit::Done)
    }
}
