//! Rules of layout that this project promises: who knows a path, who knows the fake, and where an obligation's id stands.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crewpass_contract::requirement::Catalogue;

use super::generated::repository;

/// The files of src that may name an obligation, beside the judge's own: each of them decides something by it.
const DECIDES_BY_AN_ID: [&str; 4] =
    ["property/applicable.rs", "property/check.rs", "property/fleet/applicable.rs", "client/plan/build.rs"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns the Rust files below a folder, with their code: no comments, and nothing from `#[cfg(test)]` on.
fn code_below(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    collect(folder, folder, &mut all);
    assert!(all.len() > 50, "{} files", all.len());
    all
}

fn collect(root: &Path, folder: &Path, all: &mut BTreeMap<String, String>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(root, &path, all);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            all.insert(name, lines.collect::<Vec<_>>().join("\n"));
        }
    }
}

#[test]
fn only_the_operations_know_a_path_of_the_api() {
    let literals = ["/api/v2", "employers/me", "}/documents/", "\"/documents"];
    for (name, code) in code_below(&source()) {
        let knows = literals.iter().find(|literal| code.contains(**literal));
        let may = name == "operation.rs";
        assert!(may || knows.is_none(), "{name} has {knows:?}: ask `operation` for a path");
    }
}

#[test]
fn only_the_runners_know_the_fake() {
    for (name, code) in code_below(&source()) {
        let may = name.starts_with("client/run/") || name.starts_with("receiver/run/");
        assert!(may || !code.contains("crewpass_mock"), "{name} names crewpass_mock: put it behind client/run");
    }
}

#[test]
fn an_obligations_id_stands_in_its_judges_area_and_where_something_is_decided_by_it() {
    let code = code_below(&source());
    for known in Catalogue::built_in().unwrap().obligations() {
        let quoted = format!("\"{}\"", known.id);
        let naming: Vec<&str> =
            code.iter().filter(|(_, code)| code.contains(&quoted)).map(|(name, _)| name.as_str()).collect();
        let judges = naming.iter().filter(|name| name.starts_with("client/judge/")).count();
        assert_eq!(judges, 1, "{}: one register names it, not {naming:?}", known.id);
        let others = naming.iter();
        let others: Vec<_> =
            others.filter(|name| !name.starts_with("client/judge/") && !DECIDES_BY_AN_ID.contains(name)).collect();
        assert!(others.is_empty(), "{} stands in {others:?}: make it a fact in obligations.yaml", known.id);
    }
}

#[test]
fn an_obligation_of_catalogue_2_stands_in_ten_files() {
    // The row, one scenario or two, the page that is generated, the clause that it serves, its judge and
    // the list of judges, its variant, its test, the drawn cases that it applies to.
    const MOST: usize = 10;
    let newest = Catalogue::built_in().unwrap();
    for known in newest.obligations().iter().filter(|known| known.since > 1) {
        let mut naming = Vec::new();
        for folder in ["contract-tests", "docs", "fixtures"] {
            naming_below(&repository().join(folder), &known.id, &mut naming);
        }
        assert!(naming.len() <= MOST, "{} stands in {} files: {naming:#?}", known.id, naming.len());
    }
}

fn naming_below(folder: &Path, id: &str, naming: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            naming_below(&path, id, naming);
        } else if fs::read_to_string(&path).is_ok_and(|text| text.contains(id)) {
            naming.push(path);
        }
    }
}
