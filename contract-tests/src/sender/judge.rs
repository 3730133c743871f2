//! Results from verdicts, and entries of a report from results, without secrets.

use crewpass_diagnostics::mask_text;

use super::check::check_of;
use super::seen::{Attempt, Seen};
use crate::outcome::ObligationResult;
use crate::report::{Entry, Evidence};
use crate::requirement::Requirement;
use crate::server::{clause_entry, result_of};

/// The longest target of a request in a report, in characters.
const LONGEST: usize = 100;

/// Returns the result of each clause, in order.
pub fn judged(seen: &Seen<'_>, clauses: &[Requirement]) -> Vec<ObligationResult> {
    let verdict = |clause: &Requirement| check_of(&clause.id).map(|check| check(seen));
    clauses.iter().map(|clause| result_of(clause, verdict(clause), |why| lacking(seen, clause, why))).collect()
}

/// Returns what must be added to the expectation, or the lever that failed.
fn lacking(seen: &Seen<'_>, clause: &Requirement, why: String) -> String {
    match (why.is_empty(), seen.is_flooded, seen.stuck.first()) {
        (false, ..) => why,
        (true, true, _) => "the sender sent more than can be kept, so the run ended early".to_owned(),
        (true, false, Some((name, why))) => format!("the lever {name} failed: {why}"),
        (true, false, None) => {
            let needs = clause.clause_facts().map_or("nothing", |facts| &facts.needs);
            format!("the sender showed no such delivery; it needs {needs}")
        }
    }
}

/// Returns the entries of a report. `replay` gives the command that judges one clause again.
pub fn entries(
    results: &[ObligationResult],
    seen: &Seen<'_>,
    clauses: &[Requirement],
    replay: impl Fn(&str) -> String,
) -> Vec<Entry> {
    let of_result = |result: &ObligationResult| {
        let clause = clauses.iter().find(|clause| clause.id == result.id)?;
        let first = result.findings.first();
        let attempt = first.and_then(|found| seen.attempts.iter().find(|one| Some(one.seq) == found.exchange));
        let request = attempt.map(|attempt| clean(seen, &exchange(attempt))).unwrap_or_default();
        Some(Entry {
            evidence: Evidence { request, ..Evidence::default() },
            replay: first.map(|_| replay(&clause.id)).unwrap_or_default(),
            ..clause_entry(result, clause, |text| clean(seen, text))
        })
    };
    results.iter().filter_map(of_result).collect()
}

/// Returns such as `#3 POST /hooks -> 503 (245 bytes)`.
fn exchange(attempt: &Attempt) -> String {
    let cut = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let (method, target) = (cut(&attempt.method), cut(&attempt.target));
    let (seq, bytes) = (attempt.seq, attempt.body.len());
    format!("#{seq} {method} {target} -> {} ({bytes} bytes)", attempt.answer.text())
}

/// Returns a text without the secret and the keys.
fn clean(seen: &Seen<'_>, text: &str) -> String {
    let keys = seen.expect.keys.values().map(|key| (key.key.reveal(), "{key}"));
    let secrets = keys.chain([(seen.secret.as_str(), "{secret}")]).filter(|(secret, _)| !secret.is_empty());
    mask_text(&secrets.fold(text.to_owned(), |text, (secret, name)| text.replace(secret, name))).into_owned()
}
