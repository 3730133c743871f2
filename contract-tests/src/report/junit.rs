//! The report as `JUnit` XML: a suite per area, a test per obligation and case.
//!
//! `JUnit` knows no warning. A dashboard is red if, and only if, the run fails: a broken obligation of a grade that does
//! not fail the run is a skipped test with a message, and one that keeps the run from passing is an error.

use crewpass_diagnostics::escape;
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::block::rows;
use super::entry::Entry;
use super::run::Run;
use crate::outcome::{Exit, Outcome};

/// The longest text of one field, in characters.
const MOST: usize = 4_000;

pub(super) fn render(run: &Run) -> Result<String, SerializeError> {
    let mut report = Report::new("crewpass-contract");
    for suite in run.entries.chunk_by(|one, other| area(one) == area(other)) {
        let mut tests = TestSuite::new(line(suite.first().map_or("", area)));
        tests.add_test_cases(suite.iter().map(|entry| test(entry, run)));
        report.add_test_suite(tests);
    }
    report.to_string().map(without_sum_of_skipped)
}

/// Removes `skipped` from the root: the schema of Jenkins allows it only on suites.
fn without_sum_of_skipped(mut xml: String) -> String {
    let root = xml.find("<testsuites ").and_then(|at| Some(at..at + xml[at..].find('>')?));
    let sum = root.and_then(|root| {
        let from = root.start + xml[root.clone()].find(" skipped=\"")?;
        let value = from + " skipped=\"".len();
        Some(from..value + xml[value..root.end].find('"')? + 1)
    });
    if let Some(sum) = sum {
        xml.replace_range(sum, "");
    }
    xml
}

fn area(entry: &Entry) -> &str {
    entry.id.split('-').nth(1).unwrap_or_default()
}

fn test(entry: &Entry, run: &Run) -> TestCase {
    let decides = entry.grade <= run.fail_on;
    let mut status = match entry.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::Fail if decides => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Stale => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::HarnessError => TestCaseStatus::non_success(NonSuccessKind::Error),
        Outcome::NotJudged if decides => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ if is_unproved(entry, run) => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ => TestCaseStatus::skipped(),
    };
    if entry.outcome != Outcome::Pass {
        status.set_type(entry.outcome.name());
        status.set_message(line(&message(entry, decides)));
    }
    if entry.outcome.is_problem() {
        status.set_description(description(entry));
    }
    let scenario = if entry.scenario.is_empty() { "no scenario" } else { &entry.scenario };
    let mut case = TestCase::new(line(&format!("{} {}: {}", entry.id, entry.grade.name(), entry.title)), status);
    case.set_classname(line(scenario));
    if let Some(took) = run.durations.get(&entry.scenario) {
        case.set_time(*took);
    }
    case
}

/// Returns true if an entry is why the run does not pass although nothing is broken, or why a stopped run proves nothing.
fn is_unproved(entry: &Entry, run: &Run) -> bool {
    let is_merged = |(id, _, outcome): &(_, _, Outcome)| *id == entry.id && *outcome == entry.outcome;
    matches!(run.exit, Exit::Unproved | Exit::Stopped(_))
        && entry.grade <= run.fail_on
        && entry.outcome.is_unshown()
        && !run.undecided.contains(&entry.id)
        && run.merged.iter().any(is_merged)
}

/// Returns what was observed; of a broken obligation that does not fail the run, this first.
fn message(entry: &Entry, decides: bool) -> String {
    let name = entry.grade.name();
    match entry.outcome {
        Outcome::Fail if !decides => {
            format!(
                "broken, but a {name} does not fail this run (--fail-on {}): {}",
                name.to_lowercase(),
                entry.reason()
            )
        }
        _ => entry.reason().to_owned(),
    }
}

/// Returns everything about a problem, as the report for people has it.
fn description(entry: &Entry) -> String {
    let source = format!(" (source {})", entry.source.name());
    let rows = rows(entry, &[]).into_iter().chain([("replay", entry.replay.clone())]);
    let rows = rows.filter(|(_, text)| !text.is_empty());
    // Each field is escaped alone: what is harmless behind a bracket begins a line elsewhere.
    let line = |(label, text): (&str, String)| {
        let source = if label == "clause" { source.as_str() } else { "" };
        format!("{label}: {}{source}", escape::markup(&text, MOST))
    };
    rows.map(line).collect::<Vec<_>>().join("\n")
}

/// Escapes a text for an attribute, where readers turn line ends into spaces.
fn line(text: &str) -> String {
    escape::markup(&text.replace(['\n', '\t'], " "), MOST).into_owned()
}
