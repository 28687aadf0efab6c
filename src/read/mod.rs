//! Text to checked values, with positions.
//!
//! Readers get bytes and give back values and diagnostics; opening files belongs to
//! [`crate::cli`].

pub mod accounts;
pub mod book;
pub mod cloudtrail;
pub mod conformance;
pub mod csv;
pub mod events;
pub mod feed;
pub mod foreign;
pub mod hashmap;
pub mod invoice;
pub mod ledger_map;
pub mod long;
pub mod openstack;
pub mod parquet;
pub mod run;
pub mod scenario;
pub mod series;
pub mod table;
pub mod text;
mod toml;
