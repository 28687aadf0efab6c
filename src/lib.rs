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
pub mod statement;
pub mod bill;
pub mod write;
pub mod cli;
