//! A part of the clauses: by name, by grade, by shard; and shards put together again.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::server::binary_run::{err, listen, out, run};
use crate::server::harness::{all_but_limits, expectation, fake, options, outcomes};
use axum::Router;
use crewpass_contract::requirement::Requirement;
use crewpass_contract::server::{Options, clauses};

fn merge(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.arg("merge").args(more).current_dir(folder).env_remove("GITHUB_WORKFLOW_REF").output().unwrap()
}

fn json(folder: &TempDir, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.path().join(name)).unwrap()).unwrap()
}

/// Judges a new fake, and keeps the report.
async fn report(folder: &TempDir, name: &str, more: &[&str]) -> Output {
    let (fake, path) = (fake().await, format!("json={}", folder.path().join(name).display()));
    let base = fake.base();
    let all = [&["--control", &base, "--hostile", "--report", &path], more].concat();
    run(&base, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_are_the_whole_once_they_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    report(&folder, "whole.json", &[]).await;
    for part in ["1/3", "2/3", "3/3"] {
        let output = report(&folder, &format!("{}.json", &part[..1]), &["--shard", part]).await;
        assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    }
    let merged = merge(folder.path(), &["1.json", "2.json", "3.json", "--report", "json=all.json"]);
    assert_eq!(merged.status.code(), Some(0), "{}", out(&merged));
    assert_eq!(json(&folder, "all.json"), json(&folder, "whole.json"));
    let sizes: Vec<_> = ["1.json", "2.json", "3.json"]
        .iter()
        .map(|name| json(&folder, name)["merged"].as_object().unwrap().len())
        .collect();
    assert_eq!(sizes, [51, 50, 50]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shard_that_is_missing_is_refused_and_what_no_report_has_was_not_exercised() {
    let folder = tempfile::tempdir().unwrap();
    report(&folder, "1.json", &["--shard", "1/2"]).await;
    let refused = merge(folder.path(), &["1.json"]);
    let message = "crewpass-contract: these reports are not all parts of one run: shard 2/2 is missing\n";
    assert_eq!((refused.status.code(), err(&refused, "{base}").as_str()), (Some(2), message));
    // A report of an earlier version does not say which part it is.
    let mut old = json(&folder, "1.json");
    old.as_object_mut().unwrap().remove("shard").unwrap();
    std::fs::write(folder.path().join("old.json"), old.to_string()).unwrap();
    let merged = merge(folder.path(), &["old.json", "--report", "json=all.json"]);
    assert_eq!(merged.status.code(), Some(3), "{}", out(&merged));
    let all = json(&folder, "all.json");
    assert_eq!(
        (&all["merged"]["CPS-LIST-01"], &all["merged"]["CPS-LIST-02"]),
        (&"pass".into(), &"not_exercised".into())
    );
    assert!(all["merged"].get("CPS-ODD-04").is_some() && all["merged"].get("CPS-RATE-01").is_none(), "{all}");
    for (flag, value) in [("--catalogue", "1"), ("--manifest", "1.json"), ("--scenarios", ".")] {
        let refused = merge(folder.path(), &["1.json", flag, value]);
        let message =
            format!("crewpass-contract: {flag} is for reports of clients, but these are reports of a server\n");
        assert_eq!((refused.status.code(), err(&refused, "{base}")), (Some(2), message));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_clause_stays_broken_in_its_shard() {
    let folder = tempfile::tempdir().unwrap();
    let stub = listen(Router::new().fallback(async || axum::Json(serde_json::json!({})))).await;
    for part in ["1", "2"] {
        let path = format!("json={}", folder.path().join(part).display());
        let output = run(&stub, &["--shard", &format!("{part}/2"), "--report", &path]).await;
        assert_eq!(output.status.code(), Some(1));
    }
    let merged = merge(folder.path(), &["1", "2", "--report", "junit=all.xml"]);
    assert_eq!(merged.status.code(), Some(1));
    let junit = std::fs::read_to_string(folder.path().join("all.xml")).unwrap();
    assert!(junit.contains("CPS-LIST-01") && junit.contains("<failure"), "{junit}");
    let must = merge(folder.path(), &["1", "2", "--only", "CPS-ERR-03"]);
    assert!(out(&must).contains("CPS-"), "{}", out(&must));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_failure_that_passes_is_stale_in_a_part_too() {
    let (folder, fake) = (tempfile::tempdir().unwrap(), fake().await);
    let list = folder.path().join("known.toml").display().to_string();
    let entry = |id: &str| format!("[[failure]]\nid = \"{id}\"\nreason = \"until the move\"\n");
    std::fs::write(&list, entry("CPS-LIST-01")).unwrap();
    let known = ["--known-failures", &list];
    let stale = run(&fake.base(), &[&known[..], &["--only", "LIST"]].concat()).await;
    assert_eq!(stale.status.code(), Some(1), "{}", out(&stale));
    let of_others = run(&fake.base(), &[&known[..], &["--only", "CPS-LIST-02"]].concat()).await;
    assert_eq!(of_others.status.code(), Some(0), "{}", out(&of_others));
    for part in ["1", "2"] {
        report(&folder, part, &["--shard", &format!("{part}/2")]).await;
    }
    assert_eq!(merge(folder.path(), &[&["1", "2"], &known[..]].concat()).status.code(), Some(1));
    assert_eq!(merge(folder.path(), &["1", "2"]).status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_to_fail_is_accepted_where_shards_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let stub = listen(Router::new().fallback(async || axum::Json(serde_json::json!({})))).await;
    let path = format!("json={}", folder.path().join("r.json").display());
    let list = folder.path().join("known.toml").display().to_string();
    run(&stub, &["--report", &path, "--write-known-failures", &list]).await;
    assert_eq!(merge(folder.path(), &["r.json"]).status.code(), Some(1));
    let accepted = merge(folder.path(), &["r.json", "--known-failures", "known.toml"]);
    assert_eq!(accepted.status.code(), Some(3), "{}", out(&accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grade_leaves_out_what_is_lighter() {
    let folder = tempfile::tempdir().unwrap();
    for (grade, there, gone) in [("must", "CPS-FILE-01", "CPS-FILE-02"), ("should", "CPS-FILE-02", "CPS-FILE-03")] {
        report(&folder, "r.json", &["--grade", grade]).await;
        let merged = json(&folder, "r.json")["merged"].clone();
        assert!(merged.get(there).is_some() && merged.get(gone).is_none(), "{grade}: {merged}");
    }
    let nothing = report(&folder, "n.json", &["--grade", "must", "--only", "CPS-FILE-03"]).await;
    assert_eq!(nothing.status.code(), Some(2));
    let option = run("http://127.0.0.1:1", &["--only", "RATE"]).await;
    assert_eq!(err(&option, "{base}"), "crewpass-contract: `RATE` is judged only with --limits\n");
    let empty = run("http://127.0.0.1:1", &["--shard", "400/400"]).await;
    assert!(err(&empty, "{base}").contains("shard 400/400 is empty"), "{}", err(&empty, "{base}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_clause_comes_to_the_same_alone() {
    let fake = fake().await;
    let whole = outcomes(&fake.base(), &expectation(), &options(&fake), &all_but_limits()).await;
    // What is sent for a clause follows from these of its facts: clauses that share them need one probe.
    let mut groups: BTreeMap<String, Vec<Requirement>> = BTreeMap::new();
    for clause in all_but_limits() {
        let facts = clause.clause_facts().unwrap();
        let sent = format!("{:?}", (facts.lever, facts.only_with, facts.every_response, &facts.requests));
        groups.entry(sent).or_default().push(clause);
    }
    assert!(groups.len() > 10, "{}", groups.len());
    for (sent, clauses) in groups {
        let alone = Options { only: vec![clauses[0].id.clone()], ..options(&fake) };
        let found = outcomes(&fake.base(), &expectation(), &alone, &clauses).await;
        for clause in clauses {
            assert_eq!(found[&clause.id], whole[&clause.id], "{} {sent}", clause.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_shows_what_is_broken_and_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let stub = listen(Router::new().fallback(async || axum::Json(serde_json::json!({})))).await;
    let formats = ["human", "json", "junit", "html", "github", "summary", "badge"];
    let wanted: Vec<_> = formats.iter().map(|name| format!("{name}={}", folder.path().join(name).display())).collect();
    run(&stub, &wanted.iter().flat_map(|one| ["--report", one]).collect::<Vec<_>>()).await;
    for name in formats {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(name == "badge" || text.contains("CPS-LIST-01"), "{name}: {text}");
        assert!(!text.contains("cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25"), "{name}: {text}");
    }
    let github = std::fs::read_to_string(folder.path().join("github")).unwrap();
    assert!(
        github.starts_with("::error title=CPS-LIST-01 MUST%3A The list has the documented structure::"),
        "{github}"
    );
}

#[test]
fn clauses_are_listed_and_explained_like_obligations() {
    let run = |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_crewpass-contract")).args(args).output().unwrap();
    assert_eq!(out(&run(&["list", "--server"])).lines().count(), clauses().unwrap().len());
    assert_eq!(
        out(&run(&["list", "--server", "--area", "store"])),
        "CPS-STORE-01  MUST     G  A link gets 503 while the store is down\n\
         CPS-STORE-02  MUST     G  A 503 holds no link\n\
         CPS-STORE-03  OBSERVED D  An earlier link while the store is down\n\
         CPS-STORE-04  SHOULD   H  Links work again when the store is up\n"
    );
    assert_eq!(out(&run(&["list", "--server", "--area", "store", "--grade", "must"])).lines().count(), 2);
    let explained = out(&run(&["explain", "cps-odd-02"]));
    assert!(explained.starts_with("CPS-ODD-02  SHOULD  source H"), "{explained}");
    assert!(explained.contains("the gate has a document that may be downloaded, with --hostile"), "{explained}");
    let unknown = run(&["explain", "CPS-ODD-09"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown, "{base}").contains("did you mean `CPS-ODD-0"), "{}", err(&unknown, "{base}"));
}
