//! The binary: what it prints, and the exit codes that are its interface.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crewpass_contract::requirement::Catalogue;

use crate::support::judged_output::judged_output;

fn run_in(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.args(args).current_dir(folder).env_remove("GITHUB_WORKFLOW_REF").env("CREWPASS_LAST_RUN", "/dev/null");
    judged_output(&mut command)
}

fn run(args: &[&str]) -> Output {
    run_in(&std::env::temp_dir(), args)
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn error_output(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn obligations_are_listed_by_grade_and_area() {
    let listed = out(&run(&["list", "--area", "rty", "--grade", "must"]));
    let ids: Vec<_> = listed.lines().map(|line| &line[..10]).collect();
    assert_eq!(ids, ["CPK-RTY-02", "CPK-RTY-04", "CPK-RTY-05", "CPK-RTY-08"]);
    assert_eq!(out(&run(&["list"])).lines().count(), Catalogue::built_in().unwrap().obligations().len());
    let unknown = run(&["list", "--area", "nmae"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(error_output(&unknown).contains("did you mean `NAME`?"));
    assert_eq!(run(&["list", "--catalogue", "9"]).status.code(), Some(2));
}

#[test]
fn a_list_in_a_pipe_is_not_cut() {
    let listed = out(&run(&["list", "--scenarios"]));
    assert!(!listed.contains('…') && listed.lines().any(|line| line.chars().count() > 80), "{listed}");
}

#[test]
fn a_scenario_file_that_is_not_there_is_named_as_a_file() {
    let missing = run(&["replay", "nope.yaml", "--", "true"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(error_output(&missing).contains("there is no file `nope.yaml`"), "{}", error_output(&missing));
}

#[test]
fn an_obligation_is_explained_in_80_columns() {
    let explained = out(&run(&["explain", "cpk-file-03"]));
    assert!(explained.starts_with("CPK-FILE-03  MUST  source G: the documents guide\n"), "{explained}");
    assert!(explained.contains("plain/three-documents"), "{explained}");
    assert!(explained.lines().all(|line| line.chars().count() <= 80), "{explained}");
    let unknown = run(&["explain", "CPK-FLIE-03"]);
    assert_eq!(
        (unknown.status.code(), error_output(&unknown).contains("did you mean `CPK-FILE-03`?")),
        (Some(2), true)
    );
}

#[test]
fn reports_of_different_commands_are_not_merged() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (name, id) in [("client", "CPK-OUT-01"), ("server", "CPS-LIST-01"), ("receiver", "CPK-HOOK-01")] {
        let entry = serde_json::json!({
            "id": id, "grade": "MUST", "source": "G", "outcome": "pass", "scenario": "", "expected": "", "observed": "",
            "replay": "",
        });
        let report = serde_json::json!({"exit": 0, "seed": 0, "obligations": [entry], "merged": {id: "pass"}});
        fs::write(path(name), report.to_string()).unwrap();
    }
    let both = run(&["merge", &path("client"), &path("server")]);
    let says = format!("{} is a report of `client`, and {} one of `server`: merge", path("client"), path("server"));
    assert_eq!(both.status.code(), Some(2));
    assert!(error_output(&both).contains(&says), "{}", error_output(&both));
    let receiver = run(&["merge", &path("receiver")]);
    assert_eq!(receiver.status.code(), Some(2));
    let says = "is a report of `crewpass-contract receiver`, which judges everything in one run: `merge` combines";
    assert!(error_output(&receiver).contains(says), "{}", error_output(&receiver));
}

#[test]
fn what_can_not_be_carried_out_is_usage() {
    for args in [
        &["client", "--only", "CPK-NMAE-01", "--", "true"][..],
        &["client", "--only", "CPK-FILE-03"],
        &["client", "--shard", "3/2", "--", "true"],
        &["client", "--report", "xml=x", "--", "true"],
        &["client", "--shard", "9000/9000", "--", "true"],
        &["client", "--manifest", "no-such.toml", "--", "true"],
        &["client", "--scenarios", "no-such-folder", "--", "true"],
        &["client", "--plain-http-host", "localhost", "--", "true"],
        &["merge"],
        &["merge", "no-such.json"],
        &["replay", "plain/no-such", "--", "true"],
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", error_output(&output));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_host_for_plain_http_leads_nowhere_but_here() {
    for (host, reason) in [
        ("plain.invalid", "127.0.0.1 plain.invalid"),
        ("192.0.2.1", "not a host name"),
        ("http://plain.test", "not a host name"),
        ("127.0.0.1", "every client"),
    ] {
        let output = run(&["client", "--plain-http-host", host, "--only", "CPK-AUTH-05", "--", "true"]);
        let error_output = error_output(&output);
        assert_eq!((output.status.code(), error_output.lines().count()), (Some(2), 1), "{error_output}");
        assert!(error_output.contains(host) && error_output.contains(reason), "{error_output}");
    }
}

#[test]
fn the_exit_codes_are_in_the_help() {
    for args in [&["--help"][..], &["client", "--help"], &["merge", "--help"]] {
        let help = out(&run(args));
        for line in [
            "  0  every MUST",
            "  1  a MUST is broken",
            "  2  the command line",
            "  3  nothing is broken",
            "  4  this tool",
        ] {
            assert!(help.contains(line), "{args:?}: {line}");
        }
    }
}

#[test]
fn a_scenario_file_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.yaml"), "title: It is well\nworld: three\n").unwrap();
    fs::write(folder.path().join("bad.yaml"), "title: It is not\nworld: thre\n").unwrap();
    let good = run_in(folder.path(), &["scenario", "check", "good.yaml"]);
    let shown = "good.yaml: fine. It is well\nRun it: crewpass-contract replay good.yaml -- CMD\n";
    assert_eq!((good.status.code(), &*out(&good)), (Some(0), shown));
    let bad = run_in(folder.path(), &["scenario", "check", "bad.yaml"]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(
        error_output(&bad).contains("bad.yaml:2:8") && error_output(&bad).contains("did you mean `three`?"),
        "{}",
        error_output(&bad)
    );
}

#[test]
fn a_wrong_manifest_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("crewpass-contract.toml"), "comand = ['true']\n").unwrap();
    let output = run_in(folder.path(), &["client", "--only", "CPK-FILE-03"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error_output(&output).contains("unknown field `comand`"), "{}", error_output(&output));
    assert!(error_output(&output).contains("crewpass-contract.toml:1:1"), "{}", error_output(&output));
}

#[test]
fn a_manifest_that_pins_the_first_catalogue_plays_no_scenario_of_the_second() {
    const LATER: &str = "list/other-crew-id";
    let folder = tempfile::tempdir().unwrap();
    // A client that does nothing exercises nothing.
    for (catalogue, code) in [(1, 2), (2, 3)] {
        let manifest = format!("command = ['true']\ncatalogue = {catalogue}\n");
        fs::write(folder.path().join("crewpass-contract.toml"), manifest).unwrap();
        let output = run_in(folder.path(), &["client", "--only", LATER]);
        assert_eq!(output.status.code(), Some(code), "{catalogue}: {}{}", out(&output), error_output(&output));
        assert_eq!(out(&output).contains(LATER), catalogue == 2, "{}", out(&output));
    }
}

#[test]
fn a_list_of_known_failures_is_written_for_the_first_time_and_its_words_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = "command = ['sh', '-c', 'exit 1']\nknown_failures = 'known.toml'\n";
    fs::write(folder.path().join("crewpass-contract.toml"), manifest).unwrap();
    let first = run_in(folder.path(), &["client", "--only", "list/empty", "--write-known-failures", "known.toml"]);
    let said = error_output(&first);
    assert!(said.contains("there is no known.toml, which the manifest names"), "{said}");
    assert!(said.contains("to known.toml; with `--known-failures known.toml`, a later run keeps"), "{said}");
    assert!(folder.path().join("known.toml").is_file());
    // A name that does not exist excuses nothing.
    let entry = "[[failure]]\nid = 'CPK-LIST-06'\nscenario = 'list/items-objec[a=b]'\nreason = 'r'\n";
    fs::write(folder.path().join("known.toml"), entry).unwrap();
    let said = error_output(&run_in(folder.path(), &["client", "--only", "list/empty"]));
    let expected =
        "known failure CPK-LIST-06: there is no scenario `list/items-objec`; did you mean `list/items-object`?";
    assert!(said.contains(expected), "{said}");
    // Nor does one that judges something else.
    fs::write(folder.path().join("known.toml"), entry.replace("list/items-objec[a=b]", "name/same")).unwrap();
    let said = error_output(&run_in(folder.path(), &["client", "--only", "list/empty"]));
    assert!(said.contains("known failure CPK-LIST-06: name/same does not judge it; "), "{said}");
    fs::write(folder.path().join("known.toml"), entry.replace("objec[a=b]", "object")).unwrap();
    let said = error_output(&run_in(folder.path(), &["client", "--only", "list/empty"]));
    assert!(!said.contains("known failure CPK-LIST-06: "), "{said}");
}

#[test]
fn a_command_that_is_text_is_told_the_form_of_a_list() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("crewpass-contract.toml"), "command = 'python3 my_client.py'\n").unwrap();
    let said = error_output(&run_in(folder.path(), &["client"]));
    assert!(said.contains("help: write a list, as in `[\"one\", \"two\"]`"), "{said}");
}

#[test]
fn shards_are_merged_from_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let entry = r#"{"id":"CPK-FILE-03","grade":"MUST","source":"G","outcome":"OUTCOME","scenario":"plain/three-documents","expected":"","observed":"","replay":""}"#;
    let write = |name: &str, outcome: &str| {
        let text = format!(
            r#"{{"exit":0,"seed":1,"obligations":[{}],"merged":{{"CPK-FILE-03":"{outcome}"}}}}"#,
            entry.replace("OUTCOME", outcome)
        );
        fs::write(folder.path().join(name), text).unwrap();
    };
    write("pass.json", "pass");
    write("fail.json", "fail");
    let only = ["--only", "plain/three-documents", "--report", "badge=badge.json"];
    let merge = |files: &[&str]| run_in(folder.path(), &[&["merge"], &only[..], files].concat());
    for files in [["fail.json", "pass.json"], ["pass.json", "fail.json"]] {
        assert_eq!(merge(&files).status.code(), Some(1), "{files:?}");
    }
    assert!(fs::read_to_string(folder.path().join("badge.json")).unwrap().contains("\"red\""));
    let partial = merge(&["pass.json"]);
    assert_eq!(partial.status.code(), Some(3), "{}", out(&partial));
    assert!(out(&partial).contains("no shard reported it"));
}
