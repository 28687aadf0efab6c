//! Native events as Parquet, whole and in memory.

use bytes::Bytes;

use crate::read::events::{EventRows, Input, Reader, RowText, Unreadable, finding_on};
use crate::read::parquet::ParquetLog;
use crate::value::Names;

/// Reads a native Parquet log.
pub fn read_parquet(
    input: Input<'_>,
    unknown_columns_are_errors: bool,
    names: &mut Names,
    rows: &mut EventRows,
) {
    let bytes = Bytes::copy_from_slice(input.bytes);
    let log = match ParquetLog::open(bytes, input.name, unknown_columns_are_errors) {
        Ok(log) => log,
        Err(diagnostics) => return rows.diagnostics.extend(diagnostics),
    };
    rows.diagnostics.extend(log.warnings().iter().cloned());
    for group in 0..log.row_group_count() {
        let mut refused = Vec::new();
        let mut reader = Reader { input, names: &mut *names, rows: &mut *rows };
        let mut events = Vec::new();
        let read = log.read_group(input.index, group, reader.names, |origin, row| match row {
            Ok(event) => events.push(event),
            Err((text, why)) => refused.push((origin, text.to_columns().map(str::to_owned), why)),
        });
        for _ in 0..events.len() + refused.len() {
            reader.count();
        }
        rows.events.append(&mut events);
        for (origin, texts, why) in refused {
            let text = RowText::from_columns(std::array::from_fn(|column| texts[column].as_str()));
            let finding = finding_on(&text, origin, why, |name| names.accounts.intern(name));
            rows.unreadable.push(Unreadable { finding, raw: texts.join(",") });
        }
        if let Err(diagnostic) = read {
            return rows.diagnostics.push(diagnostic);
        }
    }
}
