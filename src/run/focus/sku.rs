//! SKUs in the words of FOCUS: services, units, properties of prices.

use crate::book::Category;
use crate::run::ChargeRow;
use crate::run::focus::text::{composed, json};
use crate::run::focus::{ChargeCategory, ChargeFrequency, Gigabyte, Service};

/// What makes a statement's total of rows that are not rounded.
pub(super) const ROUNDING: Service = Service {
    name: "Invoice Rounding",
    category: "Other",
    subcategory: "Other (Other)",
    meter: "Invoice Rounding",
};

/// The service that a SKU is of. Image and object storage are both kept in an object store.
pub(super) fn service(category: Category, sku: &str) -> Service {
    let (name, category, subcategory, meter) = match category {
        Category::Storage if sku == "image.storage" => {
            ("Image Storage", "Storage", "Object Storage", "Image Data Stored")
        }
        Category::Storage => ("Object Storage", "Storage", "Object Storage", "Object Data Stored"),
        Category::Servers => ("Virtual Servers", "Compute", "Virtual Machines", "Server Time"),
        Category::Licenses => {
            ("Operating System Licenses", "Compute", "Other (Compute)", "Licensed Server Time")
        }
        Category::Support => {
            ("Support", "Management and Governance", "Support", "Supported Server Memory")
        }
        Category::Transfer => {
            ("Data Transfer", "Networking", "Network Connectivity", "Data Sent Out")
        }
        Category::Minimum => ("Support", "Management and Governance", "Support", "Minimum Charge"),
        Category::Fee => ("Support", "Management and Governance", "Support", "Service Fee"),
        Category::Discount => ("Volume Discount", "Other", "Other (Other)", "Volume Discount"),
    };
    Service { name, category, subcategory, meter }
}

/// What a charge of a category is by its nature; the module's first lines say why.
pub(super) fn nature(category: Category) -> (ChargeCategory, ChargeFrequency) {
    match category {
        Category::Storage
        | Category::Servers
        | Category::Licenses
        | Category::Support
        | Category::Transfer => (ChargeCategory::Usage, ChargeFrequency::UsageBased),
        Category::Fee => (ChargeCategory::Usage, ChargeFrequency::Recurring),
        Category::Minimum => (ChargeCategory::Adjustment, ChargeFrequency::Recurring),
        Category::Discount => (ChargeCategory::Credit, ChargeFrequency::UsageBased),
    }
}

/// The kind of thing that causes charges of a category.
pub(super) fn resource_type(category: Category, sku: &str) -> &'static str {
    match category {
        Category::Storage if sku == "image.storage" => "Image",
        Category::Storage => "Object",
        Category::Servers | Category::Licenses | Category::Support => "Server",
        Category::Transfer => "Transfer",
        Category::Minimum | Category::Fee | Category::Discount => "Account",
    }
}

/// A charge's unit in the specification's unit format.
pub(super) fn unit(word: &str, gigabyte: Gigabyte) -> String {
    let gigabyte = gigabyte.as_str();
    match word {
        "GB-month" => format!("{gigabyte}-Months"),
        "GB" => gigabyte.to_owned(),
        "GB-hour" => format!("{gigabyte}-Hours"),
        "hour" => "Hours".to_owned(),
        // A cycle is one month, whatever its first day.
        "cycle" => "Months".to_owned(),
        "package" => "Packages".to_owned(),
        // A tier's flat.
        _ => "Units".to_owned(),
    }
}

/// The id of a charge's price: each region, unit and tier has its own. The date from which on it is
/// in force is no part of it, as a price may change and stay the same SKU's.
pub(super) fn price_id(charge: &ChargeRow) -> String {
    let tier = charge.tier_from.normalize().to_string();
    let mut parts = vec![charge.sku.as_str(), &charge.region, &charge.unit, &tier];
    if charge.effective_from.is_none() && charge.unit != charge.currency.code() {
        parts.push("unpriced");
    }
    composed(&parts)
}

/// The properties of a charge's price.
pub(super) fn price_details(charge: &ChargeRow) -> String {
    let tier = charge.tier_from.normalize().to_string();
    let mut pairs = vec![("x_RateRegion", charge.region.as_str()), ("x_TierFrom", &tier)];
    let (kind, rest) = charge.sku.split_once(':').unwrap_or((&charge.sku, ""));
    match kind {
        "server" => pairs.push(("InstanceType", rest)),
        "license" => {
            let (os, flavor) = rest.split_once(':').unwrap_or((rest, ""));
            pairs.extend([("OperatingSystem", os), ("InstanceType", flavor)]);
        }
        "support" | "fee" => pairs.push(("x_ServiceLevel", rest)),
        _ => {}
    }
    json(pairs)
}
