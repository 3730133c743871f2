//! Completions of the gate, as each shell gets them from its script, and manual pages.

use std::path::Path;
use std::process::Command;

use crate::gate::needs::tool;
use crate::support::completion::{self, lines};
use tempfile::TempDir;

fn bin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_crewpass-contract"))
}

/// What bash would insert behind a line.
fn in_bash(line: &str) -> Vec<String> {
    completion::in_bash(bin(), line)
}

#[test]
fn bash_completes_ids_scenarios_formats_and_paths() {
    assert_eq!(in_bash("crewpass-contract doc"), ["doctor"]);
    assert_eq!(in_bash("crewpass-contract client --only CPK-AUTH-04"), ["CPK-AUTH-04"]);
    assert_eq!(in_bash("crewpass-contract client --only FILE-01"), ["FILE-01"]);
    assert_eq!(in_bash("crewpass-contract client --only LIST,rty/five"), ["LIST,rty/five-times"]);
    assert_eq!(in_bash("crewpass-contract client --report jun"), ["junit="]);
    assert_eq!(in_bash("crewpass-contract client --report html=mi"), ["mine.yaml"]);
    assert_eq!(in_bash("crewpass-contract explain list/odd"), ["list/odd-crew-id"]);
    assert_eq!(in_bash("crewpass-contract replay mi"), ["mine.yaml"]);
    assert_eq!(in_bash("crewpass-contract show CPS-LIST-01"), ["CPS-LIST-01"]);
    assert_eq!(in_bash("crewpass-contract list --area rt"), [""]);
    assert_eq!(in_bash("crewpass-contract list --area RT"), ["RTY"]);
    assert_eq!(in_bash("crewpass-contract client --fail-on sh"), ["should"]);
}

#[test]
fn zsh_and_fish_complete_ids() {
    let script = "compdef() { name=$1 }\n_describe() { print -l -- ${(P)@[-1]} }\n\
                  source <(crewpass-contract completions zsh)\n\
                  words=(crewpass-contract explain CPK-AUTH-04); CURRENT=3; $name";
    if let Some(zsh) = tool(&["zsh"]) {
        assert!(lines(bin(), zsh, &["-f"], script)[0].starts_with("CPK-AUTH-04:"));
    }
    let script = "crewpass-contract completions fish | source; complete -C 'crewpass-contract explain CPK-AUTH-04'";
    if let Some(fish) = tool(&["fish"]) {
        assert!(lines(bin(), fish, &["--no-config"], script)[0].starts_with("CPK-AUTH-04\t"));
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = TempDir::new().unwrap();
    let written = Command::new(bin()).args(["man", "--out"]).arg(folder.path()).output().unwrap();
    assert!(written.status.success(), "{written:?}");
    for page in ["crewpass-contract.1", "crewpass-contract-client.1", "crewpass-contract-scenario-from-har.1"] {
        let text = std::fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS") && text.contains("crewpass\\-contract"), "{text}");
    }
    let failed = Command::new(bin()).args(["man", "--out", "/proc/none"]).output().unwrap();
    assert_eq!(failed.status.code(), Some(2));
    let Some(mandoc) = tool(&["mandoc"]) else { return };
    let pages = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let lint = Command::new(mandoc).args(["-T", "lint", "-W", "warning"]).args(pages).output().unwrap();
    assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
}
