//! A column of texts. Most pages only say which text of a dictionary each row has: those texts are
//! looked at once, and rows have their numbers.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor, Type};

use crate::read::events::has_control;
use crate::read::parquet::presence::{Presence, too_few};

/// How many rows are passed over at a time.
const SKIPPED: usize = 4096;

/// One column: the texts of the present slice of rows.
pub(super) struct TextColumn {
    pages: Box<dyn PageReader>,
    described: Descriptions,
    dictionary: Option<Dictionary>,
    /// The page that is being read, and how many of its rows are left.
    page: Option<PageValues>,
    left: usize,
    /// The numbers of the texts that are there: those of the dictionary first, then `others`.
    numbers: Vec<i32>,
    others: Vec<ByteArray>,
    /// For each row 1 if it has a text; where the column is optional.
    levels: Vec<i16>,
    rows: usize,
}

/// How pages are described to the decoder.
struct Descriptions {
    texts: ColumnDescPtr,
    /// The numbers of texts, with the same levels.
    numbers: ColumnDescPtr,
    /// The texts of a dictionary, which are all there.
    dictionary: ColumnDescPtr,
}

/// A page on its way.
enum PageValues {
    Numbers(ColumnReaderImpl<Int32Type>),
    Texts(ColumnReaderImpl<ByteArrayType>),
}

/// Texts, one behind the other.
struct Dictionary {
    all: Checked,
    ends: Vec<usize>,
    /// A page of their numbers, for the decoder.
    numbers: Page,
}

/// Whether they are all UTF-8 without control characters.
enum Checked {
    Clean(String),
    Raw(Vec<u8>),
}

impl TextColumn {
    pub(super) fn new(described: ColumnDescPtr, pages: Box<dyn PageReader>) -> Result<TextColumn> {
        Ok(TextColumn {
            pages,
            described: Descriptions::of(described)?,
            dictionary: None,
            page: None,
            left: 0,
            numbers: Vec::new(),
            others: Vec::new(),
            levels: Vec::new(),
            rows: 0,
        })
    }

    /// Decodes the next rows.
    pub(super) fn fill(&mut self, rows: usize) -> Result<()> {
        self.numbers.clear();
        self.others.clear();
        self.levels.clear();
        self.rows = 0;
        while self.rows < rows {
            if self.left == 0 && !self.next_page()? {
                return Err(too_few(rows, self.rows));
            }
            let count = self.left.min(rows - self.rows);
            let read = self.read(count)?;
            if read < count {
                return Err(too_few(rows, self.rows + read));
            }
            self.rows += count;
            self.left -= count;
        }
        Ok(())
    }

    /// Passes over the next rows.
    pub(super) fn skip(&mut self, rows: usize) -> Result<()> {
        let mut rest = rows;
        while rest > 0 {
            let count = rest.min(SKIPPED);
            self.fill(count)?;
            rest -= count;
        }
        Ok(())
    }

    /// Reads so many rows of the page, or as many as it has.
    fn read(&mut self, count: usize) -> Result<usize> {
        let levels = (self.described.texts.max_def_level() > 0).then_some(&mut self.levels);
        match &mut self.page {
            None => Ok(0),
            Some(PageValues::Numbers(reader)) => {
                Ok(reader.read_records(count, levels, None, &mut self.numbers)?.0)
            }
            Some(PageValues::Texts(reader)) => {
                let known = self.dictionary.as_ref().map_or(0, |dictionary| dictionary.ends.len());
                let before = known + self.others.len();
                let (read, ..) = reader.read_records(count, levels, None, &mut self.others)?;
                let end = known + self.others.len();
                self.numbers.extend((before..end).map(|number| number as i32));
                Ok(read)
            }
        }
    }

    /// Goes on to the next page that has rows, if there is one.
    fn next_page(&mut self) -> Result<bool> {
        while let Some(page) = self.pages.get_next_page()? {
            if let Page::DictionaryPage { buf, num_values, .. } = page {
                if self.dictionary.is_some() {
                    return Err(ParquetError::General("two dictionaries of a column".to_owned()));
                }
                let described = &self.described.dictionary;
                self.dictionary = Some(Dictionary::read(buf, num_values, described)?);
                continue;
            }
            // A column that does not nest has a value or a gap for each row.
            self.left = page.num_values() as usize;
            let of_dictionary =
                matches!(page.encoding(), Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
            self.page = Some(if of_dictionary {
                let numbers = self.dictionary.iter().map(|dictionary| dictionary.numbers.clone());
                let pages = Box::new(Pages(numbers.chain([page]).collect()));
                let described = Arc::clone(&self.described.numbers);
                PageValues::Numbers(ColumnReaderImpl::new(described, pages))
            } else {
                let pages = Box::new(Pages([page].into()));
                let described = Arc::clone(&self.described.texts);
                PageValues::Texts(ColumnReaderImpl::new(described, pages))
            });
            if self.left > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn presence(&self) -> Presence<'_> {
        Presence { values: self.numbers.len(), rows: self.rows, levels: &self.levels }
    }

    /// Whether any row of the slice has a text.
    pub(super) fn has_any(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// The text at a place.
    pub(super) fn bytes(&self, place: usize) -> &[u8] {
        let number = self.numbers[place] as usize;
        match &self.dictionary {
            Some(dictionary) if number < dictionary.ends.len() => dictionary.bytes(number),
            Some(dictionary) => self.others[number - dictionary.ends.len()].data(),
            None => self.others[number].data(),
        }
    }

    /// The texts of the slice; `None` where one may be none or have a control character.
    pub(super) fn clean_texts(&self) -> Option<Vec<&str>> {
        let others: Option<Vec<&str>> = self.others.iter().map(clean).collect();
        let others = others?;
        let Some(dictionary) = &self.dictionary else { return Some(others) };
        let Checked::Clean(all) = &dictionary.all else { return None };
        let text = |number: &i32| {
            let number = *number as usize;
            match number.checked_sub(dictionary.ends.len()) {
                None => &all[dictionary.range(number)],
                Some(place) => others[place],
            }
        };
        Some(self.numbers.iter().map(text).collect())
    }
}

/// A text without control characters.
fn clean(bytes: &ByteArray) -> Option<&str> {
    std::str::from_utf8(bytes.data()).ok().filter(|text| !has_control(text))
}

impl Descriptions {
    fn of(texts: ColumnDescPtr) -> Result<Descriptions> {
        let described = |kind: Physical, max_def_level: i16| {
            let primitive = Type::primitive_type_builder(texts.name(), kind).build()?;
            let path = texts.path().clone();
            let described = ColumnDescriptor::new(Arc::new(primitive), max_def_level, 0, path);
            Ok::<ColumnDescPtr, ParquetError>(Arc::new(described))
        };
        Ok(Descriptions {
            numbers: described(Physical::INT32, texts.max_def_level())?,
            dictionary: described(Physical::BYTE_ARRAY, 0)?,
            texts,
        })
    }
}

impl Dictionary {
    fn read(bytes: Bytes, count: u32, described: &ColumnDescPtr) -> Result<Dictionary> {
        // Room is made for as many as there are said to be. Each begins with a length.
        let most = bytes.len() / size_of::<u32>();
        if count as usize > most {
            return Err(too_few(count as usize, most));
        }
        let pages = Box::new(Pages([page_of(bytes, count)].into()));
        let mut reader = ColumnReaderImpl::<ByteArrayType>::new(Arc::clone(described), pages);
        let mut texts = Vec::new();
        let (read, ..) = reader.read_records(count as usize, None, None, &mut texts)?;
        if read < count as usize {
            return Err(too_few(count as usize, read));
        }
        let (mut all, mut ends) = (Vec::new(), Vec::with_capacity(read));
        for text in &texts {
            all.extend_from_slice(text.data());
            ends.push(all.len());
        }
        let is_clean = texts.iter().all(|text| clean(text).is_some());
        let all = match String::from_utf8(all) {
            Ok(all) if is_clean => Checked::Clean(all),
            Ok(all) => Checked::Raw(all.into_bytes()),
            Err(raw) => Checked::Raw(raw.into_bytes()),
        };
        let numbers: Vec<u8> = (0..count).flat_map(u32::to_le_bytes).collect();
        let numbers = Page::DictionaryPage {
            buf: numbers.into(),
            num_values: count,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        Ok(Dictionary { all, ends, numbers })
    }

    fn range(&self, number: usize) -> Range<usize> {
        number.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[number]
    }

    fn bytes(&self, number: usize) -> &[u8] {
        match &self.all {
            Checked::Clean(all) => &all.as_bytes()[self.range(number)],
            Checked::Raw(all) => &all[self.range(number)],
        }
    }
}

/// A page of texts one behind the other, with nothing absent.
fn page_of(bytes: Bytes, count: u32) -> Page {
    Page::DataPage {
        buf: bytes,
        num_values: count,
        encoding: Encoding::PLAIN,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    }
}

/// These pages and no more.
struct Pages(VecDeque<Page>);

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.0.pop_front().map(Ok)
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        Ok(self.0.pop_front())
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        Ok(None)
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.0.pop_front();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column of pages, where every row has a text.
    fn column(pages: Vec<Page>) -> TextColumn {
        let texts = Type::primitive_type_builder("event", Physical::BYTE_ARRAY).build().unwrap();
        let described = ColumnDescriptor::new(Arc::new(texts), 0, 0, vec![].into());
        TextColumn::new(Arc::new(described), Box::new(Pages(pages.into()))).unwrap()
    }

    fn bytes_of(texts: &[&str]) -> Bytes {
        let with_length = |text: &&str| {
            let length = (text.len() as u32).to_le_bytes();
            [&length, text.as_bytes()].concat()
        };
        texts.iter().flat_map(with_length).collect()
    }

    fn dictionary(texts: &[&str], num_values: u32) -> Page {
        let (buf, encoding) = (bytes_of(texts), Encoding::PLAIN);
        Page::DictionaryPage { buf, num_values, encoding, is_sorted: false }
    }

    #[test]
    fn a_slice_has_the_texts_of_all_pages_that_it_touches() {
        let plain = |texts: &[&str]| page_of(bytes_of(texts), texts.len() as u32);
        let mut column =
            column(vec![dictionary(&["not", "asked"], 2), plain(&["a", "b"]), plain(&["c", ""])]);
        column.fill(3).unwrap();
        assert_eq!(column.clean_texts(), Some(vec!["a", "b", "c"]));
        column.fill(1).unwrap();
        assert_eq!((column.clean_texts(), column.bytes(0)), (Some(vec![""]), &b""[..]));
        assert!(column.fill(1).is_err(), "there is no more");
    }

    #[test]
    fn a_dictionary_that_cannot_be_is_an_error() {
        let page = || page_of(bytes_of(&["a"]), 1);
        for pages in [
            vec![dictionary(&["a", "b"], u32::MAX), page()],
            vec![dictionary(&["a", "b"], 3), page()],
            vec![dictionary(&["a"], 1), dictionary(&["a"], 1), page()],
        ] {
            assert!(column(pages).fill(1).is_err());
        }
    }
}
