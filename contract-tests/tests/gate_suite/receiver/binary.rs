//! The command: a good receiver keeps everything, and what is not a receiver is never judged as one.

use std::process::{Command, Output};

use crate::gate::needs;
use crate::receiver::harness::path;
use crate::support::built;
use crate::support::judged_output::judged_output;

const GOOD: &str = "examples/receivers/python/crewpass_receiver.py";

fn run_in(folder: &std::path::Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.args(args).current_dir(folder).env_remove("GITHUB_WORKFLOW_REF").env_remove("CREWPASS_LAST_RUN");
    judged_output(&mut command)
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_example_in_typescript_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let example = path("examples/receivers/typescript/crewpass-receiver.mjs");
    let output = run_in(folder.path(), &["receiver", "--fail-on", "may", "--", "node", &example]);
    assert_eq!(output.status.code(), Some(0), "{}{}", texts(&output).0, texts(&output).1);
}

#[test]
fn the_example_in_rust_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let example = built::examples().join("crewpass-receiver").display().to_string();
    let output = run_in(folder.path(), &["receiver", "--fail-on", "may", "--", &example]);
    assert_eq!(output.status.code(), Some(0), "{}{}", texts(&output).0, texts(&output).1);
}

#[test]
fn the_example_in_php_keeps_everything_although_it_works_before_it_answers() {
    if needs::tool(&["php"]).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let serve = format!("exec php -S 127.0.0.1:$PORT {}", path("examples/receivers/php/crewpass_receiver.php"));
    let output = run_in(folder.path(), &["receiver", "--fail-on", "should", "--", "sh", "-c", &serve]);
    assert_eq!(output.status.code(), Some(0), "{}{}", texts(&output).0, texts(&output).1);
}

#[test]
fn the_example_in_python_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let json = format!("json={}", report.display());
    let output =
        run_in(folder.path(), &["receiver", "--fail-on", "may", "--report", &json, "--", "python3", &path(GOOD)]);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    assert_eq!(err.matches("pass ").count(), 31, "{err}");
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    let schema = std::fs::read_to_string(path("fixtures/contract/report.schema.json")).unwrap();
    jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &report).unwrap();
    assert_eq!(report["merged"]["CPK-HOOK-22"], "pass");
    assert_eq!(report["merged"]["CPK-NAME-02"], "pass");
    let shown = run_in(folder.path(), &["show", "HOOK-02"]);
    assert_eq!(shown.status.code(), Some(0), "{}", texts(&shown).1);
    assert!(texts(&shown).0.contains("CPK-HOOK-02 MUST: A wrong signature"), "{}", texts(&shown).0);
}

#[test]
fn a_broken_receiver_fails_with_what_it_did_and_how_to_see_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let broken = path("contract-tests/tests/receivers/broken.py");
    let output = run_in(folder.path(), &["receiver", "--only", "HOOK-16", "--", "python3", &broken, "header-type"]);
    let (out, _) = texts(&output);
    assert_eq!(output.status.code(), Some(1), "{out}");
    let flat = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("FAIL CPK-HOOK-16 MUST: Headers that are not signed decide nothing"), "{out}");
    assert!(
        flat.contains("Event-Type header of a document event: answered 202, then 1 of 1 documents in OUT_DIR"),
        "{out}"
    );
    assert!(flat.contains("crewpass-contract receiver --only CPK-HOOK-16 -- python3"), "{out}");
}

#[test]
fn a_command_that_is_never_ready_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    for (command, why) in [
        (&["no-such-receiver"][..], "`no-such-receiver` was not found"),
        (
            &["sh", "-c", "echo no port >&2; exit 3"],
            "ended before it accepted a connection on 127.0.0.1:PORT; its last line: no port",
        ),
    ] {
        let output = run_in(folder.path(), &[&["receiver", "--only", "HOOK-01,HOOK-17", "--"], command].concat());
        let (out, err) = texts(&output);
        assert_eq!((output.status.code(), out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains(why), "{err}");
    }
    let unknown = run_in(folder.path(), &["receiver", "--only", "CPK-HOKO-05", "--", "true"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(texts(&unknown).1.contains("did you mean"), "{}", texts(&unknown).1);
}

#[test]
fn the_obligations_are_listed_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let (listed, _) = texts(&run_in(folder.path(), &["list", "--receiver"]));
    assert_eq!(listed.lines().count(), 31, "{listed}");
    let (explained, _) = texts(&run_in(folder.path(), &["explain", "hook-05"]));
    assert!(explained.starts_with("CPK-HOOK-05  SHOULD  source P: "), "{explained}");
}
