//! One account's cycles: measured and priced as a bill does it, with each piece told apart.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::account::Accounts;
use crate::book::{Book, Category, Model, Sku, Version};
use crate::explain::{
    Caused, ChargeExplained, CycleExplained, Heard, HeardSpan, LineExplained, Piece, RateFound, Why,
};
use crate::ledger::Stored;
use crate::meter::{Cause, Context, Meter, UsageKey, UsageLine, ratio, stretches};
use crate::price::{self, Charge, PricedLine, Pricing};
use crate::statement::{self, Images, Role, SkuTexts, Splitter};
use crate::value::{
    AccountId, Cycle, Instant, Money, Names, Overflow, Quantity, ResourceTexts, Span,
};

/// What an explanation is made with.
#[derive(Debug)]
pub struct Explaining<'a, T> {
    /// The prices.
    pub book: &'a Book,
    /// The accounts.
    pub accounts: &'a Accounts,
    /// All names but those of resources.
    pub names: &'a Names,
    /// The texts of source images.
    pub texts: &'a T,
    /// The images that were shared, or that something was made from.
    pub images: &'a Images,
    /// The run.
    pub run: Span,
    /// What was heard of the accounts.
    pub heard: &'a Heard,
}

/// Explains every cycle of an account that lies in `window` and has a charge, in order of time.
/// `window` is to cover those cycles as far as the run does.
///
/// # Errors
/// [`Overflow`], where a bill had ended with it as well.
pub fn cycles<T: ResourceTexts>(
    explaining: &Explaining<'_, T>,
    account: AccountId,
    window: Span,
) -> Result<Vec<CycleExplained>, Overflow> {
    let Explaining { book, accounts, heard, .. } = *explaining;
    let calendar = book.calendar(accounts.get(account).billing_day);
    let mut by_cycle: BTreeMap<Cycle, Vec<usize>> = BTreeMap::new();
    for (place, span) in heard.spans.iter().enumerate() {
        if span.account() == account
            && let Some(span) = span.during().intersection(window)
        {
            for cycle in calendar.cycles_in(span) {
                by_cycle.entry(cycle).or_default().push(place);
            }
        }
    }
    let mut explained = Vec::new();
    for (cycle, places) in by_cycle {
        let cycle = explaining.cycle(account, cycle, places)?;
        explained.extend((!cycle.charges.is_empty()).then_some(cycle));
    }
    Ok(explained)
}

impl<T: ResourceTexts> Explaining<'_, T> {
    fn cycle(
        &self,
        account: AccountId,
        cycle: Cycle,
        mut places: Vec<usize>,
    ) -> Result<CycleExplained, Overflow> {
        let Explaining { book, accounts, run, heard, .. } = *self;
        let context = Context { book, accounts, run };
        // In the order in which a bill measures them, so that shares fall alike.
        places.sort_by(|a, b| self.order(&heard.spans[*a]).cmp(&self.order(&heard.spans[*b])));
        let mut meter = Meter::new(context, account, cycle);
        let mut alone = Meter::new(context, account, cycle);
        let mut pieces: FxHashMap<UsageKey, Vec<Piece>> = FxHashMap::default();
        for place in places {
            let span = &heard.spans[place];
            measure(&mut meter, span)?;
            alone.begin(account, cycle);
            measure(&mut alone, span)?;
            for (key, line) in alone.usage().in_order() {
                let during = self.stretch(&key, span);
                let piece = Piece { span: place, during, base_units: line.base_units };
                pieces.entry(key).or_default().push(piece);
            }
        }
        let usage = meter.usage().in_order();
        let lines = self.lines(&usage, &mut pieces)?;
        let pricing = Pricing { book, accounts, run, allow_unpriced: true };
        let mut charges = price::cycle_charges(&usage, &pricing)?;
        statement::put_in_order(&mut charges, &mut SkuTexts::default(), self.names);
        let billed = cycle.span().intersection(run).unwrap_or(cycle.span());
        let mut explained = Vec::with_capacity(charges.len());
        for charge in &charges {
            let line = charge.usage.as_ref().and_then(|key| meter.usage().get(key));
            explained.push(self.charge(charge, &charges, &lines, line)?);
        }
        Ok(CycleExplained { account, cycle, billed, charges: explained, lines })
    }

    /// What decides the order of spans: the texts of resource, source and region, the kind, time.
    fn order<'s>(&'s self, span: &HeardSpan) -> impl Ord + use<'s, T> {
        let cause = span.cause();
        (
            self.heard.names.text(cause.resource),
            cause.source_image.map(|image| self.texts.text(image)),
            self.names.regions.text(cause.region),
            cause.kind,
            span.during().start,
        )
    }

    /// The part of a span that lies under the version of a rate that a key names.
    fn stretch(&self, key: &UsageKey, span: &HeardSpan) -> Span {
        let Explaining { book, run, .. } = *self;
        let billed = key.cycle.span().intersection(run).unwrap_or(key.cycle.span());
        let region = span.cause().region;
        let mut all = stretches(book, key.account, key.cycle, billed, key.sku, region);
        let own = all.find(|(_, other)| other == key).map_or(billed, |(stretch, _)| stretch);
        let during = own.intersection(span.during()).unwrap_or(own);
        // Data is sent at an instant.
        let is_instant = matches!(span.stored, Stored::Transfer(_));
        if is_instant { Span { start: during.start, end: during.start } } else { during }
    }

    fn lines(
        &self,
        usage: &[(UsageKey, &UsageLine)],
        pieces: &mut FxHashMap<UsageKey, Vec<Piece>>,
    ) -> Result<Vec<LineExplained>, Overflow> {
        let priced = price::priced_lines(usage, self.book)?;
        let units: FxHashMap<UsageKey, u128> =
            usage.iter().map(|(key, line)| (*key, line.base_units)).collect();
        let line = |PricedLine { key, quantity, position, whole }| LineExplained {
            key,
            base_units: units.get(&key).copied().unwrap_or(0),
            ratio: ratio(key.sku, key.cycle, self.book),
            quantity,
            position,
            whole,
            is_pooled: self.book.pool_of(key.sku).is_some(),
            pieces: pieces.remove(&key).unwrap_or_default(),
        };
        Ok(priced.into_iter().map(line).collect())
    }

    fn charge(
        &self,
        charge: &Charge,
        all: &[Charge],
        lines: &[LineExplained],
        usage: Option<&UsageLine>,
    ) -> Result<ChargeExplained, Overflow> {
        let place = charge.usage.and_then(|key| lines.iter().position(|line| line.key == key));
        let (why, rate) = match (place, charge.sku) {
            (Some(place), _) => (Why::Usage(place), self.rate(charge)),
            (None, Sku::Minimum(level)) => {
                let rate = self.book.per_cycle(charge.sku, charge.cycle.start());
                let minimum = rate.map_or(charge.unit_price, |version| version.tiers[0].price);
                let is_support = |charge: &&Charge| charge.sku == Sku::Support(level);
                let support = self.sum(all.iter().filter(is_support))?;
                (Why::Minimum { minimum, support }, self.rate(charge))
            }
            (None, Sku::VolumeDiscount) => self.discount(charge, all)?,
            (None, _) => (Why::Fee, self.rate(charge)),
        };
        let resources = match (place, usage) {
            (Some(place), Some(usage)) => self.caused(charge, &lines[place], usage)?,
            _ => Vec::new(),
        };
        Ok(ChargeExplained { charge: charge.clone(), rate, why, resources })
    }

    /// The line of the book that a charge's price stands on.
    fn rate(&self, charge: &Charge) -> Option<RateFound> {
        let from = charge.effective_from?;
        let Version { model, tiers, .. } =
            self.book.rates.version(charge.sku, charge.region, from)?;
        let place = tiers.iter().position(|tier| tier.from == charge.tier_from)?;
        let is_tiered = *model != Model::Package;
        Some(RateFound {
            file: "rates.csv",
            line: tiers[place].line,
            source: tiers[place].source.clone(),
            model: Some(*model),
            upper: tiers.get(place + 1).filter(|_| is_tiered).map(|next| next.from),
            tiers: tiers.len(),
        })
    }

    fn discount(
        &self,
        charge: &Charge,
        all: &[Charge],
    ) -> Result<(Why, Option<RateFound>), Overflow> {
        let is_discounted = |charge: &&Charge| {
            let category = charge.sku.category();
            matches!(category, Category::Servers | Category::Licenses | Category::Support)
        };
        let sum = self.sum(all.iter().filter(is_discounted))?;
        let bands = self.book.discount_at(charge.cycle.start()).map_or(&[][..], |grid| &grid.bands);
        let place = bands.iter().position(|band| band.from == charge.tier_from);
        let band = place.map(|place| &bands[place]);
        let rate = place.zip(band).map(|(place, band)| RateFound {
            file: "discounts.csv",
            line: band.line,
            source: band.source.clone(),
            model: None,
            upper: bands.get(place + 1).map(|next| next.from),
            tiers: bands.len(),
        });
        let percent = band.map(|band| band.percent).unwrap_or_default();
        Ok((Why::Discount { percent, sum }, rate))
    }

    fn sum<'c>(&self, charges: impl Iterator<Item = &'c Charge>) -> Result<Money, Overflow> {
        let zero = Money::zero(self.book.currency.minor_digits());
        charges.into_iter().try_fold(zero, |sum, charge| sum.plus(charge.amount))
    }

    /// What caused a charge (A), each with its pieces.
    fn caused(
        &self,
        charge: &Charge,
        line: &LineExplained,
        usage: &UsageLine,
    ) -> Result<Vec<Caused>, Overflow> {
        let mut splitter = Splitter::default();
        let mut at = 0;
        let cause_of = |piece: &Piece| self.heard.spans[piece.span].cause();
        let mut caused = Vec::with_capacity(usage.causes().len());
        for (cause, amount, quantity) in splitter.both(charge, usage, self.book)? {
            let own = line.pieces[at..].iter().take_while(|piece| cause_of(piece) == cause);
            let pieces = at..at + own.count();
            at = pieces.end;
            let spans = line.pieces[pieces.clone()].iter();
            let mut shared = spans.filter_map(|piece| self.heard.spans[piece.span].shared);
            let had_member = |image| self.images.had_member(image, charge.cycle);
            let role = Role::of(cause.kind, shared.next().is_some_and(had_member));
            caused.push(Caused { cause, role, quantity, amount, pieces });
        }
        Ok(caused)
    }
}

impl LineExplained {
    /// Where it ends in its tiers.
    #[must_use]
    pub fn end(&self) -> Quantity {
        self.position.plus(self.quantity).unwrap_or(self.position)
    }
}

impl HeardSpan {
    /// Who pays.
    #[must_use]
    pub fn account(&self) -> AccountId {
        match &self.stored {
            Stored::Storage(stored) => stored.account,
            Stored::Server(server) => server.account,
            Stored::Transfer(sent) => sent.account,
        }
    }

    /// From when to when.
    #[must_use]
    pub fn during(&self) -> Span {
        match &self.stored {
            Stored::Storage(stored) => stored.span,
            Stored::Server(server) => server.span,
            Stored::Transfer(sent) => {
                Span { start: sent.at, end: Instant::from_micros(sent.at.micros() + 1) }
            }
        }
    }

    /// What it is as a cause (A).
    #[must_use]
    pub fn cause(&self) -> Cause {
        match &self.stored {
            Stored::Storage(stored) => Cause::of_storage(stored),
            Stored::Server(server) => Cause::of_server(server),
            Stored::Transfer(sent) => Cause::of_transfer(sent),
        }
    }
}

fn measure(meter: &mut Meter<'_>, span: &HeardSpan) -> Result<(), Overflow> {
    match &span.stored {
        Stored::Storage(stored) => meter.storage(stored),
        Stored::Server(server) => meter.server(server),
        Stored::Transfer(sent) => meter.transfer(sent),
    }
}
