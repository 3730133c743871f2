//! Every snapshot is read by a test that is there, and no test's new wording lies about unreviewed.
//!
//! Which snapshots there should be is read from the sources: insta names a file after the module and the function that
//! asserts it, or after the name that it is given. A name that is no literal must come from a `for` over literals.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::repo_rules::shell::repository;

/// Every file of the workspace, without what is built, installed or hidden by a tool.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_file() {
            found.push(path);
        } else if path.is_dir() && !["target", "node_modules", ".git", "__pycache__"].contains(&&*name) {
            files(&path, found);
        }
    }
}

fn all_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&repository(), &mut found);
    found
}

fn ends(path: &Path, ending: &str) -> bool {
    path.to_string_lossy().ends_with(ending)
}

/// A source without its comments' lines, so that what is commented out is not there.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
}

/// How long a literal at the start of a text is: a string, a raw string or a character; 0 where there is none.
fn literal(text: &str) -> usize {
    let hashes = text.strip_prefix('r').map(|raw| raw.len() - raw.trim_start_matches('#').len());
    if let Some(hashes) = hashes
        && text[1 + hashes..].starts_with('"')
    {
        let end = format!("\"{}", "#".repeat(hashes));
        return 2 + hashes + text[2 + hashes..].find(&end).unwrap() + end.len();
    }
    let mark = match text.as_bytes() {
        [b'"', ..] => '"',
        [b'\'', b'\\', ..] | [b'\'', _, b'\'', ..] => '\'',
        _ => return 0,
    };
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            c if c == mark && !escaped => return at + 1,
            c => escaped = c == '\\' && !escaped,
        }
    }
    panic!("a literal without an end: {text:.40}")
}

/// The arguments of the call whose opening bracket was just passed.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut at, mut from, mut all) = (0, 0, 0, Vec::new());
    loop {
        at += literal(&text[at..]);
        let c = text[at..].chars().next().unwrap();
        match c {
            ')' | ']' | '}' if depth == 0 => {
                all.push(text[from..at].trim());
                all.retain(|argument| !argument.is_empty());
                return all;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
        at += c.len_utf8();
    }
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
}

/// The strings over which the nearest loop in front of a place runs, as `name`.
fn looped<'a>(before: &'a str, name: &str) -> Vec<&'a str> {
    let head = format!("for {name} in [");
    let at = before.rfind(&head).unwrap_or_else(|| panic!("`{name}` is no literal, and of no loop over literals"));
    arguments(&before[at + head.len()..]).into_iter().map(|text| text.trim_matches('"')).collect()
}

/// The names that one assertion gives: it is told, it is a loop's, or it is the function's.
fn names(before: &str, arguments: &[&str], unnamed: &mut BTreeMap<String, usize>) -> Vec<String> {
    match arguments {
        [.., inline] if inline.starts_with('@') => Vec::new(),
        [name, _, ..] if name.starts_with('"') => vec![name.trim_matches('"').to_owned()],
        [name, _, ..] if name.starts_with("format!(") => {
            let pattern = name["format!(".len()..].trim_matches(['"', ')']);
            let variable = pattern.split_once('{').unwrap().1.split_once('}').unwrap().0;
            let filled = |value: &str| pattern.replace(&format!("{{{variable}}}"), value);
            looped(before, variable).into_iter().map(filled).collect()
        }
        [name, _, ..] => looped(before, name).into_iter().map(str::to_owned).collect(),
        _ => {
            let function = word(&before[before.rfind("fn ").unwrap() + 3..]);
            let name = function.strip_prefix("test_").unwrap_or(function);
            let count = unnamed.entry(name.to_owned()).or_default();
            *count += 1;
            vec![if *count == 1 { name.to_owned() } else { format!("{name}-{count}") }]
        }
    }
}

/// The module of a test's source as insta spells it, once it is known that the source is compiled.
fn module(source: &Path) -> String {
    let (folder, stem) = (source.parent().unwrap(), source.file_stem().unwrap().to_str().unwrap());
    let target = folder.file_name().unwrap().to_str().unwrap();
    let [beside, within] = [folder.with_extension("rs"), folder.join("main.rs")];
    if within == source {
        return target.to_owned();
    }
    let (root, module) = if within.is_file() {
        (within, format!("{target}__{stem}"))
    } else {
        assert!(beside.is_file(), "{}: snapshots belong to integration tests", source.display());
        (beside, format!("{target}__{target}__{stem}"))
    };
    assert!(code(&root).contains(&format!("mod {stem};")), "{} is not compiled", source.display());
    module
}

/// Every snapshot that the tests read, with the source that its head names.
fn expected(all: &[PathBuf]) -> BTreeMap<PathBuf, String> {
    let mut expected = BTreeMap::new();
    let this = Path::new(file!()).file_name().unwrap();
    for source in all.iter().filter(|path| ends(path, ".rs") && path.file_name() != Some(this)) {
        let (text, mut unnamed) = (code(source), BTreeMap::new());
        for (at, call) in text.match_indices("snapshot!(") {
            for name in names(&text[..at], &arguments(&text[at + call.len()..]), &mut unnamed) {
                let file = format!("{}__{name}.snap", module(source));
                let path = source.with_file_name("snapshots").join(file);
                let named = source.strip_prefix(repository()).unwrap().to_string_lossy().into_owned();
                let twice = expected.insert(path.clone(), named);
                assert_eq!(twice, None, "two assertions read {}", path.display());
            }
        }
    }
    expected
}

#[test]
fn every_snapshot_is_read_by_a_test_and_every_test_has_its_snapshot() {
    let all = all_files();
    let expected = expected(&all);
    assert!(expected.len() > 100, "only {} are read", expected.len());
    let mut wrong = Vec::new();
    for path in all.iter().filter(|path| ends(path, ".snap") || path.parent().unwrap().ends_with("snapshots")) {
        let head = fs::read_to_string(path).unwrap_or_default();
        let source = head.lines().find_map(|line| line.strip_prefix("source: ")).unwrap_or("nothing");
        match expected.get(path) {
            None => wrong.push(format!("{}: no test reads it", path.display())),
            Some(named) if named != source => {
                wrong.push(format!("{}: it is of {named}, and says {source}", path.display()));
            }
            Some(_) => {}
        }
    }
    let missing = expected.keys().filter(|path| !path.is_file());
    wrong.extend(missing.map(|path| format!("{}: a test reads it, and it is not there", path.display())));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_snapshot_waits_for_a_review() {
    let all = all_files();
    let waits: Vec<_> = all.iter().filter(|path| ends(path, ".snap.new") || ends(path, ".pending-snap")).collect();
    assert!(waits.is_empty(), "review these, then take or delete them: {waits:#?}");
}
