//! A piece of an input to events: the short way for rows as nearly all are, the long way for rows
//! with quotes, odd characters, or mistakes. Both give the same.

use crate::event::{EventKind, Origin};
use crate::read::csv::{Record, Records};
use crate::read::events::{
    Cell, Cells, RowText, Unreadable, finding_on, json_object, read_into, read_row, unread,
};
use crate::read::feed::chunk::{Chunk, LONGEST_QUOTED};
use crate::read::feed::clock::Clock;
use crate::read::feed::known::{BatchNames, Cache, SharedNames};
use crate::read::feed::scan::{Scan, has_controls};
use crate::read::feed::{Layout, ReadBatch, TableLayout};
use crate::read::foreign::records::split;

/// How many rows a batch holds at most.
pub(super) const MOST_ROWS: u64 = 1 << 16;

/// How many bytes of rows a batch holds at most, but for one row that is longer.
const MOST_BYTES: usize = 1 << 30;

/// How long a piece may be that is scanned as a whole: the ends of its fields take four times as
/// much.
const MOST_PLAIN: usize = 32 << 20;

/// Reads pieces; one for each thread.
pub(super) struct Parser {
    cache: Cache,
    clock: Clock,
    scan: Scan,
    record: Record,
}

/// Where the rows of one piece go.
struct Sink<'a> {
    input: u32,
    cache: &'a mut Cache,
    batches: Vec<ReadBatch>,
    batch: ReadBatch,
    /// How many bytes of rows are in the batch.
    filled: usize,
}

impl Parser {
    pub(super) fn new(names: SharedNames) -> Parser {
        Parser {
            cache: Cache::new(names),
            clock: Clock::default(),
            scan: Scan::default(),
            record: Record::default(),
        }
    }

    /// Reads a piece of an input. The first batch uses the room of `batch`.
    pub(super) fn read(
        &mut self,
        layout: &Layout,
        input: u32,
        chunk: &Chunk,
        batch: ReadBatch,
    ) -> Vec<ReadBatch> {
        let Parser { cache, clock, scan, record } = self;
        let mut sink = Sink::new(input, cache, batch);
        match layout {
            Layout::Table(table) => {
                let text = plain_text(chunk, table.width, scan);
                match text {
                    Some(text) => read_plain(text, table, chunk, (scan, clock, record), &mut sink),
                    None => {
                        let bytes = &chunk.bytes[..chunk.length];
                        let rest = Records::resumed(bytes, chunk.line, LONGEST_QUOTED);
                        read_records(rest, bytes, chunk.offset, table, record, &mut sink);
                    }
                }
            }
            Layout::Json { unknown_keys_are_errors } => {
                read_objects(chunk, *unknown_keys_are_errors, &mut sink);
            }
        }
        sink.finish()
    }
}

/// The piece as a text without quotes and control characters, scanned; if it is one.
fn plain_text<'c>(chunk: &'c Chunk, width: usize, scan: &mut Scan) -> Option<&'c str> {
    if chunk.has_quotes || chunk.length > MOST_PLAIN {
        return None;
    }
    let bytes = &chunk.bytes[..chunk.length];
    let is_open = !bytes.is_empty() && !bytes.ends_with(b"\n");
    scan.run(bytes, chunk.lines + usize::from(is_open), width);
    if !scan.is_plain() && has_controls(bytes) {
        return None;
    }
    std::str::from_utf8(bytes).ok()
}

/// One row of a plain piece: its texts are cut out when they are asked for.
struct PlainRow<'a, E> {
    text: &'a str,
    start: usize,
    /// Where its fields are.
    fields: E,
    /// The end of its last field, without a carriage return.
    last_end: usize,
}

/// Any fields, by what a header says of them.
#[derive(Clone, Copy)]
struct Fields<'a> {
    /// For each column the field that holds it.
    places: &'a [usize; 14],
    /// The ends of the row's fields.
    ends: &'a [u32],
}

/// All columns in their usual order, as most logs have them: compilers then know where each is.
#[derive(Clone, Copy)]
struct UsualFields<'a> {
    ends: &'a [u32; 14],
}

/// Stands for a field that a row has not.
const ABSENT: usize = usize::MAX;

impl<E> PlainRow<'_, E> {
    /// The text of the field at a place, which is one of those that end there.
    #[inline]
    fn field(&self, place: usize, ends: &[u32]) -> &str {
        let start = if place == 0 { self.start } else { ends[place - 1] as usize + 1 };
        let is_last = place + 1 == ends.len();
        let end = if is_last { self.last_end } else { ends[place] as usize };
        &self.text[start..end]
    }
}

impl Cells for PlainRow<'_, Fields<'_>> {
    #[inline]
    fn cell(&self, cell: Cell) -> &str {
        let Fields { places, ends } = self.fields;
        let place = places[cell as usize];
        if place < ends.len() { self.field(place, ends) } else { "" }
    }
}

impl Cells for PlainRow<'_, UsualFields<'_>> {
    #[inline]
    fn cell(&self, cell: Cell) -> &str {
        self.field(cell as usize, self.fields.ends)
    }
}

fn read_plain(
    text: &str,
    table: &TableLayout,
    chunk: &Chunk,
    (scan, clock, record): (&Scan, &mut Clock, &mut Record),
    sink: &mut Sink<'_>,
) {
    let bytes = text.as_bytes();
    let places = std::array::from_fn(|column| table.places[column].unwrap_or(ABSENT));
    let is_usual = places == std::array::from_fn(|column| column);
    let ends = scan.ends();
    let mut start = 0;
    let mut first = 0;
    sink.batch.batch.events.reserve(scan.rows().len());
    for (line, &after) in (chunk.line..).zip(scan.rows()) {
        let after = after as usize;
        let end = ends[after - 1] as usize;
        let is_whole = after - first == table.width && {
            let returned = end > start && bytes[end - 1] == b'\r';
            let last_end = end - usize::from(returned);
            let ends = &ends[first..after];
            let origin = Origin { input: sink.input, line, record: chunk.offset + start as u64 };
            match ends.try_into() {
                Ok(ends) if is_usual => {
                    let fields = UsualFields { ends };
                    let row = PlainRow { text, start, fields, last_end };
                    sink.take_plain(&row, end - start, clock, origin)
                }
                _ => {
                    let fields = Fields { places: &places, ends };
                    let row = PlainRow { text, start, fields, last_end };
                    sink.take_plain(&row, end - start, clock, origin)
                }
            }
        };
        if !is_whole {
            let piece = &bytes[start..bytes.len().min(end + 1)];
            let rest = Records::resumed(piece, line, LONGEST_QUOTED);
            read_records(rest, piece, chunk.offset + start as u64, table, record, sink);
        }
        first = after;
        start = end + 1;
    }
}

/// Reads the rest of `bytes`, which begin at this offset of the input, the long way.
fn read_records(
    mut records: Records<'_>,
    bytes: &[u8],
    offset: u64,
    table: &TableLayout,
    record: &mut Record,
    sink: &mut Sink<'_>,
) {
    while records.read(record) {
        sink.make_room(record.span.len());
        let origin = Origin {
            input: sink.input,
            line: record.line,
            record: offset + record.span.start as u64,
        };
        let raw = || String::from_utf8_lossy(&bytes[record.span.clone()]).into_owned();
        if record.span.len() > MOST_BYTES {
            sink.refuse_giant(origin, &bytes[record.span.clone()]);
            continue;
        }
        match table.texts(record, bytes) {
            Ok(texts) => {
                let texts = std::array::from_fn(|column| texts[column].as_ref());
                sink.take(&RowText::from_columns(texts), origin, raw);
            }
            Err(why) => sink.refuse(origin, why, raw()),
        }
    }
}

fn read_objects(chunk: &Chunk, unknown_keys_are_errors: bool, sink: &mut Sink<'_>) {
    // Behind the end of the last piece stands what its end says: that an array is cut off.
    let is_last = chunk.length == chunk.bytes.len();
    let records = split(&chunk.bytes);
    let records = records.take_while(|record| record.offset < chunk.length || is_last);
    for record in records {
        sink.make_room(record.bytes.len());
        let line = chunk.line + record.line - 1;
        let offset = chunk.offset + record.offset as u64;
        let origin = Origin { input: sink.input, line, record: offset };
        let raw = || String::from_utf8_lossy(record.bytes).into_owned();
        if record.bytes.len() > MOST_BYTES {
            sink.refuse_giant(origin, record.bytes);
            continue;
        }
        match json_object(&record, unknown_keys_are_errors) {
            Ok(object) => sink.take(&object.row(), origin, raw),
            Err(why) => sink.refuse(origin, why, raw()),
        }
    }
}

/// Rows that were made of foreign records, with those records, as batches.
pub fn batches_of_rows<'a>(
    rows: impl Iterator<Item = (RowText<'a>, Origin, &'a str)>,
    names: &SharedNames,
) -> Vec<ReadBatch> {
    let mut cache = Cache::new(SharedNames::clone(names));
    let mut sink = Sink::new(0, &mut cache, ReadBatch::default());
    for (row, origin, record) in rows {
        sink.make_room(record.len());
        sink.take(&row, origin, || record.to_owned());
    }
    sink.finish()
}

impl<'a> Sink<'a> {
    fn new(input: u32, cache: &'a mut Cache, batch: ReadBatch) -> Sink<'a> {
        Sink { input, cache, batches: Vec::new(), batch, filled: 0 }
    }

    /// Takes a row the short way; `false` where it has to be taken the long way.
    fn take_plain(
        &mut self,
        row: &impl Cells,
        length: usize,
        clock: &mut Clock,
        origin: Origin,
    ) -> bool {
        let Some(time) = clock.read(row.cell(Cell::time).as_bytes()) else { return false };
        let Some(kind) = EventKind::parse(row.cell(Cell::event)) else { return false };
        self.make_room(length);
        let (mut names, events) = BatchNames::of(&mut self.batch.batch, self.cache);
        events.push(unread(time, origin));
        let Some(event) = events.last_mut() else { return false };
        if read_into(event, row, kind, None, &mut names).is_err() {
            events.pop();
            return false;
        }
        self.batch.rows += 1;
        true
    }

    /// Takes a row of texts.
    fn take(&mut self, text: &RowText<'_>, origin: Origin, raw: impl FnOnce() -> String) {
        let ReadBatch { batch, rows, unreadable } = &mut self.batch;
        *rows += 1;
        let (mut names, events) = BatchNames::of(batch, self.cache);
        match read_row(text, origin, &mut names) {
            Ok(event) => events.push(event),
            Err(why) => {
                let finding = finding_on(text, origin, why, |name| self.cache.account(name));
                unreadable.push(Unreadable { finding, raw: raw() });
            }
        }
    }

    /// Sets a row aside that could not even be split into its fields.
    fn refuse(&mut self, origin: Origin, why: String, raw: String) {
        self.batch.rows += 1;
        let account = |name: &str| self.cache.account(name);
        let finding = finding_on(&RowText::default(), origin, why, account);
        self.batch.unreadable.push(Unreadable { finding, raw });
    }

    /// Sets a row aside that is longer than a batch may be.
    fn refuse_giant(&mut self, origin: Origin, row: &[u8]) {
        let raw = String::from_utf8_lossy(&row[..row.len().min(1 << 10)]);
        self.refuse(origin, "the row is longer than 1 GiB".to_owned(), format!("{raw}…"));
    }

    /// Begins another batch where a row would be too many.
    fn make_room(&mut self, length: usize) {
        self.filled = self.filled.saturating_add(length);
        if self.batch.rows >= MOST_ROWS || (self.filled > MOST_BYTES && self.batch.rows > 0) {
            self.batches.push(std::mem::take(&mut self.batch));
            self.filled = length;
        }
    }

    fn finish(mut self) -> Vec<ReadBatch> {
        if self.batch.rows > 0 || self.batches.is_empty() {
            self.batches.push(self.batch);
        }
        self.batches
    }
}
