//! Rules about the layout that no compiler checks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::repo_rules::shell::repository;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            found.push(entry);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["mock-server", "contract-tests"] {
        sources(&repository().join(folder), &mut found);
    }
    assert!(found.len() > 50, "only {} files were found", found.len());
    found
}

#[test]
fn every_file_says_what_belongs_in_it() {
    for path in all_sources() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{}: begin with a `//!` line", path.display());
    }
}

#[test]
fn every_file_has_at_most_400_lines() {
    for path in all_sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 400, "{}: {lines} lines; split it", path.display());
    }
}

/// Items that a `mod.rs` may not hold: all but `mod` and `use`.
const ITEMS: [&str; 10] =
    ["fn ", "async fn ", "const ", "static ", "struct ", "enum ", "trait ", "impl ", "type ", "macro_rules! "];

/// Returns true if a line at the margin begins an item.
fn begins_item(line: &str) -> bool {
    let line = line.strip_prefix("pub(crate) ").or_else(|| line.strip_prefix("pub(super) ")).unwrap_or(line);
    let line = line.strip_prefix("pub ").unwrap_or(line);
    ITEMS.iter().any(|item| line.starts_with(item))
}

#[test]
fn a_mod_file_declares_and_reexports_only() {
    for path in all_sources().iter().filter(|path| path.ends_with("mod.rs")) {
        let text = fs::read_to_string(path).unwrap();
        let place = path.strip_prefix(repository()).unwrap();
        let item = text.lines().find(|line| begins_item(line));
        assert!(item.is_none(), "{}: move `{}` to a file with a name", place.display(), item.unwrap_or_default());
    }
}

/// Invariant 2: these are pure. The real time and randomness are passed in, and no request type of axum is known.
#[test]
fn pure_rooms_stay_pure() {
    for room in [
        "clock.rs",
        "compliance.rs",
        "cursor.rs",
        "input",
        "policy",
        "scope.rs",
        "token.rs",
        "check",
        "explain/advice.rs",
        "explain/walk.rs",
        "session/store.rs",
        "session/limiter.rs",
        "fault/effect.rs",
        "fault/effect_values.rs",
        "fault/json.rs",
        "fault/engine.rs",
        "fault/loopback.rs",
        "fault/read.rs",
        "fault/report.rs",
        "fault/rule.rs",
        "fault/status.rs",
        "fault/template.rs",
        "fault/when.rs",
        "journal/entry.rs",
        "journal/exchange.rs",
        "journal/filter.rs",
        "journal/har.rs",
        "journal/json.rs",
        "journal/leak.rs",
        "journal/masking.rs",
        "journal/ring.rs",
    ] {
        let path = repository().join("mock-server/src").join(room);
        let mut files = Vec::new();
        if path.is_dir() {
            sources(&path, &mut files);
        } else {
            files.push(path);
        }
        for path in files {
            let text = fs::read_to_string(&path).unwrap();
            for word in ["axum", "Timestamp::now", "SystemTime", "Instant::now", "std::fs", "tokio"] {
                assert!(!text.contains(word), "{}: `{word}` has no place here", path.display());
            }
        }
    }
}

/// An effect of a fault is defined in one file and executed in another; a third one never names a variant.
#[test]
fn an_effect_is_named_in_two_files_its_definition_and_its_execution() {
    let mut paths = Vec::new();
    sources(&repository().join("mock-server/src"), &mut paths);
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for kind in ["PreCheckEffect::", "ResponseEffect::"] {
            for part in text.split(kind).skip(1).filter(|part| part.starts_with(char::is_uppercase)) {
                let name: String = part.chars().take_while(char::is_ascii_alphanumeric).collect();
                let file = path.file_name().unwrap().to_string_lossy().into_owned();
                files.entry(format!("{kind}{name}")).or_default().insert(file);
            }
        }
    }
    assert_eq!(files.len(), 20, "{:?}", files.keys());
    for (variant, files) in files {
        let execution = if variant.starts_with("Pre") { "pre_check.rs" } else { "response_effect.rs" };
        assert_eq!(files, ["effect.rs", execution].map(str::to_owned).into(), "{variant}");
    }
}

/// Invariant 4: only `error` knows the envelope. That only the table knows the paths is in `endpoints`.
#[test]
fn only_error_knows_the_envelope() {
    let source = repository().join("mock-server/src");
    let mut found = Vec::new();
    sources(&source, &mut found);
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        let shipped = text.split("#[cfg(test)]").next().unwrap();
        let code: String = shipped.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let name = path.strip_prefix(&source).unwrap();
        let knows_envelope = code.contains(r#"{"error":"#);
        assert!(!knows_envelope || name == Path::new("error.rs"), "{}: the envelope is error.rs's", name.display());
    }
}

/// The page of policies has a row for each, in the contract's order, with its default.
#[test]
fn the_page_of_policies_is_current() {
    let page = fs::read_to_string(repository().join("docs/policies.md")).unwrap();
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let entries = crewpass_mock::policy::Policies::default().entries();
    assert_eq!(rows.len(), entries.len());
    for (row, (name, default)) in rows.iter().zip(entries) {
        assert!(row.starts_with(&format!("| `{name}`: ")), "`{name}` is missing before {row}");
        assert!(row.contains(&format!(" | `{default}` | ")), "`{name}` is `{default}` by default: {row}");
    }
}
