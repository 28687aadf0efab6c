//! The dice that a world is thrown with: pseudo-random numbers, the same for the same seed.

/// A small pseudo-random number generator (splitmix64).
pub(super) struct Dice {
    pub(super) state: u64,
}

impl Dice {
    /// The next 64 random bits.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let count = (high - low + 1) as u64;
        low + (self.next() % count) as i64
    }

    /// Yes, in so many of a hundred throws.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of several; there must be at least one.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.between(0, choices.len() as i64 - 1) as usize]
    }

    /// One of several, if there are any.
    pub(super) fn pick_any<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        (!choices.is_empty()).then(|| self.pick(choices).clone())
    }

    /// Puts a list into random order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            let other = self.between(0, place as i64) as usize;
            list.swap(place, other);
        }
    }

    /// A positive decimal below a bound, with up to so many decimals; trailing zeros are welcome.
    pub(super) fn decimal(&mut self, below: i64, decimals: i64) -> String {
        let digits = self.between(0, decimals) as usize;
        let scale = 10_i64.pow(digits as u32);
        let number = self.between(1, below * scale);
        if digits == 0 {
            return number.to_string();
        }
        format!("{}.{:0digits$}", number / scale, number % scale)
    }
}
