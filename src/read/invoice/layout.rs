//! Which columns of an invoice say what, and what its words mean.

use crate::reconcile::{LineKind, fits};

/// How an invoice is to be read.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Its name, for people.
    pub name: String,
    /// Which columns say what.
    pub columns: Columns,
    /// What lines are, the first rule that fits.
    pub rules: Vec<LineRule>,
    /// Their names of accounts, and ours.
    pub accounts: Vec<(String, String)>,
    /// Their names of regions, and ours; `*` is none.
    pub regions: Vec<(String, String)>,
    /// The account of all lines, where no column tells it.
    pub account: Option<String>,
    /// The code of the currency of all lines, where no column tells it.
    pub currency: Option<String>,
    /// In which order dates have day, month and year.
    pub dates: DateOrder,
    /// Whether decimals stand behind a comma.
    pub has_decimal_comma: bool,
    /// Whether texts are written as this program's own FOCUS export writes them.
    pub is_our_focus: bool,
}

/// Columns by their names; of several, the first that is not empty in a row.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Who is billed.
    pub account: Vec<String>,
    /// The period's first day.
    pub start: Vec<String>,
    /// Its end.
    pub end: Vec<String>,
    /// What a line is for: all of them are shown.
    pub item: Vec<String>,
    /// Where.
    pub region: Vec<String>,
    /// How much.
    pub quantity: Vec<String>,
    /// The price of one.
    pub unit_price: Vec<String>,
    /// What it comes to.
    pub amount: Vec<String>,
    /// The currency's code.
    pub currency: Vec<String>,
}

/// What lines with certain words are.
#[derive(Debug, Clone)]
pub struct LineRule {
    /// Column and pattern, all of which have to fit; letter case does not matter.
    pub when: Vec<(String, String)>,
    /// Our SKUs, as patterns; `{COLUMN}` stands for what the row has there.
    pub skus: Vec<String>,
    /// The kind of line.
    pub kind: LineKind,
}

/// In which order a date has its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// 2016-03-01, also with a time behind it.
    #[default]
    YearMonthDay,
    /// 01.03.2016 or 1/3/2016.
    DayMonthYear,
    /// 03/01/2016.
    MonthDayYear,
}

/// A column's name without case, spaces and punctuation: `Bill No` is `BILL_NO`.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Layout {
    /// The layout that an invoice with these columns has, of those that are known.
    #[must_use]
    pub fn of_header(columns: &[String]) -> Option<Layout> {
        let has = |names: &[&str]| {
            names.iter().all(|name| columns.iter().any(|column| folded(column) == folded(name)))
        };
        if has(&["BilledCost", "BillingAccountId"]) {
            return Some(focus(has(&["x_Sku", "x_Rule"])));
        }
        has(&["BILL_NO", "EVENT_TYPE", "AMOUNT"]).then(rackspace)
    }

    /// A layout by its name in a map.
    #[must_use]
    pub fn named(name: &str) -> Option<Layout> {
        match name {
            "rackspace" => Some(rackspace()),
            "focus" => Some(focus(false)),
            _ => None,
        }
    }

    /// The columns that a header has to have, each with what it is for.
    #[must_use]
    pub fn needed(&self) -> Vec<(&'static str, &[String])> {
        let mut needed = vec![("start", &self.columns.start[..]), ("amount", &self.columns.amount)];
        if self.account.is_none() {
            needed.push(("account", &self.columns.account));
        }
        needed
    }
}

impl LineRule {
    /// Whether a row is as the rule says; `cell` tells what a column has.
    pub fn fits<'a>(&self, cell: impl Fn(&str) -> &'a str) -> bool {
        self.when.iter().all(|(column, pattern)| {
            fits(&pattern.to_lowercase(), &cell(column).trim().to_lowercase())
        })
    }

    /// The SKUs of a row.
    pub fn skus_of<'a>(&self, cell: impl Fn(&str) -> &'a str) -> Vec<String> {
        self.skus.iter().map(|template| filled(template, &cell)).collect()
    }
}

/// A text with `{COLUMN}` replaced by what the row has there.
fn filled<'a>(template: &str, cell: &impl Fn(&str) -> &'a str) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((column, behind)) = behind.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(cell(column).trim());
        rest = behind;
    }
    filled + rest
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn rule(when: &[(&str, &str)], skus: &[&str], kind: LineKind) -> LineRule {
    let when = when.iter().map(|(column, pattern)| ((*column).to_owned(), (*pattern).to_owned()));
    LineRule { when: when.collect(), skus: names(skus), kind }
}

/// The detailed invoice that Rackspace's billing API gives as CSV. Of its words only those are known
/// that public programs use; a map tells the others.
fn rackspace() -> Layout {
    Layout {
        name: "Rackspace's detailed invoice".to_owned(),
        columns: Columns {
            account: names(&["ACCOUNT_NO", "BRM_ACCOUNTNO"]),
            start: names(&["BILL_START_DATE"]),
            end: names(&["BILL_END_DATE"]),
            item: names(&["IMPACT_TYPE", "SERVICE_TYPE", "EVENT_TYPE"]),
            region: names(&["REGION_ID", "DC_ID"]),
            quantity: names(&["QUANTITY"]),
            unit_price: names(&["RATE"]),
            amount: names(&["AMOUNT"]),
            currency: names(&["CURRENCY", "CURRENCY_CODE"]),
        },
        rules: vec![
            rule(&[("IMPACT_TYPE", "*TAX*")], &[], LineKind::Tax),
            rule(&[("IMPACT_TYPE", "*DISCOUNT*")], &[], LineKind::Discount),
            rule(&[("IMPACT_TYPE", "*PROMO*")], &[], LineKind::Discount),
            rule(&[("IMPACT_TYPE", "*CREDIT*")], &[], LineKind::Credit),
            rule(
                &[("EVENT_TYPE", "NG Server Uptime")],
                &["server:*", "license:*"],
                LineKind::Charge,
            ),
        ],
        ..Layout::default()
    }
}

/// FOCUS Cost and Usage.
fn focus(is_ours: bool) -> Layout {
    let mut rules = vec![
        rule(&[("ChargeCategory", "Tax")], &[], LineKind::Tax),
        rule(&[("ChargeCategory", "Credit")], &[], LineKind::Credit),
    ];
    if is_ours {
        rules = vec![
            rule(&[("x_Rule", "P5"), ("x_Sku", "")], &[], LineKind::Rounding),
            rule(&[], &["{x_Sku}"], LineKind::Charge),
        ];
    }
    Layout {
        name: if is_ours { "FOCUS, as sharebill exports it" } else { "FOCUS" }.to_owned(),
        columns: Columns {
            account: names(&["BillingAccountId"]),
            start: names(&["BillingPeriodStart"]),
            end: names(&["BillingPeriodEnd"]),
            item: names(&["ServiceName", "SkuId", "ChargeDescription"]),
            region: names(&["RegionId"]),
            quantity: names(&["PricingQuantity"]),
            unit_price: names(&["ListUnitPrice"]),
            amount: names(&["BilledCost"]),
            currency: names(&["BillingCurrency"]),
        },
        rules,
        is_our_focus: is_ours,
        ..Layout::default()
    }
}
