//! An explanation for people: what comes back and why, the checks one a line, and what would have to change.

use std::fmt::Write;

use super::advice::Remedy;
use super::walk::{Explanation, Outcome};

/// No line is longer, but for a name or an order that can't be broken.
const WIDTH: usize = 80;

/// Returns the text, of at most 80 columns.
pub(crate) fn text(explanation: &Explanation) -> String {
    let mut text = String::new();
    let answer = match (explanation.status, explanation.code) {
        (None, _) => "no answer".to_owned(),
        (Some(status), None) => status.to_string(),
        (Some(status), Some(code)) => format!("{status} {code}"),
    };
    let _ = writeln!(text, "{} {}", explanation.method, explanation.target);
    let _ = writeln!(
        text,
        "{answer}, decided by {} ({:?}), session {}",
        explanation.decided_by, explanation.source, explanation.session
    );
    text.push('\n');
    for check in &explanation.checks {
        let mark = match check.result {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILS",
            Outcome::NotReached => "-",
        };
        let first = format!("  {mark:<5}  {:<16} {:?}  ", check.clause, check.source);
        let reason = if check.result == Outcome::Failed { check.text } else { "" };
        wrap(&mut text, &first, reason);
    }
    text.push('\n');
    wrap(&mut text, "", &explanation.why);
    if !explanation.would_pass.is_empty() {
        text.push_str(if explanation.status.is_some_and(|status| status < 400) {
            "Otherwise:\n"
        } else {
            "It would pass:\n"
        });
    }
    for remedy in &explanation.would_pass {
        match remedy {
            // A command is there to be pasted, so it is not wrapped.
            Remedy::Command(command) => {
                let _ = writeln!(text, "  > {command}");
            }
            Remedy::Words(words) => wrap(&mut text, "  - ", words),
        }
    }
    text
}

/// Writes words behind `first`, and further lines below the place where they begin.
fn wrap(text: &mut String, first: &str, words: &str) {
    let indent = " ".repeat(first.chars().count());
    let mut line = first.to_owned();
    let mut empty = true;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{}", line.trim_end());
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    let _ = writeln!(text, "{}", line.trim_end());
}
