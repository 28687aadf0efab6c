//! Texts in a row, for those of one batch: nothing is allocated one by one.

use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::FxHasher;

/// Texts by their place, each with its hash.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    all: String,
    places: Vec<Place>,
    /// Where texts stood last, by a part of their hashes; a hint, which decides nothing. Empty until
    /// it is asked for.
    recent: Vec<u32>,
}

/// How many texts are remembered by where they stood.
const RECENT: usize = 1024;

/// Where a text ends among all; it begins where the one before ends.
#[derive(Debug, Clone, Copy)]
struct Place {
    hash: u64,
    end: u32,
}

impl Texts {
    /// Adds a text; its place.
    ///
    /// # Panics
    /// Past 2^32 bytes: a batch is far smaller.
    #[inline]
    pub fn push(&mut self, text: &str) -> u32 {
        self.push_hashed(text, hash(text))
    }

    /// Adds a text whose [`hash`] is known; its place.
    ///
    /// # Panics
    /// Past 2^32 bytes.
    #[inline]
    pub fn push_hashed(&mut self, text: &str, hash: u64) -> u32 {
        let place = self.places.len() as u32;
        self.all.push_str(text);
        let end = u32::try_from(self.all.len()).expect("invariant: a batch is below 4 GiB");
        self.places.push(Place { hash, end });
        place
    }

    /// The place of a text that probably stands here already; where that is not remembered, it is
    /// added.
    ///
    /// # Panics
    /// Past 2^32 bytes.
    #[inline]
    pub fn push_once(&mut self, text: &str) -> u32 {
        if self.recent.is_empty() {
            self.recent.resize(RECENT, u32::MAX);
        }
        let hash = hash(text);
        let slot = hash as usize % RECENT;
        let last = self.recent[slot];
        let has_hash = self.places.get(last as usize).is_some_and(|place| place.hash == hash);
        if has_hash && self.text(last) == text {
            return last;
        }
        let place = self.push_hashed(text, hash);
        self.recent[slot] = place;
        place
    }

    /// The text at a place.
    #[must_use]
    #[inline]
    pub fn text(&self, place: u32) -> &str {
        &self.all[self.range(place)]
    }

    /// The bytes of the text at a place.
    #[must_use]
    #[inline]
    pub fn bytes(&self, place: u32) -> &[u8] {
        &self.all.as_bytes()[self.range(place)]
    }

    #[inline]
    fn range(&self, place: u32) -> Range<usize> {
        let place = place as usize;
        let start = if place == 0 { 0 } else { self.places[place - 1].end as usize };
        start..self.places[place].end as usize
    }

    /// The [`hash`] of the text at a place.
    #[must_use]
    #[inline]
    pub fn hash(&self, place: u32) -> u64 {
        self.places[place as usize].hash
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// How many bytes of memory they take.
    #[must_use]
    pub fn size(&self) -> usize {
        let of_places = self.places.len() * size_of::<Place>();
        self.all.len() + of_places + self.recent.len() * size_of::<u32>()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Forgets all texts, and keeps the room.
    pub fn clear(&mut self) {
        self.all.clear();
        self.places.clear();
        self.recent.clear();
    }
}

/// The hash that texts are found by. Its high and its low half are both well mixed.
#[must_use]
#[inline]
pub fn hash(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

/// As [`hash`], of a text's bytes.
#[must_use]
#[inline]
pub fn hash_bytes(text: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    let bits = hasher.finish();
    (bits ^ (bits >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_at_their_places() {
        let mut texts = Texts::default();
        let places = ["", "srv-1", "", "äb"].map(|text| texts.push(text));
        assert_eq!(places.map(|place| texts.text(place)), ["", "srv-1", "", "äb"]);
        assert_eq!(texts.hash(1), hash("srv-1"));
        assert_eq!((texts.len(), texts.is_empty()), (4, false));
        texts.clear();
        assert!(texts.is_empty());
        assert_eq!(texts.push("x"), 0);
    }

    #[test]
    fn what_was_named_before_stands_there_once() {
        let mut texts = Texts::default();
        // Far more than are remembered, some of them again and again.
        let names = |round: usize| (0..40).map(move |n| format!("img-{}", n * n * round % 5_000));
        for round in 0..200 {
            for name in names(round) {
                let place = texts.push_once(&name);
                assert_eq!(texts.text(place), name);
                assert_eq!(texts.hash(place), hash(&name));
                assert_eq!(texts.push_once(&name), place);
            }
        }
        assert!(texts.len() < 200 * 40, "{}", texts.len());
        // What was remembered goes with the texts.
        texts.clear();
        assert_eq!(texts.push_once("img-0"), 0);
        assert_eq!(texts.text(0), "img-0");
    }
}
