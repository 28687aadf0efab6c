//! What a projection expects: fans, drivers and budgets.

use std::fmt::Write as _;

use crate::report::Forecast;
use crate::run::EstimateRow;
use crate::value::Overflow;
use crate::write::html::View;
use crate::write::html::chart::{Fan, FanMonth, Swing, fan, tornado};
use crate::write::html::markup::{counted, escaped, money, percent};
use crate::write::html::money::{legend, tile};

/// How many accounts have a fan of their own.
const SMALL_FANS: usize = 6;
/// How many uncertain numbers a tornado shows.
const SWINGS: usize = 10;

impl View<'_> {
    /// The scenarios, one after the other.
    pub(super) fn outlook(&self, out: &mut String) -> Result<(), Overflow> {
        for (place, forecast) in self.run.forecasts.iter().enumerate() {
            self.scenario(out, forecast, place);
        }
        for id in ["forecast", "budgets", "drivers", "forecast-months"] {
            out.push_str(self.table(id));
        }
        Ok(())
    }

    fn scenario(&self, out: &mut String, forecast: &Forecast, place: usize) {
        let _ = writeln!(out, "<h3>{}</h3>", escaped(&forecast.scenario));
        let (digits, code) = (self.run.minor_digits(), self.run.currency_code());
        let is_drawn = forecast.is_drawn();
        out.push_str("<dl class=\"tiles\">\n");
        if let Some(whole) = &forecast.whole {
            let label = if is_drawn { "Expected in all" } else { "In all" };
            let months = counted(forecast.months.len(), "month", "months");
            tile(out, label, &format!("{} {code}", money(whole.mean, digits)), &months);
            if let Some([_, p10, _, p90, _]) = whole.quantiles {
                let band = format!("{} to {}", money(p10, digits), money(p90, digits));
                tile(out, "In eight of ten runs between", &band, code);
            }
        }
        let runs = counted(forecast.runs as usize, "run", "runs");
        let note = if is_drawn { "" } else { "every number at its mean" };
        tile(out, "Drawn", &runs, note);
        for budget in forecast.budgets.iter().filter(|budget| budget.period == "all") {
            let over = budget.over_budget.map_or(String::new(), percent);
            let amount = budget.budget.map_or(String::new(), |amount| money(amount, digits));
            let label = format!("{} passes its budget with", budget.account);
            tile(out, &label, &over, &format!("{amount} {code}"));
        }
        out.push_str("</dl>\n");
        if is_drawn {
            out.push_str(&legend([
                ("mean", "mean"),
                ("band", "p10 to p90"),
                ("wide", "p5 to p95"),
                ("budget", "budget"),
            ]));
        }
        self.fans(out, forecast, place);
        self.drivers(out, forecast, place);
    }

    fn fans(&self, out: &mut String, forecast: &Forecast, place: usize) {
        let id = self.id(&format!("fan-{place}"));
        let title = "All accounts, month by month";
        let description = "The mean of all runs each month, within the bands between which nine and \
                           eight of ten runs lie.";
        let about = self.about(&id, title, description);
        out.push_str(&fan(&about, &Fan { months: months(&forecast.months), is_small: false }));
        out.push_str("<div class=\"small-fans\">\n");
        let accounts = forecast.accounts.iter().zip(&forecast.account_months);
        for (number, (account, rows)) in accounts.take(SMALL_FANS).enumerate() {
            let id = self.id(&format!("fan-{place}-{number}"));
            let title = format!("{}, month by month", account.account);
            let _ = writeln!(out, "<figure><figcaption>{}</figcaption>", escaped(&account.account));
            let about = self.about(&id, &title, description);
            out.push_str(&fan(&about, &Fan { months: months(rows), is_small: true }));
            out.push_str("</figure>\n");
        }
        out.push_str("</div>\n");
        let more = forecast.accounts.len().saturating_sub(SMALL_FANS);
        if more > 0 {
            let more = counted(more, "more account is", "more accounts are");
            let _ = writeln!(out, "<p class=\"note\">{more} in the table.</p>");
        }
    }

    fn drivers(&self, out: &mut String, forecast: &Forecast, place: usize) {
        let of_all = forecast.drivers.iter().filter(|driver| driver.account == "*");
        let swing = |driver: &crate::run::DriverRow| Swing {
            label: driver.path.clone(),
            at_p10: driver.mean_at_p10,
            at_p90: driver.mean_at_p90,
            share: driver.share_of_variance,
        };
        let swings: Vec<Swing> = of_all.take(SWINGS).map(swing).collect();
        let (Some(whole), false) = (&forecast.whole, swings.is_empty()) else { return };
        out.push_str("<h4>What moves it</h4>\n");
        let id = self.id(&format!("tornado-{place}"));
        let description = "One bar for each uncertain number: from what is paid on average where it \
                           is at its p10 to what is paid where it is at its p90.";
        let about = self.about(&id, "What moves the total", description);
        out.push_str(&legend([("low", "less than the mean"), ("high", "more than the mean")]));
        out.push_str(&tornado(&about, whole.mean, &swings));
    }
}

fn months(rows: &[EstimateRow]) -> Vec<FanMonth> {
    let month = |row: &EstimateRow| FanMonth {
        label: row.period.clone(),
        mean: row.mean,
        quantiles: row.quantiles,
        budget: row.budget,
    };
    rows.iter().map(month).collect()
}
