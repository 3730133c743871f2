//! The JSON Schema of the catalogue, for editors.

use super::row::Row;

/// Returns the schema as the file beside the catalogue has it.
pub fn schema_text() -> String {
    let schema = schemars::schema_for!(Vec<Row>);
    format!("{:#}\n", schema.to_value())
}
