//! What is told while a client is judged: plain lines, and on a terminal lines that move.

use std::process::Command;

use crate::robustness::gate::{GOOD, Gate};

const PLAIN: [&str; 3] = ["client", "--only", "plain/three-documents"];

#[test]
fn without_a_terminal_there_are_plain_lines_alone() {
    let ended = Gate::new().run(&PLAIN, &[GOOD]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(!ended.err.contains('\u{1b}') && !ended.err.contains('\r'), "{}", ended.err);
    assert!(ended.err.lines().all(|line| line.starts_with("pass           CPK-")), "{}", ended.err);
}

#[test]
fn on_a_terminal_each_running_case_has_a_line_and_the_whole_has_a_bar() {
    let gate = Gate::new();
    let inner = gate.command(&PLAIN, &["sh", "-c", &format!("sleep 0.5; exec {GOOD}")]);
    let words: Vec<_> = std::iter::once(inner.get_program()).chain(inner.get_args()).collect();
    let words: Vec<_> = words.iter().map(|word| format!("'{}'", word.to_str().unwrap())).collect();
    // `script` gives a command a terminal.
    let mut command = Command::new("script");
    command
        .args(["-qefc", &words.join(" "), "/dev/null"])
        .current_dir(gate.folder())
        .env("TERM", "xterm")
        .env("NO_COLOR", "1");
    for (name, value) in inner.get_envs() {
        value.map(|value| command.env(name, value));
    }
    let output = command.output().unwrap();
    let ended = gate.ended(&output);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.out.contains("0s plain/three-documents"), "{}", ended.out);
    assert!(ended.out.contains("0 of 1 cases") && ended.out.contains('\u{1b}'), "{}", ended.out);
    // In the end the report stands alone.
    let last = ended.out.rsplit('\u{1b}').next().unwrap();
    assert!(last.contains("exit 0") && !last.contains("of 1 cases"), "{last}");
}
