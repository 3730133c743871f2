//! Results from verdicts, and entries of a report from results.

use super::check::{check_of, rows};
use super::facts::{ScenarioFacts, Seen, Sent};
use crate::client::judge::{Finding, Verdict};
use crate::outcome::{ObligationResult, Outcome};
use crate::report::{Entry, Evidence, join_findings};
use crate::requirement::Requirement;

/// Returns the result of each obligation, in order.
pub fn judged(seen: &Seen, wanted: &[Requirement]) -> Vec<ObligationResult> {
    wanted.iter().map(|known| result(seen, known)).collect()
}

fn result(seen: &Seen, known: &Requirement) -> ObligationResult {
    let (outcome, note, findings) = match check_of(&known.id).map(|check| check(seen)) {
        None => (Outcome::HarnessError, Some("the gate has no check for it".to_owned()), Vec::new()),
        Some(Verdict::Pass(note)) => (Outcome::Pass, note, Vec::new()),
        Some(Verdict::Fail(findings)) => (Outcome::Fail, None, findings),
        Some(Verdict::NotExercised(why)) => (Outcome::NotExercised, Some(why), Vec::new()),
        Some(Verdict::NotObservable(why)) => (Outcome::NotObservable, Some(why), Vec::new()),
    };
    ObligationResult {
        id: known.id.clone(),
        grade: known.grade,
        source: known.source,
        outcome,
        scenario: scenario_of(known).unwrap_or_default().to_owned(),
        note,
        findings,
        replay: String::new(),
        broken_twin: None,
    }
}

/// Returns the name of the scenario that is about an obligation; `None` for one that is judged in all.
fn scenario_of(known: &Requirement) -> Option<&'static str> {
    let row = rows().find(|row| row.id == known.id).filter(|_| !known.is_everywhere())?;
    row.scenarios.last().map(|scenario| scenario.name())
}

/// Returns the entries of a report. `replay` gives the command that judges one obligation again.
pub fn entries(
    results: &[ObligationResult],
    seen: &Seen,
    wanted: &[Requirement],
    replay: impl Fn(&str) -> String,
) -> Vec<Entry> {
    let of_result = |result: &ObligationResult| {
        let known = wanted.iter().find(|known| known.id == result.id)?;
        Some(Entry { replay: replay(&known.id), ..entry(result, seen, known) })
    };
    results.iter().filter_map(of_result).collect()
}

fn entry(result: &ObligationResult, seen: &Seen, known: &Requirement) -> Entry {
    let facts = seen.scenarios.iter().find(|facts| facts.scenario.name() == result.scenario);
    let first = result.findings.first();
    let observed = match first {
        Some(_) => join_findings(result.findings.iter().map(|found| found.observed.clone())),
        None => result.note.clone().unwrap_or_default(),
    };
    let expected = match (first, result.outcome) {
        (Some(found), _) => found.expected.clone(),
        (None, Outcome::NotExercised | Outcome::NotObservable) => known.exercised_when().into_owned(),
        (None, _) => known.kept_when().to_owned(),
    };
    let evidence = facts.filter(|_| result.outcome != Outcome::Pass).map(|facts| evidence(facts, first));
    Entry {
        expected,
        observed,
        note: first.and(result.note.clone()),
        evidence: evidence.unwrap_or_default(),
        ..Entry::about(known, result.outcome, &result.scenario)
    }
}

fn evidence(facts: &ScenarioFacts, first: Option<&Finding>) -> Evidence {
    let sent = first.and_then(|found| facts.sent.iter().find(|sent| Some(sent.seq) == found.exchange));
    Evidence {
        title: facts.scenario.title().to_owned(),
        request: sent.map(request).unwrap_or_default(),
        printed: facts.printed.clone(),
        ..Evidence::default()
    }
}

/// Returns such as `#3 a signature of another secret -> 202`.
fn request(sent: &Sent) -> String {
    format!("#{} {} -> {}", sent.seq, sent.what, sent.answer.text())
}
