//! The promise of CONTRIBUTING.md: an endpoint is a file and a row of the table, a check a file and a line of the order.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::repo_rules::shell::repository;

/// The files that show a path to people, as an example to type.
const EXAMPLES_FOR_PEOPLE: [&str; 3] = ["cli/explain.rs", "cli/ready.rs", "control/explain.rs"];

/// Returns the shipped code of every file of the fake, without comments and unit tests, by its path below `src`.
fn code() -> Vec<(PathBuf, String)> {
    let source = repository().join("mock-server/src");
    let (mut folders, mut files) = (vec![source.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let shipped = text.split("#[cfg(test)]").next().unwrap().to_owned();
                let lines = shipped.lines().filter(|line| !line.trim_start().starts_with("//"));
                let code = lines.collect::<Vec<_>>().join("\n");
                files.push((path.strip_prefix(&source).unwrap().to_owned(), code));
            }
        }
    }
    assert!(files.len() > 100, "only {} files were found", files.len());
    files
}

/// Returns the words that follow a mark in a text.
fn words_after<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    let ends = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '_');
    text.split(mark).skip(1).map(|rest| rest.split(ends).next().unwrap()).collect()
}

#[test]
fn only_the_table_names_a_path() {
    for (path, code) in code() {
        let is_table = path == Path::new("endpoint/table.rs");
        let may = is_table || EXAMPLES_FOR_PEOPLE.iter().any(|known| path == Path::new(known));
        assert!(may || !code.contains("/api/v2/"), "{}: only endpoint/table.rs names a path", path.display());
        assert!(!is_table || code.contains("/api/v2/"), "the table is somewhere else");
    }
}

/// A handler's module is known to the module list and the table alone.
#[test]
fn an_endpoint_is_a_file_and_a_row() {
    let code = code();
    let table = &code.iter().find(|(path, _)| path == Path::new("endpoint/table.rs")).unwrap().1;
    let handlers: Vec<&str> = table.split("::handle").map(|text| text.rsplit('(').next().unwrap()).collect();
    let handlers = &handlers[..handlers.len() - 1];
    assert_eq!(handlers.len(), words_after(table, "name: \"").len(), "{handlers:?}");
    for handler in handlers {
        assert!(code.iter().any(|(path, _)| path == &Path::new("endpoint").join(format!("{handler}.rs"))), "{handler}");
        let knows = |path: &Path, text: &str| {
            let is_beside = path.starts_with("endpoint");
            let marks = [format!("{handler}::"), format!("mod {handler};"), format!("endpoint::{handler}")];
            marks.iter().any(|mark| (is_beside || mark.starts_with("endpoint")) && text.contains(mark.as_str()))
        };
        let found = code.iter().filter(|(path, text)| knows(path, text)).map(|(path, _)| path.as_path());
        let found: BTreeSet<_> = found.collect();
        let expected = ["endpoint/mod.rs", "endpoint/table.rs"].map(Path::new).into();
        assert_eq!(found, expected, "{handler} is found to other files");
    }
}

/// The answer and `explain` walk the one order, so no check can be missed by either.
#[test]
fn every_check_is_in_the_order_once() {
    let code = code();
    let of = |name: &str| &code.iter().find(|(path, _)| path == Path::new(name)).unwrap().1;
    let mut ordered = words_after(of("check/order.rs"), ".check::<");
    ordered.sort_unstable();
    let in_check = code.iter().filter(|(path, _)| path.starts_with("check"));
    let impls = in_check.flat_map(|(_, text)| words_after(text, "> for ").into_iter().zip(text.split("> for ")));
    let checks = impls.filter(|(_, before)| before.rsplit("impl").next().unwrap().contains("Check<"));
    let mut checks: Vec<&str> = checks.map(|(name, _)| name).collect();
    checks.sort_unstable();
    assert!(checks.len() > 15, "{checks:?}");
    assert_eq!(checks, ordered);
    let walk = of("explain/walk.rs");
    assert!(walk.contains("needs.observe(") && walk.contains("check::link("), "explain walks another order");
}
