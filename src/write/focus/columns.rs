//! The columns of the Cost and Usage dataset, in their order, with where each value comes from.

use rust_decimal::Decimal;

use crate::run::focus::{FocusRow, FocusVersion, Priced};
use crate::value::{Exact, Instant};
use crate::write::focus::Dataset;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::write) enum Holds {
    Text,
    /// A text that is a JSON object.
    Json,
    Time,
    /// A number with at most so many decimals.
    Number(u32),
}

/// The decimals of quantities and prices: as many as a book may have.
const PRICE: Holds = Holds::Number(12);
/// Those of their products.
const COST: Holds = Holds::Number(24);

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::write) enum Value<'a> {
    Null,
    Text(&'a str),
    Time(Instant),
    Number(Exact),
}

/// The versions that have a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum In {
    Both,
    Until1_2,
    Since1_4,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(in crate::write) struct Column {
    pub(in crate::write) name: &'static str,
    pub(in crate::write) holds: Holds,
    pub(in crate::write) is_nullable: bool,
    versions: In,
    pub(in crate::write) value: for<'a> fn(&'a FocusRow, &'a Dataset) -> Value<'a>,
}

/// The columns of a version: its own by name, then ours.
pub(in crate::write) fn columns(version: FocusVersion) -> Vec<Column> {
    let has = |column: &&Column| match version {
        FocusVersion::V1_2 => column.versions != In::Since1_4,
        FocusVersion::V1_4 => column.versions != In::Until1_2,
    };
    COLUMNS.iter().filter(has).copied().collect()
}

fn text(text: &str) -> Value<'_> {
    if text.is_empty() { Value::Null } else { Value::Text(text) }
}

fn quantity<'a>(number: Decimal) -> Value<'a> {
    Value::Number(Exact::of(number))
}

fn priced<'a>(row: &'a FocusRow, value: impl FnOnce(&'a Priced) -> Value<'a>) -> Value<'a> {
    row.priced.as_ref().map_or(Value::Null, value)
}

fn percentile(row: &FocusRow, place: usize) -> Value<'_> {
    row.custom.percentiles[place].map_or(Value::Null, quantity)
}

/// Declares the columns: name, what it holds, `null` or `full`, versions, value.
macro_rules! columns {
    (|$row:ident, $set:ident| $($name:ident $holds:expr, $null:ident, $versions:ident, $value:expr;)*) => {
        const COLUMNS: &[Column] = &[$(Column {
            name: stringify!($name),
            holds: $holds,
            is_nullable: columns!(@ $null),
            versions: In::$versions,
            value: |$row, $set| {
                let _ = ($row, $set);
                $value
            },
        }),*];
    };
    (@ null) => { true };
    (@ full) => { false };
}

columns! { |row, set|
    AllocatedMethodDetails Holds::Json, null, Since1_4, Value::Null;
    AllocatedMethodId Holds::Text, null, Since1_4, Value::Null;
    AllocatedResourceId Holds::Text, null, Since1_4, Value::Null;
    AllocatedResourceName Holds::Text, null, Since1_4, Value::Null;
    AllocatedTags Holds::Json, null, Since1_4, Value::Null;
    AvailabilityZone Holds::Text, null, Both, Value::Null;
    BilledCost COST, full, Both, Value::Number(row.cost);
    BillingAccountId Holds::Text, full, Both, text(&row.account);
    BillingAccountName Holds::Text, full, Both, text(&row.account_name);
    BillingAccountType Holds::Text, full, Both, Value::Text("Account");
    BillingCurrency Holds::Text, full, Both, Value::Text(row.currency.code());
    BillingPeriodEnd Holds::Time, full, Both, Value::Time(row.billing_period.end);
    BillingPeriodStart Holds::Time, full, Both, Value::Time(row.billing_period.start);
    CapacityReservationId Holds::Text, null, Both, Value::Null;
    CapacityReservationStatus Holds::Text, null, Both, Value::Null;
    ChargeCategory Holds::Text, full, Both, Value::Text(row.category.as_str());
    ChargeClass Holds::Text, null, Both, Value::Null;
    ChargeDescription Holds::Text, full, Both, text(&row.description);
    ChargeFrequency Holds::Text, full, Both, Value::Text(row.frequency.as_str());
    ChargePeriodEnd Holds::Time, full, Both, Value::Time(row.charge_period.end);
    ChargePeriodStart Holds::Time, full, Both, Value::Time(row.charge_period.start);
    CommitmentDiscountCategory Holds::Text, null, Both, Value::Null;
    CommitmentDiscountId Holds::Text, null, Both, Value::Null;
    CommitmentDiscountName Holds::Text, null, Both, Value::Null;
    CommitmentDiscountQuantity PRICE, null, Both, Value::Null;
    CommitmentDiscountStatus Holds::Text, null, Both, Value::Null;
    CommitmentDiscountType Holds::Text, null, Both, Value::Null;
    CommitmentDiscountUnit Holds::Text, null, Both, Value::Null;
    CommitmentProgramEligibilityDetails Holds::Json, null, Since1_4, Value::Null;
    ConsumedQuantity PRICE, null, Both, priced(row, |of| quantity(of.quantity));
    ConsumedUnit Holds::Text, null, Both, priced(row, |of| text(&of.unit));
    ContractApplied Holds::Json, null, Since1_4, Value::Null;
    ContractedCost COST, full, Both, Value::Number(row.cost);
    ContractedUnitPrice PRICE, null, Both, priced(row, |of| quantity(of.unit_price));
    EffectiveCost COST, full, Both, Value::Number(row.cost);
    HostProviderName Holds::Text, full, Since1_4, text(&set.provider);
    InvoiceDetailId Holds::Text, null, Since1_4, text(&row.invoice_detail);
    InvoiceId Holds::Text, null, Both, text(&row.invoice);
    InvoiceIssuerName Holds::Text, full, Both, text(&set.provider);
    ListCost COST, full, Both, Value::Number(row.cost);
    ListUnitPrice PRICE, null, Both, priced(row, |of| quantity(of.unit_price));
    PricingCategory Holds::Text, null, Both, priced(row, |_| Value::Text("Standard"));
    PricingCurrency Holds::Text, full, Both, Value::Text(row.currency.code());
    PricingCurrencyContractedUnitPrice PRICE, null, Both, priced(row, |of| quantity(of.unit_price));
    PricingCurrencyEffectiveCost COST, full, Both, Value::Number(row.cost);
    PricingCurrencyListUnitPrice PRICE, null, Both, priced(row, |of| quantity(of.unit_price));
    PricingQuantity PRICE, null, Both, priced(row, |of| quantity(of.quantity));
    PricingUnit Holds::Text, null, Both, priced(row, |of| text(&of.unit));
    ProviderName Holds::Text, full, Until1_2, text(&set.provider);
    PublisherName Holds::Text, full, Until1_2, text(&set.provider);
    RegionId Holds::Text, null, Both, text(&row.region);
    RegionName Holds::Text, null, Both, text(&row.region);
    ResourceId Holds::Text, null, Both, text(&row.resource);
    ResourceName Holds::Text, null, Both, Value::Null;
    ResourceType Holds::Text, null, Both, text(row.resource_type);
    ServiceCategory Holds::Text, full, Both, Value::Text(row.service.category);
    ServiceName Holds::Text, full, Both, Value::Text(row.service.name);
    ServiceProviderName Holds::Text, full, Since1_4, text(&set.provider);
    ServiceSubcategory Holds::Text, full, Both, Value::Text(row.service.subcategory);
    SkuId Holds::Text, null, Both, priced(row, |of| text(&of.sku));
    SkuMeter Holds::Text, null, Both, priced(row, |_| Value::Text(row.service.meter));
    SkuPriceDetails Holds::Json, null, Both, priced(row, |of| text(&of.details));
    SkuPriceId Holds::Text, null, Both, priced(row, |of| text(&of.sku_price));
    SubAccountId Holds::Text, null, Both, Value::Null;
    SubAccountName Holds::Text, null, Both, Value::Null;
    SubAccountType Holds::Text, null, Both, Value::Null;
    Tags Holds::Json, null, Both, text(&row.tags);
    x_EffectiveFrom Holds::Time, null, Both, row.custom.effective_from.map_or(Value::Null, Value::Time);
    x_P10 PRICE, null, Both, percentile(row, 0);
    x_P50 PRICE, null, Both, percentile(row, 1);
    x_P90 PRICE, null, Both, percentile(row, 2);
    x_Producer Holds::Text, null, Both, text(&row.custom.producer);
    x_Role Holds::Text, null, Both, text(&row.custom.role);
    x_Rule Holds::Text, null, Both, text(&row.custom.rule);
    x_RunKind Holds::Text, full, Both, Value::Text(row.custom.run_kind);
    x_Scenario Holds::Text, null, Both, text(&row.custom.scenario);
    x_Sku Holds::Text, null, Both, text(&row.custom.sku);
    x_SourceImage Holds::Text, null, Both, text(&row.custom.source_image);
    x_TierFrom PRICE, null, Both, row.custom.tier_from.map_or(Value::Null, quantity);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(version: FocusVersion) -> Vec<&'static str> {
        columns(version).iter().map(|column| column.name).collect()
    }

    #[test]
    fn each_version_has_its_columns_by_name_and_ours_last() {
        for (version, count) in [(FocusVersion::V1_2, 57), (FocusVersion::V1_4, 65)] {
            let names = names(version);
            let own = names.iter().take_while(|name| !name.starts_with("x_")).count();
            assert_eq!(own, count);
            assert!(names[..own].is_sorted() && names[own..].is_sorted());
            assert!(names[own..].iter().all(|name| name.starts_with("x_")));
        }
    }

    #[test]
    fn what_became_of_providers_is_in_one_version_each() {
        let (old, new) = (names(FocusVersion::V1_2), names(FocusVersion::V1_4));
        for name in ["ProviderName", "PublisherName"] {
            assert!(old.contains(&name) && !new.contains(&name));
        }
        for name in ["ServiceProviderName", "HostProviderName", "InvoiceDetailId"] {
            assert!(!old.contains(&name) && new.contains(&name));
        }
    }
}
