//! The block of one obligation: what the server answered, what the client did, what was expected, and what to do.

use super::entry::Entry;
use super::groups::ProblemGroup;
use super::join_findings::fold_alike;
use super::look::{Look, Style};
use crate::outcome::Outcome;
use crate::receiver::Scenario;

/// How many lines the rows of a block may take. Advice is never cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowLimits {
    /// The most lines of the case, the answer and what the client did.
    pub(super) facts: usize,
    /// The most lines of what was expected, and of other cases.
    pub(super) expected: usize,
    /// The most lines of the clause; with 0 it is left out.
    pub(super) clause: usize,
}

impl RowLimits {
    /// No limits.
    pub(super) const NONE: Self = Self { facts: usize::MAX, expected: usize::MAX, clause: usize::MAX };

    fn of(self, label: &str) -> usize {
        match label {
            "mend" | "to do" => usize::MAX,
            "expected" | "needed" | "also" => self.expected,
            "clause" => self.clause,
            _ => self.facts,
        }
    }
}

/// The column in which the text of a row begins.
const INDENT: &str = "            ";

/// The most other cases that a row names.
const NAMED_CASES: usize = 3;

/// Returns the rows of an entry, each with its label; `others` are further cases of the obligation.
pub(super) fn rows(entry: &Entry, others: &[&Entry]) -> Vec<(&'static str, String)> {
    let also = others_in_words(others);
    let rows = rows_of_case(entry, "").into_iter().chain([("also", also)]);
    rows.filter(|(_, text)| !text.is_empty()).collect()
}

/// Returns the rows of one case; `more` follows its name.
fn rows_of_case(entry: &Entry, more: &str) -> Vec<(&'static str, String)> {
    let evidence = &entry.evidence;
    let case = match (entry.scenario.as_str(), evidence.title.as_str()) {
        ("", _) => String::new(),
        (name, "") => format!("{name}{more}"),
        (name, title) => format!("{name}{more}: {title}"),
    };
    let clause = ("clause", format!("{}: {}", entry.place, entry.clause));
    if !evidence.broken_twin.is_empty() {
        return vec![("case", case), ("why", entry.observed.clone()), clause];
    }
    let of_server = entry.scenario.is_empty();
    let is_unreached = entry.outcome == Outcome::NotExercised && !of_server;
    let rows = [
        ("case", case),
        ("server", evidence.answer.clone()),
        ("request", if of_server { evidence.request.clone() } else { String::new() }),
        (subject_label(entry), done(entry)),
        if is_unreached { ("needed", entry.expected.clone()) } else { ("expected", entry.expected.clone()) },
        clause,
        ("note", entry.note.clone().unwrap_or_default()),
        if is_unreached { ("to do", how_to_reach(entry)) } else { ("mend", entry.mend().to_owned()) },
    ];
    rows.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

/// Says why a case did not exercise an obligation, and what to do. Advice on how to keep it would mislead: nobody knows
/// whether it is broken.
fn how_to_reach(entry: &Entry) -> String {
    let (evidence, subject) = (&entry.evidence, subject_label(entry));
    if evidence.title.is_empty() {
        return "The case was not played to its end; the line below plays it alone.".to_owned();
    }
    let why = if evidence.answer.is_empty() {
        format!("The {subject} stopped before what is needed.")
    } else {
        format!("The server gives the answer above on purpose, and the {subject} stopped before what is needed.")
    };
    let excuse = match subject {
        "client" => "; where none can, list it as `unsupported` in the manifest, with a reason",
        _ => "",
    };
    format!(
        "{why} This obligation is not broken by that. The transcript shows the last request: mend what else is broken in \
         this case first. If the {subject} may stop there, another case has to show the obligation{excuse}."
    )
}

/// Returns the label of what was observed, by the kind of the subject.
fn subject_label(entry: &Entry) -> &'static str {
    match entry.scenario.as_str() {
        "" => "observed",
        name if Scenario::named(name).is_some() => "receiver",
        _ => "client",
    }
}

/// Returns what the client did: what was observed, and then what else is known: the last request, the file, the end.
pub(super) fn done(entry: &Entry) -> String {
    let evidence = &entry.evidence;
    let mut parts = vec![fold_alike(&entry.observed)];
    let mut add = |text: String, known: &str| {
        if !known.is_empty() && !entry.observed.contains(known) {
            parts.push(text);
        }
    };
    if !entry.scenario.is_empty() {
        add(format!("request {}", evidence.request), &evidence.request);
    }
    add(format!("file {}", evidence.file), &evidence.file);
    add(evidence.end.clone(), &evidence.end);
    add(format!("last line: {}", evidence.printed), &evidence.printed);
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// Returns a sentence about the other cases, with their names.
fn others_in_words(others: &[&Entry]) -> String {
    let names: Vec<&str> = others.iter().map(|entry| entry.scenario.as_str()).filter(|name| !name.is_empty()).collect();
    let more = names.len().saturating_sub(NAMED_CASES);
    let shown = names.iter().take(NAMED_CASES).copied().collect::<Vec<_>>().join(", ");
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    match names.len() {
        0 => String::new(),
        1 => format!("and in 1 more case: {shown}"),
        count => format!("and in {count} more cases: {shown}{rest}"),
    }
}

/// Returns the heading of an obligation, such as `FAIL CPK-OUT-01 MUST: Exit 0 means that all documents are saved`. It
/// takes at most `most` lines.
pub(super) fn heading(entry: &Entry, look: Look, most: usize) -> String {
    let outcome = entry.outcome.name().replace('_', " ").to_uppercase();
    let line = look.fill(&format!("{outcome} {} {}: {}", entry.id, entry.grade.name(), entry.title), most, "", "  ");
    match line.strip_prefix(&outcome) {
        Some(rest) => look.paint(Style::of(entry.outcome), &outcome) + &look.paint(Style::Heading, rest),
        None => line,
    }
}

/// Returns the whole block. The line that replays the case is never wrapped or cut.
pub(super) fn block(entry: &Entry, others: &[&Entry], look: Look, limits: RowLimits) -> String {
    let mut text = heading(entry, look, limits.facts) + "\n";
    let rows = match others.len() {
        // A row less, where each counts.
        more if limits.facts == 1 && more > 0 => rows_of_case(entry, &format!(" and {more} more")),
        _ => rows(entry, others),
    };
    for (label, value) in rows.into_iter().filter(|(label, _)| limits.of(label) > 0) {
        text += &row(label, &value, look, limits.of(label));
    }
    if !entry.replay.is_empty() {
        text.extend([&label("replay", look), entry.replay.as_str(), "\n"]);
    }
    text
}

/// Returns one row, with its line end.
pub(super) fn row(name: &str, value: &str, look: Look, most: usize) -> String {
    let plain = Look { color: false, ..look };
    let text = look.fill(value, most, &label(name, plain), INDENT);
    let painted = text.strip_prefix(&label(name, plain)).map(|rest| label(name, look) + rest);
    painted.unwrap_or(text) + "\n"
}

fn label(name: &str, look: Look) -> String {
    format!("  {}{}", look.paint(Style::Dim, name), " ".repeat(10_usize.saturating_sub(name.len())))
}

/// Returns an obligation in two lines, whatever the room: its heading, and what the server answered and the client did,
/// with the case behind it.
pub(super) fn two_lines(group: &ProblemGroup<'_>, look: Look) -> String {
    let look = Look { whole: false, ..look };
    let entry = group.shown;
    let cases = match (entry.scenario.as_str(), group.count(), group.judged) {
        ("", ..) => String::new(),
        (name, 1, _) => format!(" ({name})"),
        (name, count, judged) => format!(" ({count} of {judged} cases, as {name})"),
    };
    let text = if entry.note.is_some() && entry.observed.is_empty() { entry.reason() } else { &entry.observed };
    let brief = &entry.evidence.brief;
    let answer = if brief.is_empty() { String::new() } else { format!("{brief}, yet ") };
    format!("{}\n{}\n", heading(entry, look, 1), look.fill(&format!("{answer}{text}{cases}"), 1, "  ", "  "))
}
