//! `MAP.toml`: how a provider's invoice is to be read. Strict, and all mistakes at once.

use crate::book::Category;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::read::invoice::layout::{Columns, DateOrder, Layout, LineRule};
use crate::read::toml::keys::{Keys, each_table, short, wrong_kind};
use crate::read::toml::read_file;
use crate::read::toml::tree::{Node, Value};
use crate::reconcile::LineKind;
use crate::value::Currency;

const KINDS: [(&str, LineKind); 5] = [
    ("charge", LineKind::Charge),
    ("tax", LineKind::Tax),
    ("credit", LineKind::Credit),
    ("discount", LineKind::Discount),
    ("rounding", LineKind::Rounding),
];

const DATES: [(&str, DateOrder); 3] = [
    ("year-month-day", DateOrder::YearMonthDay),
    ("day-month-year", DateOrder::DayMonthYear),
    ("month-day-year", DateOrder::MonthDayYear),
];

/// The kinds of SKUs there are, for suggestions.
const SKUS: [&str; 9] = [
    "image.storage",
    "object.storage",
    "transfer.out",
    "server:*",
    "license:*",
    "support:*",
    "minimum:*",
    "fee:*",
    "discount:volume",
];

/// A map, and whether it says on its own which columns there are.
#[derive(Debug, Clone)]
pub struct InvoiceMap {
    /// The layout that it is laid over, by name; nothing where the header tells.
    pub base: Option<String>,
    /// What it says.
    pub over: Layout,
}

/// Reads a map.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(name: &str, bytes: &[u8]) -> Result<InvoiceMap, Vec<Diagnostic>> {
    read_file(name, bytes, |root, diagnostics| read_map(name, root, diagnostics))
}

impl InvoiceMap {
    /// The layout for an invoice: this map over what its header is known for. `None` where the map
    /// tells too few columns and the header is not known.
    #[must_use]
    pub fn layout(&self, header: &[String]) -> Option<Layout> {
        let base = match &self.base {
            Some(name) => Layout::named(name),
            None => Layout::of_header(header),
        };
        let Some(mut layout) = base else {
            let is_whole = self.over.needed().iter().all(|(_, names)| !names.is_empty());
            return is_whole.then(|| self.over.clone());
        };
        let over = self.over.clone();
        let lay = |below: &mut Vec<String>, above: Vec<String>| {
            if !above.is_empty() {
                *below = above;
            }
        };
        let (below, above) = (&mut layout.columns, over.columns);
        lay(&mut below.account, above.account);
        lay(&mut below.start, above.start);
        lay(&mut below.end, above.end);
        lay(&mut below.item, above.item);
        lay(&mut below.region, above.region);
        lay(&mut below.quantity, above.quantity);
        lay(&mut below.unit_price, above.unit_price);
        lay(&mut below.amount, above.amount);
        lay(&mut below.currency, above.currency);
        layout.rules.splice(0..0, over.rules);
        layout.accounts.extend(over.accounts);
        layout.regions.extend(over.regions);
        layout.account = over.account.or(layout.account);
        layout.currency = over.currency.or(layout.currency);
        layout.dates = over.dates;
        layout.has_decimal_comma = over.has_decimal_comma;
        Some(layout)
    }
}

fn read_map(name: &str, root: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<InvoiceMap> {
    let mut keys = Keys::of(root, "invoice map", diagnostics)?;
    let base = keys.choice("layout", &[("rackspace", "rackspace"), ("focus", "focus")]);
    let dates = keys.choice("dates", &DATES).unwrap_or_default();
    let decimal = keys.choice("decimal", &[(".", false), (",", true)]);
    let account = keys.text("account").map(|(text, _)| text.to_owned());
    let currency = keys.text("currency");
    let columns = keys.find("columns");
    let lines = keys.find("line");
    let accounts = keys.find("accounts");
    let regions = keys.find("regions");
    keys.finish();
    if let Some((code, place)) = currency.filter(|(code, _)| Currency::from_code(code).is_none()) {
        let message = format!("`{}` is not a currency", short(code));
        let diagnostic = Diagnostic::error(Code::ValueWrong, message);
        diagnostics.push(diagnostic.at(place.clone(), "a code of ISO 4217 expected"));
    }
    let columns = match columns {
        Some(node) => read_columns(node, diagnostics)?,
        None => Columns::default(),
    };
    let rules =
        lines.map(|node| each_table("line", node, diagnostics, read_rule)).unwrap_or_default();
    Some(InvoiceMap {
        base: base.map(str::to_owned),
        over: Layout {
            name: name.to_owned(),
            columns,
            rules,
            accounts: pairs(accounts, "accounts", diagnostics),
            regions: pairs(regions, "regions", diagnostics),
            account,
            currency: currency.map(|(code, _)| code.to_owned()),
            dates,
            has_decimal_comma: decimal.unwrap_or_default(),
            is_our_focus: false,
        },
    })
}

fn read_columns(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Columns> {
    let mut keys = Keys::of(node, "[columns]", diagnostics)?;
    let columns = Columns {
        account: column(&mut keys, "account"),
        start: column(&mut keys, "start"),
        end: column(&mut keys, "end"),
        item: column(&mut keys, "item"),
        region: column(&mut keys, "region"),
        quantity: column(&mut keys, "quantity"),
        unit_price: column(&mut keys, "unit_price"),
        amount: column(&mut keys, "amount"),
        currency: column(&mut keys, "currency"),
    };
    keys.finish();
    Some(columns)
}

/// One text, or a list of them.
fn column(keys: &mut Keys<'_, '_>, key: &'static str) -> Vec<String> {
    match keys.find(key).map(|node| &node.value) {
        Some(Value::List(_)) => {
            keys.texts(key).into_iter().map(|(text, _)| text.to_owned()).collect()
        }
        _ => keys.text(key).map(|(text, _)| text.to_owned()).into_iter().collect(),
    }
}

/// A table of texts.
fn pairs(
    node: Option<&Node>,
    key: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(String, String)> {
    let Some(node) = node else { return Vec::new() };
    let Value::Table(entries) = &node.value else {
        diagnostics.push(wrong_kind(&format!("`{key}`"), node, "a table"));
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for entry in entries {
        match &entry.node.value {
            Value::Text(text) => pairs.push((entry.key.clone(), text.clone())),
            _ => {
                let what = format!("`{}`", short(&entry.key));
                diagnostics.push(wrong_kind(&what, &entry.node, "a text in quotes"));
            }
        }
    }
    pairs
}

fn read_rule(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<LineRule> {
    let mut keys = Keys::of(node, "[[line]]", diagnostics)?;
    let when = keys.need("when", "{ EVENT_TYPE = \"NG Server Uptime\" }");
    let kind = keys.choice("kind", &KINDS);
    let skus: Vec<(&str, Place)> = match keys.find("sku").map(|node| &node.value) {
        Some(Value::List(_)) => {
            keys.texts("sku").into_iter().map(|(text, place)| (text, place.clone())).collect()
        }
        _ => keys.text("sku").map(|(text, place)| (text, place.clone())).into_iter().collect(),
    };
    let has_kind = keys.find("kind").is_some();
    if skus.is_empty() && !has_kind {
        keys.need("sku", "\"server:*\"");
    }
    keys.finish();
    for (sku, place) in &skus {
        // What stands before a placeholder has to be right already.
        let fixed = sku.split('{').next().unwrap_or_default();
        let goes_on = fixed.len() < sku.len();
        if !is_of_skus(fixed, goes_on) {
            let pattern = if goes_on { format!("{fixed}*") } else { (*sku).to_owned() };
            let message = format!("`{}` is no SKU, and no pattern of some", short(sku));
            diagnostics.push(
                Diagnostic::error(Code::SkuUnknown, message)
                    .at(place.clone(), "no charge is like this")
                    .did_you_mean(&pattern, SKUS),
            );
        }
    }
    let when = pairs(Some(when?), "when", diagnostics);
    Some(LineRule {
        when,
        skus: skus.into_iter().map(|(sku, _)| sku.to_owned()).collect(),
        kind: kind.unwrap_or(LineKind::Charge),
    })
}

/// Whether a pattern can fit a SKU.
fn is_of_skus(pattern: &str, goes_on: bool) -> bool {
    if !goes_on && !pattern.contains('*') {
        return Category::of_sku(pattern).is_some();
    }
    let begin = pattern.split('*').next().unwrap_or_default();
    SKUS.iter().any(|sku| {
        let kind = sku.trim_end_matches('*');
        kind.starts_with(begin) || begin.starts_with(kind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "dates = \"day-month-year\"\ndecimal = \",\"\ncurrency = \"EUR\"\n\
                        [columns]\naccount = \"Kunde\"\nstart = \"von\"\namount = [\"Netto\", \"Summe\"]\n\
                        [accounts]\n\"020-1\" = \"acme\"\n\
                        [[line]]\nwhen = { Art = \"Server *\" }\nsku = \"server:{Typ}\"\n\
                        [[line]]\nwhen = { Art = \"MwSt\" }\nkind = \"tax\"\n";

    fn wrong(text: &str) -> Vec<String> {
        let told = |d: Diagnostic| {
            let place = d.place.map_or(0, |(place, _)| place.line());
            format!("{} {place} {}", d.code, d.help.unwrap_or_default())
        };
        read("map.toml", text.as_bytes()).unwrap_err().into_iter().map(told).collect()
    }

    #[test]
    fn a_map_says_all_by_itself() {
        let map = read("map.toml", GOOD.as_bytes()).unwrap();
        let layout = map.layout(&["whatever".to_owned()]).unwrap();
        assert_eq!(layout.columns.amount, ["Netto", "Summe"]);
        assert!(layout.has_decimal_comma);
        assert_eq!(layout.dates, DateOrder::DayMonthYear);
        let row = |column: &str| match column {
            "Art" => "SERVER Linux",
            "Typ" => "general1-4",
            _ => "",
        };
        let rule = layout.rules.iter().find(|rule| rule.fits(row)).unwrap();
        assert_eq!(rule.skus_of(row), ["server:general1-4"]);
        assert_eq!(layout.rules[1].kind, LineKind::Tax);
    }

    #[test]
    fn a_map_lies_over_a_layout_that_the_header_is_known_for() {
        let map = "[[line]]\nwhen = { EVENT_TYPE = \"BW Out\" }\nsku = \"transfer.out\"\n";
        let map = read("map.toml", map.as_bytes()).unwrap();
        let header = ["BILL_NO", "EVENT_TYPE", "AMOUNT"].map(str::to_owned);
        let layout = map.layout(&header).unwrap();
        assert_eq!(layout.columns.amount, ["AMOUNT"]);
        // Its own rules come first.
        assert_eq!(layout.rules[0].skus, ["transfer.out"]);
        assert!(layout.rules.len() > 1);
        assert!(map.layout(&["a".to_owned()]).is_none());
    }

    #[test]
    fn mistakes_are_told_with_places_and_the_nearest_word() {
        for (from, to, expected) in [
            ("\"EUR\"", "\"EURO\"", "B04 3 "),
            ("day-month-year", "day-month-yaer", "B04 1 did you mean `day-month-year`?"),
            ("amount =", "amuont =", "B02 7 did you mean `amount`?"),
            ("\"tax\"", "\"taxx\"", "B04 15 did you mean `tax`?"),
            ("server:{Typ}", "servr:{Typ}", "B06 12 did you mean `server:*`?"),
            ("kind = \"tax\"\n", "", "B03 14 add a line like: sku = \"server:*\""),
            ("[[line]]\nwhen = { Art = \"MwSt\" }", "[[line]]", "B03 14 "),
        ] {
            let told = wrong(&GOOD.replace(from, to));
            assert!(told.len() == 1 && told[0].starts_with(expected), "{to}: {told:?}");
        }
    }
}
