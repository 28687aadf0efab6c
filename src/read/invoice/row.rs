//! One row of an invoice.

use std::borrow::Cow;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place, Source};
use crate::read::csv::Record;
use crate::read::invoice::Header;
use crate::read::invoice::layout::DateOrder;
use crate::read::invoice::number::{Printed, printed};
use crate::read::table::abridged;
use crate::reconcile::{InvoiceLine, Item, LineKind};
use crate::value::{Currency, Exact, Instant, InstantError};

/// Reads rows by a header's layout.
pub(super) struct RowReader<'a> {
    source: &'a Arc<Source>,
    header: &'a Header,
    currency: Currency,
}

/// One row's cells.
struct Cells<'r> {
    texts: Vec<Cow<'r, str>>,
    record: &'r Record,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(
        source: &'a Arc<Source>,
        header: &'a Header,
        currency: Currency,
    ) -> RowReader<'a> {
        let told = header.layout.currency.as_deref().and_then(Currency::from_code);
        RowReader { source, header, currency: told.unwrap_or(currency) }
    }

    /// Reads a row; `None` after a mistake, which is added to `wrong`.
    pub(super) fn line(
        &mut self,
        record: &Record,
        is_repeated: bool,
        wrong: &mut Vec<Diagnostic>,
    ) -> Option<InvoiceLine> {
        let bytes = self.source.text.as_bytes();
        let texts = record.fields.iter().map(|field| field.text(bytes).unwrap_or_default());
        let cells = Cells { texts: texts.collect(), record };
        match self.read(&cells, is_repeated) {
            Ok(line) => Some(line),
            Err(diagnostic) => {
                wrong.push(diagnostic);
                None
            }
        }
    }

    fn read(&self, cells: &Cells<'_>, is_repeated: bool) -> Result<InvoiceLine, Diagnostic> {
        let layout = &self.header.layout;
        let columns = &layout.columns;
        let account = self.account(cells)?;
        let start = self.date(cells, &columns.start)?;
        let start = start.ok_or_else(|| self.missing(cells, &columns.start, "period's start"))?;
        let end = self.date(cells, &columns.end)?;
        let quantity = self.number(cells, &columns.quantity)?;
        let unit_price = self.number(cells, &columns.unit_price)?;
        let amount = self.number(cells, &columns.amount)?;
        let amount = amount.ok_or_else(|| self.missing(cells, &columns.amount, "amount"))?;
        let currency = self.currency(cells, amount.currency)?;
        let (kind, item) = self.item(cells);
        let number = |printed: Option<Printed>| -> Option<Exact> { printed.map(|p| p.number) };
        Ok(InvoiceLine {
            account,
            start,
            end,
            item,
            kind,
            region: self.region(cells),
            quantity: number(quantity),
            unit_price: number(unit_price),
            amount: amount.number,
            currency,
            is_repeated,
        })
    }

    /// The first of some columns that is not empty in a row, and its place.
    fn first<'c>(&self, cells: &'c Cells<'_>, columns: &[String]) -> Option<(&'c str, usize)> {
        let places = columns.iter().filter_map(|column| self.header.place(column));
        let mut filled = places.map(|place| (cells.text(place), place));
        filled.find(|(text, _)| !text.is_empty())
    }

    fn account(&self, cells: &Cells<'_>) -> Result<String, Diagnostic> {
        let layout = &self.header.layout;
        let found = self.first(cells, &layout.columns.account).map(|(text, _)| text);
        let Some(theirs) = found.or(layout.account.as_deref()) else {
            let message = "a row without an account";
            return Err(Diagnostic::error(Code::AccountMissing, message)
                .at(self.at(cells, &layout.columns.account), "nobody is billed here")
                .help("sums and notes below the lines are none of them: remove the row"));
        };
        if let Some((_, ours)) = layout.accounts.iter().find(|(known, _)| known == theirs) {
            return Ok(ours.clone());
        }
        if layout.is_our_focus {
            return Ok(decoded(theirs.strip_prefix("account:").unwrap_or(theirs)));
        }
        Ok(theirs.to_owned())
    }

    fn region(&self, cells: &Cells<'_>) -> String {
        let layout = &self.header.layout;
        let theirs = self.first(cells, &layout.columns.region).map_or("", |(text, _)| text);
        let known = layout.regions.iter().find(|(known, _)| known == theirs);
        match known {
            Some((_, ours)) if ours == "*" => String::new(),
            Some((_, ours)) => ours.clone(),
            None if layout.is_our_focus => {
                decoded(theirs.strip_prefix("region ").unwrap_or(theirs))
            }
            None => theirs.to_owned(),
        }
    }

    /// What a line is: by the first rule that fits.
    fn item(&self, cells: &Cells<'_>) -> (LineKind, Item) {
        let layout = &self.header.layout;
        let cell = |column: &str| self.header.place(column).map_or("", |place| cells.text(place));
        let rule = layout.rules.iter().find(|rule| rule.fits(cell));
        let kind = rule.map_or(LineKind::Charge, |rule| rule.kind);
        let skus = rule.map(|rule| rule.skus_of(cell)).filter(|skus| !skus.is_empty());
        let item = match skus {
            Some(skus) if layout.is_our_focus => {
                Item::Skus(skus.iter().map(|sku| decoded(sku)).collect())
            }
            Some(skus) => Item::Skus(skus),
            None => Item::Words(self.words(cells)),
        };
        (kind, item)
    }

    /// A line's own words.
    fn words(&self, cells: &Cells<'_>) -> String {
        let columns = self.header.layout.columns.item.iter();
        let places = columns.filter_map(|column| self.header.place(column));
        let words = places.map(|place| cells.text(place)).filter(|text| !text.is_empty());
        words.collect::<Vec<_>>().join(" / ")
    }

    fn number(&self, cells: &Cells<'_>, columns: &[String]) -> Result<Option<Printed>, Diagnostic> {
        let Some((text, place)) = self.first(cells, columns) else { return Ok(None) };
        let has_comma = self.header.layout.has_decimal_comma;
        if let Some(number) = printed(text, has_comma) {
            return Ok(Some(number));
        }
        let message = format!("`{}` is not a number", abridged(text));
        let help = match (printed(text, !has_comma), has_comma) {
            (Some(_), false) => {
                "say decimal = \",\" in a --map if its decimals stand behind a comma"
            }
            (Some(_), true) => "the map says decimal = \",\"; this has a point",
            (None, _) => "write it like 1,234.56 or -5.00",
        };
        Err(Diagnostic::error(Code::NumberWrong, message)
            .at(self.place(cells, place), "a number is expected")
            .help(help))
    }

    fn currency(&self, cells: &Cells<'_>, sign: Option<Currency>) -> Result<Currency, Diagnostic> {
        let columns = &self.header.layout.columns.currency;
        let Some((code, place)) = self.first(cells, columns) else {
            return Ok(sign.unwrap_or(self.currency));
        };
        let wrong = |message: String, help: &str| {
            let place = self.place(cells, place);
            Diagnostic::error(Code::ValueWrong, message)
                .at(place, "of this line")
                .help(help.to_owned())
        };
        let told = Currency::from_code(&code.to_uppercase());
        let told = told.ok_or_else(|| {
            let message = format!("`{}` is not a currency", abridged(code));
            wrong(message, "a code of ISO 4217 is expected")
        })?;
        match sign.filter(|sign| *sign != told) {
            Some(sign) => {
                let message = format!("the line is in {told}, and its amount in {sign}");
                Err(wrong(message, "ask the provider which of the two it is"))
            }
            None => Ok(told),
        }
    }

    fn date(&self, cells: &Cells<'_>, columns: &[String]) -> Result<Option<Instant>, Diagnostic> {
        let Some((text, place)) = self.first(cells, columns) else { return Ok(None) };
        instant(text, self.header.layout.dates).map(Some).map_err(|why| {
            let message = format!("`{}`: {why}", abridged(text));
            let help = "if it is a day in another order, say so in a --map: \
                        dates = \"day-month-year\" or \"month-day-year\"";
            Diagnostic::error(Code::DateWrong, message)
                .at(self.place(cells, place), "a date is expected")
                .help(help)
        })
    }

    fn missing(&self, cells: &Cells<'_>, columns: &[String], what: &str) -> Diagnostic {
        let code = if what == "amount" { Code::NumberWrong } else { Code::DateWrong };
        Diagnostic::error(code, format!("a line without its {what}"))
            .at(self.at(cells, columns), "nothing here")
            .help("remove the row if it is no line of the invoice")
    }

    /// The place of the first of some columns in a row.
    fn at(&self, cells: &Cells<'_>, columns: &[String]) -> Place {
        let place = columns.iter().find_map(|column| self.header.place(column));
        place.map_or_else(
            || self.source.place(cells.record.span.clone()),
            |place| self.place(cells, place),
        )
    }

    fn place(&self, cells: &Cells<'_>, column: usize) -> Place {
        let field = cells.record.fields.get(column);
        self.source.place(field.map_or(cells.record.span.clone(), |field| field.span.clone()))
    }
}

impl Cells<'_> {
    fn text(&self, place: usize) -> &str {
        self.texts.get(place).map_or("", |text| text.trim())
    }
}

/// A day, perhaps with a time. A time without an offset is taken for UTC: cycles are days.
fn instant(text: &str, order: DateOrder) -> Result<Instant, String> {
    let (day, time) = match text.find(['T', 't', ' ']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return Err("not a date".to_owned()) };
    let (year, month, day) = match order {
        DateOrder::YearMonthDay => (a, b, c),
        DateOrder::DayMonthYear => (c, b, a),
        DateOrder::MonthDayYear => (c, a, b),
    };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return Err("not a date like 2016-03-31".to_owned());
    }
    let day = format!("{year}-{month:0>2}-{day:0>2}");
    let whole = Instant::parse_date_or_instant(&day).map_err(|error| error.to_string())?;
    let time = time.trim();
    if time.is_empty() {
        return Ok(whole);
    }
    let text = format!("{day}T{}", time.trim_start_matches(['T', 't']));
    match Instant::parse(&text) {
        Err(InstantError::NoOffset) => {
            Instant::parse(&format!("{text}Z")).map_err(|error| error.to_string())
        }
        parsed => parsed.map_err(|error| error.to_string()),
    }
}

/// Undoes `%` and hexadecimal bytes, as our FOCUS export writes what is not ASCII.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let code = behind.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let code = code.filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *byte == b'%') {
            Some(code) => {
                bytes.push(code);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*byte);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_the_order_that_is_asked_for() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (text, order, expected) in [
            ("2016-03-31", YearMonthDay, "2016-03-31T00:00:00Z"),
            ("2016-3-1", YearMonthDay, "2016-03-01T00:00:00Z"),
            ("2016-03-31T23:59:59Z", YearMonthDay, "2016-03-31T23:59:59Z"),
            ("2016-03-31 23:59:59", YearMonthDay, "2016-03-31T23:59:59Z"),
            ("2016-03-31T00:00:00-06:00", YearMonthDay, "2016-03-31T06:00:00Z"),
            ("31.03.2016", DayMonthYear, "2016-03-31T00:00:00Z"),
            ("3/31/2016", MonthDayYear, "2016-03-31T00:00:00Z"),
            ("31.03.2016", YearMonthDay, "not a date like 2016-03-31"),
            ("31.03.2016", MonthDayYear, "there is no such day or time of day"),
            ("March", YearMonthDay, "not a date"),
        ] {
            let read = instant(text, order).map(Instant::to_seconds_text);
            assert_eq!(read.unwrap_or_else(|why| why), expected, "{text}");
        }
    }

    #[test]
    fn our_own_texts_come_back() {
        assert_eq!(decoded("K%C3%B6ln, 100 %25"), "Köln, 100 %");
        assert_eq!(decoded("100 %"), "100 %");
        assert_eq!(decoded("%zz"), "%zz");
    }
}
