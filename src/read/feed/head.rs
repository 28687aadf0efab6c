//! The first bytes of an input: its header, and when it begins.

use std::io::{self, Read as _};

use crate::diagnostic::{Diagnostic, Source, has_errors};
use crate::event::Origin;
use crate::read::csv::{Record, Records};
use crate::read::events::{COLUMNS, RowText, empty_table, json_object, read_row};
use crate::read::feed::chunk::{LONGEST_QUOTED, end_of_first_record};
use crate::read::feed::known::NoNames;
use crate::read::feed::window::fields_of;
use crate::read::feed::{Layout, Stream, TableLayout};
use crate::read::foreign::records::split;
use crate::read::table::read_header;
use crate::read::text::utf8;
use crate::value::Instant;

/// How much of an input is looked at before it is read.
const LENGTH: usize = 1 << 20;

/// The first bytes of an input, at least its header.
#[derive(Debug, Clone)]
pub struct Head {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether they are the whole input.
    pub is_whole: bool,
}

impl Head {
    /// Reads the first bytes of an input.
    ///
    /// # Errors
    /// What the stream says.
    pub fn read(stream: &mut dyn Stream) -> io::Result<Head> {
        let mut head = Head { bytes: Vec::new(), is_whole: false };
        let mut wanted = LENGTH;
        loop {
            let read = stream.take(wanted as u64).read_to_end(&mut head.bytes)?;
            head.is_whole = read < wanted;
            let is_enough = head.is_whole || head.bytes.len() > 2 * LONGEST_QUOTED;
            if is_enough || end_of_first_record(&head.bytes).is_some() {
                return Ok(head);
            }
            wanted = head.bytes.len();
        }
    }

    /// Where the columns of a table are; what is wrong with its header goes to `diagnostics`.
    pub fn table(
        &self,
        name: &str,
        unknown_columns_are_errors: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<TableLayout> {
        let mut records = Records::new(&self.bytes);
        let mut record = Record::default();
        if !records.read(&mut record) {
            diagnostics.push(empty_table(name));
            return None;
        }
        let text = utf8(name, &self.bytes[..record.span.end]);
        let text = text.map_err(|diagnostic| diagnostics.push(diagnostic)).ok()?;
        let source = Source::whole(name, text);
        let header = read_header(&source, &record, &COLUMNS, unknown_columns_are_errors);
        let is_wrong = has_errors(&header.diagnostics);
        diagnostics.extend(header.diagnostics);
        (!is_wrong).then(|| TableLayout {
            places: std::array::from_fn(|column| header.places[column]),
            width: record.fields.len(),
            header: self.bytes[..records.position()].to_vec(),
            line: records.line(),
        })
    }

    /// The fields of the first record, if it can be split.
    #[must_use]
    pub fn fields(&self) -> Option<Vec<String>> {
        let mut record = Record::default();
        Records::new(&self.bytes).read(&mut record);
        fields_of(&record, &self.bytes)
    }

    /// The time of the first row that can be read, if there is one here.
    #[must_use]
    pub fn first_time(&self, layout: &Layout) -> Option<Instant> {
        let origin = Origin { input: 0, line: 0, record: 0 };
        let time = |row: &RowText<'_>| Some(read_row(row, origin, &mut NoNames).ok()?.time);
        match layout {
            Layout::Table(table) => {
                let bytes = &self.bytes[table.header.len()..];
                let mut records = Records::resumed(bytes, table.line, LONGEST_QUOTED);
                let mut record = Record::default();
                while records.read(&mut record) {
                    let texts = table.texts(&record, bytes);
                    let found = texts.ok().and_then(|texts| {
                        time(&RowText::from_columns(std::array::from_fn(|at| texts[at].as_ref())))
                    });
                    if found.is_some() {
                        return found;
                    }
                }
                None
            }
            Layout::Json { unknown_keys_are_errors } => split(&self.bytes)
                .filter_map(|record| json_object(&record, *unknown_keys_are_errors).ok())
                .find_map(|object| time(&object.row())),
        }
    }
}
