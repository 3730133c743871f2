//! Turns verdicts into results, case by case, with the rule of twins.

use std::collections::{BTreeMap, BTreeSet};

use super::merge::{ObligationResult, Outcome};
use crate::client::case::{Case, Run};
use crate::client::judge::{Judge, Verdict};
use crate::client::plan::{Plan, PlannedCase, TWIN_PASSES_BY};
use crate::client::play::{Played, Unplayed};
use crate::requirement::{Catalogue, Requirement};

/// Judges all played cases, in the order of the catalogue and the plan. An obligation that no
/// scenario provokes gets a result, too: not exercised.
pub fn judged(
    plan: &Plan,
    played: &[Played],
    catalogue: &Catalogue,
    judge_of: impl Fn(&str) -> Option<Judge>,
) -> Vec<ObligationResult> {
    let broken_twins = broken_twins(played, &judge_of);
    let mut results = Vec::new();
    for known in catalogue.obligations() {
        for one in played.iter().filter(|one| !one.planned.control && one.planned.judged.contains(&known.id)) {
            let (outcome, note, findings) = outcome_of(known, one, &judge_of);
            let mut result = ObligationResult { note, findings, ..empty_result(known, outcome, &one.planned) };
            refuse_without_twin(&mut result, &one.planned, &broken_twins);
            results.push(result);
        }
        if plan.unprovoked.contains(&known.id) {
            results.push(unprovoked(known));
        }
    }
    results
}

fn empty_result(known: &Requirement, outcome: Outcome, planned: &PlannedCase) -> ObligationResult {
    ObligationResult {
        id: known.id.clone(),
        grade: known.grade,
        source: known.source,
        outcome,
        scenario: planned.name(),
        note: None,
        findings: Vec::new(),
        replay: planned.name(),
    }
}

fn unprovoked(known: &Requirement) -> ObligationResult {
    ObligationResult {
        id: known.id.clone(),
        grade: known.grade,
        source: known.source,
        outcome: Outcome::NotExercised,
        scenario: String::new(),
        note: Some("no scenario provokes it".to_owned()),
        findings: Vec::new(),
        replay: String::new(),
    }
}

type Judgement = (Outcome, Option<String>, Vec<crate::client::judge::Finding>);

fn outcome_of(known: &Requirement, one: &Played, judge_of: &impl Fn(&str) -> Option<Judge>) -> Judgement {
    let case = match &one.case {
        Ok(case) => case,
        Err(spared @ (Unplayed::LeftOut | Unplayed::Idle)) => {
            return (Outcome::NotExercised, Some(spared.to_string()), Vec::new());
        }
        Err(unplayed) => return (Outcome::HarnessError, Some(unplayed.to_string()), Vec::new()),
    };
    let Some(judge) = judge_of(&known.id) else {
        return (Outcome::HarnessError, Some("the gate has no judge for it".to_owned()), Vec::new());
    };
    match judge(case) {
        Verdict::Pass(note) => (Outcome::Pass, note, Vec::new()),
        Verdict::Fail(findings) => (Outcome::Fail, None, findings),
        Verdict::NotExercised(why) => (Outcome::NotExercised, Some(why), Vec::new()),
        Verdict::NotObservable(why) => (Outcome::NotObservable, Some(why), Vec::new()),
    }
}

/// Returns the twin scenarios that did not save what they should, with the outcome that a refusal
/// beside such a twin has: it proves nothing.
fn broken_twins<'a>(played: &'a [Played], judge_of: &impl Fn(&str) -> Option<Judge>) -> BTreeMap<&'a str, Outcome> {
    let passes = |one: &&Played| match (&one.case, judge_of(TWIN_PASSES_BY)) {
        (Ok(case), Some(judge)) => matches!(judge(case), Verdict::Pass(_)),
        _ => false,
    };
    let twins: BTreeSet<&str> = played.iter().filter_map(|one| one.planned.scenario.twin.as_deref()).collect();
    let broken = played.iter().filter(|one| twins.contains(one.planned.scenario.id.as_str()) && !passes(one));
    let outcome = |one: &Played| {
        let untrusted = one.case.as_ref().is_ok_and(has_refused_every_certificate);
        if untrusted { Outcome::NotObservable } else { Outcome::NotExercised }
    };
    broken.map(|one| (one.planned.scenario.id.as_str(), outcome(one))).collect()
}

/// Returns true if a client connected over TLS and sent no request, although it was given the
/// certificate to trust.
fn has_refused_every_certificate(case: &Case) -> bool {
    let refused = |run: &Run| run.wire.is_empty() && !run.handshakes.is_empty();
    !case.runs.is_empty() && case.runs.iter().all(refused)
}

/// Downgrades a pass that a scenario provoked if its twin did not pass. Obligations that are judged
/// everywhere do not depend on twins.
fn refuse_without_twin(result: &mut ObligationResult, planned: &PlannedCase, broken_twins: &BTreeMap<&str, Outcome>) {
    let Some(twin) = &planned.scenario.twin else { return };
    let provoked = planned.scenario.provokes.contains(&result.id);
    let Some(outcome) = broken_twins.get(twin.as_str()).filter(|_| provoked && result.outcome == Outcome::Pass) else {
        return;
    };
    result.outcome = *outcome;
    result.note = Some(match outcome {
        Outcome::NotObservable => format!(
            "the client also refuses the certificate of {twin}, which CPK_CA_FILE and SSL_CERT_FILE, CURL_CA_BUNDLE, \
             REQUESTS_CA_BUNDLE and NODE_EXTRA_CA_CERTS name, so this refusal proves nothing"
        ),
        _ => format!("its twin {twin} did not pass, so this refusal proves nothing"),
    });
}
