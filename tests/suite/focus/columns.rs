//! The columns of each version, and the same rows in Parquet as in CSV.

use std::collections::BTreeSet;
use std::fs;

use num_bigint::BigInt;
use num_traits::Signed;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use crate::focus::{example, export, exported};

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
