//! An answer in a hurry: who pays what for sharing one image, and what it would cost if every
//! consumer kept a copy of its own. Both sides are plans, lived through and billed like any other.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::bill::Bill;
use crate::book::{Category, Sku};
use crate::price::Charge;
use crate::project::plan::delay;
use crate::scenario::{Fleet, Image, Made, Scenario};
use crate::value::{
    AccountId, BillingDay, Currency, CycleCalendar, Instant, Money, Names, Overflow, RegionId,
    Span, exact_sum,
};
use crate::world::Finding;

/// What sharing an image costs.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// What it covers.
    pub run: Span,
    /// The currency of every amount.
    pub currency: Currency,
    /// The producer, then consumers that pay the same, by region.
    pub groups: Vec<Group>,
    /// All of them.
    pub shared: Side,
    /// The same if each consumer that can boot the image had uploaded its own.
    pub own_copies: Side,
    /// What the cloud refuses, and what is unwise, by time and place.
    pub findings: Vec<Finding>,
    /// How many steps it refuses.
    pub refused: usize,
}

/// Accounts that pay the same.
#[derive(Debug, Clone)]
pub struct Group {
    /// Where these consumers are; `None` is the producer.
    pub region: Option<RegionId>,
    /// Who they are.
    pub accounts: Vec<AccountId>,
    /// What each of them pays for, by category.
    pub lines: Vec<(Sku, Amounts)>,
    /// What each of them pays.
    pub total: Amounts,
    /// Whether the cloud lets them have servers.
    pub has_servers: bool,
}

/// What all accounts pay.
#[derive(Debug, Clone)]
pub struct Side {
    /// For what.
    pub by_category: [Amounts; Category::ALL.len()],
    /// All of it.
    pub total: Amounts,
}

/// Money, month by month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    /// Each month's.
    pub by_month: Vec<Money>,
    /// Their sum.
    pub in_all: Money,
}

impl Amounts {
    fn none(months: usize, currency: Currency) -> Amounts {
        let zero = Money::zero(currency.minor_digits());
        Amounts { by_month: vec![zero; months], in_all: zero }
    }

    fn add(&mut self, month: usize, amount: Money) -> Result<(), Overflow> {
        if let Some(of_month) = self.by_month.get_mut(month) {
            *of_month = of_month.plus(amount)?;
        }
        self.in_all = self.in_all.plus(amount)?;
        Ok(())
    }

    /// The first month's.
    #[must_use]
    pub fn first(&self) -> Decimal {
        self.by_month.first().map_or(Decimal::ZERO, |amount| amount.decimal())
    }

    /// A month's on average, rounded half-even to the currency's minor unit. It is printed, and
    /// nothing is computed from it.
    #[must_use]
    pub fn average(&self) -> Decimal {
        average(self.in_all.decimal(), self.by_month.len())
    }
}

/// A sum's part for each of so many months.
#[must_use]
pub fn average(sum: Decimal, months: usize) -> Decimal {
    let digits = sum.scale();
    let part = sum.checked_div(Decimal::from(months)).unwrap_or(sum);
    let mut rounded = part.round_dp(digits);
    rounded.rescale(digits);
    rounded
}

/// By how much the second is more than the first.
///
/// # Errors
/// [`Overflow`].
pub fn more(first: Decimal, second: Decimal) -> Result<Decimal, Overflow> {
    exact_sum(second, -first)
}

impl Estimate {
    /// From the bills of both sides; consumers in the order of their numbers.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn new(
        shared: Bill,
        own_copies: &Bill,
        currency: Currency,
        producer: AccountId,
        consumers: &[(AccountId, RegionId)],
        names: &Names,
    ) -> Result<Estimate, Overflow> {
        let run = shared.run;
        let months = Months::of(run);
        let mut of_accounts: BTreeMap<AccountId, Vec<&Charge>> = BTreeMap::new();
        for charge in &shared.charges {
            of_accounts.entry(charge.account).or_default().push(charge);
        }
        let who = [(producer, None)].into_iter();
        let who = who.chain(consumers.iter().map(|(account, region)| (*account, Some(*region))));
        let mut groups: Vec<Group> = Vec::new();
        for (account, region) in who {
            let charges = of_accounts.get(&account).map_or(&[][..], Vec::as_slice);
            let group = group(account, region, charges, &months, currency, names)?;
            let same = |other: &&mut Group| other.region == region && other.lines == group.lines;
            match groups.iter_mut().find(same) {
                Some(other) => other.accounts.push(account),
                None => groups.push(group),
            }
        }
        Ok(Estimate {
            run,
            currency,
            groups,
            shared: side(&shared.charges, &months, currency)?,
            own_copies: side(&own_copies.charges, &months, currency)?,
            findings: shared.findings,
            refused: shared.set_aside.len(),
        })
    }

    /// How many months it covers.
    #[must_use]
    pub fn months(&self) -> usize {
        self.shared.total.by_month.len()
    }

    /// How many consumers there are, and how many of them the cloud lets have servers.
    #[must_use]
    pub fn consumers(&self) -> (usize, usize) {
        let consumers = || self.groups.iter().filter(|group| group.region.is_some());
        let count = consumers().map(|group| group.accounts.len()).sum();
        let booting = consumers().filter(|group| group.has_servers);
        (count, booting.map(|group| group.accounts.len()).sum())
    }
}

/// The accounts of a bill that have servers.
#[must_use]
pub fn with_servers(bill: &Bill) -> Vec<AccountId> {
    let of_servers = bill.charges.iter().filter(|charge| is_server(charge.sku));
    let mut accounts: Vec<AccountId> = of_servers.map(|charge| charge.account).collect();
    accounts.dedup();
    accounts
}

fn is_server(sku: Sku) -> bool {
    sku.category() == Category::Servers
}

/// The same plan with an own image for each of these accounts, where its servers are, and from when
/// on the shared one can be booted there: servers and all that is made of them are the same. Nothing
/// is shared, and nobody else has anything.
#[must_use]
pub fn own_copies(shared: &Scenario, accounts: &[AccountId]) -> Scenario {
    let mut own = Scenario { images: Vec::new(), fleets: Vec::new(), ..shared.clone() };
    for fleet in &shared.fleets {
        let Some(Made::Planned(place)) = fleet.image else { continue };
        let image = &shared.images[place];
        for account in fleet.accounts.iter().filter(|account| accounts.contains(account)) {
            let place = own.images.len();
            own.images.push(Image {
                name: format!("own-{}", place + 1),
                owner: *account,
                regions: vec![fleet.region],
                after: delay(image, fleet.region),
                members: Vec::new(),
                ..image.clone()
            });
            let image = Some(Made::Planned(place));
            own.fleets.push(Fleet { accounts: vec![*account], image, ..fleet.clone() });
        }
    }
    own
}

/// The months of a run, by their starts.
struct Months(Vec<Instant>);

impl Months {
    fn of(run: Span) -> Months {
        let cycles = CycleCalendar::new(BillingDay::FIRST).cycles_in(run);
        Months(cycles.map(|cycle| cycle.start()).collect())
    }

    fn place(&self, charge: &Charge) -> usize {
        self.0.partition_point(|start| *start < charge.cycle.start())
    }
}

fn group(
    account: AccountId,
    region: Option<RegionId>,
    charges: &[&Charge],
    months: &Months,
    currency: Currency,
    names: &Names,
) -> Result<Group, Overflow> {
    let none = || Amounts::none(months.0.len(), currency);
    let mut lines: BTreeMap<(Category, String), (Sku, Amounts)> = BTreeMap::new();
    let mut total = none();
    for charge in charges {
        let (sku, month) = (charge.sku, months.place(charge));
        let line = lines.entry((sku.category(), sku.text(names)));
        line.or_insert_with(|| (sku, none())).1.add(month, charge.amount)?;
        total.add(month, charge.amount)?;
    }
    let has_servers = charges.iter().any(|charge| is_server(charge.sku));
    let lines = lines.into_values().collect();
    Ok(Group { region, accounts: vec![account], lines, total, has_servers })
}

fn side(charges: &[Charge], months: &Months, currency: Currency) -> Result<Side, Overflow> {
    let none = || Amounts::none(months.0.len(), currency);
    let mut side = Side { by_category: std::array::from_fn(|_| none()), total: none() };
    for charge in charges {
        let month = months.place(charge);
        side.by_category[charge.sku.category() as usize].add(month, charge.amount)?;
        side.total.add(month, charge.amount)?;
    }
    Ok(side)
}
