//! Tables of a conformance case, and those that any engine wrote: a header, and rows of any
//! columns.

use crate::conformance::Rows;

/// Reads a table; a byte order mark and either line end are taken.
///
/// # Errors
/// Why it is no table, in words.
pub fn read_rows(bytes: &[u8]) -> Result<Rows, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let columns = reader.headers().map(cells).map_err(|error| error.to_string())?;
    if columns.iter().all(String::is_empty) {
        return Err("it has no header".to_owned());
    }
    let rows = reader.records().map(|record| record.map(|record| cells(&record)));
    let rows = rows.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    Ok(Rows { columns, rows })
}

/// The sentence that a case's README begins with: its first line that says something, without the
/// marks of a heading.
#[must_use]
pub fn pinned(readme: &str) -> &str {
    let mut lines = readme.lines().map(|line| line.trim_start_matches('#').trim());
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_a_header_and_rows_of_as_many_cells() {
        let rows = read_rows(b"\xef\xbb\xbfa,b\r\n1,\"x,y\"\r\n").expect("a table");
        assert_eq!(rows.columns, ["a", "b"]);
        assert_eq!(rows.rows, [["1", "x,y"]]);
        assert!(read_rows(b"").is_err(), "nothing is no table");
        assert!(read_rows(b"a,b\n1\n").is_err(), "a cell is missing");
    }

    #[test]
    fn a_readme_begins_with_its_sentence() {
        assert_eq!(pinned("\n# P3: so and so\n\nMore."), "P3: so and so");
        assert_eq!(pinned(""), "");
    }
}
