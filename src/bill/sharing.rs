//! The rows of `sharing.csv`, of which there may be millions: put in order some at a time, and
//! together from disk.

use std::iter::Peekable;

use rustc_hash::FxHashSet;

use crate::disk;
use crate::meter::Context;
use crate::scratch::{Merge, Order, Runs, Scratch, ScratchError};
use crate::statement::{Images, Moved, SHARING_WORDS, SharingRow};
use crate::value::{AccountId, Cycle, Instant};

/// A row as numbers, with the place of its image among all images, which are in the order of rows.
type Words = [u32; SHARING_WORDS];

/// Rows in the making.
#[derive(Debug)]
pub(super) struct Gathering<'a> {
    images: &'a Images,
    /// How many rows are held at most.
    room: usize,
    held: Vec<Words>,
    /// What is not held any more.
    put_away: Runs,
}

impl<'a> Gathering<'a> {
    /// No rows; about `budget` bytes of them may be held.
    pub(super) fn new(images: &'a Images, scratch: Scratch, budget: usize) -> Gathering<'a> {
        Gathering {
            images,
            room: (disk::held(budget) / size_of::<Words>()).max(1),
            held: Vec::new(),
            put_away: Runs::new(scratch),
        }
    }

    /// Adds the rows of the next unit: units come by the text of the account, and so do consumers.
    pub(super) fn add(&mut self, rows: Vec<SharingRow>) -> Result<(), ScratchError> {
        for row in rows {
            let place = self.images.place(row.image);
            let place = place.expect("invariant: an image that was shared is told at the end");
            self.held.push(SharingRow { image: place.into(), ..row }.to_words());
            if self.held.len() >= self.room {
                self.put_away()?;
            }
        }
        Ok(())
    }

    fn put_away(&mut self) -> Result<(), ScratchError> {
        let keys = self.held.iter().map(|row| ByImage.key(row));
        let mut order: Vec<(Key, usize)> = keys.zip(0..).collect();
        order.sort_unstable();
        for (_, place) in order {
            let row = bytemuck::cast_slice(&self.held[place]);
            self.put_away.append(|bytes| bytes.extend_from_slice(row))?;
        }
        self.put_away.end_run();
        self.held.clear();
        Ok(())
    }

    /// All rows: those that were added, and one for each cycle of the owner in which an image had a
    /// member.
    pub(super) fn finish(mut self, context: Context<'a>) -> Result<SharingRows<'a>, ScratchError> {
        self.put_away()?;
        Ok(SharingRows {
            images: self.images,
            owners: OwnersCycles::new(self.images, context).peekable(),
            paid: Merge::new(self.put_away, ByImage)?,
            last_image: None,
            counts: SharingCounts::default(),
            consumers: FxHashSet::default(),
        })
    }
}

/// What decides where a row stands: its image, when its cycle starts, and the owner's before the
/// consumers', which stand as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    image: u32,
    start: Instant,
    is_consumers: bool,
}

/// By [`Key`]; what is in an earlier run came before.
#[derive(Debug)]
struct ByImage;

impl Order for ByImage {
    type Front = Words;
    type Key = Key;

    fn key(&self, words: &Words) -> Key {
        let SharingRow { image, cycle, consumer, .. } = SharingRow::from_words(words);
        Key { image: image.into(), start: cycle.start(), is_consumers: consumer.is_some() }
    }

    fn rest(&self, _: &Words) -> usize {
        0
    }
}

/// How much of sharing there was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SharingCounts {
    /// How many images have a row.
    pub images: usize,
    /// How many accounts have a row as consumers.
    pub consumers: usize,
}

/// All rows: by the text of the image, the cycle, and the text of the consumer behind the owner.
#[derive(Debug)]
pub struct SharingRows<'a> {
    images: &'a Images,
    /// The owners' rows that are there whether they pay or not.
    owners: Peekable<OwnersCycles<'a>>,
    /// The rows that were added.
    paid: Merge<ByImage>,
    last_image: Option<u32>,
    counts: SharingCounts,
    consumers: FxHashSet<AccountId>,
}

impl SharingRows<'_> {
    /// The next rows, up to so many; none at the end.
    ///
    /// # Errors
    /// [`ScratchError`].
    pub fn next_rows(&mut self, count: usize) -> Result<Vec<SharingRow>, ScratchError> {
        let mut rows = Vec::new();
        while rows.len() < count
            && let Some(row) = self.next_row()?
        {
            rows.push(row);
        }
        Ok(rows)
    }

    /// How many images and consumers the rows up to now were of.
    #[must_use]
    pub fn counts(&self) -> SharingCounts {
        SharingCounts { consumers: self.consumers.len(), ..self.counts }
    }

    fn next_row(&mut self) -> Result<Option<SharingRow>, ScratchError> {
        let paid = self.paid.next_key();
        let owners = self.owners.next_if(|(key, _)| paid.is_none_or(|paid| *key <= paid));
        let row = match owners {
            // An owner who pays has that row.
            Some((key, cycle)) if paid != Some(key) => Some(SharingRow {
                image: key.image.into(),
                cycle,
                consumer: None,
                paid: Moved::default(),
            }),
            _ => self.paid.take(&mut Vec::new())?.map(|words| SharingRow::from_words(&words)),
        };
        Ok(row.map(|row| self.counted(row)))
    }

    /// A row with the id of its image.
    fn counted(&mut self, row: SharingRow) -> SharingRow {
        let place: u32 = row.image.into();
        if self.last_image.replace(place) != Some(place) {
            self.counts.images += 1;
        }
        self.consumers.extend(row.consumer);
        SharingRow { image: self.images.all()[place as usize].image, ..row }
    }
}

/// The cycles of their owners in which images had a member, in the order of rows.
#[derive(Debug)]
struct OwnersCycles<'a> {
    images: &'a Images,
    context: Context<'a>,
    /// The place of the image that is looked at, and from when on.
    image: u32,
    from: Instant,
}

impl<'a> OwnersCycles<'a> {
    fn new(images: &'a Images, context: Context<'a>) -> OwnersCycles<'a> {
        OwnersCycles { images, from: context.run.start, context, image: 0 }
    }
}

impl Iterator for OwnersCycles<'_> {
    type Item = (Key, Cycle);

    fn next(&mut self) -> Option<(Key, Cycle)> {
        let Context { book, accounts, run } = self.context;
        loop {
            let record = self.images.all().get(self.image as usize)?;
            if record.stays.is_empty() || self.from >= run.end {
                (self.image, self.from) = (self.image + 1, run.start);
                continue;
            }
            let calendar = book.calendar(accounts.get(record.owner).billing_day);
            let cycle = calendar.cycle_at(self.from);
            self.from = cycle.end();
            if record.had_member(cycle.span()) {
                let key = Key { image: self.image, start: cycle.start(), is_consumers: false };
                return Some((key, cycle));
            }
        }
    }
}
