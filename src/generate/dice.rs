//! Seeded chance, by whole numbers.

/// A stream of chance. The same seed gives the same stream everywhere.
#[derive(Debug, Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Dice {
        Dice { state: seed }
    }

    /// The next 64 bits (SplitMix64, Steele, Lea and Flood 2014).
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0. Its bias is below 2^-32 for bounds up to 2^32.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True in so many of 1,000 cases.
    pub fn permille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    /// A value whose distribution has these quantiles, equally far apart, straight between them.
    pub fn by_quantiles(&mut self, quantiles: &[u64]) -> u64 {
        const PARTS: u64 = 1 << 20;
        let last = quantiles.len() as u64 - 1;
        let at = self.below(last * PARTS);
        let (low, high) = (quantiles[(at / PARTS) as usize], quantiles[(at / PARTS) as usize + 1]);
        low + (u128::from(high - low) * u128::from(at % PARTS) / u128::from(PARTS)) as u64
    }

    /// A value whose logarithm is spread like a bell around that of `median`. Its standard
    /// deviation is `spread` ÷ 1000 doublings; nothing lies further out than 3.46 of them.
    pub(super) fn lognormal(&mut self, median: u64, spread: i64) -> u64 {
        // Four even draws from 0 to 65,535 add up to nearly a bell, as wide as 65,536 ÷ √3.
        const MEAN: i64 = 2 * 65_535;
        const DEVIATION: i64 = 37_837;
        let bits = self.bits();
        let sum: u64 = (0..4).map(|draw| bits >> (16 * draw) & 0xffff).sum();
        // In 1/65,536 of a doubling.
        let exponent = (sum.cast_signed() - MEAN) * spread * 65_536 / (1000 * DEVIATION);
        let part = (exponent & 0xffff).unsigned_abs();
        // Straight between one power of two and the next.
        let between = median + (median >> 16) * part;
        let doublings = exponent >> 16;
        if doublings < 0 { between >> -doublings } else { between << doublings }
    }
}

/// Draws from weights in constant time (Walker's alias method).
#[derive(Debug, Clone)]
pub(super) struct Weighted {
    /// For each place: below this much of a full share it is itself, else the other.
    shares: Vec<(u64, u32)>,
    full: u64,
}

impl Weighted {
    /// Zipf's law: the n-th of `count` is drawn in proportion to 1 ÷ n.
    pub(super) fn zipf(count: u32) -> Weighted {
        let weights: Vec<u64> = (1..=u64::from(count)).map(|n| (1 << 32) / n).collect();
        Weighted::new(&weights)
    }

    pub(super) fn new(weights: &[u64]) -> Weighted {
        let count = weights.len() as u64;
        let full: u64 = weights.iter().sum();
        // Scaled so that the average is a full share.
        let mut left: Vec<u64> = weights.iter().map(|weight| weight * count).collect();
        let mut shares: Vec<(u64, u32)> = (0..weights.len()).map(|n| (full, n as u32)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..weights.len()).partition(|place| left[*place] < full);
        while let (Some(poor), Some(rich)) = (small.pop(), large.last().copied()) {
            shares[poor] = (left[poor], rich as u32);
            left[rich] -= full - left[poor];
            if left[rich] < full {
                large.pop();
                small.push(rich);
            }
        }
        Weighted { shares, full }
    }

    pub(super) fn draw(&self, dice: &mut Dice) -> u32 {
        let place = dice.below(self.shares.len() as u64);
        let (share, other) = self.shares[place as usize];
        if dice.below(self.full) < share { place as u32 } else { other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zipf_draws_the_first_as_often_as_its_weight_says() {
        let weighted = Weighted::zipf(4);
        let mut dice = Dice::new(1);
        let mut counts = [0_u64; 4];
        for _ in 0..100_000 {
            counts[weighted.draw(&mut dice) as usize] += 1;
        }
        // 12 : 6 : 4 : 3 of 25.
        for (count, expected) in counts.into_iter().zip([48_000, 24_000, 16_000, 12_000]) {
            assert!(count.abs_diff(expected) < 1_000, "{counts:?}");
        }
    }

    #[test]
    fn a_lognormal_draw_has_its_median_and_its_spread() {
        let mut dice = Dice::new(3);
        let draws: Vec<u64> = (0..100_000).map(|_| dice.lognormal(1 << 30, 2000)).collect();
        let share_below = |bound: u64| draws.iter().filter(|draw| **draw < bound).count();
        // 1, 2 and 3 deviations are 2, 4 and 6 doublings.
        for (bound, expected) in [(1 << 30, 50_000), (1 << 32, 84_100), (1 << 26, 2_300)] {
            assert!(share_below(bound).abs_diff(expected) < 1_000, "{}", share_below(bound));
        }
    }

    #[test]
    fn quantiles_are_met() {
        let mut dice = Dice::new(2);
        let below = (0..10_000).filter(|_| dice.by_quantiles(&[0, 10, 1000]) < 10).count();
        assert!(below.abs_diff(5_000) < 200, "{below}");
    }
}
