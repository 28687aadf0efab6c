//! What the servers of each image cost, of one charge.

use crate::value::{Overflow, ResourceId};

/// How many sources are remembered by a part of their ids.
const SOURCES: usize = 64;

/// What the servers of each image cost of one charge: there are many servers of few images.
pub(super) struct Consumers {
    /// An image may stand here more than once.
    pub(super) sums: Vec<(Option<ResourceId>, i128)>,
    /// Where among the sums images stood last.
    places: [u32; SOURCES],
}

impl Default for Consumers {
    fn default() -> Consumers {
        Consumers { sums: Vec::new(), places: [u32::MAX; SOURCES] }
    }
}

impl Consumers {
    #[inline]
    pub(super) fn add(&mut self, source: Option<ResourceId>, amount: i128) -> Result<(), Overflow> {
        let place = &mut self.places[source.map_or(0, ResourceId::index) % SOURCES];
        match self.sums.get_mut(*place as usize) {
            Some((same, sum)) if *same == source => {
                *sum = sum.checked_add(amount).ok_or(Overflow)?;
            }
            _ => {
                *place = self.sums.len() as u32;
                self.sums.push((source, amount));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn each_image_has_the_sum_of_its_servers_however_many_images_there_are() {
        let (mut consumers, mut expected) = (Consumers::default(), BTreeMap::new());
        for number in 0..10_000_u32 {
            // Some again and again, and more than are remembered; and none at all.
            let source = (number % 7 > 0).then(|| ResourceId::from(number * number % 1_000));
            let amount = i128::from(number) - 3_000;
            assert_eq!(consumers.add(source, amount), Ok(()));
            *expected.entry(source).or_insert(0) += amount;
        }
        let mut sums = BTreeMap::new();
        for (source, amount) in &consumers.sums {
            *sums.entry(*source).or_insert(0) += amount;
        }
        assert_eq!(sums, expected);
        assert!(consumers.sums.len() < 10_000, "nothing is added up");
    }

    #[test]
    fn a_sum_past_128_bits_is_an_overflow() {
        let mut consumers = Consumers::default();
        assert_eq!(consumers.add(None, i128::MAX), Ok(()));
        assert_eq!(consumers.add(None, 1), Err(Overflow));
    }
}
