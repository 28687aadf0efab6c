//! What each shared image costs whom: its producer for storing it, its consumers for what they
//! made of it.

use rustc_hash::FxHashMap;

use crate::book::Category;
use crate::statement::Role;
use crate::value::{AccountId, Cycle, Overflow, ResourceId};
use crate::world::ImageRecord;

/// One image, in one cycle, for its producer or for one consumer. Amounts are in units of
/// 10^-[`crate::statement::SHARE_DECIMALS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharingRow {
    /// The shared image.
    pub image: ResourceId,
    /// The cycle of whoever pays.
    pub cycle: Cycle,
    /// Who made something of it; `None` in the producer's own row.
    pub consumer: Option<AccountId>,
    /// What was paid.
    pub paid: Moved,
}

/// How many numbers a row is.
pub const SHARING_WORDS: usize = 16;

/// Stands for a consumer where there is none.
const NOBODY: u32 = u32::MAX;

impl SharingRow {
    /// The row as plain numbers, to be put away.
    #[must_use]
    pub fn to_words(&self) -> [u32; SHARING_WORDS] {
        let [first, end] = self.cycle.to_days().map(i32::cast_unsigned);
        let consumer = self.consumer.map_or(NOBODY, u32::from);
        let Moved { producer_storage, consumer_servers, .. } = self.paid;
        let [a, b, c] = producer_storage.0;
        let [d, e, f] = consumer_servers.0;
        let [g, h, i] = self.paid.consumer_licenses_support.0;
        let [j, k, l] = self.paid.consumer_reimages.0;
        [self.image.into(), first, end, consumer, a, b, c, d, e, f, g, h, i, j, k, l]
    }

    /// The row that such numbers are.
    #[must_use]
    pub fn from_words(words: &[u32; SHARING_WORDS]) -> SharingRow {
        let [image, first, end, consumer, a, b, c, d, e, f, g, h, i, j, k, l] = *words;
        SharingRow {
            image: image.into(),
            cycle: Cycle::from_days([first, end].map(u32::cast_signed)),
            consumer: Some(consumer).filter(|consumer| *consumer != NOBODY).map(AccountId::from),
            paid: Moved {
                producer_storage: ShareSum([a, b, c]),
                consumer_servers: ShareSum([d, e, f]),
                consumer_licenses_support: ShareSum([g, h, i]),
                consumer_reimages: ShareSum([j, k, l]),
            },
        }
    }
}

/// What sharing itself moved, in units of 10^-[`crate::statement::SHARE_DECIMALS`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// What producers pay for storing shared images.
    pub producer_storage: ShareSum,
    /// What consumers pay for servers of them.
    pub consumer_servers: ShareSum,
    /// What consumers pay for the licences and support of those.
    pub consumer_licenses_support: ShareSum,
    /// What consumers pay for storing images taken of them.
    pub consumer_reimages: ShareSum,
}

/// A sum of shares, in twelve bytes: there may be millions of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShareSum([u32; 3]);

impl ShareSum {
    /// How many units it is.
    #[must_use]
    pub fn units(self) -> i128 {
        let [low, middle, high] = self.0.map(u128::from);
        // The uppermost bit is the sign.
        let bits = low | middle << 32 | high << 64;
        (bits << 32).cast_signed() >> 32
    }

    /// The sum with more units.
    ///
    /// # Errors
    /// [`Overflow`] past 95 bits.
    pub fn plus(self, more: i128) -> Result<ShareSum, Overflow> {
        let sum = self.units().checked_add(more).ok_or(Overflow)?;
        let bits = sum.cast_unsigned();
        let short = ShareSum([bits as u32, (bits >> 32) as u32, (bits >> 64) as u32]);
        if short.units() == sum { Ok(short) } else { Err(Overflow) }
    }
}

impl Moved {
    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] past 28 digits.
    pub fn plus(&self, other: &Moved) -> Result<Moved, Overflow> {
        let sum = |a: ShareSum, b: ShareSum| a.plus(b.units());
        Ok(Moved {
            producer_storage: sum(self.producer_storage, other.producer_storage)?,
            consumer_servers: sum(self.consumer_servers, other.consumer_servers)?,
            consumer_licenses_support: sum(
                self.consumer_licenses_support,
                other.consumer_licenses_support,
            )?,
            consumer_reimages: sum(self.consumer_reimages, other.consumer_reimages)?,
        })
    }
}

/// Who caused a part of a charge, as far as the story of sharing asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Player {
    /// What it is.
    pub role: Role,
    /// Its lasting id, if it is an image that had a member at some time in the cycle.
    pub shared: Option<ResourceId>,
    /// The image it came from.
    pub source: Option<ResourceId>,
}

impl Player {
    /// Whether the story of sharing tells of it.
    #[must_use]
    #[inline]
    pub fn is_told(&self) -> bool {
        matches!(self.role, Role::ProducerStorage | Role::ConsumerServer | Role::ReimageStorage)
    }
}

/// What one account's cycle adds to the story of sharing, as it becomes known.
///
/// Nobody else adds to its rows: a consumer's are its own, and a producer is the only one to pay
/// for storing its images.
#[derive(Debug, Default)]
pub struct CycleSharing {
    /// All of it.
    all: Sums,
    /// The same by image: what its owner pays for it, or what this account does as a consumer.
    rows: Vec<(ResourceId, Side)>,
    /// What each of them has come to.
    sums: Vec<Sums>,
    /// By image, where among the rows its owner's is, and where the consumer's.
    owners: FxHashMap<ResourceId, u32>,
    consumers: FxHashMap<ResourceId, u32>,
}

/// Whose row of an image it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Owner,
    Consumer,
}

/// One sum for each [`Column`].
type Sums = [i128; 4];

/// A column of [`Moved`].
#[derive(Debug, Clone, Copy)]
enum Column {
    ProducerStorage,
    ConsumerServers,
    ConsumerLicensesSupport,
    ConsumerReimages,
}

/// Whose row of an image a role adds to, and in which column; nothing for what has to do with no
/// sharing.
#[inline]
fn column(role: Role, category: Category) -> Option<(Side, Column)> {
    match (role, category) {
        (Role::ProducerStorage, _) => Some((Side::Owner, Column::ProducerStorage)),
        (Role::ConsumerServer, Category::Servers) => {
            Some((Side::Consumer, Column::ConsumerServers))
        }
        (Role::ConsumerServer, _) => Some((Side::Consumer, Column::ConsumerLicensesSupport)),
        (Role::ReimageStorage, _) => Some((Side::Consumer, Column::ConsumerReimages)),
        (
            Role::PrivateStorage
            | Role::OwnServer
            | Role::ObjectStorage
            | Role::Transfer
            | Role::Account,
            _,
        ) => None,
    }
}

#[inline]
fn add(sums: &mut Sums, column: Column, amount: i128) -> Result<(), Overflow> {
    let sum = &mut sums[column as usize];
    *sum = sum.checked_add(amount).ok_or(Overflow)?;
    Ok(())
}

impl Moved {
    fn of(sums: &Sums) -> Result<Moved, Overflow> {
        let sum = |column: Column| ShareSum::default().plus(sums[column as usize]);
        Ok(Moved {
            producer_storage: sum(Column::ProducerStorage)?,
            consumer_servers: sum(Column::ConsumerServers)?,
            consumer_licenses_support: sum(Column::ConsumerLicensesSupport)?,
            consumer_reimages: sum(Column::ConsumerReimages)?,
        })
    }
}

impl CycleSharing {
    /// Adds a part of a charge, in units of 10^-[`crate::statement::SHARE_DECIMALS`].
    ///
    /// # Errors
    /// [`Overflow`].
    #[inline]
    pub fn add(
        &mut self,
        player: &Player,
        category: Category,
        amount: i128,
    ) -> Result<(), Overflow> {
        let Player { role, shared, source } = *player;
        let Some((side, column)) = column(role, category) else { return Ok(()) };
        add(&mut self.all, column, amount)?;
        let image = match side {
            Side::Owner => shared,
            Side::Consumer => source,
        };
        if let Some(image) = image {
            add(self.row(image, side), column, amount)?;
        }
        // A re-image that is itself shared is its owner's storage of a shared image as well.
        if let (Role::ReimageStorage, Some(own)) = (role, shared) {
            add(self.row(own, Side::Owner), Column::ProducerStorage, amount)?;
        }
        Ok(())
    }

    /// What an image's row has come to; a new one holds no money yet.
    #[inline]
    fn row(&mut self, image: ResourceId, side: Side) -> &mut Sums {
        let places = match side {
            Side::Owner => &mut self.owners,
            Side::Consumer => &mut self.consumers,
        };
        let place = *places.entry(image).or_insert_with(|| {
            self.rows.push((image, side));
            self.sums.push(Sums::default());
            self.rows.len() as u32 - 1
        });
        &mut self.sums[place as usize]
    }

    /// Forgets everything, and keeps the room.
    pub fn clear(&mut self) {
        self.all = Sums::default();
        self.rows.clear();
        self.sums.clear();
        self.owners.clear();
        self.consumers.clear();
    }

    /// What it has come to, all and by image, as an account's in a cycle.
    ///
    /// # Errors
    /// [`Overflow`] past 95 bits.
    pub fn told(
        &self,
        account: AccountId,
        cycle: Cycle,
    ) -> Result<(Moved, Vec<SharingRow>), Overflow> {
        let rows = self.rows.iter().zip(&self.sums).map(|((image, side), sums)| {
            let consumer = (*side == Side::Consumer).then_some(account);
            Ok(SharingRow { image: *image, cycle, consumer, paid: Moved::of(sums)? })
        });
        Ok((Moved::of(&self.all)?, rows.collect::<Result<_, _>>()?))
    }
}

/// How many accounts were members at some time in a cycle. One account's stays stand together.
#[must_use]
pub fn member_count(record: &ImageRecord, cycle: Cycle) -> usize {
    let mut last = None;
    let touching = record.stays.iter().filter(|stay| stay.touches(cycle.span()));
    touching.filter(|stay| last.replace(stay.member) != Some(stay.member)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{BillingDay, CycleCalendar, Instant};

    #[test]
    fn sums_of_shares_are_exact_up_to_their_bounds() {
        let most = (1_i128 << 95) - 1;
        let sum_of = |units| ShareSum::default().plus(units);
        for units in [0, 1, -1, 12_345_678_901_234_567_890, -(1 << 64), most, -most, -most - 1] {
            assert_eq!(sum_of(units).map(ShareSum::units), Ok(units));
        }
        for units in [most + 1, -most - 2, 1 << 96, i128::MAX, i128::MIN] {
            assert_eq!(sum_of(units), Err(Overflow), "{units}");
        }
        let [a, b] = [most - 7, -most].map(|units| sum_of(units).expect("it fits"));
        assert_eq!(a.plus(7).map(ShareSum::units), Ok(most));
        assert_eq!((a.plus(8), b.plus(-2)), (Err(Overflow), Err(Overflow)));
        assert_eq!(a.plus(b.units()).map(ShareSum::units), Ok(-7));
        assert_eq!(a.plus(i128::MAX), Err(Overflow));
    }

    #[test]
    fn an_image_has_a_row_for_its_owner_and_one_for_its_consumer() {
        let image = |number: u32| ResourceId::from(number);
        let player = |role, shared: Option<u32>, source: Option<u32>| Player {
            role,
            shared: shared.map(image),
            source: source.map(image),
        };
        let cycle = CycleCalendar::new(BillingDay::FIRST).cycle_at(Instant::from_micros(0));
        let account = AccountId::from(3);
        let mut sharing = CycleSharing::default();
        // What is left of one account's cycle is not in the next one's.
        for round in 1..3_i128 {
            sharing.clear();
            for (player, category, amount) in [
                (player(Role::ProducerStorage, Some(1), None), Category::Storage, 5),
                (player(Role::ConsumerServer, None, Some(1)), Category::Servers, 70),
                (player(Role::ConsumerServer, None, Some(1)), Category::Servers, 7),
                (player(Role::ConsumerServer, None, Some(1)), Category::Support, 11),
                (player(Role::ConsumerServer, None, None), Category::Servers, 1_000),
                (player(Role::ReimageStorage, Some(2), Some(1)), Category::Storage, 13),
                (player(Role::OwnServer, None, Some(1)), Category::Servers, 1 << 90),
            ] {
                assert_eq!(sharing.add(&player, category, amount * round), Ok(()));
            }
            let (moved, rows) = sharing.told(account, cycle).expect("it fits");
            let units = |paid: &Moved| {
                [
                    paid.producer_storage,
                    paid.consumer_servers,
                    paid.consumer_licenses_support,
                    paid.consumer_reimages,
                ]
                .map(|sum| sum.units() / round)
            };
            assert_eq!(units(&moved), [5, 1_077, 11, 13]);
            let told = rows.iter().map(|row| (row.image, row.consumer, units(&row.paid)));
            assert_eq!(
                told.collect::<Vec<_>>(),
                [
                    (image(1), None, [5, 0, 0, 0]),
                    (image(1), Some(account), [0, 77, 11, 13]),
                    (image(2), None, [13, 0, 0, 0]),
                ]
            );
            for row in rows {
                assert_eq!(row.cycle, cycle);
                assert_eq!(SharingRow::from_words(&row.to_words()), row);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_an_overflow_wherever_it_is_found() {
        let player = Player { role: Role::ConsumerServer, shared: None, source: None };
        let cycle = CycleCalendar::new(BillingDay::FIRST).cycle_at(Instant::from_micros(0));
        let mut sharing = CycleSharing::default();
        assert_eq!(sharing.add(&player, Category::Servers, 1 << 95), Ok(()));
        assert_eq!(sharing.told(AccountId::from(0), cycle), Err(Overflow));
        assert_eq!(sharing.add(&player, Category::Servers, i128::MAX), Err(Overflow));
        sharing.clear();
        assert_eq!(sharing.told(AccountId::from(0), cycle), Ok((Moved::default(), Vec::new())));
    }

    #[test]
    fn a_row_stays_small() {
        assert_eq!(size_of::<SharingRow>(), 64, "there may be millions");
    }
}
