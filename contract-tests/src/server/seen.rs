//! Everything that is known when the judging begins: the expectation and all answers. No I/O from here on.

use super::expect::Expectation;
use super::question::{Answer, Credential, Phase, Step};
use super::rule::{Due, Rule, due};
use crate::client::judge::{Finding, Verdict};

/// What was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// For whom.
    pub crew: String,
    /// Which document was superseded.
    pub document: String,
    /// SHA-256 of what was uploaded.
    pub sha256: String,
    /// The ids that were listed before.
    pub before: Vec<String>,
}

/// What was seen of a server.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// What the tester knows.
    pub expect: &'a Expectation,
    /// The base URL, without a slash at its end.
    pub base: String,
    /// Every answer, in order.
    pub answers: Vec<Answer>,
    /// What was uploaded, if the lever was pulled.
    pub upload: Option<Upload>,
    /// How long the burst took, in seconds.
    pub burst: Option<f64>,
    /// Levers that failed, by name, with what they said.
    pub stuck: Vec<(&'static str, String)>,
}

impl Seen<'_> {
    /// What is due to an answer's question.
    pub fn due(&self, answer: &Answer) -> Due {
        due(self.expect, &answer.question)
    }

    /// The answers of a step at a moment.
    pub fn at(&self, step: Step, phase: Phase) -> impl Iterator<Item = &Answer> {
        self.answers.iter().filter(move |one| one.question.step == step && one.question.phase == phase)
    }

    /// The calm answers that one rule alone refuses.
    pub fn refused_by(&self, rule: Rule) -> impl Iterator<Item = &Answer> {
        let asked = |one: &&Answer| one.question.phase == Phase::Baseline && is_asked(one.question.step);
        self.answers.iter().filter(asked).filter(move |one| self.due(one).only(rule))
    }

    /// The calm answers that nothing refuses, for the key `full`.
    pub fn fine(&self, step: Step) -> impl Iterator<Item = &Answer> {
        self.at(step, Phase::Baseline).filter(|one| one.question.by == Credential::full() && self.due(one).is_fine())
    }

    /// The lists that were given, with their items: only what is an object is one.
    pub fn items(&self) -> impl Iterator<Item = (&Answer, Vec<serde_json::Value>)> {
        self.fine(Step::List).filter(|one| one.status == 200).map(|one| (one, one.items()))
    }

    /// The links that were given in a calm moment.
    pub fn links(&self) -> impl Iterator<Item = (&Answer, String)> {
        self.fine(Step::Link).filter_map(|one| Some((one, one.link()?)))
    }
}

/// Whether the order of the checks is for this step.
pub(super) const fn is_asked(step: Step) -> bool {
    matches!(step, Step::List | Step::Link)
}

/// A judge of one clause.
pub(super) type Check = fn(&Seen<'_>) -> Verdict;

/// What is wrong with an answer: expected and observed.
pub(super) type Wrong = (String, String);

/// Kept if every answer is right; not exercised where there is none.
pub(super) fn each<'a>(
    answers: impl IntoIterator<Item = &'a Answer>,
    mut wrong: impl FnMut(&Answer) -> Option<Wrong>,
) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in answers {
        any = true;
        findings.extend(wrong(answer).map(|(expected, observed)| finding(answer, expected, observed)));
    }
    if any { Verdict::of(findings) } else { unexercised() }
}

/// A finding of an answer.
pub(super) fn finding(answer: &Answer, expected: impl Into<String>, observed: impl Into<String>) -> Finding {
    Finding { expected: expected.into(), observed: observed.into(), run: 0, exchange: Some(answer.seq), file: None }
}

/// Not exercised: the clause says itself what it needs.
pub(super) const fn unexercised() -> Verdict {
    Verdict::NotExercised(String::new())
}

/// What was seen, each thing once; for clauses that are only observed.
pub(super) fn observed(seen: impl IntoIterator<Item = String>) -> Verdict {
    let mut told: Vec<String> = Vec::new();
    for one in seen {
        if !told.contains(&one) {
            told.push(one);
        }
    }
    if told.is_empty() { unexercised() } else { Verdict::Pass(Some(told.join("; "))) }
}
