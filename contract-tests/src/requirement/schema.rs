//! The JSON Schema of the catalogue, for editors.

use super::model::Obligation;

/// The schema as it lies beside the catalogue.
pub fn schema_text() -> String {
    let schema = schemars::schema_for!(Vec<Obligation>);
    format!("{:#}\n", schema.to_value())
}
