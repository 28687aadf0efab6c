//! What comes of a forecast: servers, images and transfers.

use std::fmt::Write as _;

use crate::forecast::Forecast;
use crate::project::attrition::Attrition;
use crate::project::luck::Luck;
use crate::project::plan::{Running, Sent, Stored, Tell, Thing};
use crate::project::trend::{Of, Trend, Trended};
use crate::value::{AccountId, Names, Span};
use crate::world::StorageKind;

/// The value of a month at a probability: straight lines through p10, p50 and p90, and on beyond
/// them; nothing below 0.
pub(super) fn at(forecast: &Forecast, month: usize, probability: f64) -> f64 {
    let (p10, p50, p90) = (forecast.p10[month], forecast.p50[month], forecast.p90[month]);
    let slope = if probability < 0.5 { p50 - p10 } else { p90 - p50 };
    (p50 + slope * (probability - 0.5) / 0.4).max(0.0)
}

impl Trend {
    /// Tells what comes on top of what goes on, where that is in a run: as many servers as run for
    /// whole months, one for the steps that are left, one image and object of the average size,
    /// and one transfer a month.
    pub fn tell(
        &self,
        run: Span,
        attrition: Option<&Attrition>,
        luck: Luck,
        names: &Names,
        tell: &mut impl Tell,
    ) {
        for (account, series) in &self.accounts {
            for trended in series {
                let lost = self.lost(*account, trended, run, attrition, luck, names);
                let place = trended.place(luck);
                for (month, lost) in lost.iter().enumerate() {
                    let rest = trended.rest(self, month, place, *lost);
                    self.tell_month(*account, trended.of, month, rest, names, tell);
                }
            }
        }
    }

    /// The steps in each month of servers that were there at the start and have ended.
    pub(super) fn lost(
        &self,
        account: AccountId,
        trended: &Trended,
        run: Span,
        attrition: Option<&Attrition>,
        luck: Luck,
        names: &Names,
    ) -> Vec<u64> {
        let mut lost = vec![0; self.months.len()];
        let leaving = attrition.and_then(|attrition| attrition.get(&account));
        let (Of::Servers { flavor, region, os }, Some(leaving)) = (trended.of, leaving) else {
            return lost;
        };
        let text = names.accounts.text(account);
        let ends = match luck {
            Luck::Mean => leaving.mean(run),
            Luck::Run { .. } => {
                let servers = leaving.servers.iter();
                let end = |server| leaving.draw(server, server.purpose(text), luck, run);
                servers.map(|server| (server, end(server))).collect()
            }
        };
        for (server, end) in ends {
            if (server.flavor, server.region, server.os) == (flavor, region, os) {
                self.lose(server.created, end, &mut lost);
            }
        }
        lost
    }

    fn tell_month(
        &self,
        account: AccountId,
        of: Of,
        month: usize,
        rest: u64,
        names: &Names,
        tell: &mut impl Tell,
    ) {
        if rest == 0 {
            return;
        }
        let span = self.months[month];
        let mut id = format!(
            "trend/{}/{}/{}",
            names.accounts.text(account),
            of.text(names),
            span.start.day()
        );
        match of {
            Of::Servers { flavor, region, os } => {
                let each = self.steps(month);
                let whole = (0..rest / each).map(|_| span);
                let left = rest % each;
                let left = (left > 0).then(|| self.first_steps(month, left));
                let length = id.len();
                for (number, span) in (1..).zip(whole.chain(left)) {
                    id.truncate(length);
                    // A string takes everything.
                    let _ = write!(id, "/{number}");
                    tell.running(&Running {
                        thing: Thing::Named(&id),
                        account,
                        region,
                        source: None,
                        flavor,
                        os: Some(os),
                        system: os,
                        is_consumer: false,
                        span,
                        is_refused: false,
                    });
                }
            }
            Of::Images(region) | Of::Objects(region) => {
                let is_image = matches!(of, Of::Images(_));
                tell.stored(&Stored {
                    thing: Thing::Named(&id),
                    kind: if is_image { StorageKind::Image } else { StorageKind::Object },
                    account,
                    region,
                    source: None,
                    bytes: rest,
                    os: None,
                    labels: None,
                    span,
                    is_refused: false,
                });
            }
            Of::Sent(region) => {
                let thing = Thing::Named(&id);
                tell.sent(&Sent { thing, account, region, bytes: rest, at: span.start });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::Model;

    #[test]
    fn a_run_lies_where_its_number_says() {
        let forecast = Forecast {
            mean: vec![10.0],
            p10: vec![6.0],
            p50: vec![10.0],
            p90: vec![18.0],
            model: Model::Auto,
            outliers: Vec::new(),
            origins: 4,
        };
        for (probability, value) in [(0.1, 6.0), (0.5, 10.0), (0.9, 18.0), (0.3, 8.0), (0.7, 14.0)]
        {
            assert!((at(&forecast, 0, probability) - value).abs() < 1e-12, "{probability}");
        }
        assert!((at(&forecast, 0, 0.0) - 5.0).abs() < 1e-12);
        let low = Forecast { p10: vec![0.5], ..forecast };
        assert!(at(&low, 0, 0.0).abs() < 1e-12, "nothing below 0");
    }
}
