//! Two runs of one seed: whatever the client, their reports differ in durations and in nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::gate::needs::record_skip;

/// Cases in which no client waits, so that a busy machine changes nothing; in most of them the guide's loop breaks
/// something.
const CASES: &str = "auth/plain,auth/link-redirected,err/list-refused,err/odd-bodies,file/login-page,file/redirect-away,\
    link/file-url,link/other-address,list/items-object,list/not-json,name/hostile,name/planted-symlink,name/same";

/// More than any of these cases takes, also where a disk is slow to give an interpreter its libraries.
const DEADLINE: &str = "2m";

/// Every format in which a run is told in full.
const FORMATS: [&str; 6] = ["json", "junit", "html", "human", "summary", "github"];

/// The reports of one run, which has to end so; none if the machine was too busy to judge.
fn reports(folder: &Path, client: &[&str], exit: i32) -> Option<Vec<String>> {
    let path = |format: &str| folder.join(format);
    let to = FORMATS.map(|format| format!("--report={format}={}", path(format).display()));
    let mut gate = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    gate.args(["client", "--seed", "7", "--deadline", DEADLINE, "--only", CASES]).args(to).arg("--").args(client);
    let output = gate
        .current_dir(folder)
        .env_remove("GITHUB_WORKFLOW_REF")
        .env("CREWPASS_LAST_RUN", "/dev/null")
        .output()
        .unwrap();
    let human = fs::read_to_string(path("human")).unwrap_or_default();
    if fs::read_to_string(path("json")).is_ok_and(|json| json.contains("\"not_judged\"")) {
        return None;
    }
    assert_eq!(output.status.code(), Some(exit), "{output:?}\n{human}");
    let read = |format: &str| fs::read_to_string(path(format));
    Some(FORMATS.map(|format| read(format).unwrap_or_else(|_| panic!("{output:?}"))).into())
}

/// A report without its durations, `time="0.48"` and `t+1.2s`, and without the time of its run.
fn timeless(report: &str) -> String {
    let parts = report.split("<time>").map(|part| part.split_once("</time>").map_or(part, |(_, rest)| rest));
    let mut text: String = parts.collect();
    for (before, after) in [("time=\"", "\""), ("t+", "s ")] {
        let parts = text.split(before).enumerate().map(|(place, part)| {
            let number = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            if place > 0 && number.len() < part.len() && number.starts_with(after) { number } else { part }
        });
        text = parts.collect::<Vec<_>>().join(before);
    }
    text
}

/// A page without its transcripts.
fn without_transcripts(page: &str) -> String {
    let parts = page.split("<details>").map(|part| part.split_once("</details>").map_or(part, |(_, rest)| rest));
    parts.collect()
}

/// Whether a client asks for one thing after another: of one that asks for several at once, the order is its own affair.
#[derive(Clone, Copy, PartialEq)]
enum Asks {
    InOrder,
    AtOnce,
}

fn are_alike(asks: Asks, exit: i32, client: &[&str]) {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [Some(first), Some(second)] = folders.map(|folder| reports(folder.path(), client, exit)) else {
        return record_skip("the machine was too busy");
    };
    for ((format, first), second) in FORMATS.iter().zip(&first).zip(&second) {
        let compared = |report: &str| match asks {
            Asks::AtOnce if *format == "html" => timeless(&without_transcripts(report)),
            _ => timeless(report),
        };
        let (first, second) = (compared(first), compared(second));
        let differing = first.lines().zip(second.lines()).find(|(one, other)| one != other);
        assert!(first == second, "{format}: {differing:#?}");
    }
}

const GOOD: &str = env!("REFERENCE_CLIENT");
const LOOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/guide/loop.py");

/// Runs a client, and then prints and leaves what is of the moment: ports, folders, keys, the time. The deadline has more
/// digits on a busy machine, which a report shows as another size of the file.
fn telling(client: &str) -> String {
    format!(
        "{client}; code=$?; env | grep -v CPK_DEADLINE_S > told.txt; pwd; echo \"$BASE $CPK_KEY\"; date +%N > ../stray; exit $code"
    )
}

#[test]
fn of_a_client_that_keeps_everything() {
    are_alike(Asks::AtOnce, 0, &[GOOD]);
}

#[test]
fn of_a_client_that_breaks_much() {
    are_alike(Asks::AtOnce, 1, &["sh", "-c", &telling(&format!("{GOOD} --bug trusts-file-name"))]);
}

#[test]
fn of_the_guides_loop_and_all_that_it_asks_for() {
    are_alike(Asks::InOrder, 1, &["sh", "-c", &telling(&format!("python3 {LOOP}"))]);
}

#[test]
fn only_durations_are_left_out() {
    assert_eq!(timeless("<a time=\"0.480\"> #1 t+0.2s GET a+1s t+x"), "<a time=\"\"> #1 t+s GET a+1s t+x");
    assert_eq!(without_transcripts("a<details>b</details>c<details>d</details>e"), "ace");
}
