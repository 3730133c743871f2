//! The last run is saved, and `show` prints one obligation of it in full; a line that replays a case does so.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::judged_output::judged_output;

const GOOD: &str = env!("REFERENCE_CLIENT");

fn run_in(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.args(args).current_dir(folder).env_remove("GITHUB_WORKFLOW_REF").env_remove("CREWPASS_LAST_RUN");
    judged_output(&mut command)
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn an_obligation_of_the_last_run_is_shown_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let missing = run_in(folder.path(), &["show", "OUT-02"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("no run is saved in .crewpass/last.json"), "{}", err(&missing));
    let script = format!("{GOOD} && date > log.txt");
    let judged = run_in(folder.path(), &["client", "--only", "plain/three-documents", "--", "sh", "-c", &script]);
    assert_eq!(judged.status.code(), Some(1), "{}", out(&judged));
    assert_eq!(fs::read_to_string(folder.path().join(".crewpass/.gitignore")).unwrap(), "*\n");
    let shown = run_in(folder.path(), &["show", "OUT-02"]);
    let text = out(&shown);
    assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
    assert!(text.contains("FAIL CPK-OUT-02 SHOULD: "), "{text}");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("file {out_dir}/log.txt ("), "{text}");
    assert!(
        text.contains("\ntranscript of plain/three-documents\n") && text.contains("  + {out_dir}/log.txt ("),
        "{text}"
    );
    assert!(out(&run_in(folder.path(), &["show"])).contains("exit 1: 1 MUST is broken"));
    let not_judged = run_in(folder.path(), &["show", "RTY-01"]);
    assert_eq!(not_judged.status.code(), Some(2));
    let why = "CPK-RTY-01 was not judged in the last run: sh -c ";
    assert!(err(&not_judged).contains(why), "{}", err(&not_judged));
    // The line that replays it can be pasted.
    let line = text.lines().find_map(|line| line.strip_prefix("  replay    crewpass-contract ")).unwrap();
    let words = shlex::split(line).unwrap();
    let again = run_in(folder.path(), &words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(out(&again).contains("FAIL CPK-OUT-02 SHOULD: "), "{line}\n{}{}", out(&again), err(&again));
}

#[test]
fn a_part_that_is_judged_again_leaves_the_rest_of_the_whole_run() {
    let folder = tempfile::tempdir().unwrap();
    // A client that sends nothing is spared most of a whole run.
    let whole = run_in(folder.path(), &["client", "--", "true"]);
    assert_eq!(whole.status.code(), Some(3), "{}", out(&whole));
    for only in ["FILE-03", "plain/three-documents"] {
        assert_eq!(run_in(folder.path(), &["client", "--only", only, "--", GOOD]).status.code(), Some(0));
        let shown = run_in(folder.path(), &["show", "RTY-01"]);
        assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
        assert!(out(&shown).contains("CPK-RTY-01") && out(&shown).starts_with("true\n"), "{}", out(&shown));
        assert!(err(&shown).contains("; this is the whole run before it"), "{}", err(&shown));
    }
    assert!(out(&run_in(folder.path(), &["show", "FILE-03"])).contains("CPK-FILE-03 MUST: "));
    // Another whole run is the one that counts.
    run_in(folder.path(), &["client", "--", "true"]);
    assert!(!folder.path().join(".crewpass/last-whole.json").exists());
}

#[test]
fn a_run_that_can_not_be_kept_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".crewpass"), "a file").unwrap();
    let judged = run_in(folder.path(), &["client", "--only", "plain/three-documents", "--", GOOD]);
    assert_eq!(judged.status.code(), Some(0), "{}", out(&judged));
    let stderr = err(&judged);
    let lines: Vec<_> = stderr.lines().filter(|line| line.contains("can't be saved for `show`")).collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    assert!(!out(&judged).contains("crewpass-contract show"), "{}", out(&judged));
}

#[test]
fn the_file_of_a_scenario_is_taken_where_a_folder_or_a_name_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.yaml"), "title: It is well\nworld: three\n").unwrap();
    let explained = run_in(folder.path(), &["explain", "mine.yaml"]);
    assert!(out(&explained).contains("It is well"), "{}{}", out(&explained), err(&explained));
    let judged = run_in(folder.path(), &["client", "--scenarios", "mine.yaml", "--only", "mine", "--", GOOD]);
    assert_eq!(judged.status.code(), Some(0), "{}{}", out(&judged), err(&judged));
    fs::write(folder.path().join("seen.har"), "{\"log\": {\"entries\": []}}").unwrap();
    let capture = run_in(folder.path(), &["replay", "seen.har", "--", GOOD]);
    assert_eq!(capture.status.code(), Some(2));
    assert!(err(&capture).contains("crewpass-contract scenario from-har seen.har --out "), "{}", err(&capture));
    let unwritable = run_in(folder.path(), &["client", "--report", "json=none/x.json", "--", GOOD]);
    assert_eq!(unwritable.status.code(), Some(2));
    assert!(err(&unwritable).contains("none/x.json: there is no folder none: make it first"), "{}", err(&unwritable));
}

#[test]
fn the_line_that_replays_a_file_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my case.yaml"), "title: It is well\nworld: three\n").unwrap();
    let script = format!("{GOOD} && date > log.txt");
    let replayed = run_in(folder.path(), &["replay", "my case.yaml", "--", "sh", "-c", &script]);
    let text = out(&replayed);
    let line = text.lines().find_map(|line| line.strip_prefix("  replay    crewpass-contract ")).expect(&text);
    let words = shlex::split(line).unwrap();
    assert_eq!(words, ["replay", "my case.yaml", "--", "sh", "-c", &script]);
}

#[test]
fn a_replay_shows_its_case_and_names_twins_that_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let replay = |more: &[&str], client: &str| {
        let args = [&["replay", "auth/link-redirected"], more, &["--", client]].concat();
        out(&run_in(folder.path(), &args))
    };
    let transcripts = |text: &str| text.lines().filter(|line| line.starts_with("run 1: ")).count();
    let short = replay(&[], GOOD);
    assert!(short.starts_with("auth/link-redirected\nrun 1: exit "), "{short}");
    let named = "\nauth/plain, without the difficulty: the client did its task in 4 cases (--verbose shows more)\n";
    assert!(transcripts(&short) == 1 && short.contains(named), "{short}");
    let whole = replay(&["--verbose"], GOOD);
    assert!(transcripts(&whole) == 5 && !whole.contains("without the difficulty: the client"), "{whole}");
    // A twin in which the client fails says why nothing counts.
    assert_eq!(transcripts(&replay(&[], "false")), 5);
}

#[test]
fn an_id_may_be_short_and_a_scenario_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let explained = |name: &str| run_in(folder.path(), &["explain", name]);
    assert_eq!(out(&explained("list-02")), out(&explained("CPK-LIST-02")));
    let scenario = out(&explained("list/odd-crew-id"));
    assert!(scenario.starts_with("list/odd-crew-id\nA crew id with a space, a slash"), "{scenario}");
    assert!(scenario.contains("\n  Judged        CPK-LIST-02, and what is judged in every scenario\n"), "{scenario}");
    assert!(scenario.contains("\n  Crew member   a b/é?#%2F\n"), "{scenario}");
    let runs = out(&explained("file/stopped"));
    assert!(
        runs.contains("\n  Run 1         nothing changes\n  Run 2         half: requests with step file: stall"),
        "{runs}"
    );
    assert!(
        runs.ends_with("replay file/stopped -- CMD\n") && runs.contains("SIGTERM when the fault half has"),
        "{runs}"
    );
    let unknown = explained("list/odd-crew-ids");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains("did you mean `list/odd-crew-id`?"), "{}", err(&unknown));
    let all = out(&run_in(folder.path(), &["list", "--scenarios"]));
    assert!(all.lines().any(|line| line.starts_with("list/odd-crew-id ") && line.contains("A crew id with")), "{all}");
    let short = run_in(folder.path(), &["client", "--only", "LIST-05", "--last-run", "kept.json", "--", GOOD]);
    assert_eq!(short.status.code(), Some(0), "{}{}", out(&short), err(&short));
    assert!(out(&short).contains("1 obligation: 1 kept\n") && folder.path().join("kept.json").is_file());
}
