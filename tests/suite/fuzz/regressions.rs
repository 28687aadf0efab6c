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

/// The end of a log read piece by piece was not heard: a cut array was billed without a word.
#[test]
fn an_array_that_is_cut_off_is_told_in_pieces_and_whole() {
    let row = r#"{"time":"2016-03-01T00:00:00Z","event":"image.delete","resource":"i"}"#;
    for log in [format!("[{row},\n"), format!("[\n{row}"), format!("{row}\n[\n"), "[".to_owned()] {
        targets::event_json(log.as_bytes());
    }
}
