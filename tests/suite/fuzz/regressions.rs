//! What a fuzzer found, each with what it was.

use crate::fuzz::targets;

#[test]
fn targets_take_nothing_at_all() {
    for (_, target) in targets::ALL {
        target(b"");
        target(b"\n");
        target("\u{feff}".as_bytes());
    }
}
