//! Texts in a row, for those of one batch: nothing is looked up, nothing is allocated one by one.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Texts by their place, each with its hash.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    all: String,
    ends: Vec<u32>,
    hashes: Vec<u64>,
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
        let place = self.ends.len() as u32;
        self.all.push_str(text);
        self.ends.push(u32::try_from(self.all.len()).expect("invariant: a batch is below 4 GiB"));
        self.hashes.push(hash);
        place
    }

    /// The text at a place.
    #[must_use]
    pub fn text(&self, place: u32) -> &str {
        let place = place as usize;
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        &self.all[start..self.ends[place] as usize]
    }

    /// The bytes of the text at a place.
    #[must_use]
    #[inline]
    pub fn bytes(&self, place: u32) -> &[u8] {
        let place = place as usize;
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        &self.all.as_bytes()[start..self.ends[place] as usize]
    }

    /// The hashes of all texts, by place.
    #[must_use]
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes of memory they take.
    #[must_use]
    pub fn size(&self) -> usize {
        self.all.len() + self.ends.len() * (size_of::<u32>() + size_of::<u64>())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets all texts, and keeps the room.
    pub fn clear(&mut self) {
        self.all.clear();
        self.ends.clear();
        self.hashes.clear();
    }
}

/// The hash that texts are found by. Its high and its low half are both well mixed.
#[must_use]
pub fn hash(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

/// As [`hash`], of a text's bytes.
#[must_use]
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
        assert_eq!(texts.hashes()[1], hash("srv-1"));
        texts.clear();
        assert!(texts.is_empty());
        assert_eq!(texts.push("x"), 0);
    }
}
