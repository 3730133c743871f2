//! The facts for judging a server: the expectation and all answers. Everything from here on is free
//! of I/O.

use super::expect::Expectation;
use super::question::{Answer, Credential, Phase, Step};
use super::rule::{Due, Rule, due};
use crate::client::judge::{Finding, Verdict};

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The crew member's id.
    pub crew: String,
    /// The id of the superseded document.
    pub document: String,
    /// The SHA-256 of the uploaded file.
    pub sha256: String,
    /// The document ids that were listed before.
    pub before: Vec<String>,
}

/// The observations of a server.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// The tester's knowledge.
    pub expect: &'a Expectation,
    /// The base URL, without a slash at its end.
    pub base: String,
    /// Every answer, in order.
    pub answers: Vec<Answer>,
    /// The upload, if there was one.
    pub upload: Option<Upload>,
    /// The duration of the burst, in seconds.
    pub burst: Option<f64>,
    /// Levers that failed, by name, with their errors.
    pub stuck: Vec<(&'static str, String)>,
    /// Is true if the documented POSTs were allowed.
    pub posts: bool,
}

impl Seen<'_> {
    /// Returns the expected answer to a question.
    pub fn due(&self, answer: &Answer) -> Due {
        due(self.expect, &answer.question)
    }

    /// Returns the answers of a step in a phase.
    pub fn at(&self, step: Step, phase: Phase) -> impl Iterator<Item = &Answer> {
        self.answers.iter().filter(move |one| one.question.step == step && one.question.phase == phase)
    }

    /// Returns the baseline answers of list and link that exactly one rule refuses.
    pub fn refused_by(&self, rule: Rule) -> impl Iterator<Item = &Answer> {
        let asked = |one: &&Answer| one.question.phase == Phase::Baseline && is_asked(one.question.step);
        self.answers.iter().filter(asked).filter(move |one| self.due(one).only(rule))
    }

    /// Returns the baseline answers of a step that exactly one rule refuses.
    pub fn refused_at(&self, step: Step, rule: Rule) -> impl Iterator<Item = &Answer> {
        self.at(step, Phase::Baseline).filter(move |one| self.due(one).only(rule))
    }

    /// Returns the answers to variations of a request, by their detail.
    pub fn variations<'s>(&'s self, step: Step, detail: &'s str) -> impl Iterator<Item = &'s Answer> {
        self.at(step, Phase::Variation).filter(move |one| one.question.detail == detail)
    }

    /// Returns the baseline answers for the key `full` that no rule refuses.
    pub fn fine(&self, step: Step) -> impl Iterator<Item = &Answer> {
        self.at(step, Phase::Baseline).filter(|one| one.question.by == Credential::full() && self.due(one).is_fine())
    }

    /// Returns the successful lists, each with those items that are objects.
    pub fn items(&self) -> impl Iterator<Item = (&Answer, Vec<serde_json::Value>)> {
        self.fine(Step::List).filter(|one| one.status == 200).map(|one| (one, one.items()))
    }

    /// Returns the links that were issued in the baseline phase.
    pub fn links(&self) -> impl Iterator<Item = (&Answer, String)> {
        self.fine(Step::Link).filter_map(|one| Some((one, one.link()?)))
    }
}

/// Returns true if a step is a list or a link.
pub(super) const fn is_asked(step: Step) -> bool {
    matches!(step, Step::List | Step::Link)
}

/// A check of one clause.
pub(super) type Check = fn(&Seen<'_>) -> Verdict;

/// A wrong answer: expected and observed.
pub(super) type Wrong = (String, String);

/// Returns `Pass` if every answer is right, and `NotExercised` without answers.
pub(super) fn each<'a>(
    answers: impl IntoIterator<Item = &'a Answer>,
    mut wrong: impl FnMut(&Answer) -> Option<Wrong>,
) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in answers {
        any = true;
        findings.extend(wrong(answer).map(|(expected, observed)| finding(answer, expected, observed)));
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

/// Creates a finding about an answer.
pub(super) fn finding(answer: &Answer, expected: impl Into<String>, observed: impl Into<String>) -> Finding {
    Finding { expected: expected.into(), observed: observed.into(), exchange: Some(answer.seq), ..Finding::default() }
}

/// Returns `NotExercised`; the clause itself explains what it needs.
pub(crate) const fn unexercised() -> Verdict {
    Verdict::NotExercised(String::new())
}

/// Returns `Pass` with distinct observations, for clauses that are only observed.
pub(crate) fn observed(seen: impl IntoIterator<Item = String>) -> Verdict {
    let mut distinct: Vec<String> = Vec::new();
    for one in seen {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    if distinct.is_empty() { unexercised() } else { Verdict::Pass(Some(distinct.join("; "))) }
}
