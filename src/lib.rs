//! x
pub mod account;
pub mod bill;
pub mod book;
pub mod cli;
pub mod diagnostic;
pub mod event;
pub mod meter;
pub mod price;
pub mod read;
pub mod statement;
pub mod value;
pub mod world;
pub mod write;
