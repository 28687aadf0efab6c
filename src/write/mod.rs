//! Finished values to bytes. Each writer walks one finished value, and none knows another.

pub mod advise;
pub mod book;
pub mod compare;
pub mod conformance;
pub mod convert;
pub mod csv;
pub mod estimate;
pub mod events;
pub mod explain;
mod field;
pub mod focus;
pub mod forecast;
pub mod generated;
pub mod hashmap;
pub mod html;
pub mod journal;
pub mod json;
pub mod office;
pub mod parquet;
pub mod prices;
pub mod projection;
pub mod reconcile;
pub mod report;
pub mod summary;
pub mod tables;
pub mod text;
pub mod xlsx;

pub use report::{InputReport, RejectedRow, Report};
pub use summary::Summary;
