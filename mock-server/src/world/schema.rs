//! The JSON Schema of a world file, for completion and checks in editors.

use super::WorldFile;

/// Returns the schema of a world file.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(WorldFile);
    schema.insert("title".to_owned(), "A world of the fake".into());
    schema.to_value()
}

/// Returns the schema as it is committed: indented, with a final line end.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}
