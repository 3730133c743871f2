//! Results from verdicts, and entries of a report from results, without keys, tokens and hosts.

use super::check::check_of;
use super::question::{Answer, Credential, Step};
use super::seen::Seen;
use crate::client::judge::{Finding, Verdict};
use crate::outcome::{ObligationResult, Outcome};
use crate::report::{Entry, Evidence, join_findings};
use crate::requirement::{Grade, OptIn, Requirement};

/// Returns the result of each clause, in order.
pub fn judged(seen: &Seen<'_>, clauses: &[Requirement]) -> Vec<ObligationResult> {
    clauses.iter().map(|clause| result(seen, clause)).collect()
}

fn result(seen: &Seen<'_>, clause: &Requirement) -> ObligationResult {
    let verdict = check_of(&clause.id).map(|check| check(seen));
    result_of(clause, verdict, |why| lacking(seen, clause, why))
}

/// Returns the result of a clause. `lacking` completes the reason why it was not exercised.
pub(crate) fn result_of(
    clause: &Requirement,
    verdict: Option<Verdict>,
    lacking: impl FnOnce(String) -> String,
) -> ObligationResult {
    match verdict {
        None => bare(clause, Outcome::HarnessError, Some("the gate has no judge for it".to_owned()), Vec::new()),
        Some(Verdict::Pass(note)) => bare(clause, Outcome::Pass, note, Vec::new()),
        // Behaviour that is not documented can't be broken.
        Some(Verdict::Fail(findings)) if clause.grade == Grade::OBSERVED => {
            let note = findings.first().map(|found| found.observed.clone());
            bare(clause, Outcome::Pass, note, Vec::new())
        }
        Some(Verdict::Fail(findings)) => bare(clause, Outcome::Fail, None, findings),
        Some(Verdict::NotExercised(why)) => bare(clause, Outcome::NotExercised, Some(lacking(why)), Vec::new()),
        Some(Verdict::NotObservable(why)) => bare(clause, Outcome::NotObservable, Some(why), Vec::new()),
    }
}

/// Returns what must be added to the expectation, or the lever that failed.
fn lacking(seen: &Seen<'_>, clause: &Requirement, why: String) -> String {
    let facts = clause.clause_facts();
    let stuck = seen.stuck.first().filter(|_| facts.is_some_and(|facts| facts.lever.is_some()));
    if !seen.posts && facts.is_some_and(|facts| facts.only_with == Some(OptIn::Posts)) {
        return "it needs `--posts`, which allows the two documented POSTs".to_owned();
    }
    match (why.is_empty(), stuck) {
        (false, _) => why,
        (true, Some((name, said))) => format!("the lever {name} failed: {said}"),
        (true, None) => {
            let needs = facts.map_or("nothing", |facts| &facts.needs);
            format!("the server gave no such answer, or the expectation lacks it; it needs {needs}")
        }
    }
}

fn bare(clause: &Requirement, outcome: Outcome, note: Option<String>, findings: Vec<Finding>) -> ObligationResult {
    ObligationResult {
        id: clause.id.clone(),
        grade: clause.grade,
        source: clause.source,
        outcome,
        scenario: String::new(),
        note,
        findings,
        replay: String::new(),
        broken_twin: None,
    }
}

/// Returns the entries of a report.
pub fn entries(results: &[ObligationResult], seen: &Seen<'_>, clauses: &[Requirement]) -> Vec<Entry> {
    let clean = Clean::new(seen);
    let of_result = |result: &ObligationResult| {
        let clause = clauses.iter().find(|clause| clause.id == result.id)?;
        let first = result.findings.first();
        let answer = first.and_then(|found| seen.answers.iter().find(|one| Some(one.seq) == found.exchange));
        Some(Entry {
            evidence: Evidence { request: answer.map(exchange).unwrap_or_default(), ..Evidence::default() },
            replay: answer.map(replay).unwrap_or_default(),
            ..clause_entry(result, clause, |text| clean.text(text))
        })
    };
    results.iter().filter_map(of_result).collect()
}

/// Creates the entry of a clause, without its evidence. `clean` replaces what is secret in a text.
pub(crate) fn clause_entry(result: &ObligationResult, clause: &Requirement, clean: impl Fn(&str) -> String) -> Entry {
    let first = result.findings.first();
    let note = result.note.as_deref().map(&clean);
    let observed = match first {
        Some(_) => join_findings(result.findings.iter().map(|found| clean(&found.observed))),
        None => note.clone().unwrap_or_default(),
    };
    Entry {
        expected: first.map_or_else(|| clause.clause.clone(), |found| clean(&found.expected)),
        observed,
        note: first.and(note),
        ..Entry::about(clause, result.outcome, "")
    }
}

/// Returns such as `#12 GET /… with key full -> 404 (57 bytes)`.
fn exchange(answer: &Answer) -> String {
    let status = if answer.came() { answer.status.to_string() } else { "no answer".to_owned() };
    let (seq, method, len) = (answer.seq, answer.method, answer.len);
    format!("#{seq} {method} {} with {} -> {status} ({len} bytes)", target(answer), answer.question.by.description())
}

fn target(answer: &Answer) -> String {
    match answer.question.step {
        Step::File if answer.question.detail.is_empty() => format!("the link of {}", answer.question.document),
        Step::File => format!("the link of {}, {}", answer.question.document, answer.question.detail),
        _ if answer.target.len() > 200 => "a very long path".to_owned(),
        _ => answer.target.clone(),
    }
}

/// Returns a command that sends the request again; a key is a variable that the tester sets.
fn replay(answer: &Answer) -> String {
    let header = match &answer.question.by {
        Credential::Key(name) if name == "full" => r#" -H "Authorization: Bearer $CPK_KEY""#.to_owned(),
        Credential::Key(name) => {
            let name = name.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
            format!(r#" -H "Authorization: Bearer $CPK_KEY_{name}""#)
        }
        Credential::Nobody => String::new(),
        Credential::Unknown => r#" -H "Authorization: Bearer cpk_test_00000000000000000000000000000000""#.to_owned(),
        Credential::Header => r#" -H "X-Partner-API-Key: $CPK_KEY""#.to_owned(),
        Credential::LowerCase => r#" -H "Authorization: bearer $CPK_KEY""#.to_owned(),
        Credential::Basic => r#" -H "Authorization: Basic $CPK_KEY""#.to_owned(),
        Credential::BasicUser => r#" -u "$CPK_KEY:""#.to_owned(),
        Credential::BasicPassword => r#" -u ":$CPK_KEY""#.to_owned(),
        Credential::Bare => r#" -H "Authorization: $CPK_KEY""#.to_owned(),
        Credential::Both => return String::new(),
    };
    match (answer.question.step, answer.method) {
        (Step::File, _) => String::new(),
        (_, "GET") => format!(r#"curl -sSi "$BASE{}"{header}"#, answer.target),
        (_, method) => format!(r#"curl -sSi -X {method} "$BASE{}"{header}{}"#, answer.target, body_of(answer)),
    }
}

/// Returns the arguments of curl for a body, without an address.
fn body_of(answer: &Answer) -> String {
    const LONGEST: usize = 200;
    let Some(body) = answer.question.input.body.as_ref().filter(|body| body.text.len() <= LONGEST) else {
        return String::new();
    };
    let kind = body.content_type.map(|kind| format!(r#" -H "Content-Type: {kind}""#)).unwrap_or_default();
    match serde_json::from_str::<serde_json::Value>(&body.text) {
        Ok(serde_json::Value::Object(fields)) if answer.question.step == Step::Lookup && fields.len() == 1 => {
            let field = fields.keys().next().map_or("", String::as_str);
            format!(r#"{kind} -d "{{\"{field}\": \"$CPK_EMAIL\"}}""#)
        }
        _ if answer.question.step == Step::Lookup && body.text.contains('@') => String::new(),
        _ => format!("{kind} -d '{}'", body.text.replace('\'', r"'\''")),
    }
}

/// The replacements for text that is secret, or that differs from run to run.
struct Clean(Vec<(String, String)>);

impl Clean {
    fn new(seen: &Seen<'_>) -> Self {
        let keys = seen.expect.keys.iter().map(|(name, key)| (key.key.reveal().to_owned(), format!("{{key {name}}}")));
        let links = seen.answers.iter().filter_map(Answer::link);
        let tokens = links.filter_map(|link| {
            let token = link.split(['?', '#']).next()?.rsplit('/').next()?.to_owned();
            (token.len() >= 8).then(|| (token, "{token}".to_owned()))
        });
        let people = seen.expect.crew.iter();
        let emails = people.filter_map(|(id, person)| {
            Some((person.email.as_ref()?.reveal().to_owned(), format!("{{email of {id}}}")))
        });
        let cursors = seen.answers.iter().filter_map(|answer| {
            let cursor = answer.json()["next_cursor"].as_str()?.to_owned();
            (cursor.len() >= 8).then(|| (cursor, "{cursor}".to_owned()))
        });
        let mut pairs: Vec<_> = keys.chain(tokens).chain(emails).chain(cursors).collect();
        pairs.push((seen.base.clone(), "{base}".to_owned()));
        pairs.sort_by_key(|(found, _)| std::cmp::Reverse(found.len()));
        pairs.dedup();
        Self(pairs)
    }

    fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |replaced, (found, name)| replaced.replace(found, name))
    }
}
