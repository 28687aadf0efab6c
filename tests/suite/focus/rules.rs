//! The rules of FOCUS, row by row and sum by sum: on the bills of the golden cases, and on names
//! that mean harm.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::focus::{Row, Run, bill, export_from, exported, number, rows_of, table};
use crate::support::{EVENT_HEADER, root, sharebill};

#[test]
fn every_golden_bill_keeps_the_rules_of_focus() {
    let (mut bills, mut categories) = (0, BTreeSet::new());
    for case in golden_bills() {
        let Some(run) = bill_of(&case) else { continue };
        bills += 1;
        let name = case.display();
        let charges = exported(&run, "1.2", false);
        let parts = exported(&run, "1.2", true);
        for rows in [&charges, &parts] {
            check_rows(rows, &name.to_string());
            check_invoices(rows, &run, &name.to_string());
        }
        check_charges(&charges, &run, &name.to_string());
        check_parts(&charges, &parts, &name.to_string());
        categories.extend(charges.iter().map(|row| row["ChargeCategory"].clone()));
        categories.extend(charges.iter().map(|row| row["PricingUnit"].clone()));
    }
    assert!(bills > 15, "only {bills} golden cases could be billed");
    for met in ["Usage", "Credit", "Adjustment", "GiB-Months", "GB", "Hours", "Months", "Units"] {
        assert!(categories.contains(met), "no case has {met}: {categories:?}");
    }
    assert!(categories.contains("Packages"), "{categories:?}");
}

#[test]
fn names_that_mean_harm_stay_texts() {
    let names = [
        "=cmd|' /C calc'!A0",
        "00123",
        "1e5",
        "NaN",
        "a,b",
        "say \"no\"",
        "Köln 100 %",
        "Köln 100 %25",
        "@sum",
        "2016-03-01",
    ];
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path().join("in");
    fs::create_dir(&folder).expect("a folder");
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut log = EVENT_HEADER.to_owned();
    let mut accounts = "account,name,cost_center\n".to_owned();
    for (number, name) in names.iter().enumerate() {
        let (account, image) = (quoted(name), quoted(&format!("{name}{number}")));
        log += &format!(
            "2016-03-01T00:00:00Z,image.create,{account},DFW,{image},,,,50000000000,,,,,\n"
        );
        // Ids have no line ends; names of people may.
        let shown = if *name == "a,b" { quoted("two\n\tlines") } else { account.clone() };
        accounts += &format!("{account},{shown},{account}\n");
    }
    fs::write(folder.join("events.csv"), log).expect("a log");
    fs::write(folder.join("accounts.csv"), accounts).expect("accounts");
    let book = root().join("tests/fixtures/small-book").display().to_string();
    let run = bill(&folder, &["events.csv", "--accounts", "accounts.csv", "--prices", &book]);
    // From elsewhere, the accounts are not where they were.
    let text = export_from(&folder, &run, &["--focus", "1.2", "--detail"]);
    let text = fs::read_to_string(text).expect("a file");
    let rows = table(&text);
    check_rows(&rows, "hostile");
    check_invoices(&rows, &run, "hostile");
    let distinct = |column: &str| {
        let used = rows.iter().filter(|row| row["ChargeCategory"] == "Usage");
        used.map(|row| row[column].clone()).collect::<BTreeSet<String>>()
    };
    for column in ["BillingAccountId", "BillingAccountName", "ResourceId", "InvoiceId", "Tags"] {
        assert_eq!(distinct(column).len(), names.len(), "{column}: {:?}", distinct(column));
    }
    assert!(distinct("BillingAccountName").contains("two%0A%09lines"));
    assert!(distinct("BillingAccountId").contains("account:K%C3%B6ln 100 %2525"));
    assert!(distinct("BillingAccountName").contains("account 00123"));
    assert!(distinct("BillingAccountName").contains("=cmd|' /C calc'!A0"));
    assert!(text.lines().all(|line| line.starts_with(',') || line.starts_with("Availability")));
}

/// The rules that hold for each row by itself.
pub(super) fn check_rows(rows: &[Row], name: &str) {
    assert!(!rows.is_empty(), "{name}");
    let mut services: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for row in rows {
        let get = |column: &str| row[column].as_str();
        let told = || format!("{name}: {row:?}");
        assert!(row.values().all(|value| value.bytes().all(|b| (0x20..0x7f).contains(&b))));
        let cost = number(get("BilledCost"));
        for other in ["ListCost", "ContractedCost", "EffectiveCost", "PricingCurrencyEffectiveCost"]
        {
            assert_eq!(number(get(other)), cost, "{}", told());
        }
        let of_usage = [
            "ListUnitPrice",
            "ContractedUnitPrice",
            "PricingQuantity",
            "PricingUnit",
            "PricingCategory",
            "SkuId",
            "SkuPriceId",
            "SkuMeter",
            "ConsumedQuantity",
            "ConsumedUnit",
        ];
        let is_usage = get("ChargeCategory") == "Usage";
        assert!(["Usage", "Credit", "Adjustment"].contains(&get("ChargeCategory")));
        for column in of_usage {
            assert_eq!(!get(column).is_empty(), is_usage, "{column} in {}", told());
        }
        if is_usage {
            let price = number(get("ListUnitPrice"));
            assert!(!price.is_negative());
            assert_eq!(price * number(get("PricingQuantity")), cost, "{}", told());
            assert_eq!(get("PricingCategory"), "Standard");
            assert_eq!(get("ConsumedQuantity"), get("PricingQuantity"));
            let units = ["GB", "GiB", "GB-Months", "GiB-Months", "GB-Hours", "GiB-Hours", "Hours"];
            let is_unit = units.contains(&get("PricingUnit"))
                || ["Months", "Units", "Packages"].contains(&get("PricingUnit"));
            assert!(is_unit, "{}", told());
            assert!(get("SkuPriceId").starts_with(get("SkuId")), "{}", told());
        }
        assert!(["One-Time", "Recurring", "Usage-Based"].contains(&get("ChargeFrequency")));
        assert_eq!(get("ChargeClass"), "");
        for column in
            ["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"]
        {
            assert!(is_time(get(column)), "{column} in {}", told());
        }
        assert!(get("BillingPeriodStart") <= get("ChargePeriodStart"), "{}", told());
        assert!(get("ChargePeriodStart") < get("ChargePeriodEnd"), "{}", told());
        assert!(get("ChargePeriodEnd") <= get("BillingPeriodEnd"), "{}", told());
        assert!(get("BillingAccountId").starts_with("account:"), "{}", told());
        for (id, kind) in [
            ("ResourceId", "resource:"),
            ("x_SourceImage", "resource:"),
            ("x_Producer", "account:"),
        ] {
            assert!(get(id).is_empty() || get(id).starts_with(kind), "{}", told());
        }
        assert_eq!(get("ResourceId").is_empty(), get("ResourceType").is_empty(), "{}", told());
        assert_eq!(get("RegionId"), get("RegionName"));
        let service = (get("ServiceCategory"), get("ServiceSubcategory"));
        assert_eq!(*services.entry(get("ServiceName")).or_insert(service), service);
        for json in ["Tags", "SkuPriceDetails"].map(get).into_iter().filter(|j| !j.is_empty()) {
            let object: serde_json::Value = serde_json::from_str(json).expect("JSON");
            assert!(object.as_object().expect("an object").values().all(|v| v.is_string()));
        }
    }
}

/// What an invoice's rows add up to is the statement's total.
fn check_invoices(rows: &[Row], run: &Path, name: &str) {
    let mut invoices: BTreeMap<(String, String), BigRational> = BTreeMap::new();
    let mut roundings = BTreeSet::new();
    for row in rows {
        let id = row["InvoiceId"].clone();
        assert!(id.starts_with("invoice:"), "{name}");
        if row["ServiceName"] == "Invoice Rounding" {
            assert_eq!(row["ChargeCategory"], "Adjustment");
            assert!(row["ChargeDescription"].starts_with("Invoice rounding"));
            assert!(roundings.insert(id.clone()), "{name}: {id} is rounded twice");
        }
        let key = (id, row["BillingPeriodStart"].clone());
        *invoices.entry(key).or_insert_with(BigRational::zero) += number(&row["BilledCost"]);
    }
    let statements = rows_of(&run.join("statements.csv"));
    let mut totals: Vec<BigRational> = statements.iter().map(|s| number(&s["total"])).collect();
    let mut sums: Vec<BigRational> = invoices.values().cloned().collect();
    assert_eq!(invoices.len(), statements.len(), "{name}");
    for statement in &statements {
        let (account, start) = (&statement["account"], &statement["cycle_start"]);
        if account.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            let id = format!("invoice:{account}:{}", &start[..10]);
            assert_eq!(invoices[&(id, start.clone())], number(&statement["total"]), "{name}");
        }
    }
    totals.sort();
    sums.sort();
    assert_eq!(sums, totals, "{name}");
}

/// One row a charge, with the charge's quantity and price, in the same order.
fn check_charges(rows: &[Row], run: &Path, name: &str) {
    let charges = rows_of(&run.join("charges.csv"));
    let rows: Vec<&Row> =
        rows.iter().filter(|row| row["ServiceName"] != "Invoice Rounding").collect();
    assert_eq!(rows.len(), charges.len(), "{name}");
    let mut prices: BTreeMap<(String, String), String> = BTreeMap::new();
    for (row, charge) in rows.iter().zip(&charges) {
        let product = number(&charge["quantity"]) * number(&charge["unit_price"]);
        assert_eq!(number(&row["BilledCost"]), product, "{name}: {charge:?}");
        assert_eq!(row["x_Rule"], charge["rule"]);
        assert_eq!(number(&row["x_TierFrom"]), number(&charge["tier_from"]));
        if row["ChargeCategory"] == "Usage" {
            // A price's id has one price at a time.
            let key = (row["SkuPriceId"].clone(), row["x_EffectiveFrom"].clone());
            let price = row["ListUnitPrice"].clone();
            assert_eq!(*prices.entry(key).or_insert_with(|| price.clone()), price, "{name}");
        }
    }
}

/// The parts of a charge are the charge.
fn check_parts(charges: &[Row], parts: &[Row], name: &str) {
    let by_line = |rows: &[Row]| {
        let mut lines: BTreeMap<Vec<String>, [BigRational; 2]> = BTreeMap::new();
        for row in rows {
            let key = ["InvoiceId", "x_Sku", "SkuPriceId", "x_TierFrom", "x_EffectiveFrom"];
            let key = key.map(|column| row[column].clone()).to_vec();
            let line =
                lines.entry(key).or_insert_with(|| [BigRational::zero(), BigRational::zero()]);
            line[0] += number(&row["BilledCost"]);
            if !row["PricingQuantity"].is_empty() {
                line[1] += number(&row["PricingQuantity"]);
            }
        }
        lines
    };
    assert_eq!(by_line(charges), by_line(parts), "{name}");
    assert!(parts.len() >= charges.len(), "{name}");
    for row in parts.iter().filter(|row| row["ServiceName"] != "Invoice Rounding") {
        assert!(!row["x_Role"].is_empty(), "{name}: {row:?}");
        assert_eq!(row["ResourceId"].is_empty(), row["x_Role"] == "account", "{name}: {row:?}");
    }
}

/// The golden cases that are bills, and the example.
fn golden_bills() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("tests/golden")).expect("tests/golden");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    cases.sort();
    cases.retain(|case| {
        let command = fs::read_to_string(case.join("command")).unwrap_or_default();
        command.starts_with("bill ")
    });
    cases
}

/// The run of a golden case, with detail; nothing where it bills nothing.
fn bill_of(case: &Path) -> Option<Run> {
    let command = fs::read_to_string(case.join("command")).expect("a command");
    let words: Vec<String> = command
        .split_whitespace()
        .skip(1)
        .take_while(|word| *word != "--out")
        .map(|word| word.replace("{root}", "../../.."))
        .filter(|word| !["--detail", "--strict"].contains(&word.as_str()))
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let out = Run::new();
    let shown = out.display().to_string();
    let output =
        sharebill(case, &[&["bill"][..], &words, &["--detail", "--out", &shown, "-q"]].concat());
    let has_rows = fs::read_to_string(out.join("charges.csv")).is_ok_and(|t| t.lines().count() > 1);
    assert!(has_rows || !output.status.success(), "{}", case.display());
    has_rows.then_some(out)
}

/// `2016-03-01T00:00:00Z`, and nothing else.
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00Z"
}
