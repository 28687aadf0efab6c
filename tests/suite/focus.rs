//! FOCUS files: what no validator looks at. Prices times quantities, sums, allowed values and dates,
//! row by row, on the bills of the golden cases and on names that mean harm.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use crate::support::{EVENT_HEADER, root, sharebill, stderr};

/// The columns of 1.2, in order.
const V1_2: &str = "AvailabilityZone BilledCost BillingAccountId BillingAccountName \
    BillingAccountType BillingCurrency BillingPeriodEnd BillingPeriodStart CapacityReservationId \
    CapacityReservationStatus ChargeCategory ChargeClass ChargeDescription ChargeFrequency \
    ChargePeriodEnd ChargePeriodStart CommitmentDiscountCategory CommitmentDiscountId \
    CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus \
    CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit ContractedCost \
    ContractedUnitPrice EffectiveCost InvoiceId InvoiceIssuerName ListCost ListUnitPrice \
    PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice \
    PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice PricingQuantity PricingUnit \
    ProviderName PublisherName RegionId RegionName ResourceId ResourceName ResourceType \
    ServiceCategory ServiceName ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId \
    SubAccountId SubAccountName SubAccountType Tags";

/// What 1.3 and 1.4 add to it, and what 1.4 leaves out.
const ADDED: &str = "AllocatedMethodDetails AllocatedMethodId AllocatedResourceId \
    AllocatedResourceName AllocatedTags CommitmentProgramEligibilityDetails ContractApplied \
    HostProviderName InvoiceDetailId ServiceProviderName";
const LEFT_OUT: [&str; 2] = ["ProviderName", "PublisherName"];

const CUSTOM: &str = "x_EffectiveFrom x_P10 x_P50 x_P90 x_Producer x_Role x_Rule x_RunKind \
    x_Scenario x_Sku x_SourceImage x_TierFrom";

/// A table, by the names of its columns.
type Row = BTreeMap<String, String>;

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
fn each_version_has_its_columns_in_order() {
    let run = example();
    let expected = |version: &str| {
        let mut names: Vec<&str> = V1_2.split_whitespace().collect();
        if version == "1.4" {
            names.retain(|name| !LEFT_OUT.contains(name));
            names.extend(ADDED.split_whitespace());
            names.sort_unstable();
        }
        names.extend(CUSTOM.split_whitespace());
        names.join(",")
    };
    assert_eq!(V1_2.split_whitespace().count(), 57);
    for (version, count) in [("1.2", 57), ("1.4", 65)] {
        let text = fs::read_to_string(export(&run, &["--focus", version])).expect("a file");
        let header = text.lines().next().expect("a header");
        assert_eq!(header, expected(version));
        assert_eq!(header.split(',').filter(|name| !name.starts_with("x_")).count(), count);
        // The schema has the same columns.
        let schema = fs::read_to_string(run.join("../out.csv.schema.json")).expect("a schema");
        let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
        assert_eq!(schema["Schema"]["FocusVersion"], version);
        let columns = schema["Schema"]["ColumnDefinition"].as_array().expect("columns");
        let names: Vec<&str> =
            columns.iter().map(|column| column["ColumnName"].as_str().expect("a name")).collect();
        assert_eq!(names.join(","), header);
    }
}

#[test]
fn version_1_4_names_each_line_of_an_invoice_once() {
    let rows = exported(&example(), "1.4", false);
    let mut lines = BTreeSet::new();
    for row in &rows {
        assert!(!row["InvoiceDetailId"].is_empty());
        assert!(lines.insert((&row["InvoiceId"], &row["InvoiceDetailId"])), "{row:?}");
        assert_eq!(row["ServiceProviderName"], "rackspace-us");
        assert_eq!(row["HostProviderName"], "rackspace-us");
    }
}

#[test]
fn parquet_has_the_rows_of_the_csv() {
    let run = example();
    for version in ["1.2", "1.4"] {
        let csv = exported(&run, version, true);
        let file = export(&run, &["--focus", version, "--detail", "--as", "parquet"]);
        let file = fs::File::open(file).expect("a file");
        let reader = SerializedFileReader::new(file).expect("Parquet");
        let mut count = 0;
        for (row, expected) in reader.get_row_iter(None).expect("rows").zip(&csv) {
            let row = row.expect("a row");
            for (name, field) in row.get_column_iter() {
                assert_eq!(shown(field), canonical(&expected[name]), "{name}");
                if name.ends_with("Cost") || name.ends_with("Price") {
                    let is_decimal = matches!(field, Field::Decimal(_) | Field::Null);
                    assert!(is_decimal, "{name}: {field:?}");
                }
            }
            count += 1;
        }
        assert_eq!(count, csv.len());
    }
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

#[test]
fn a_bill_writes_the_same_file_itself() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("run").display().to_string();
    let arguments = [
        "bill",
        "examples/golden-image/events.csv",
        "--accounts",
        "examples/golden-image/accounts.csv",
        "--prices",
        "pricing/rackspace-us",
        "--detail",
        "--focus=1.4",
        "--out",
        &out,
    ];
    let output = sharebill(&root(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let own = fs::read(Path::new(&out).join("focus.csv")).expect("focus.csv");
    let exported = export(Path::new(&out), &["--focus", "1.4", "--detail"]);
    assert_eq!(own, fs::read(exported).expect("a file"));
    assert!(Path::new(&out).join("focus.csv.schema.json").is_file());
    // Written again over itself: what it left is its own.
    let again = sharebill(&root(), &[&arguments[..], &["--force"]].concat());
    assert!(again.status.success(), "{}", stderr(&again));
}

#[test]
fn a_projection_is_no_invoice() {
    let scratch = tempfile::tempdir().expect("a folder");
    for (runs, has_percentiles) in [("1", false), ("200", true)] {
        let out = scratch.path().join(runs).display().to_string();
        let scenario = "examples/rollout/scenario.toml";
        let arguments = ["project", "--scenario", scenario, "--prices", "pricing/rackspace-us"];
        let more = ["--months", "3", "--runs", runs, "--out", &out, "-q"];
        let output = sharebill(&root(), &[&arguments[..], &more[..]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let rows = exported(Path::new(&out), "1.4", false);
        check_rows(&rows, runs);
        for row in &rows {
            assert_eq!(row["InvoiceId"], "");
            assert_eq!(row["InvoiceDetailId"], "");
            assert_eq!(row["x_RunKind"], "Projection");
            assert_eq!(row["x_Scenario"], "golden image rollout");
            assert_eq!(!row["x_P90"].is_empty(), has_percentiles);
        }
        // Everything together is what projection.csv says, less its totals.
        let projected = rows_of(&Path::new(&out).join("projection.csv"));
        let projected = projected.iter().filter(|row| row["category"] != "total");
        let expected: BigRational = projected.map(|row| number(&row["mean"])).sum();
        assert_eq!(sum(&rows, "BilledCost"), expected, "{runs} runs");
    }
}

#[test]
fn several_scenarios_are_told_one_by_one() {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("plan").display().to_string();
    let text = fs::read_to_string(root().join("examples/rollout/scenario.toml")).expect("one");
    let other = scratch.path().join("other.toml").display().to_string();
    fs::write(&other, text.replace("golden image rollout", "007")).expect("a scenario");
    let first = "examples/rollout/scenario.toml";
    let arguments = ["project", "--scenario", first, "--scenario", &other, "--months", "1"];
    let more = ["--prices", "pricing/rackspace-us", "--runs", "1", "--out", &out, "-q"];
    let output = sharebill(&root(), &[&arguments[..], &more[..]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let file = scratch.path().join("out.csv").display().to_string();
    let arguments = ["export", &out, "--focus", "1.2", "--out", &file];
    let output = sharebill(&root(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("D03"), "{}", stderr(&output));
    assert!(!Path::new(&file).exists());
    let output = sharebill(&root(), &[&arguments[..], &["--scenario", "007"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let rows = rows_of(Path::new(&file));
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["x_Scenario"] == "scenario 007"));
}

#[test]
fn what_a_run_lacks_is_told() {
    let run = example();
    let out = run.join("../lacks.csv").display().to_string();
    let name = run.display().to_string();
    let export = |more: &[&str]| {
        let arguments = ["export", &name, "--focus", "1.2", "--out", &out, "--force"];
        sharebill(&root(), &[&arguments[..], more].concat())
    };
    // Accounts that are gone: ids stand for names, and it is said.
    let info = fs::read_to_string(run.join("run.json")).expect("run.json");
    let changed = info.replace("\"sha256\": \"", "\"sha256\": \"0");
    fs::write(run.join("run.json"), changed).expect("written");
    let output = export(&[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("warning[D06]"), "{}", stderr(&output));
    let rows = rows_of(Path::new(&out));
    assert!(rows.iter().any(|row| row["BillingAccountName"] == "platform"));
    assert!(rows.iter().all(|row| row["Tags"].is_empty()));
    // Named now, they are as they are now.
    let output = export(&["--accounts", "examples/golden-image/accounts.csv"]);
    assert!(output.status.success() && stderr(&output).is_empty(), "{}", stderr(&output));
    let rows = rows_of(Path::new(&out));
    assert!(rows.iter().any(|row| row["BillingAccountName"] == "Platform Engineering"));
    // Without allocations there is no detail; without the gigabyte, no unit.
    fs::remove_file(run.join("allocations.csv")).expect("removed");
    let output = export(&["--detail"]);
    assert!(stderr(&output).contains("error[D06]"), "{}", stderr(&output));
    fs::write(run.join("run.json"), info.replace("\"gigabyte\": \"GiB\"", "\"x\": \"\""))
        .expect("written");
    let output = export(&[]);
    assert!(stderr(&output).contains("what its GB are"), "{}", stderr(&output));
}

#[test]
fn a_file_is_replaced_only_when_asked() {
    let run = example();
    let name = run.display().to_string();
    let out = run.join("../once.csv").display().to_string();
    let arguments = ["export", &name, "--focus", "1.2", "--out", &out];
    assert!(sharebill(&root(), &arguments).status.success());
    let before = fs::read(&out).expect("a file");
    let output = sharebill(&root(), &arguments);
    assert!(stderr(&output).contains("F03"), "{}", stderr(&output));
    let output = sharebill(&root(), &[&arguments[..], &["--force"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(before, fs::read(&out).expect("a file"), "the same run, the same bytes");
    // Tables of two bills: nothing is left behind.
    fs::remove_file(&out).expect("removed");
    fs::remove_file(format!("{out}.schema.json")).expect("removed");
    let charges = fs::read_to_string(run.join("charges.csv")).expect("charges");
    let less: Vec<&str> = charges.lines().filter(|line| !line.starts_with("search,")).collect();
    fs::write(run.join("charges.csv"), less.join("\n") + "\n").expect("written");
    for detail in [&[][..], &["--detail"]] {
        let output = sharebill(&root(), &[&arguments[..], detail].concat());
        assert!(stderr(&output).contains("do not belong together"), "{}", stderr(&output));
        let left = fs::read_dir(run.join("..")).expect("a folder").count();
        assert_eq!(left, 1, "only the run is there");
    }
}

#[test]
fn tables_for_spreadsheets_show_what_the_others_do() {
    let run = example();
    let name = run.display().to_string();
    let out = run.join("../office").display().to_string();
    let output = sharebill(&root(), &["export", &name, "--excel", "--out", &out]);
    assert!(output.status.success(), "{}", stderr(&output));
    for file in ["charges.csv", "statements.csv", "allocations.csv", "sharing.csv", "findings.csv"]
    {
        let bytes = fs::read(Path::new(&out).join(file)).expect("a table");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
        assert!(text.ends_with("\r\n"), "{file}");
        let plain = fs::read_to_string(run.join(file)).expect("a table");
        assert_eq!(text.replace("\r\n", "\n"), plain, "{file}");
    }
    assert!(!Path::new(&out).join("run.json").exists());
}

/// The rules that hold for each row by itself.
fn check_rows(rows: &[Row], name: &str) {
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

/// The folder of a run, which goes with it.
struct Run {
    path: PathBuf,
    _room: tempfile::TempDir,
}

impl Run {
    fn new() -> Run {
        let room = tempfile::tempdir().expect("a folder");
        Run { path: room.path().join("run"), _room: room }
    }
}

impl std::ops::Deref for Run {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

fn bill(folder: &Path, arguments: &[&str]) -> Run {
    let out = Run::new();
    let shown = out.display().to_string();
    let arguments =
        [&["bill"][..], arguments, &["--detail", "--allow-findings", "--out", &shown, "-q"]]
            .concat();
    let output = sharebill(folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    out
}

fn example() -> Run {
    let (events, accounts) =
        ("examples/golden-image/events.csv", "examples/golden-image/accounts.csv");
    bill(&root(), &[events, "--accounts", accounts, "--prices", "pricing/rackspace-us"])
}

/// Exports a run beside itself; the file.
fn export(run: &Path, arguments: &[&str]) -> PathBuf {
    export_from(&root(), run, arguments)
}

fn export_from(folder: &Path, run: &Path, arguments: &[&str]) -> PathBuf {
    let out = run.join("../out.csv");
    let (run, shown) = (run.display().to_string(), out.display().to_string());
    let more = ["--out", &shown, "--force", "-q"];
    let output = sharebill(folder, &[&["export", &run][..], arguments, &more].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    out
}

fn exported(run: &Path, version: &str, is_detailed: bool) -> Vec<Row> {
    let detail: &[&str] = if is_detailed { &["--detail"] } else { &[] };
    rows_of(&export(run, &[&["--focus", version], detail].concat()))
}

fn rows_of(file: &Path) -> Vec<Row> {
    table(&fs::read_to_string(file).expect("a table"))
}

fn table(text: &str) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let names = reader.headers().expect("a header").clone();
    let rows = reader.records().map(|record| {
        let record = record.expect("a row");
        names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    });
    rows.collect()
}

fn sum(rows: &[Row], column: &str) -> BigRational {
    rows.iter().map(|row| number(&row[column])).sum()
}

/// A plain decimal, exactly.
fn number(text: &str) -> BigRational {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt =
        format!("{whole}{fraction}").parse().unwrap_or_else(|_| panic!("{text:?}"));
    BigRational::new(digits, BigInt::from(10).pow(fraction.len() as u32))
}

/// `2016-03-01T00:00:00Z`, and nothing else.
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00Z"
}

/// A number without the zeros at its end; any other text as it is.
fn canonical(text: &str) -> String {
    let is_number = text.contains('.') && text.bytes().all(|b| b"-.0123456789".contains(&b));
    if !is_number {
        return text.to_owned();
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A field of Parquet as the CSV has it.
fn shown(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => canonical(text),
        Field::TimestampMicros(micros) => {
            sharebill::value::Instant::from_micros(*micros).to_seconds_text()
        }
        Field::Decimal(decimal) => {
            let units = BigInt::from_signed_bytes_be(decimal.data());
            let scale = decimal.scale() as usize;
            let sign = if units.is_negative() { "-" } else { "" };
            let digits = format!("{:0>1$}", units.abs().to_string(), scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            canonical(&format!("{sign}{whole}.{fraction}"))
        }
        other => panic!("{other:?}"),
    }
}
