//! A provider's invoice as CSV, to lines in our words.
//!
//! Columns are found by name, whatever their order and letter case; what nobody asks for is passed
//! over, as providers add columns. What a layout asks for has to be there.

mod layout;
pub mod map;
mod number;
mod row;

pub use layout::{Columns, DateOrder, Layout, LineRule};
pub use number::{Printed, printed};

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Code, Diagnostic, Source, has_errors};
use crate::read::csv::{Record, Records};
use crate::read::invoice::layout::folded;
use crate::read::invoice::map::InvoiceMap;
use crate::read::invoice::row::RowReader;
use crate::read::table::{abridged, check_shape};
use crate::read::text::utf8;
use crate::reconcile::{InvoiceLine, Item};
use crate::value::Currency;

/// How many mistakes of one file are told.
const MOST_TOLD: usize = 20;

/// An invoice.
#[derive(Debug, Clone)]
pub struct Invoice {
    /// The layout that it was read by.
    pub layout: String,
    /// Its lines, in order.
    pub lines: Vec<InvoiceLine>,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads an invoice. `currency` is that of lines that tell none.
///
/// # Errors
/// Everything that is wrong with it, up to a number.
pub fn read(
    name: &str,
    bytes: &[u8],
    map: Option<&InvoiceMap>,
    currency: Currency,
) -> Result<Invoice, Vec<Diagnostic>> {
    let text = utf8(name, bytes).map_err(|diagnostic| vec![diagnostic])?;
    let source = Source::whole(name, text);
    let mut records = Records::new(text.as_bytes());
    let mut record = Record::default();
    if !records.read(&mut record) {
        let diagnostic = Diagnostic::error(Code::TableEmpty, format!("`{name}` is empty"));
        let diagnostic = diagnostic.at(source.place(0..0), "a header is expected here");
        return Err(vec![diagnostic.help("save the provider's invoice as CSV")]);
    }
    let header = Header::read(&source, &record, map).map_err(|diagnostic| vec![diagnostic])?;
    let width = record.fields.len();
    let mut reader = RowReader::new(&source, &header, currency);
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    while wrong.len() < MOST_TOLD && records.read(&mut record) {
        if let Some(diagnostic) = check_shape(&source, &record, width) {
            wrong.push(diagnostic);
            continue;
        }
        let is_repeated = !seen.insert(&text[record.span.clone()]);
        lines.extend(reader.line(&record, is_repeated, &mut wrong));
    }
    if has_errors(&wrong) {
        return Err(wrong);
    }
    if lines.is_empty() {
        let message = format!("`{name}` has a header and no line");
        let help = "get the invoice with its lines: there is nothing to put beside our charges";
        return Err(vec![Diagnostic::error(Code::InvoiceEmpty, message).help(help)]);
    }
    let diagnostics = reader.unmapped(&lines);
    Ok(Invoice { layout: header.layout.name, lines, diagnostics })
}

/// A header, and what it makes of the layout.
pub(super) struct Header {
    pub(super) layout: Layout,
    /// The columns' names, folded, in order.
    names: Vec<String>,
    /// Where the columns are that the layout asks for: rows ask again and again.
    places: FxHashMap<String, Option<usize>>,
}

impl Header {
    fn read(
        source: &Arc<Source>,
        record: &Record,
        map: Option<&InvoiceMap>,
    ) -> Result<Header, Diagnostic> {
        if record.broken.is_some() {
            let broken = check_shape(source, record, 0);
            return Err(broken.unwrap_or_else(|| unknown(source, record, map)));
        }
        let bytes = source.text.as_bytes();
        let names: Vec<String> = record
            .fields
            .iter()
            .map(|field| field.text(bytes).unwrap_or_default().trim().to_owned())
            .collect();
        let layout = match map {
            Some(map) => map.layout(&names),
            None => Layout::of_header(&names),
        };
        let layout = layout.ok_or_else(|| unknown(source, record, map))?;
        let folded_names = names.iter().map(|name| folded(name)).collect();
        let mut header = Header { layout, names: folded_names, places: FxHashMap::default() };
        header.check(source, record, &names)?;
        let asked: Vec<String> = header.asked().map(str::to_owned).collect();
        header.places = asked.into_iter().map(|name| (name.clone(), header.find(&name))).collect();
        Ok(header)
    }

    /// What a layout needs has to be there; what it asks for, once.
    fn check(
        &self,
        source: &Arc<Source>,
        record: &Record,
        names: &[String],
    ) -> Result<(), Diagnostic> {
        for (what, columns) in self.layout.needed() {
            if columns.iter().any(|column| self.place(column).is_some()) {
                continue;
            }
            let end = record.span.end;
            let wanted = columns.join("` or `");
            let message = format!("`{}` has no column `{wanted}` for the {what}", source.name);
            let diagnostic = Diagnostic::error(Code::ColumnMissing, message)
                .at(source.place(end..end), "the header ends here");
            let known = names.iter().map(String::as_str);
            let near = columns.first().and_then(|wanted| crate::diagnostic::nearest(wanted, known));
            return Err(match near {
                Some(near) => diagnostic.help(format!(
                    "is it `{}`? say so in a --map: [columns] {what} = \"{}\"",
                    abridged(near),
                    abridged(near)
                )),
                None => diagnostic.help("say in a --map which column it is, under [columns]"),
            });
        }
        for column in self.asked() {
            let folded = folded(column);
            let mut places = self.names.iter().enumerate().filter(|(_, name)| **name == folded);
            let second = places.nth(1);
            if let Some((second, _)) = second {
                let place = source.place(record.fields[second].span.clone());
                let message = format!("column `{}` appears twice", abridged(&names[second]));
                return Err(Diagnostic::error(Code::ColumnTwice, message)
                    .at(place, "the second one")
                    .help("remove one of the two, or rename it"));
            }
        }
        Ok(())
    }

    /// The columns that the layout asks for.
    fn asked(&self) -> impl Iterator<Item = &str> {
        let Columns { account, start, end, item, region, quantity, unit_price, amount, currency } =
            &self.layout.columns;
        let lists = [account, start, end, item, region, quantity, unit_price, amount, currency];
        let rules =
            self.layout.rules.iter().flat_map(|rule| rule.when.iter().map(|(name, _)| name));
        lists.into_iter().flatten().chain(rules).map(String::as_str)
    }

    /// The place of a column.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.places.get(column).copied().unwrap_or_else(|| self.find(column))
    }

    fn find(&self, column: &str) -> Option<usize> {
        let column = folded(column);
        self.names.iter().position(|name| *name == column)
    }
}

/// What to say about a header that nobody knows.
fn unknown(source: &Arc<Source>, record: &Record, map: Option<&InvoiceMap>) -> Diagnostic {
    let line = source.text.get(record.span.clone()).unwrap_or_default();
    let message = format!("nobody knows the columns of `{}`", source.name);
    let diagnostic = Diagnostic::error(Code::InvoiceUnknown, message)
        .at(source.place(record.span.clone()), "the first line should name the columns");
    let separators = [(';', "semicolons"), ('\t', "tabs")];
    let used = separators.iter().find(|(separator, _)| line.matches(*separator).count() > 1);
    diagnostic.help(match (used, map) {
        (Some((_, name)), _) => {
            format!("they are separated by {name}: save it as CSV with commas")
        }
        (None, Some(_)) => {
            "the map has to say under [columns] which are account, start and amount".to_owned()
        }
        (None, None) => {
            "known are Rackspace's detailed invoice and FOCUS; for any other, say with \
                         --map MAP.toml which column is what"
                .to_owned()
        }
    })
}

impl RowReader<'_> {
    /// The words that no rule takes for a SKU, in one warning.
    fn unmapped(&self, lines: &[InvoiceLine]) -> Vec<Diagnostic> {
        const MOST: usize = 10;
        let mut words: Vec<(&str, usize)> = Vec::new();
        for line in lines {
            let Item::Words(text) = &line.item else { continue };
            if line.kind != crate::reconcile::LineKind::Charge {
                continue;
            }
            match words.iter_mut().find(|(known, _)| known == text) {
                Some((_, count)) => *count += 1,
                None => words.push((text, 1)),
            }
        }
        if words.is_empty() {
            return Vec::new();
        }
        let told: Vec<String> = words
            .iter()
            .take(MOST)
            .map(|(text, count)| format!("`{}` ({count})", abridged(text)))
            .collect();
        let more = if words.len() > MOST { " …" } else { "" };
        let message = format!("no rule takes these words for a SKU: {}{more}", told.join(", "));
        vec![
            Diagnostic::warning(Code::InvoiceUnmapped, message)
                .help("say in a --map what they are: [[line]] with when and sku, or kind"),
        ]
    }
}
