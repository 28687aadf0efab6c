//! Watches a history: what each account used month by month, and what it has at the end.

use std::collections::BTreeMap;

use crate::forecast::{Frequency, Model, for_each_in_order, forecast};
use crate::project::luck::Purpose;
use crate::project::trend::{Of, Trend, Trended};
use crate::scenario::Interval;
use crate::value::{AccountId, Instant, MICROS_PER_DAY, MICROS_PER_SECOND, Names, Span};
use crate::world::{History, StorageKind};

/// How many months are looked at: ten years.
const MOST_MONTHS: u32 = 120;

/// Watches usage month by month, in a history that ends at the start of a plan.
#[derive(Debug)]
pub struct Watch {
    /// The months before the start, newest first.
    before: Vec<Span>,
    /// The months that are projected.
    ahead: Vec<Span>,
    step: u64,
    /// When each account first had anything.
    first: BTreeMap<AccountId, Instant>,
    series: BTreeMap<(AccountId, Of), Used>,
}

/// What was used of one series.
#[derive(Debug, Default)]
struct Used {
    /// Steps, byte-microseconds or bytes, newest month first.
    before: Vec<u128>,
    /// What is there at the start, in each projected month: steps, or bytes.
    going: Vec<u64>,
}

impl Watch {
    /// Up to the start of a run, whose months will be projected; servers have steps of so many
    /// seconds (M2).
    #[must_use]
    pub fn until(run: Span, increment_seconds: u32) -> Watch {
        let month = Interval::Months(1);
        let bounds = (0..=MOST_MONTHS).map(|months| month.before(run.start, months));
        let bounds: Vec<Instant> = bounds.collect();
        let span = |count: u32| Span {
            start: month.after(run.start, count),
            end: month.after(run.start, count + 1).min(run.end),
        };
        Watch {
            before: bounds.windows(2).map(|pair| Span { start: pair[1], end: pair[0] }).collect(),
            ahead: (0..).map(span).take_while(|month| month.start < run.end).collect(),
            step: u64::from(increment_seconds) * MICROS_PER_SECOND.unsigned_abs(),
            first: BTreeMap::new(),
            series: BTreeMap::new(),
        }
    }

    fn start(&self) -> Instant {
        self.ahead.first().map_or(Instant::from_micros(i64::MAX), |month| month.start)
    }

    /// Takes note of what the world tells, and leaves it there.
    pub fn see(&mut self, told: &History) {
        for stored in &told.storage {
            let of = match stored.kind {
                StorageKind::Image | StorageKind::Reimage => Of::Images(stored.region),
                StorageKind::Object => Of::Objects(stored.region),
            };
            let bytes = u128::from(stored.bytes);
            let units = |piece: Span| bytes * u128::from(piece.micros());
            let going = |_: Span| stored.bytes;
            self.add(stored.account, of, stored.span, units, going);
        }
        let step = self.step;
        for server in &told.servers {
            let of = Of::Servers { flavor: server.flavor, region: server.region, os: server.os };
            let created = server.created.micros();
            let started = |at: Instant| (at.micros() - created).unsigned_abs().div_ceil(step);
            let steps = |piece: Span| started(piece.end) - started(piece.start);
            self.add(server.account, of, server.span, |piece| u128::from(steps(piece)), steps);
        }
        for sent in &told.transfers {
            let end = Instant::from_micros(sent.at.micros() + 1);
            let moment = Span { start: sent.at, end };
            let bytes = u128::from(sent.bytes);
            self.add(sent.account, Of::Sent(sent.region), moment, |_| bytes, |_| 0);
        }
    }

    /// Adds the usage of a span, month by month. What lasts to the start goes on.
    fn add(
        &mut self,
        account: AccountId,
        of: Of,
        span: Span,
        units: impl Fn(Span) -> u128,
        going: impl Fn(Span) -> u64,
    ) {
        let start = self.start();
        let first = self.first.entry(account).or_insert(span.start);
        *first = span.start.min(*first);
        let used = self.series.entry((account, of)).or_default();
        // The newest month that it reaches into.
        let newest = self.before.partition_point(|month| month.start >= span.end);
        for (place, month) in self.before.iter().enumerate().skip(newest) {
            let Some(piece) = month.intersection(span) else { break };
            if used.before.len() <= place {
                used.before.resize(place + 1, 0);
            }
            used.before[place] += units(piece);
        }
        if span.end >= start && !matches!(of, Of::Sent(_)) {
            used.going.resize(self.ahead.len(), 0);
            for (month, sum) in self.ahead.iter().zip(&mut used.going) {
                *sum = sum.saturating_add(going(*month));
            }
        }
    }

    /// Forecasts every series.
    #[must_use]
    pub fn close(self, names: &Names, threads: usize) -> Trend {
        let months = self.ahead.len();
        let items: Vec<(&(AccountId, Of), &Used)> = self.series.iter().collect();
        let options = Frequency::Month.options(months, Model::Auto);
        let compute = |(key, used): &(&(AccountId, Of), &Used)| {
            let (account, of) = **key;
            let history = self.history(account, of, used);
            let mut going = used.going.clone();
            going.resize(months, 0);
            Trended {
                of,
                // What cannot be forecast, as it is too short, adds nothing.
                forecast: forecast(&history, &options).ok(),
                history,
                going,
                purpose: Purpose::of(&["trend", names.accounts.text(account), &of.text(names)]),
            }
        };
        let mut accounts: BTreeMap<AccountId, Vec<Trended>> = BTreeMap::new();
        let done: Result<(), std::convert::Infallible> =
            for_each_in_order(&items, threads, compute, |place, trended| {
                accounts.entry(items[place].0.0).or_default().push(trended);
                Ok(())
            });
        let Ok(()) = done;
        let before = self.before.iter().rev().copied().collect();
        Trend { months: self.ahead.clone(), before, step: self.step, accounts }
    }

    /// The series, oldest month first: the whole months of the account. A month counts as whole
    /// where the account has had something since its first day.
    fn history(&self, account: AccountId, of: Of, used: &Used) -> Vec<f64> {
        let first = self.first.get(&account).map_or(i64::MAX, |first| first.micros());
        let is_whole = |month: &&Span| month.start.micros() >= first - MICROS_PER_DAY;
        let whole = self.before.iter().take_while(is_whole).count();
        let value = |place: usize| {
            let units = used.before.get(place).copied().unwrap_or(0) as f64;
            let month = self.before[place].micros();
            match of {
                Of::Servers { .. } => units / month.div_ceil(self.step) as f64,
                Of::Images(_) | Of::Objects(_) => units / month as f64,
                Of::Sent(_) => units,
            }
        };
        (0..whole).rev().map(value).collect()
    }
}
