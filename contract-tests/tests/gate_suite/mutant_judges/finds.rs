//! Mistakes that a person makes, planted in copies of the examples: the gate finds each under the obligation that it
//! breaks, and finds nothing there in the example as it is.
//!
//! The variants of the reference client were written by who wrote the judges. These were written as slips of somebody
//! who knows neither: a unit, a port, a missing `await`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::bugs::{BUGS, Bug, Language};

use crate::support::judged_output::judged_output;

/// The source of an example.
fn example(language: Language) -> PathBuf {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/clients");
    clients.join(match language {
        Language::Python => "python/crewpass_documents.py",
        Language::TypeScript => "typescript/crewpass-documents.mjs",
    })
}

/// The example with the mistake in it: each place that is changed is there once.
fn with_bug(bug: &Bug) -> String {
    let text = fs::read_to_string(example(bug.language)).unwrap();
    bug.changes.iter().fold(text, |text, (right, wrong)| {
        assert_eq!(text.matches(right).count(), 1, "{}: `{right}` stands once in the example", bug.name);
        text.replace(right, wrong)
    })
}

/// What the gate says of an obligation, with what it printed.
fn verdict(bug: &Bug, client: &Path) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let interpreter = match bug.language {
        Language::Python => "python3",
        Language::TypeScript => "node",
    };
    let mut gate = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    gate.current_dir(folder.path()).args(["client", "--report", "json=report.json", "--report", "human=-"]);
    for only in bug.only {
        gate.args(["--only", only]);
    }
    let output = judged_output(gate.arg("--").arg(interpreter).arg(client).args(["{crew_id}", "{out_dir}"]));
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let report = fs::read_to_string(folder.path().join("report.json"));
    let report: Value = serde_json::from_str(&report.unwrap_or_else(|_| "null".to_owned())).unwrap();
    (report["merged"][bug.breaks].clone(), output)
}

fn is_found(name: &str) {
    let bug = BUGS.iter().find(|bug| bug.name == name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(example(bug.language).file_name().unwrap());
    fs::write(&copy, with_bug(bug)).unwrap();
    let (wrong, output) = verdict(bug, &copy);
    assert_eq!(wrong, "fail", "{name} breaks {}: {output}", bug.breaks);
    let (right, output) = verdict(bug, &example(bug.language));
    assert_eq!(right, "pass", "the example keeps {}: {output}", bug.breaks);
}

macro_rules! found {
    ($($name:ident)*) => {
        $(#[test] fn $name() { is_found(stringify!($name)); })*

        #[test]
        fn every_bug_has_a_test() {
            let tested = [$(stringify!($name)),*];
            assert!(BUGS.iter().map(|bug| bug.name).eq(tested), "{tested:?}");
        }
    };
}

found! {
    a_space_as_a_plus
    seconds_taken_for_milliseconds
    a_host_without_its_port
    a_part_that_is_written_on
    one_status_only_is_a_dead_link
    a_pause_that_nobody_awaits
    a_redirect_that_must_be_absolute
    the_beginning_of_an_id
    a_type_that_must_be_told
    an_error_that_tells_the_address
}
