//! An explanation for people: what comes back and why, the checks one a line, and what would have to change.

use std::fmt::Write;

use super::walk::{Explanation, Outcome};

/// No line is longer, but for a name or an order that can't be broken.
const WIDTH: usize = 80;

/// The text, of at most 80 columns.
pub(crate) fn text(told: &Explanation) -> String {
    let mut text = String::new();
    let answer = match (told.status, told.code) {
        (None, _) => "no answer".to_owned(),
        (Some(status), None) => status.to_string(),
        (Some(status), Some(code)) => format!("{status} {code}"),
    };
    let _ = writeln!(text, "{} {}", told.method, told.target);
    let _ = writeln!(text, "{answer}, decided by {} ({:?}), session {}", told.decided_by, told.source, told.session);
    text.push('\n');
    for check in &told.checks {
        let mark = match check.result {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILS",
            Outcome::NotReached => "-",
        };
        let first = format!("  {mark:<5}  {:<16} {:?}  ", check.clause, check.source);
        let said = if check.result == Outcome::Failed { check.text } else { "" };
        wrap(&mut text, &first, said);
    }
    text.push('\n');
    wrap(&mut text, "", &told.why);
    if !told.would_pass.is_empty() {
        text.push_str(if told.status.is_some_and(|status| status < 400) { "Otherwise:\n" } else { "It would pass:\n" });
    }
    for way in &told.would_pass {
        if way.starts_with("crewpass-mock ") {
            // An order is there to be pasted.
            let _ = writeln!(text, "  > {way}");
        } else {
            wrap(&mut text, "  - ", way);
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
