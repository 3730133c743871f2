//! Every sentence of the contract is quoted by one clause, and every clause says what checks it: in
//! clients, in any server, and in the fake.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crewpass_contract::requirement::Catalogue;
use crewpass_contract::server;
use serde::Deserialize;
use serde_json::Value;

use crate::document::described::{Document, OPERATIONS, members};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    id: String,
    source: String,
    quotes: Vec<String>,
    #[serde(default)]
    obligations: Vec<String>,
    #[serde(default)]
    fake: Vec<String>,
    why_not: Option<String>,
    #[serde(default)]
    server: Vec<String>,
    no_server: Option<String>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn clauses() -> Vec<Clause> {
    serde_saphyr::from_str(&read("fixtures/contract/clauses.yaml")).unwrap()
}

/// The sentences below the first heading of a section: rows of tables whole, and the rest cut where a full stop is
/// followed by a space.
fn sentences(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut joins = false;
    for line in text.lines().skip_while(|line| !line.starts_with("## ")) {
        let begins = |mark: &str| line.trim_start_matches(|digit: char| digit.is_ascii_digit()).starts_with(mark);
        let is_row = line.starts_with('|');
        match blocks.last_mut() {
            _ if line.is_empty() || line.starts_with('#') => joins = false,
            Some(block) if joins && !is_row && !begins("- ") && !begins(". ") => {
                block.push(' ');
                block.push_str(line.trim());
            }
            _ => {
                let item = line.strip_prefix("- ").unwrap_or(line);
                let item =
                    item.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok()).map_or(item, |it| it.1);
                blocks.push(item.to_owned());
                joins = !is_row;
            }
        }
    }
    let headings = |block: &String| block.starts_with("|---") || block.starts_with("| step |");
    let cut = |block: String| {
        if block.starts_with('|') {
            return vec![block];
        }
        format!("{block} ").split_inclusive(". ").map(|text| text.trim().to_owned()).collect()
    };
    blocks.into_iter().filter(|block| !headings(block)).flat_map(cut).filter(|text| !text.is_empty()).collect()
}

/// The sources that a sentence names in brackets.
fn sources(sentence: &str) -> BTreeSet<char> {
    let named = sentence.split('(').skip(1).filter_map(|rest| {
        let mut letters = rest.chars();
        let source = letters.next().filter(|letter| "GPHD".contains(*letter))?;
        letters.next().filter(|next| "),:".contains(*next)).map(|_| source)
    });
    named.collect()
}

#[test]
fn every_sentence_is_quoted_by_one_clause() {
    let written = sentences(&read("docs/contract.md"));
    assert!(written.len() > 50, "only {} sentences", written.len());
    let mut quoted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for clause in clauses() {
        for quote in clause.quotes {
            quoted.entry(quote).or_default().push(clause.id.clone());
        }
    }
    for sentence in &written {
        match quoted.remove(sentence).unwrap_or_default().as_slice() {
            [_] => {}
            [] => panic!("no clause of fixtures/contract/clauses.yaml quotes: {sentence}"),
            several => panic!("{several:?} all quote: {sentence}"),
        }
    }
    assert!(quoted.is_empty(), "docs/contract.md does not say: {quoted:#?}");
}

#[test]
fn every_clause_has_the_source_that_its_sentences_name() {
    for clause in clauses() {
        assert!(!clause.quotes.is_empty(), "{} quotes nothing", clause.id);
        for quote in &clause.quotes {
            let named: Vec<String> = sources(quote).iter().map(char::to_string).collect();
            assert_eq!(named, [clause.source.as_str()], "{}: {quote}", clause.id);
        }
    }
}

#[test]
fn every_clause_is_checked_or_says_why_not() {
    let catalogue = Catalogue::built_in().unwrap();
    let mut scenarios = String::new();
    for area in fs::read_dir(repository().join("fixtures/scenarios")).unwrap().map(|entry| entry.unwrap().path()) {
        for file in fs::read_dir(&area).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            let text = fs::read_to_string(file).unwrap_or_default();
            scenarios.extend(text.lines().filter(|line| line.starts_with("provokes:") || line.starts_with("  - CPK-")));
        }
    }
    for clause in clauses() {
        let id = &clause.id;
        assert!(one_of(&clause.obligations, clause.why_not.as_ref()), "{id}: either obligations, or why_not");
        for obligation in &clause.obligations {
            let known = catalogue.find(obligation).unwrap_or_else(|error| panic!("{id}: {error}"));
            assert!(known.is_everywhere() || scenarios.contains(obligation), "{id}: no scenario provokes {obligation}");
        }
        assert!(!clause.fake.is_empty(), "{id}: no test holds the fake to it");
        for test in &clause.fake {
            let (file, function) = test.split_once(": ").unwrap();
            let source = read(&format!("mock-server/tests/suite/{file}"));
            let held = source.split("]\n").any(|part| {
                let start = part.trim_start_matches("async ");
                start.starts_with(&format!("fn {function}()"))
            });
            assert!(held, "{id}: there is no test {test}");
        }
    }
}

/// Whether there is exactly one of the two: checks, or a reason in words why there are none.
fn one_of(checks: &[String], reason: Option<&String>) -> bool {
    reason.is_none_or(|why| why.trim().len() > 20) && checks.is_empty() == reason.is_some()
}

#[test]
fn every_clause_names_its_checks_of_a_server_or_says_why_not() {
    let sender = Catalogue::of_sender().unwrap();
    let known = server::clauses().unwrap().into_iter().chain(sender.obligations().iter().cloned());
    let known: Vec<String> = known.map(|clause| clause.id).collect();
    let mut named = BTreeSet::new();
    for clause in clauses() {
        let id = &clause.id;
        assert!(one_of(&clause.server, clause.no_server.as_ref()), "{id}: either checks of a server, or no_server");
        for check in clause.server {
            assert!(known.contains(&check), "{id}: neither server-clauses.yaml nor sender-clauses.yaml has {check}");
            named.insert(check);
        }
    }
    let alone: Vec<_> = known.iter().filter(|check| !named.contains(*check)).collect();
    assert!(alone.is_empty(), "checks of a server that rest on no clause: {alone:?}");
}

/// Holds the sources that the document names beside its clauses to those of the clauses.
fn check(value: &Value, sources: &BTreeMap<String, String>, checked: &mut usize) {
    for (id, source) in members(&value["x-clauses"]) {
        assert_eq!(sources.get(id).map(String::as_str), source.as_str(), "openapi.yaml: {id}");
        *checked += 1;
    }
    members(value).for_each(|(_, value)| check(value, sources, checked));
}

#[test]
fn what_decides_in_the_fake_is_among_the_clauses() {
    let sources: BTreeMap<String, String> = clauses().into_iter().map(|clause| (clause.id, clause.source)).collect();
    assert_eq!(sources.len(), clauses().len(), "two clauses have one id");
    for clause in crewpass_mock::clause::ALL {
        let source = sources.get(clause.id).unwrap_or_else(|| panic!("clauses.yaml lacks {}", clause.id));
        assert_eq!(*source, format!("{:?}", clause.source), "{}", clause.id);
    }
    let mut checked = 0;
    check(&Document::read().0, &sources, &mut checked);
    assert!(checked > 40, "only {checked}");
}

#[test]
fn every_answer_names_its_clauses() {
    let document = Document::read();
    for (path, item) in members(&document.0["paths"]) {
        for (status, response) in OPERATIONS.iter().flat_map(|method| members(&item[method]["responses"])) {
            let response = document.resolved(response);
            assert!(members(&response["x-clauses"]).count() > 0, "{path} {status} rests on no clause");
        }
    }
}
