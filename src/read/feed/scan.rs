//! Finds the ends of fields and rows in a piece of a table without quotes, many bytes at a time.

use memchr::memchr_iter;
use wide::{CmpEq, CmpLt, i8x16};

/// How many bytes are looked at together: one bit each in a word.
const BLOCK: usize = 64;
/// How many bytes a processor compares at once.
const LANE: usize = 16;

/// The ends of all fields of a piece; reused from piece to piece.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Where each field ends, at a comma or at a line's end; as much of it as `count` says.
    ends: Vec<u32>,
    count: usize,
    /// For each line how many fields there are up to its own end.
    rows: Vec<u32>,
    is_plain: bool,
}

impl Scan {
    /// Looks through a piece of less than 4 GiB, better much less, in whose `lines` most rows have so many fields. A
    /// last line without an end ends where the piece does.
    pub(super) fn run(&mut self, bytes: &[u8], lines: usize, width: usize) {
        self.find_ends(bytes);
        self.find_rows(bytes, lines, width);
    }

    /// Whether it was plain ASCII without control characters but for line feeds.
    pub(super) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Where each field ends.
    pub(super) fn ends(&self) -> &[u32] {
        &self.ends[..self.count]
    }

    /// For each line how many fields there are up to its own end.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    fn find_ends(&mut self, bytes: &[u8]) {
        self.count = 0;
        // Each byte may be one, places are taken eight at a time, and the last line may be open.
        let room = bytes.len() + 2 * BLOCK;
        if self.ends.len() < room {
            self.ends.resize(room, 0);
        }
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut odd = i8x16::default();
        let mut base = 0;
        for block in blocks {
            self.take(separators(block, &mut odd), base);
            base += BLOCK as u32;
        }
        let mut block = [b' '; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        self.take(separators(&block, &mut odd), base);
        self.is_plain = odd.none();
        if bytes.last().is_some_and(|last| *last != b'\n') {
            self.ends[self.count] = bytes.len() as u32;
            self.count += 1;
        }
    }

    /// Takes the fields' ends of one block.
    #[inline]
    fn take(&mut self, mut separators: u64, base: u32) {
        let count = separators.count_ones() as usize;
        let places = &mut self.ends[self.count..self.count + BLOCK];
        // Eight at a time, too many rather than one by one: how many there are is hard to foretell. The
        // last bit stands for none left, as processors do not count what is not there.
        for eight in places.chunks_exact_mut(8).take(count.div_ceil(8)) {
            for place in eight {
                *place = base.wrapping_add((separators | 1 << (BLOCK - 1)).trailing_zeros());
                separators &= separators.wrapping_sub(1);
            }
        }
        self.count += count;
    }

    fn find_rows(&mut self, bytes: &[u8], lines: usize, width: usize) {
        self.rows.clear();
        let ends = &self.ends[..self.count];
        let is_end = |end: &u32| bytes.get(*end as usize).is_none_or(|byte| *byte == b'\n');
        // Where every so-manyth field ends with a line, and there are no more lines, those are all.
        let is_even = ends.len() == lines * width
            && ends.iter().skip(width.wrapping_sub(1)).step_by(width.max(1)).all(is_end);
        if is_even {
            self.rows.extend((1..=lines).map(|row| (row * width) as u32));
            return;
        }
        let rows = ends.iter().zip(1..).filter(|(end, _)| is_end(end)).map(|(_, after)| after);
        self.rows.extend(rows);
    }
}

/// Which bytes of a block are a comma or a line feed, a bit for each. What is neither printable ASCII
/// nor a line feed leaves a mark in `odd`.
#[inline]
fn separators(block: &[u8; BLOCK], odd: &mut i8x16) -> u64 {
    let every = |byte: u8| i8x16::splat(byte as i8);
    let mut separators = 0;
    for (place, lane) in block.as_chunks::<LANE>().0.iter().enumerate() {
        let bytes: i8x16 = bytemuck::must_cast(*lane);
        let feeds = bytes.cmp_eq(every(b'\n'));
        let found = bytes.cmp_eq(every(b',')) | feeds;
        separators |= u64::from(found.move_mask() as u16) << (place * LANE);
        // Bytes from 0x80 on are negative here.
        *odd |= (bytes.cmp_lt(every(b' ')) & !feeds) | bytes.cmp_eq(every(0x7f));
    }
    separators
}

/// Whether there is a control character that is no part of a line's end.
pub(super) fn has_controls(bytes: &[u8]) -> bool {
    // No early end, so that compilers do this many bytes at a time.
    let (mut has_others, mut has_returns) = (false, false);
    for &byte in bytes {
        let is_control = (byte < 0x20) | (byte == 0x7f);
        has_others |= is_control & (byte != b'\n') & (byte != b'\r');
        has_returns |= byte == b'\r';
    }
    let ends_line = |at: usize| bytes.get(at + 1).is_none_or(|next| *next == b'\n');
    has_others || (has_returns && !memchr_iter(b'\r', bytes).all(ends_line))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, by the plainest code.
    fn plainly(bytes: &[u8]) -> (Vec<u32>, Vec<u32>, bool) {
        let (mut ends, mut rows, mut has_controls) = (Vec::new(), Vec::new(), false);
        for (place, byte) in bytes.iter().enumerate() {
            if matches!(byte, b',' | b'\n') {
                ends.push(place as u32);
            }
            if *byte == b'\n' {
                rows.push(ends.len() as u32);
            }
            let is_end = *byte == b'\n'
                || (*byte == b'\r' && matches!(bytes.get(place + 1), None | Some(b'\n')));
            has_controls |= (*byte < 0x20 || *byte == 0x7f) && !is_end;
        }
        if bytes.last().is_some_and(|last| *last != b'\n') {
            ends.push(bytes.len() as u32);
            rows.push(ends.len() as u32);
        }
        (ends, rows, has_controls)
    }

    fn check(bytes: &[u8]) {
        let (ends, rows, controls) = plainly(bytes);
        let mut scan = Scan::default();
        for width in [1, 2, 3] {
            scan.run(bytes, rows.len(), width);
            assert_eq!((scan.ends(), scan.rows()), (&ends[..], &rows[..]));
            let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
            assert_eq!(scan.is_plain(), bytes.iter().all(is_plain));
        }
        assert_eq!(has_controls(bytes), controls);
    }

    proptest! {
        #[test]
        fn scanning_finds_what_looking_at_each_byte_finds(
            odd in prop::collection::vec(prop::sample::select(&b",,\n\r\rab\x01\x7f\xff"[..]), 0..300),
            plain in prop::collection::vec(prop::sample::select(&b",,\nabcde"[..]), 0..300),
        ) {
            check(&odd);
            check(&plain);
            check(plain.repeat(4).as_slice());
        }

        #[test]
        fn rows_of_one_width_are_found(rows in 0_usize..90, width in 1_usize..4, whole in any::<bool>()) {
            let mut text = format!("{}\n", ["ab"; 3][..width].join(",")).repeat(rows);
            if !whole {
                text.pop();
            }
            check(text.as_bytes());
        }
    }
}
