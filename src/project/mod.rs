//! What will be paid: usage is projected, then billed by the same engine as history.
//!
//! ```text
//! scenario -> plan -> events -> world … statements        the long way: one run, a log, a bill
//!                \-> usage -> charges -> quantiles         the short way: many runs
//! ```
//!
//! Both ways hear the same plan ([`plan::Tell`]) and price by [`crate::price`]; that they agree to
//! the cent is tested. What is drawn is drawn from streams of its own ([`luck`]).

pub mod attrition;
pub mod before;
pub mod estimate;
pub mod log;
pub mod luck;
pub mod outcome;
pub mod plan;
pub mod prices;
pub mod runs;
pub mod trend;
pub mod usage;
