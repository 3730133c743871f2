//! Completions, as each shell gets them from its script, and manual pages.

use std::path::Path;
use std::process::Command;

use crate::support::completion::{self, lines};
use crate::support::executable::run;
use crate::support::needs::tool;
use tempfile::TempDir;

fn bin() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_crewpass-mock"))
}

/// What bash would insert behind a line.
fn in_bash(line: &str) -> Vec<String> {
    completion::in_bash(bin(), line)
}

#[test]
fn bash_completes_commands_options_and_values() {
    assert_eq!(in_bash("crewpass-mock che"), ["check-world"]);
    assert_eq!(in_bash("crewpass-mock ctl clock fr"), ["freeze"]);
    assert_eq!(in_bash("crewpass-mock serve --wat"), ["--watch"]);
    assert_eq!(in_bash("crewpass-mock serve --policy dead_"), ["dead_link=404", "dead_link=403", "dead_link=410"]);
    // bash has split the word behind the `=`, and inserts the rest.
    assert_eq!(in_bash("crewpass-mock serve --policy dead_link=41"), ["410"]);
    assert_eq!(in_bash("crewpass-mock serve --quiet --policy dead_link="), ["404", "403", "410"]);
    assert_eq!(in_bash("crewpass-mock ctl status crew_001 doc_1 ver"), ["verified"]);
    assert_eq!(in_bash("crewpass-mock ctl journal show --only sta"), ["status="]);
    assert!(in_bash("crewpass-mock ").contains(&"serve".to_owned()));
}

#[test]
fn zsh_completes_behind_the_first_word() {
    let Some(zsh) = tool(&["zsh"]) else { return };
    // The functions of the completion system, which only an interactive shell has.
    let script = "compdef() { name=$1 }\n_describe() { print -l -- ${(P)@[-1]} }\n\
                  source <(crewpass-mock completions zsh)\n\
                  words=(crewpass-mock serve --policy dead_link=4); CURRENT=4; $name\n\
                  words=(crewpass-mock ctl clock fr); CURRENT=4; $name";
    let shown = lines(bin(), zsh, &["-f"], script);
    let values: Vec<_> = shown.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(values, ["dead_link=404", "dead_link=403", "dead_link=410", "freeze"]);
}

#[test]
fn fish_completes_behind_the_first_word() {
    let Some(fish) = tool(&["fish"]) else { return };
    let script = "crewpass-mock completions fish | source\n\
                  complete -C 'crewpass-mock serve --policy dead_link=4'\n\
                  complete -C 'crewpass-mock ctl clock fr'";
    let shown = lines(bin(), fish, &["--no-config"], script);
    let values: Vec<_> = shown.iter().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(values, ["dead_link=404", "dead_link=403", "dead_link=410", "freeze"]);
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("man1");
    let written = run(&["man", "--out", out.to_str().unwrap()]);
    assert_eq!((written.code, &*written.stderr), (Some(0), ""), "{written:?}");
    let page = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    assert!(page("crewpass-mock.1").contains("crewpass\\-mock\\-check\\-world(1)"));
    assert!(page("crewpass-mock-serve.1").contains("CREWPASS_MOCK_BIND"));
    assert!(page("crewpass-mock-ctl-clock-advance.1").contains(".TH"));
    let message = run(&["man", "--out", "/proc/none"]).failed(6);
    assert!(message.contains("/proc/none"), "{message}");
    let Some(mandoc) = tool(&["mandoc"]) else { return };
    let pages = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
    // Worse than a matter of style.
    let checked = Command::new(mandoc).args(["-T", "lint", "-W", "warning"]).args(pages).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let shown = Command::new(mandoc).args(["-T", "utf8"]).arg(out.join("crewpass-mock.1")).output().unwrap();
    assert!(String::from_utf8_lossy(&shown.stdout).contains("check-world"));
}
