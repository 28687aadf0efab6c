//! Columns of files of other writers: found by name as in CSV, and refused with what to do where
//! their types do not fit.

use bytes::Bytes;
use sharebill::diagnostic::Diagnostic;
use sharebill::read::parquet::ParquetLog;

use crate::parquet::{Values, file, objects};

/// What opening a file complains about.
fn refused(bytes: &[u8]) -> Vec<Diagnostic> {
    match ParquetLog::open(Bytes::copy_from_slice(bytes), "e.parquet", true) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics,
    }
}

fn messages(diagnostics: &[Diagnostic]) -> Vec<String> {
    let help = |diagnostic: &Diagnostic| diagnostic.help.clone().unwrap_or_default();
    diagnostics.iter().map(|d| format!("{}: {} ({})", d.code, d.message, help(d))).collect()
}

#[test]
fn columns_of_other_types_are_refused_with_what_to_do() {
    let times = || Values::Longs(vec![Some(0)]);
    let sizes = || Values::Longs(vec![Some(5)]);
    let local = "int64 time (TIMESTAMP(MICROS,false))";
    let local = messages(&refused(&objects(local, times(), "int64 bytes", sizes(), 1)));
    assert_eq!(local.len(), 1);
    assert!(local[0].starts_with("C07: column `time` is a local timestamp"), "{}", local[0]);
    assert!(local[0].contains("time AT TIME ZONE 'UTC'"), "{}", local[0]);

    // Two mistakes are two diagnostics.
    let double = Values::Doubles(vec![Some(5.0)]);
    let both = messages(&refused(&objects("int64 time", times(), "double bytes", double, 1)));
    assert_eq!(
        both,
        [
            "C07: column `time` is INT64, not a time (write it as a TIMESTAMP in UTC, or as a \
             string in RFC 3339)",
            "C07: column `bytes` is DOUBLE, not an integer (write it as whole numbers: CAST(bytes \
             AS BIGINT), in pandas astype(\"Int64\"))",
        ]
    );
    // The statistics say that no row has a flavor: then its type does not matter.
    let text = || Values::Texts(vec![Some("x")]);
    let (region, flavor) = (Values::Ints(vec![Some(1)]), Values::Doubles(vec![None]));
    let nested = file(
        "optional binary event (UTF8); optional binary account (UTF8); optional int32 region;
         optional double flavor; optional binary resource (UTF8);
         optional int64 time (TIMESTAMP_MICROS); optional int64 bytes;
         optional group labels { required binary word (UTF8); }",
        &[vec![text(), text(), region, flavor, text(), times(), sizes(), text()]],
    );
    assert_eq!(
        messages(&refused(&nested)),
        [
            "C07: column `region` is INT32, not a string (write it as a string: CAST(region AS \
             VARCHAR))",
            "C07: column `labels` is nested: a list, a map or a struct (write it as a string with \
             `;` between the words)",
        ]
    );
}

#[test]
fn columns_are_found_by_name_as_in_csv() {
    let bytes = file(
        "optional binary evnt (UTF8); optional binary account (UTF8);
         optional int64 time (TIMESTAMP_MICROS); optional binary colour (UTF8);",
        &[],
    );
    let said = messages(&refused(&bytes));
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(said[0], "C02: unknown column `evnt` (did you mean `event`?)");
    assert!(said[1].starts_with("C02: unknown column `colour`"), "{}", said[1]);
    assert!(
        said[2]
            .starts_with("C03: columns `region`, `resource`, `bytes` are missing in `e.parquet`"),
        "{}",
        said[2]
    );
    let strange = file("optional int64 a; optional int64 b;", &[]);
    assert!(messages(&refused(&strange))[0].starts_with("C03: `e.parquet` has no column"));

    // A column of our own, in quotes even, can be passed over.
    let sizes = Values::Longs(vec![Some(5)]);
    let times = Values::Longs(vec![Some(0)]);
    let own = objects("int64 time (TIMESTAMP_MICROS)", times, "int64 bytes", sizes, 1);
    assert_eq!(said_of_own(&own), 0);
    let own = file(
        "optional int64 bytes; optional group own { optional int64 x; optional int64 y; }
         optional int64 time (TIMESTAMP_MICROS); optional binary event (UTF8);
         optional binary account (UTF8); optional binary region (UTF8);
         optional binary resource (UTF8);",
        &[],
    );
    assert_eq!(messages(&refused(&own)).len(), 1);
    assert_eq!(said_of_own(&own), 1);
}

/// How many warnings there are where unknown columns are passed over.
fn said_of_own(bytes: &[u8]) -> usize {
    let log = ParquetLog::open(Bytes::copy_from_slice(bytes), "e.parquet", false).expect("a log");
    log.warnings().len()
}
