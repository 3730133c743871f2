//! The report as `JUnit` XML: a suite per area, a test per obligation and case.

use crewpass_diagnostics::escape;
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::entry::Entry;
use super::run::Run;
use crate::outcome::Outcome;

/// The longest text of one field, in characters.
const MOST: usize = 16_000;

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
    let mut status = match entry.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::Fail | Outcome::Stale => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::HarnessError | Outcome::NotJudged => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ => TestCaseStatus::skipped(),
    };
    if entry.outcome != Outcome::Pass {
        status.set_type(entry.outcome.name());
        status.set_message(line(entry.note.as_deref().unwrap_or(&entry.observed)));
    }
    if entry.outcome.is_problem() {
        // Each field is escaped alone: what is harmless behind a bracket begins a line elsewhere.
        let shown = |text: &str| escape::markup(text, MOST).into_owned();
        status.set_description(format!(
            "{} ({}, source {})\nexpected: {}\nobserved: {}\nreplay: {}",
            shown(&entry.clause),
            shown(&entry.place),
            entry.source.name(),
            shown(&entry.expected),
            shown(&entry.observed),
            shown(&entry.replay)
        ));
    }
    let scenario = if entry.scenario.is_empty() { "no scenario" } else { &entry.scenario };
    let mut case = TestCase::new(line(&format!("{} {}: {}", entry.id, entry.grade.name(), entry.title)), status);
    case.set_classname(line(scenario));
    if let Some(took) = run.durations.get(&entry.scenario) {
        case.set_time(*took);
    }
    case
}

/// Escapes a text for an attribute, where readers turn line ends into spaces.
fn line(text: &str) -> String {
    escape::markup(&text.replace(['\n', '\t'], " "), MOST).into_owned()
}
