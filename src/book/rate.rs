//! Rates: dated prices, by SKU and region (P1).

use rustc_hash::FxHashMap;

use crate::book::Sku;
use crate::value::{Instant, LevelId, Names, Quantity, RegionId, UnitPrice};

/// The regions a rate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateRegion {
    /// `*`: all regions that have no rate of their own, pooled (P2).
    Everywhere,
    /// One region.
    One(RegionId),
}

/// What a price is per.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the units")]
pub enum Unit {
    GbMonth,
    Gb,
    Hour,
    GbHour,
    Cycle,
}

/// How a rate's tiers price a quantity (P3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Each part of the quantity pays its own tier's price.
    Graduated,
    /// The cycle's quantity decides one tier, whose price all of it pays.
    Volume,
    /// Started packages are charged whole.
    Package,
}

/// One tier of a rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Its lower bound (not included); for [`Model::Package`] the package's size.
    pub from: Quantity,
    /// The price of one unit.
    pub price: UnitPrice,
    /// What is charged once when the tier is entered.
    pub flat: Option<UnitPrice>,
    /// The line of `rates.csv` it stands on.
    pub line: u64,
    /// Where the figure was published, and when.
    pub source: String,
}

/// A rate as it is in force from a date until the next version's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The regions it is for.
    pub region: RateRegion,
    /// Its first instant.
    pub effective_from: Instant,
    /// What its prices are per.
    pub unit: Unit,
    /// How its tiers price a quantity.
    pub model: Model,
    /// Its tiers, ascending; the first begins at 0 (or is the only one: a package).
    pub tiers: Vec<Tier>,
}

/// What prices a SKU in a region at an instant, and until when that holds.
#[derive(Debug, Clone, Copy)]
pub struct InForce<'a> {
    /// The version in force; `None` is unpriced.
    pub version: Option<&'a Version>,
    /// The first instant at which another version may be in force.
    pub until: Option<Instant>,
}

/// All rates of a book.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    by_sku: FxHashMap<Sku, SkuRates>,
}

/// The versions of one SKU's rates, each list ascending by date.
#[derive(Debug, Clone, Default)]
struct SkuRates {
    everywhere: Vec<Version>,
    regional: Vec<(RegionId, Vec<Version>)>,
}

impl Rates {
    /// Adds a version. Its (sku, region, date) is not there yet.
    pub fn add(&mut self, sku: Sku, version: Version) {
        let rates = self.by_sku.entry(sku).or_default();
        let versions = match version.region {
            RateRegion::Everywhere => &mut rates.everywhere,
            RateRegion::One(region) => rates.versions_of(region),
        };
        let place = versions.partition_point(|v| v.effective_from < version.effective_from);
        versions.insert(place, version);
    }

    /// Puts these versions in the place of all that a SKU has.
    pub fn replace(&mut self, sku: Sku, versions: Vec<Version>) {
        self.by_sku.remove(&sku);
        for version in versions {
            self.add(sku, version);
        }
    }

    /// The version in force in a region at an instant (P1). The region's own rate beats `*`, from
    /// its first date on.
    #[must_use]
    pub fn in_force(&self, sku: Sku, region: RegionId, at: Instant) -> InForce<'_> {
        let Some(rates) = self.by_sku.get(&sku) else {
            return InForce { version: None, until: None };
        };
        let own = rates.regional.iter().find(|(own, _)| *own == region);
        let own = own.map_or(InForce { version: None, until: None }, |(_, v)| latest(v, at));
        if own.version.is_some() {
            return own;
        }
        let everywhere = latest(&rates.everywhere, at);
        let until = [own.until, everywhere.until].into_iter().flatten().min();
        InForce { version: everywhere.version, until }
    }

    /// The `*` version in force at an instant.
    #[must_use]
    pub fn everywhere_at(&self, sku: Sku, at: Instant) -> Option<&Version> {
        self.by_sku.get(&sku).and_then(|rates| latest(&rates.everywhere, at).version)
    }

    /// One version, by what names it.
    #[must_use]
    pub fn version(&self, sku: Sku, region: RateRegion, from: Instant) -> Option<&Version> {
        let rates = self.by_sku.get(&sku)?;
        let versions = match region {
            RateRegion::Everywhere => &rates.everywhere,
            RateRegion::One(region) => &rates.regional.iter().find(|(own, _)| *own == region)?.1,
        };
        let place = versions.binary_search_by_key(&from, |version| version.effective_from);
        place.ok().and_then(|place| versions.get(place))
    }

    /// All versions of a SKU: those of `*` first, then region by region, each by date.
    pub fn versions(&self, sku: Sku) -> impl Iterator<Item = &Version> {
        self.by_sku.get(&sku).into_iter().flat_map(|rates| {
            rates.everywhere.iter().chain(rates.regional.iter().flat_map(|(_, v)| v))
        })
    }

    /// Every SKU that has a rate, in the order of [`Sku`].
    #[must_use]
    pub fn skus(&self) -> Vec<Sku> {
        let mut skus: Vec<Sku> = self.by_sku.keys().copied().collect();
        skus.sort_unstable();
        skus
    }

    /// The service levels that have a rate: support, a minimum or a fee. Each once.
    #[must_use]
    pub fn levels(&self) -> Vec<LevelId> {
        let mut levels = Vec::new();
        for sku in self.skus() {
            if let Sku::Support(level) | Sku::Minimum(level) | Sku::Fee(level) = sku
                && !levels.contains(&level)
            {
                levels.push(level);
            }
        }
        levels
    }

    /// Whether a SKU has any rate.
    #[must_use]
    pub fn has(&self, sku: Sku) -> bool {
        self.by_sku.contains_key(&sku)
    }
}

impl SkuRates {
    fn versions_of(&mut self, region: RegionId) -> &mut Vec<Version> {
        let place = self.regional.iter().position(|(own, _)| *own == region);
        let place = place.unwrap_or_else(|| {
            self.regional.push((region, Vec::new()));
            self.regional.len() - 1
        });
        &mut self.regional[place].1
    }
}

/// The latest version not after an instant, and when the next one begins.
fn latest(versions: &[Version], at: Instant) -> InForce<'_> {
    let next = versions.partition_point(|version| version.effective_from <= at);
    InForce {
        version: next.checked_sub(1).and_then(|place| versions.get(place)),
        until: versions.get(next).map(|version| version.effective_from),
    }
}

impl RateRegion {
    /// The region's name, or `*`.
    #[must_use]
    pub fn text(self, names: &Names) -> &str {
        match self {
            RateRegion::Everywhere => "*",
            RateRegion::One(region) => names.regions.text(region),
        }
    }
}

impl Unit {
    /// All units.
    pub const ALL: [Unit; 5] = [Unit::GbMonth, Unit::Gb, Unit::Hour, Unit::GbHour, Unit::Cycle];

    /// The word in `rates.csv` and on charges.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::GbMonth => "GB-month",
            Unit::Gb => "GB",
            Unit::Hour => "hour",
            Unit::GbHour => "GB-hour",
            Unit::Cycle => "cycle",
        }
    }

    /// The unit that a SKU is charged in; `None` for a discount, which has no rate.
    #[must_use]
    pub fn of(sku: Sku) -> Option<Unit> {
        match sku {
            Sku::ImageStorage | Sku::ObjectStorage => Some(Unit::GbMonth),
            Sku::TransferOut => Some(Unit::Gb),
            Sku::Server(_) | Sku::License(..) => Some(Unit::Hour),
            Sku::Support(_) => Some(Unit::GbHour),
            Sku::Minimum(_) | Sku::Fee(_) => Some(Unit::Cycle),
            Sku::VolumeDiscount => None,
        }
    }
}

impl Model {
    /// The word in `rates.csv`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Model::Graduated => "graduated",
            Model::Volume => "volume",
            Model::Package => "package",
        }
    }
}
