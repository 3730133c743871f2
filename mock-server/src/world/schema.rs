//! The JSON Schema of a world file, from which editors complete and check one.

use super::WorldFile;

/// The schema of a world file.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(WorldFile);
    schema.insert("title".to_owned(), "A world of the documents API's fake".into());
    schema.to_value()
}

/// The schema as it is committed: indented, with a line end.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}
