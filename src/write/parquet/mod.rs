//! Tables as Parquet: native events, and the large tables of a bill's folder.
//!
//! The same rows are the same bytes: nothing here knows the time or the machine.

mod bill;
mod events;
mod focus;
mod lines;
mod rows;
mod table;

pub use bill::{AllocationRow, AllocationsWriter, ChargeRow, ChargesWriter, Scales};
pub use events::EventsWriter;
pub use focus::FocusParquet;
pub use lines::Lines;
pub use rows::{Part, TypedRows, TypedTables};
