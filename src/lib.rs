//! x
pub mod value;
pub mod event;
pub mod account;
pub mod book;
pub mod diagnostic;
pub mod read;
pub mod world;
pub mod meter;
pub mod price;
