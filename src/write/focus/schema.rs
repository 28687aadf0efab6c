//! The schema beside a FOCUS file: its columns, with types and precision.

use serde::Serialize;

use crate::run::focus::FocusVersion;
use crate::write::focus::{Dataset, Holds, columns};
use crate::write::json::to_text;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    data_generator: Generator,
    provider_name: &'a str,
    schema: Schema<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Generator {
    data_generator: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Schema<'a> {
    schema_id: &'a str,
    focus_version: &'a str,
    creation_date: &'a str,
    dataset: &'a str,
    column_definition: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    column_name: &'static str,
    data_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    numeric_precision: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_scale: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_encoding: Option<&'static str>,
    allows_nulls: bool,
}

/// The schema of a dataset, as JSON. Its date is that of the schema, not of the file.
#[must_use]
pub fn schema(dataset: &Dataset) -> String {
    let definition = |column: &super::Column| {
        let (data_type, scale) = match column.holds {
            Holds::Text => ("STRING", None),
            Holds::Json => ("JSON", None),
            Holds::Time => ("DATETIME", None),
            Holds::Number(scale) => ("DECIMAL", Some(scale)),
        };
        let is_text = matches!(column.holds, Holds::Text | Holds::Json);
        Definition {
            column_name: column.name,
            data_type,
            numeric_precision: scale.map(|_| 38),
            number_scale: scale,
            string_encoding: is_text.then_some("ASCII"),
            allows_nulls: column.is_nullable,
        }
    };
    let schema_id = match dataset.version {
        FocusVersion::V1_2 => "sharebill-cost-and-usage-1.2-a",
        FocusVersion::V1_4 => "sharebill-cost-and-usage-1.4-a",
    };
    to_text(&Metadata {
        data_generator: Generator { data_generator: env!("CARGO_PKG_NAME") },
        provider_name: &dataset.provider,
        schema: Schema {
            schema_id,
            focus_version: dataset.version.as_str(),
            creation_date: "2026-11-24T00:00:00Z",
            dataset: "CostAndUsage",
            column_definition: columns(dataset.version).iter().map(definition).collect(),
        },
    })
}
