//! A provider's invoice beside our charges: every difference has its class, and nothing is left over.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::{root, sharebill, stderr, stdout};

const CHARGES_HEADER: &str = "account,cycle_start,cycle_end,sku,region,unit,tier_from,quantity,\
                              unit_price,amount,currency,effective_from,rule\n";

/// A bill of March and April 2016, from rows of `account,cycle,sku,region,unit,quantity,price,amount`.
fn bill(folder: &Path, rows: &str) {
    let mut charges = CHARGES_HEADER.to_owned();
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let cells: Vec<&str> = row.split(',').collect();
        let [account, cycle, sku, region, unit, quantity, price, amount] = cells[..] else {
            panic!("{row}")
        };
        let (year, rest) = cycle.split_once('-').expect("a month");
        let (month, day) = rest.split_once('-').expect("a day");
        let next = month.parse::<u32>().expect("a month") + 1;
        // What has no price has no date, either.
        let since = if price == "0" { "" } else { "2015-01-01T00:00:00Z" };
        charges.push_str(&format!(
            "{account},{cycle}T00:00:00Z,{year}-{next:02}-{day}T00:00:00Z,{sku},{region},{unit},0,\
             {quantity},{price},{amount},USD,{since},R3\n"
        ));
    }
    fs::create_dir_all(folder.join("run")).expect("made");
    fs::write(folder.join("run/charges.csv"), charges).expect("written");
    let run = r#"{"program":"sharebill","version":"0.1.0","book":{"id":"b","title":"b","gigabyte":"GiB"},
        "start":"2016-03-01T00:00:00Z","end":"2016-06-01T00:00:00Z"}"#;
    fs::write(folder.join("run/run.json"), run).expect("written");
}

/// The rows of a reconciliation: `account cycle sku region` → `class reason ours invoice`.
fn reconcile(folder: &Path, flags: &[&str]) -> BTreeMap<String, String> {
    let mut arguments = vec!["reconcile", "run", "--out", "out", "--force"];
    arguments.extend(flags);
    let output = sharebill(folder, &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_adds_up(&folder.join("out"));
    rows(&folder.join("out"))
}

fn read(out: &Path) -> Vec<csv::StringRecord> {
    let text = fs::read_to_string(out.join("reconciliation.csv")).expect("a table");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("CSV")).collect()
}

fn rows(out: &Path) -> BTreeMap<String, String> {
    let cells = |row: csv::StringRecord| {
        let key = format!("{} {} {} {}", &row[0], &row[1][..10], &row[3], &row[4]);
        let key = key.trim().to_owned();
        (key, format!("{} {} {} {}", &row[5], &row[6], &row[7], &row[8]))
    };
    let rows = read(out);
    let count = rows.len();
    let rows: BTreeMap<String, String> = rows.into_iter().map(cells).collect();
    assert_eq!(rows.len(), count, "two rows of one key");
    rows
}

/// Ten-thousand-billionths, so that all amounts here are whole.
fn units(text: &str) -> i128 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<16}").parse().expect("a number")
}

/// The differences of all rows are the difference of the totals, which are not added up from rows.
fn assert_adds_up(out: &Path) {
    let text = fs::read_to_string(out.join("reconciliation.json")).expect("a summary");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let rows = read(out);
    for (code, of) in json["currencies"].as_object().expect("currencies") {
        let rows = rows.iter().filter(|row| row[10] == **code);
        let [ours, invoice, difference] =
            rows.fold([0; 3], |sums, row| [7, 8, 9].map(|at| sums[at - 7] + units(&row[at])));
        let total = |key: &str| units(of["total"][key].as_str().expect("an amount"));
        assert_eq!([ours, invoice], [total("ours"), total("invoice")], "{code}");
        assert_eq!(difference, total("invoice") - total("ours"), "{code}");
        assert_eq!(difference, total("difference"), "{code}");
        let classes = of["by_class"].as_object().expect("classes").values();
        let classes = classes.map(|sums| units(sums["difference"].as_str().expect("an amount")));
        assert_eq!(classes.sum::<i128>(), difference, "{code}");
    }
}

fn expect(actual: &BTreeMap<String, String>, expected: &[(&str, &str)]) {
    let expected: BTreeMap<String, String> =
        expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    assert_eq!(*actual, expected);
}

const OURS: &str = "
    acme,2016-03-01,server:general1-2,DFW,hour,744,0.064,47.62
    acme,2016-03-01,license:windows:general1-2,DFW,hour,744,0.04,29.76
    acme,2016-03-01,license:redhat:general1-2,DFW,hour,10,0,0.00
    acme,2016-03-01,server:compute1-4,DFW,hour,50,0.128,6.40
    acme,2016-03-01,server:io1-15,IAD,hour,24,0.75,18.00
    acme,2016-03-01,server:memory1-15,IAD,hour,10,0.5,5.00
    acme,2016-03-01,server:general1-8,DFW,hour,120.20,0.256,30.77
    acme,2016-03-01,server:general1-1,DFW,hour,100,0.032,3.20
    acme,2016-03-01,server:onmetal-io1,IAD,hour,100,1,100.00
    acme,2016-03-01,support:sysops,*,GB-hour,744,0.02,14.88
    acme,2016-03-01,image.storage,*,GB-month,100,0.10,10.00
    acme,2016-03-01,object.storage,*,GB-month,50,0.10,5.00
    acme,2016-03-01,transfer.out,*,GB,60,0.12,7.20
    acme,2016-03-01,fee:devops,*,cycle,1,2500,2500.00
    acme,2016-03-01,discount:volume,*,USD,50,-0.04,-2.00
    acme,2016-04-01,server:general1-2,DFW,hour,10,0.064,0.64
    birch,2016-03-15,server:general1-4,DFW,hour,744,0.128,95.23
    cedar,2016-03-01,image.storage,*,GB-month,10,0.10,1.00
";

const MAP: &str = r#"
[accounts]
"020-100" = "acme"
"020-200" = "birch"

[[line]]
when = { EVENT_TYPE = "NG Server Uptime" }
sku = "server:{ATTRIBUTE_1}"

[[line]]
when = { EVENT_TYPE = "License *" }
sku = "license:{ATTRIBUTE_2}:{ATTRIBUTE_1}"

[[line]]
when = { SERVICE_TYPE = "Cloud Files", EVENT_TYPE = "Storage" }
sku = ["image.storage", "object.storage"]

[[line]]
when = { EVENT_TYPE = "BW Out" }
sku = "transfer.out"

[[line]]
when = { EVENT_TYPE = "SysOps" }
sku = "support:sysops"
"#;

const INVOICE: &str = "\
ACCOUNT_NO,BILL_NO,BILL_START_DATE,BILL_END_DATE,SERVICE_TYPE,EVENT_TYPE,IMPACT_TYPE,QUANTITY,UOM,RATE,AMOUNT,CURRENCY,REGION_ID,USAGE_RECORD_ID,ATTRIBUTE_1,ATTRIBUTE_2
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,744,HRS,0.064,47.62,USD,DFW,r1,general1-2,
020-100,B1,2016-03-01,2016-03-31,Servers,License windows,CHARGE,744,HRS,0.04,$29.76,USD,DFW,r2,general1-2,windows
020-100,B1,2016-03-01,2016-03-31,Servers,License redhat,CHARGE,10,HRS,0.08,0.80,USD,DFW,r3,general1-2,redhat
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,60,HRS,0.128,7.68,USD,DFW,r4,compute1-4,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,24,HRS,0.80,19.20,USD,IAD,r5,io1-15,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,12,HRS,0.60,7.20,USD,IAD,r6,memory1-15,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,60.1,HRS,0.256,15.38,USD,DFW,r7,general1-8,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,60.1,HRS,0.256,15.38,USD,DFW,r8,general1-8,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,100,HRS,0.032,3.20,USD,DFW,r9,general1-1,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,100,HRS,0.032,3.20,USD,DFW,r9,general1-1,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,100,HRS,1.00,95.00,USD,IAD,r10,onmetal-io1,
020-100,B1,2016-03-01,2016-03-31,Support,SysOps,CHARGE,,,,15.88,USD,,r11,,
020-100,B1,2016-03-01,2016-03-31,Cloud Files,Storage,CHARGE,150,GB,0.10,15.00,USD,,r12,,
020-100,B1,2016-03-01,2016-03-31,Servers,BW Out,CHARGE,40,GB,0.12,4.80,USD,DFW,r13,,
020-100,B1,2016-03-01,2016-03-31,Servers,BW Out,CHARGE,20,GB,0.12,2.40,USD,IAD,r14,,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,5,HRS,1.2,6.00,USD,DFW,r15,general1-30,
020-100,B1,2016-03-01,2016-03-31,Monitoring,Cloud Monitoring,CHARGE,1,EA,\"1,500\",\"1,500.00\",USD,,r16,,
020-100,B1,2016-03-01,2016-03-31,Tax,Sales Tax,TAX,,,,12.34,USD,,,,
020-100,B1,2016-03-01,2016-03-31,Credit,Goodwill,CREDIT,,,,(5.00),USD,,,,
020-100,B1,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,1,HRS,0.05,£0.05,GBP,LON,r17,general1-2,
020-100,B0,2016-01-01,2016-01-31,Servers,NG Server Uptime,CHARGE,1,HRS,0.064,0.06,USD,DFW,r18,general1-2,
020-200,B2,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,400,HRS,0.128,51.20,USD,DFW,r19,general1-4,
020-200,B2,2016-03-01,2016-03-31,Discount,Volume,DISCOUNT,,,,-1.00,USD,,,,
020-900,B9,2016-03-01,2016-03-31,Servers,NG Server Uptime,CHARGE,1,HRS,0.064,0.06,USD,DFW,r20,general1-2,
";

#[test]
fn each_kind_of_difference_has_its_class_and_reason() {
    let folder = TempDir::new().expect("a folder");
    bill(folder.path(), OURS);
    fs::write(folder.path().join("invoice.csv"), INVOICE).expect("written");
    fs::write(folder.path().join("map.toml"), MAP).expect("written");
    let rows = reconcile(folder.path(), &["--invoice", "invoice.csv", "--map", "map.toml"]);
    expect(
        &rows,
        &[
            ("acme 2016-03-01 server:general1-2 DFW", "matched  47.62 47.62"),
            ("acme 2016-03-01 license:windows:general1-2 DFW", "matched  29.76 29.76"),
            ("acme 2016-03-01 license:redhat:general1-2 DFW", "differing unpriced 0.00 0.80"),
            // 60 h instead of 50 h, both at 0.128.
            ("acme 2016-03-01 server:compute1-4 DFW", "differing quantity 6.40 7.68"),
            ("acme 2016-03-01 server:io1-15 IAD", "differing price 18.00 19.20"),
            ("acme 2016-03-01 server:memory1-15 IAD", "differing price_and_quantity 5.00 7.20"),
            // 120.20 × 0.256 = 30.7712; 60.1 × 0.256 = 15.3856, which the provider cuts, twice.
            ("acme 2016-03-01 server:general1-8 DFW", "differing rounding 30.77 30.76"),
            ("acme 2016-03-01 server:general1-1 DFW", "differing repeated 3.20 6.40"),
            // 100 × 1.00 is what we charge; 95.00 is billed.
            ("acme 2016-03-01 server:onmetal-io1 IAD", "differing discount 100.00 95.00"),
            ("acme 2016-03-01 support:sysops *", "differing amount 14.88 15.88"),
            ("acme 2016-03-01 image.storage + object.storage *", "matched finer 15.00 15.00"),
            ("acme 2016-03-01 transfer.out *", "matched finer 7.20 7.20"),
            ("acme 2016-03-01 fee:devops *", "only_ours not_invoiced 2500.00 0.00"),
            ("acme 2016-03-01 discount:volume *", "only_ours discount -2.00 0.00"),
            ("acme 2016-03-01 server:general1-30 DFW", "only_invoice not_charged 0.00 6.00"),
            (
                "acme 2016-03-01 CHARGE / Monitoring / Cloud Monitoring *",
                "only_invoice unknown_words 0.00 1500.00",
            ),
            ("acme 2016-03-01 TAX / Tax / Sales Tax *", "only_invoice tax 0.00 12.34"),
            ("acme 2016-03-01 CREDIT / Credit / Goodwill *", "only_invoice credit 0.00 -5.00"),
            ("acme 2016-03-01 server:general1-2 LON", "only_invoice other_currency 0.00 0.05"),
            ("acme 2016-01-01 server:general1-2 DFW", "only_invoice outside_run 0.00 0.06"),
            ("acme 2016-04-01 server:general1-2 DFW", "only_ours cycle_not_invoiced 0.64 0.00"),
            ("birch 2016-03-15 server:general1-4 DFW", "differing cycle_cut 95.23 51.20"),
            ("birch 2016-03-15 DISCOUNT / Discount / Volume *", "only_invoice discount 0.00 -1.00"),
            ("020-900 2016-03-01 server:general1-2 DFW", "only_invoice unknown_account 0.00 0.06"),
            ("cedar 2016-03-01 image.storage *", "only_ours account_not_invoiced 1.00 0.00"),
        ],
    );
    // Added up by hand from the two tables above.
    let text = fs::read_to_string(folder.path().join("out/reconciliation.json")).expect("JSON");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["currencies"]["USD"]["total"]["ours"], "2872.70");
    assert_eq!(json["currencies"]["USD"]["total"]["invoice"], "1846.16");
    assert_eq!(json["currencies"]["GBP"]["total"]["difference"], "0.05");
    assert_eq!(json["is_matched"], false);
}

#[test]
fn differences_are_a_failure_only_where_that_is_asked_for() {
    let folder = TempDir::new().expect("a folder");
    bill(folder.path(), "acme,2016-03-01,transfer.out,*,GB,60,0.12,7.20");
    let line = "020,2016-03-01,BW,7.21\n";
    fs::write(folder.path().join("i.csv"), format!("who,from,what,sum\n{line}")).expect("written");
    let map = "account = \"acme\"\n[columns]\nstart = \"from\"\namount = \"sum\"\nitem = \"what\"\n\
               [[line]]\nwhen = { what = \"bw\" }\nsku = \"transfer.out\"\n";
    fs::write(folder.path().join("map.toml"), map).expect("written");
    let base = ["reconcile", "run", "--invoice", "i.csv", "--map", "map.toml"];
    let status = |more: &[&str]| {
        let arguments: Vec<&str> = base.iter().chain(more).copied().collect();
        sharebill(folder.path(), &arguments).status.code()
    };
    assert_eq!(status(&[]), Some(0));
    assert_eq!(status(&["--strict"]), Some(1));
    assert_eq!(status(&["--strict", "--out", "kept"]), Some(1));
    assert!(folder.path().join("kept/reconciliation.csv").is_file());
    assert_eq!(status(&["--out", "kept"]), Some(1), "it exists already");
    fs::write(
        folder.path().join("i.csv"),
        format!("who,from,what,sum\n{}", line.replace("7.21", "7.20")),
    )
    .expect("written");
    assert_eq!(status(&["--strict"]), Some(0));
}

/// Reconciles a bill with its own FOCUS export.
fn assert_own_focus_matches(folder: &Path, run: &str) {
    for (version, more) in
        [("1.2", &[][..]), ("1.2", &["--detail"]), ("1.4", &[]), ("1.4", &["--detail"])]
    {
        let focus = folder.join("focus.csv").display().to_string();
        let mut arguments = vec!["export", run, "--focus", version, "--out", &focus, "--force"];
        arguments.extend(more);
        let output = sharebill(folder, &arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        let out = folder.join("out").display().to_string();
        let arguments =
            ["reconcile", run, "--invoice", &focus, "--out", &out, "--force", "--strict"];
        let output = sharebill(folder, &arguments);
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
        assert_eq!(stderr(&output), "", "no words are unknown");
        assert_adds_up(Path::new(&out));
        let rows = read(Path::new(&out));
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!((&row[5], units(&row[9])), ("matched", 0), "{version} {more:?}: {row:?}");
        }
    }
}

#[test]
fn an_invoice_of_our_own_focus_export_reconciles_to_zero_in_every_row() {
    let folder = TempDir::new().expect("a folder");
    let example = root().join("examples/golden-image");
    let path = |name: &str| example.join(name).display().to_string();
    let book = root().join("pricing/rackspace-us").display().to_string();
    let run = folder.path().join("run").display().to_string();
    let (events, accounts) = (path("events.csv"), path("accounts.csv"));
    let arguments =
        ["bill", &events, "--accounts", &accounts, "--prices", &book, "--detail", "--out", &run];
    let output = sharebill(folder.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_own_focus_matches(folder.path(), &run);
}

#[test]
fn names_that_focus_writes_otherwise_come_back() {
    let folder = TempDir::new().expect("a folder");
    let mut events = crate::support::EVENT_HEADER.to_owned();
    for account in ["007", "Köln 100 %", "account:x"] {
        events.push_str(&format!(
            "2016-03-02T00:00:00Z,image.create,{account},DFW,i {account},,,,5000000000,,,,,\n\
             2016-03-05T10:00:00Z,transfer.out,{account},IAD,t,,,,7777777777,,,,,\n"
        ));
    }
    fs::write(folder.path().join("events.csv"), events).expect("written");
    let book = root().join("pricing/rackspace-us").display().to_string();
    let run = folder.path().join("run").display().to_string();
    let arguments = ["bill", "events.csv", "--prices", &book, "--detail", "--out", &run];
    let output = sharebill(folder.path(), &arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_own_focus_matches(folder.path(), &run);
}

/// A FOCUS file of another provider, with two of the columns that matter renamed by nobody.
#[test]
fn anothers_focus_needs_rules_and_tells_taxes_and_credits() {
    let folder = TempDir::new().expect("a folder");
    bill(folder.path(), "acme,2016-03-01,server:s,DFW,hour,24,0.032,0.77");
    let focus = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,\
        ChargeCategory,ChargeDescription,PricingQuantity,ListUnitPrice,RegionId,ServiceName,SkuId\n\
        0.384,acme,USD,2016-03-01T00:00:00Z,2016-04-01T00:00:00Z,Usage,a,12.0,0.032,DFW,VM,s-1\n\
        0.384,acme,USD,2016-03-01T00:00:00Z,2016-04-01T00:00:00Z,Usage,b,12.0,0.032,DFW,VM,s-1\n\
        0.1,acme,USD,2016-03-01T00:00:00Z,2016-04-01T00:00:00Z,Tax,t,,,,,\n\
        -0.005,acme,USD,2016-03-01T00:00:00Z,2016-04-01T00:00:00Z,Credit,c,,,,,\n";
    fs::write(folder.path().join("f.csv"), focus).expect("written");
    let map = "[[line]]\nwhen = { SkuId = \"s-1\" }\nsku = \"server:s\"\n";
    fs::write(folder.path().join("map.toml"), map).expect("written");
    let rows = reconcile(folder.path(), &["--invoice", "f.csv", "--map", "map.toml"]);
    expect(
        &rows,
        &[
            // 0.768 is 0.77 of ours; what is below the cent has a row of its own, with the credit's:
            // 0.768 − 0.77 = −0.002, and −0.005 − (−0.01) = 0.005.
            ("acme 2016-03-01 server:s DFW", "matched finer 0.77 0.77"),
            ("acme 2016-03-01 t *", "only_invoice tax 0.00 0.10"),
            ("acme 2016-03-01 c *", "only_invoice credit 0.00 -0.01"),
            ("acme 2016-03-01", "rounding rounding 0.00 0.003"),
        ],
    );
}

#[test]
fn headers_may_be_written_in_any_way() {
    let line = "acme,B,2016-03-01,BW Out,CHARGE,\"7.20\"\n";
    for header in [
        "ACCOUNT_NO,BILL_NO,BILL_START_DATE,EVENT_TYPE,IMPACT_TYPE,AMOUNT\n",
        "\u{feff}ACCOUNT_NO,BILL_NO,BILL_START_DATE,EVENT_TYPE,IMPACT_TYPE,AMOUNT\r\n",
        "Account No,Bill No,Bill Start Date,Event Type,Impact Type,Amount\n",
        "\"account_no\" ,\"bill_no\",bill_start_date,event_type,impact_type, amount \n",
        "\n\nACCOUNT-NO,BILL-NO,BILL-START-DATE,EVENT-TYPE,IMPACT-TYPE,AMOUNT\n",
    ] {
        let folder = TempDir::new().expect("a folder");
        bill(folder.path(), "acme,2016-03-01,transfer.out,*,GB,60,0.12,7.20");
        let header = header.replace("\"account_no\" ,", "\"account_no\",");
        fs::write(folder.path().join("i.csv"), format!("{header}{line}")).expect("written");
        let map = "[[line]]\nwhen = { event_type = \"bw *\" }\nsku = \"transfer.out\"\n";
        fs::write(folder.path().join("map.toml"), map).expect("written");
        let rows = reconcile(folder.path(), &["--invoice", "i.csv", "--map", "map.toml"]);
        expect(&rows, &[("acme 2016-03-01 transfer.out *", "matched  7.20 7.20")]);
    }
}

#[test]
fn a_line_may_cover_a_family_and_regions_stand_beside_all_regions() {
    let folder = TempDir::new().expect("a folder");
    bill(
        folder.path(),
        "acme,2016-03-01,server:a,DFW,hour,10,1,10.00
         acme,2016-03-01,server:b,DFW,hour,10,2,20.00
         acme,2016-03-01,license:windows:a,DFW,hour,10,1,10.00
         acme,2016-03-01,server:a,IAD,hour,10,1,10.00
         acme,2016-03-01,transfer.out,DFW,GB,1,1,1.00
         acme,2016-03-01,transfer.out,*,GB,5,1,5.00",
    );
    // Known without a map: servers, with what runs on them.
    let invoice = "ACCOUNT_NO,BILL_NO,BILL_START_DATE,EVENT_TYPE,IMPACT_TYPE,AMOUNT,DC_ID\n\
        acme,B,2016-03-01,NG Server Uptime,CHARGE,40.00,DFW\n\
        acme,B,2016-03-01,NG Server Uptime,CHARGE,10.00,IAD\n\
        acme,B,2016-03-01,BW,CHARGE,1.00,DFW\n\
        acme,B,2016-03-01,BW,CHARGE,2.00,IAD\n\
        acme,B,2016-03-01,BW,CHARGE,3.00,ORD\n";
    fs::write(folder.path().join("i.csv"), invoice).expect("written");
    let map = "[[line]]\nwhen = { EVENT_TYPE = \"BW\" }\nsku = \"transfer.out\"\n";
    fs::write(folder.path().join("map.toml"), map).expect("written");
    let rows = reconcile(folder.path(), &["--invoice", "i.csv", "--map", "map.toml"]);
    expect(
        &rows,
        &[
            ("acme 2016-03-01 license:* + server:* DFW", "matched finer 40.00 40.00"),
            ("acme 2016-03-01 license:* + server:* IAD", "matched  10.00 10.00"),
            ("acme 2016-03-01 transfer.out DFW", "matched  1.00 1.00"),
            ("acme 2016-03-01 transfer.out *", "matched finer 5.00 5.00"),
        ],
    );
}

#[test]
fn a_map_reads_an_invoice_of_any_columns() {
    let folder = TempDir::new().expect("a folder");
    bill(folder.path(), "acme,2016-03-01,server:s,DFW,hour,1000,1.5,1500.00");
    let invoice = "Kunde,von,bis,Artikel,Menge,Einzelpreis,Netto,Ort\n\
        K-1,01.03.2016,31.03.2016,Server Typ s,\"1.000,0\",\"1,50 $\",\"1.500,00 $\",Dallas\n\
        K-1,01.03.2016,31.03.2016,MwSt,,,\"285,00 €\",\n";
    fs::write(folder.path().join("i.csv"), invoice).expect("written");
    let map = "dates = \"day-month-year\"\ndecimal = \",\"\n[columns]\naccount = \"Kunde\"\n\
        start = \"von\"\nend = \"bis\"\nitem = \"Artikel\"\nquantity = \"Menge\"\n\
        unit_price = \"Einzelpreis\"\namount = \"Netto\"\nregion = \"Ort\"\n\
        [accounts]\n\"K-1\" = \"acme\"\n[regions]\nDallas = \"DFW\"\n\
        [[line]]\nwhen = { Artikel = \"server typ s\" }\nsku = \"server:s\"\n\
        [[line]]\nwhen = { Artikel = \"MwSt\" }\nkind = \"tax\"\n";
    fs::write(folder.path().join("map.toml"), map).expect("written");
    let flags = ["--invoice", "i.csv", "--map", "map.toml"];
    // A `$` is of many currencies, a `€` of one; nothing is converted.
    expect(
        &reconcile(folder.path(), &flags),
        &[
            ("acme 2016-03-01 MwSt *", "only_invoice other_currency 0.00 285.00"),
            ("acme 2016-03-01 server:s DFW", "matched  1500.00 1500.00"),
        ],
    );
}
