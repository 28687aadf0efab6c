//! `MAP.toml`: which ledger account takes which charges. Strict, and all mistakes at once.

use crate::book::Category;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::read::toml::keys::{Keys, each_table, short};
use crate::read::toml::read_file;
use crate::read::toml::tree::Node;
use crate::run::journal::{LedgerMap, LedgerRule, Pattern, Side};

/// What SKUs there are, as patterns.
const SKUS: [&str; 10] = [
    "image.storage",
    "object.storage",
    "transfer.out",
    "server:*",
    "license:*",
    "support:*",
    "minimum:*",
    "fee:*",
    "discount:volume",
    "*",
];

/// The most decimals that a currency has.
const MOST_DECIMALS: u64 = 4;

/// Reads a ledger map.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(name: &str, bytes: &[u8]) -> Result<LedgerMap, Vec<Diagnostic>> {
    read_file(name, bytes, read_map)
}

fn read_map(root: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<LedgerMap> {
    let mut keys = Keys::of(root, "ledger map", diagnostics)?;
    let side = keys.needed_choice("side", &[("expense", Side::Expense), ("income", Side::Income)]);
    let clearing = keys.needed_text("clearing", "\"2100\"");
    let rounding = keys.needed_text("rounding", "\"6990\"");
    let decimals = keys.whole("decimals", 0, MOST_DECIMALS);
    let charges = keys.need("charge", "[{ sku = \"*\", ledger = \"6200\" }]");
    let owned = |found: Option<(&str, &Place)>| found.map(|(text, _)| text.to_owned());
    let (clearing, rounding) = (owned(clearing), owned(rounding));
    keys.finish();
    let rules = charges.map(|node| each_table("charge", node, diagnostics, read_rule));
    Some(LedgerMap {
        side: side?,
        clearing: clearing?,
        rounding: rounding?,
        decimals: decimals.and_then(|decimals| u32::try_from(decimals).ok()),
        rules: rules?,
    })
}

fn read_rule(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<LedgerRule> {
    let mut keys = Keys::of(node, "[[charge]]", diagnostics)?;
    let sku = keys.needed_text("sku", "\"server:*\"");
    let account = keys.text("account").map(|(text, _)| Pattern::new(text));
    let cost_center = keys.text("cost_center").map(|(text, _)| Pattern::new(text));
    let ledger = keys.needed_text("ledger", "\"6200\"").map(|(text, _)| text.to_owned());
    keys.finish();
    let (sku, place) = sku?;
    if !is_of_skus(sku) {
        let message = format!("`{}` is no SKU, and not the beginning of one", short(sku));
        diagnostics.push(
            Diagnostic::error(Code::SkuUnknown, message)
                .at(place.clone(), "no charge is like this")
                .did_you_mean(sku, SKUS),
        );
    }
    Some(LedgerRule {
        sku: Pattern::new(sku),
        account: account.unwrap_or_else(Pattern::anything),
        cost_center: cost_center.unwrap_or_else(Pattern::anything),
        ledger: ledger?,
    })
}

/// Whether a pattern can fit a SKU.
fn is_of_skus(pattern: &str) -> bool {
    let Some(begin) = pattern.strip_suffix('*') else {
        return Category::of_sku(pattern).is_some();
    };
    SKUS.iter().any(|sku| match sku.strip_suffix('*') {
        Some("") => begin.is_empty(),
        Some(kind) => kind.starts_with(begin) || begin.starts_with(kind),
        None => sku.starts_with(begin),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "side = \"expense\"\nclearing = \"2100\"\nrounding = \"6990\"\n\
                        [[charge]]\nsku = \"server:*\"\nledger = \"6200\"\n";

    fn wrong(text: &str) -> Vec<String> {
        let told = |d: Diagnostic| {
            let place = d.place.map_or(0, |(place, _)| place.line());
            format!("{} {place} {}", d.code, d.help.unwrap_or_default())
        };
        read("map.toml", text.as_bytes()).unwrap_err().into_iter().map(told).collect()
    }

    #[test]
    fn a_map_is_read_whole() {
        let map = read("map.toml", GOOD.as_bytes()).unwrap();
        assert_eq!((map.side, map.clearing.as_str()), (Side::Expense, "2100"));
        assert_eq!(map.ledger_of("server:x", "a", ""), Some("6200"));
        assert_eq!(map.ledger_of("servers", "a", ""), None);
        assert!(!map.asks_for_cost_centers());
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let more = "[[charge]]\nsku = \"*\"\naccount = \"acme\"\ncost_center = \"CC-1*\"\n\
                    ledger = \"1\"\n[[charge]]\nsku = \"*\"\nledger = \"2\"\n";
        let map = read("map.toml", format!("{GOOD}{more}").as_bytes()).unwrap();
        let of = |sku, account, center| map.ledger_of(sku, account, center).unwrap();
        assert_eq!(of("server:x", "acme", "CC-10"), "6200");
        assert_eq!(of("transfer.out", "acme", "CC-10"), "1");
        assert_eq!(of("transfer.out", "acme", "CC-2"), "2");
        assert_eq!(of("transfer.out", "acme2", "CC-10"), "2");
        assert!(map.asks_for_cost_centers());
    }

    #[test]
    fn mistakes_are_told_with_places_and_the_nearest_word() {
        for (from, to, expected) in [
            ("expense", "expens", "B04 1 did you mean `expense`?"),
            ("clearing", "clering", "B02 2 did you mean `clearing`?"),
            ("server:*", "servr:*", "B06 5 did you mean `server:*`?"),
            ("server:*", "image.storag", "B06 5 did you mean `image.storage`?"),
            ("\"6200\"", "6200", "B04 6 "),
            ("[[charge]]", "[charge]", "B04 4 begin each with the line [[charge]]"),
            ("ledger", "ledgr", "B02 6 did you mean `ledger`?"),
        ] {
            assert_eq!(wrong(&GOOD.replace(from, to)), [expected], "{to}");
        }
        assert_eq!(wrong("").len(), 4);
        assert_eq!(wrong(&format!("decimals = 9\n{GOOD}")).len(), 1);
    }
}
