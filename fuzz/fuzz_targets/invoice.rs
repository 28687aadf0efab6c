//! `invoice` of `tests/suite/fuzz/targets.rs`, for a fuzzer.
#![no_main]

#[path = "../../tests/suite/fuzz/targets.rs"]
#[allow(dead_code)]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::invoice(bytes));
