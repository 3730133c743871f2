//! Files that are made from code are as the code would make them; `make generate` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use crewpass_contract::requirement;

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_catalogues_schema_is_current_and_allows_the_catalogue() {
    let schema = read("fixtures/contract/obligations.schema.json");
    assert_eq!(schema, requirement::schema_text(), "run `make generate`");
    for text in [requirement::BUILT_IN_OBLIGATIONS, requirement::BUILT_IN_CLAUSES, requirement::BUILT_IN_SENDER] {
        let entries: serde_json::Value = serde_saphyr::from_str(text).unwrap();
        jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &entries).unwrap();
    }
}

#[test]
fn the_page_of_obligations_is_current() {
    let built_in = requirement::Catalogue::built_in().unwrap();
    assert_eq!(read("docs/obligations.md"), requirement::markdown(&built_in), "run `make generate`");
}
