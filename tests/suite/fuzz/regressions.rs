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

/// What in an answer of Rackspace's is no entry, or an answer without any, was in no row of the table.
#[test]
fn an_answer_without_entries_has_a_fate() {
    for answer in [
        r#"{"delete": 0}"#,
        r#"{"launches": []}"#,
        r#"{"launches": [5, "x", null]}"#,
        r#"{"feed": {}}"#,
        r#"{"feed": {"entry": []}}"#,
        r#"{"entry": {"content": {"event": 7}}}"#,
        r#"{"entry": {"content": {"events": {"event": [7, []]}}}}"#,
        r#"{"event_type": "image.exists", "payload": {"images": []}}"#,
        r#"{"event_type": "image.exists", "payload": {"images": [1]}}"#,
    ] {
        targets::foreign(answer.as_bytes());
        targets::foreign(format!("[{answer}, {answer}]").as_bytes());
    }
}
