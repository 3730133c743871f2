//! What is told while a client is judged: plain lines, and on a terminal lines that move.

use std::process::Command;

use crate::robustness::gate::{Ended, GOOD, Gate};

const PLAIN: [&str; 3] = ["client", "--only", "plain/three-documents"];

#[test]
fn without_a_terminal_there_are_plain_lines_alone() {
    let ended = Gate::new().run(&PLAIN, &[GOOD]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(!ended.err.contains('\u{1b}') && !ended.err.contains('\r'), "{}", ended.err);
    assert!(ended.err.lines().all(|line| line.starts_with("pass           CPK-")), "{}", ended.err);
}

/// Runs a gate in a terminal that has so many columns.
fn in_terminal(gate: &Gate, inner: &Command, columns: u32) -> Ended {
    let words: Vec<_> = std::iter::once(inner.get_program()).chain(inner.get_args()).collect();
    let words: Vec<_> = words.iter().map(|word| format!("'{}'", word.to_str().unwrap())).collect();
    // `script` gives a command a terminal.
    let mut command = Command::new("script");
    command
        .args(["-qefc", &format!("stty rows 40 cols {columns}; {}", words.join(" ")), "/dev/null"])
        .current_dir(gate.folder())
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env_remove("COLUMNS");
    for (name, value) in inner.get_envs() {
        value.map(|value| command.env(name, value));
    }
    gate.ended(&command.output().unwrap())
}

#[test]
fn a_pipe_and_a_file_get_every_word_and_a_terminal_its_width() {
    let (gate, folder) = (Gate::new(), tempfile::tempdir().unwrap());
    let long = ["longer"; 60].join(" ");
    let script = format!("exec {GOOD} # {long}");
    let client = ["sh", "-c", script.as_str()];
    let to = format!("human={}", folder.path().join("report.txt").display());
    let args = [&PLAIN[..], &["--report", to.as_str()]].concat();
    let is_whole = |text: &str| {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        flat.contains(&long) && !text.contains('…') && text.lines().all(|line| line.chars().count() <= 80)
    };
    let piped = gate.run(&args, &client);
    assert!(is_whole(&piped.out), "{}", piped.out);
    let file = std::fs::read_to_string(folder.path().join("report.txt")).unwrap();
    assert!(is_whole(&file), "{file}");
    let shown = in_terminal(&gate, &gate.command(&args, &client), 120).out;
    let widest =
        shown.lines().filter(|line| line.starts_with("  longer")).map(|line| line.trim_end().chars().count()).max();
    assert!(shown.contains("longer …") && widest.is_some_and(|widest| widest > 100 && widest <= 120), "{shown}");
    let file = std::fs::read_to_string(folder.path().join("report.txt")).unwrap();
    assert!(is_whole(&file), "a file beside a terminal is not cut: {file}");
}

#[test]
fn on_a_terminal_each_running_case_has_a_line_and_the_whole_has_a_bar() {
    let gate = Gate::new();
    let inner = gate.command(&PLAIN, &["sh", "-c", &format!("sleep 0.5; exec {GOOD}")]);
    let ended = in_terminal(&gate, &inner, 80);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
    assert!(ended.out.contains("0s plain/three-documents"), "{}", ended.out);
    assert!(ended.out.contains("0 of 1 cases") && ended.out.contains('\u{1b}'), "{}", ended.out);
    // In the end the report stands alone.
    let last = ended.out.rsplit('\u{1b}').next().unwrap();
    assert!(last.contains("exit 0") && !last.contains("of 1 cases"), "{last}");
}
