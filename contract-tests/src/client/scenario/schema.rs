//! The JSON Schema of a scenario file, for editors.

use super::model::Scenario;

/// Returns the schema, as the file beside the scenarios has it.
pub fn schema_text() -> String {
    let mut schema = schemars::schema_for!(Scenario);
    schema.insert("title".to_owned(), "A scenario of the contract gate".into());
    format!("{:#}\n", schema.to_value())
}
