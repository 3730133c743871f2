//! Annotations and step summaries for GitHub's runners.

use std::fmt::Write as _;

use crewpass_diagnostics::escape::{github_message, github_property, markdown_cell};

use super::block::{done, rows};
use super::groups::ProblemGroup;
use super::run::Run;
use super::tally::{exit_reason, totals, totals_by_grade};

/// The longest text of one field, in characters.
const MOST: usize = 4_000;

/// The longest text of one cell, in characters.
const CELL: usize = 1_000;

/// The longest summary, in bytes: GitHub shows none of more than 1 MiB.
const SUMMARY: usize = 1_000_000;

/// The most annotations of one level that GitHub shows for a step.
const SHOWN: usize = 10;

/// Formats the problems as workflow commands, one line for each obligation, the gravest first. There is an error if, and
/// only if, the run fails.
pub(super) fn annotations(run: &Run) -> String {
    let groups = run.problem_groups(false);
    let (errors, warnings): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.fails(run));
    let cause = run.cause.as_ref().map(|cause| {
        let text = [std::slice::from_ref(&cause.seen), cause.advice.as_slice(), &[format!("replay: {}", cause.replay)]]
            .concat();
        let level = if run.exit.code() == 0 { "warning" } else { "error" };
        format!("::{level} {}title=First of all::{}\n", place(run), github_message(&text.join("\n"), MOST))
    });
    let is_unexplained = run.exit.code() != 0 && cause.is_none() && errors.is_empty();
    let unproved = is_unexplained.then(|| {
        let reason = github_message(&exit_reason(run), MOST);
        format!("::error {}title=crewpass-contract::{reason}\n", place(run))
    });
    let left = SHOWN - usize::from(cause.is_some());
    let errors = errors.into_iter().take(left).map(|group| annotation(run, "error", group));
    let warnings = warnings.into_iter().take(left).map(|group| annotation(run, "warning", group));
    cause.into_iter().chain(unproved).chain(errors).chain(warnings).collect()
}

fn place(run: &Run) -> String {
    let place = run.anchor.as_ref().map(|at| format!("file={},line={},", github_property(&at.file, MOST), at.line));
    place.unwrap_or_default()
}

fn annotation(run: &Run, level: &str, group: &ProblemGroup<'_>) -> String {
    let entry = group.shown;
    let title = github_property(&format!("{} {}: {}", entry.id, entry.grade.name(), entry.title), MOST);
    let rows = rows(entry, &group.others).into_iter().map(|(label, text)| format!("{label}: {text}"));
    let replay = (!entry.replay.is_empty()).then(|| format!("replay: {}", entry.replay));
    let text = rows.chain(replay).collect::<Vec<_>>().join("\n");
    format!("::{level} {}title={title}::{}\n", place(run), github_message(&text, MOST))
}

/// Formats the summary as a Markdown page.
pub(super) fn step_summary(run: &Run) -> String {
    let cell = |text: &str| markdown_cell(text, MOST);
    let mut text = format!("## CrewPass contract: {}\n", cell(&exit_reason(run)));
    if let Some(cause) = &run.cause {
        let _ = write!(text, "\n**First of all: {}**\n\n", cell(&cause.seen));
        text.extend(cause.advice.iter().map(|advice| format!("- {}\n", cell(advice))));
    }
    let _ = write!(text, "\n| grade | {} |\n| --- | --- |\n", run.noun.many);
    text.extend(totals_by_grade(run).iter().map(|(grade, counts)| format!("| {} | {counts} |\n", grade.name())));
    let _ = writeln!(text, "| all | {} |", totals(run));
    let groups = run.problem_groups(false);
    if !groups.is_empty() {
        let _ = write!(text, "\n| {} | grade | cases | observed | mend |\n", run.noun.one);
        text += "| --- | --- | --- | --- | --- |\n";
        for (place, group) in groups.iter().enumerate() {
            let row = summary_row(run, group);
            if text.len() + row.len() > SUMMARY {
                let _ = write!(text, "\nand {}\n", run.noun.count(groups.len() - place));
                break;
            }
            text += &row;
        }
    }
    text
}

fn summary_row(run: &Run, group: &ProblemGroup<'_>) -> String {
    let entry = group.shown;
    let cell = |text: &str| markdown_cell(text, CELL);
    let outcome = if group.fails(run) { entry.outcome.name() } else { "warning (does not fail the run)" };
    let cases = match entry.scenario.as_str() {
        "" => outcome.to_owned(),
        name if group.count() == 1 => format!("{outcome} in {}", cell(name)),
        name => format!("{outcome} in {} of {}, as {}", group.count(), group.judged, cell(name)),
    };
    let request = if entry.scenario.is_empty() { entry.evidence.request.clone() } else { String::new() };
    let observed = [entry.note.clone().unwrap_or_default(), done(entry), request];
    let observed: Vec<_> = observed.into_iter().filter(|part| !part.is_empty()).collect();
    format!(
        "| {} {} | {} | {cases} | {} | {} |\n",
        cell(&entry.id),
        cell(&entry.title),
        entry.grade.name(),
        cell(&observed.join("; ")),
        cell(entry.mend())
    )
}
