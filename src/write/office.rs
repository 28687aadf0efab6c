//! CSV for spreadsheet programs: with a byte order mark and CRLF, and no cell that is more than what
//! it shows.
//!
//! A spreadsheet runs a text that begins with `=`, `+`, `-`, `@` or a tab as a formula, and makes a
//! number of an id like `007` or `1e5`. Such texts get an apostrophe before them, as people write it
//! themselves. Files for programs stay as they are.

use std::io::{self, Read, Write};

use csv::{ReaderBuilder, Terminator, WriterBuilder};

use crate::value::parse_decimal;

/// Columns whose texts are ids: never numbers, whatever they look like.
const IDS: [&str; 9] = [
    "account",
    "consumer",
    "image",
    "member",
    "producer",
    "region",
    "resource",
    "scenario",
    "source_image",
];

/// Writes a table of a run's folder for a spreadsheet.
///
/// # Errors
/// What `input` and `out` give, and where `input` is no CSV.
pub fn table<W: Write>(input: impl Read, mut out: W) -> io::Result<W> {
    out.write_all(b"\xef\xbb\xbf")?;
    let mut rows = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
    let mut table =
        WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer(out);
    let mut is_id = Vec::new();
    let mut row = csv::StringRecord::new();
    let mut is_header = true;
    while rows.read_record(&mut row)? {
        if is_header {
            is_id = row.iter().map(|name| IDS.contains(&name)).collect();
            is_header = false;
        }
        for (place, cell) in row.iter().enumerate() {
            if is_guarded(cell, is_id.get(place).copied().unwrap_or(false)) {
                table.write_field(format!("'{cell}"))?;
            } else {
                table.write_field(cell)?;
            }
        }
        table.write_record(None::<&[u8]>)?;
    }
    table.into_inner().map_err(|error| error.into_error())
}

/// Whether a cell would be taken for something else than its text.
fn is_guarded(cell: &str, is_id: bool) -> bool {
    let is_number = parse_decimal(cell).is_ok();
    let first = cell.trim_start_matches([' ', '\u{a0}']).chars().next();
    let runs = |first: char| "=+-@\t\r\n|＝＋－＠".contains(first);
    if is_id {
        let counts = |c: char| c.is_ascii_digit() || "+-.,eE:/ ".contains(c);
        let looks_counted = cell.contains(|c: char| c.is_ascii_digit()) && cell.chars().all(counts);
        return looks_counted || first.is_some_and(runs);
    }
    !is_number && first.is_some_and(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        String::from_utf8(table(text.as_bytes(), Vec::new()).unwrap()).unwrap()
    }

    #[test]
    fn nothing_is_run_and_numbers_stay_numbers() {
        let rows = "account,amount,message\n\
                    =cmd|' /C calc'!A0,-12.50,-x\n\
                    007,1,+1+2\n\
                    -5,0.10,@x\n\
                    \"a\n\"\"b\",2,\"\t=x\"\n\
                    acme,3,a-b=c\n";
        assert_eq!(
            written(rows),
            "\u{feff}account,amount,message\r\n\
             '=cmd|' /C calc'!A0,-12.50,'-x\r\n\
             '007,1,'+1+2\r\n\
             '-5,0.10,'@x\r\n\
             \"a\n\"\"b\",2,'\t=x\r\n\
             acme,3,a-b=c\r\n"
        );
    }

    #[test]
    fn ids_that_a_spreadsheet_would_count_are_texts() {
        for id in ["1e5", "2016-03-01", "00", "1,5", "3/4"] {
            assert!(is_guarded(id, true), "{id}");
        }
        for id in ["acme", "i-1", "1a", "DFW"] {
            assert!(!is_guarded(id, true), "{id}");
        }
    }
}
