//! Turns verdicts into results, case by case, with the rule of twins.

use std::collections::{BTreeMap, BTreeSet};

use super::merge::{ObligationResult, Outcome, gravest};
use crate::client::case::{Case, Run};
use crate::client::judge::{Judge, Verdict, is_about_end, overrun};
use crate::client::plan::{Plan, PlannedCase, TWIN_PASSES_BY};
use crate::client::play::{Played, Unplayed};
use crate::requirement::{Catalogue, Requirement, TimeFact};

/// The note of what was not judged. It names no figures, so that equal reasons are grouped.
const TOO_BUSY: &str = "the machine was too busy: the client did not get the time that it needs";

/// The note of what was not judged because the client did not end, and the machine was too busy.
const TOO_BUSY_TO_END: &str = "the machine was too busy, and the client had not ended at its time limit: it has no \
    timeout, or the machine slowed it down; run this case alone, on a quiet machine";

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
        let mut of_known = Vec::new();
        for one in played.iter().filter(|one| !one.planned.control && one.planned.judged.contains(&known.id)) {
            let (outcome, note, findings) = outcome_of(known, one, &judge_of);
            let mut result = ObligationResult { note, findings, ..empty_result(known, outcome, &one.planned) };
            refuse_without_twin(&mut result, &one.planned, &broken_twins);
            of_known.push(result);
        }
        if gravest(of_known.iter().map(|result| result.outcome)) == Some(Outcome::NotExercised) {
            blame_the_machine(&mut of_known, played);
        }
        results.append(&mut of_known);
        results.extend(overruns(known, played));
        if plan.unprovoked.contains(&known.id) {
            results.push(unprovoked(known));
        }
    }
    results
}

/// Turns what no case exercised into what was not judged, where the machine may have kept the client from it.
fn blame_the_machine(results: &mut [ObligationResult], played: &[Played]) {
    let starved = |one: &Played| one.case.as_ref().is_ok_and(Case::is_starved);
    let starved: BTreeSet<String> = played.iter().filter(|one| starved(one)).map(|one| one.planned.name()).collect();
    let unexercised = results.iter_mut().filter(|result| result.outcome == Outcome::NotExercised);
    for result in unexercised.filter(|result| starved.contains(&result.scenario)) {
        result.outcome = Outcome::NotJudged;
        result.note = Some(TOO_BUSY.to_owned());
    }
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
        broken_twin: None,
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
        broken_twin: None,
    }
}

type Judgement = (Outcome, Option<String>, Vec<crate::client::judge::Finding>);

fn outcome_of(known: &Requirement, one: &Played, judge_of: &impl Fn(&str) -> Option<Judge>) -> Judgement {
    let case = match &one.case {
        Ok(case) => case,
        Err(spared) if spared.is_spared() => {
            return (Outcome::NotExercised, Some(spared.to_string()), Vec::new());
        }
        Err(unplayed) => return (Outcome::HarnessError, Some(unplayed.to_string()), Vec::new()),
    };
    if is_unjudged(known, case, judge_of) {
        let why = if case.has_overrun() { TOO_BUSY_TO_END } else { TOO_BUSY };
        return (Outcome::NotJudged, Some(why.to_owned()), Vec::new());
    }
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

/// Returns true if a client connected over TLS and sent no request, although it was given the
/// certificate to trust.
fn has_refused_every_certificate(case: &Case) -> bool {
    let refused = |run: &Run| run.wire.is_empty() && !run.handshakes.is_empty();
    !case.runs.is_empty() && case.runs.iter().all(refused)
}

/// Returns true if a verdict would say more of the machine than of the client: it was starved, and is not plainly right.
/// A slow machine lengthens the pauses of a client, so the pace between its requests proves nothing then.
///
/// A client that ends with 0 says that it had the time it needs: what it left or sent is its own doing. What a case does
/// not provoke it need not reach, since another case may show it; but it has to end.
pub(crate) fn is_unjudged(known: &Requirement, case: &Case, judge_of: &impl Fn(&str) -> Option<Judge>) -> bool {
    let by_pace = known.obligation().is_some_and(|facts| facts.time == Some(TimeFact::Pace));
    let lasts = known.obligation().is_some_and(|facts| facts.lasting) && case.says_all_is_done();
    let by_end = known.obligation().is_some_and(|facts| facts.time == Some(TimeFact::Overrun)) && case.has_overrun();
    case.is_starved()
        && judge_of(&known.id).is_some_and(|judge| match judge(case) {
            Verdict::Fail(_) => !lasts,
            Verdict::NotExercised(_) => by_end || case.scenario.provokes.contains(&known.id),
            Verdict::Pass(_) => by_pace && case.is_pace_in_doubt(),
            Verdict::NotObservable(_) => false,
        })
}

/// Returns true if a case should be played again, alone: the machine took time from it, and some verdict is in doubt.
pub fn is_in_doubt(one: &Played, catalogue: &Catalogue, judge_of: impl Fn(&str) -> Option<Judge>) -> bool {
    let Ok(case) = &one.case else { return false };
    let mut judged = catalogue.obligations().iter().filter(|known| one.planned.judged.contains(&known.id));
    case.is_starved() && (case.has_overrun() || judged.any(|known| is_unjudged(known, case, &judge_of)))
}

/// Returns the results of an obligation that overruns break, in the cases that do not judge an end by themselves.
fn overruns<'a>(known: &'a Requirement, played: &'a [Played]) -> impl Iterator<Item = ObligationResult> + 'a {
    let breaks = known.obligation().is_some_and(|facts| facts.time == Some(TimeFact::Overrun));
    let cases = played.iter().filter(move |one| breaks && !one.planned.control && !judges_end(&one.planned));
    cases.filter_map(|one| {
        let case = one.case.as_ref().ok().filter(|case| !case.is_starved())?;
        let finding = overrun(case)?;
        let result = empty_result(known, Outcome::Fail, &one.planned);
        Some(ObligationResult { findings: vec![finding], ..result })
    })
}

/// Returns true if a scenario provokes an obligation that an overrun breaks by itself.
fn judges_end(planned: &PlannedCase) -> bool {
    planned.scenario.provokes.iter().any(|id| is_about_end(id))
}

/// A twin that did not pass.
struct BrokenTwin {
    /// What a refusal beside it comes to.
    outcome: Outcome,
    /// It did not pass only because it was not played.
    is_spared: bool,
}

/// Returns the twin scenarios that did not save what they should, each with its outcome; a refusal
/// beside such a twin proves nothing.
fn broken_twins<'a>(played: &'a [Played], judge_of: &impl Fn(&str) -> Option<Judge>) -> BTreeMap<&'a str, BrokenTwin> {
    let outcome = |one: &Played| match (&one.case, judge_of(TWIN_PASSES_BY)) {
        (Ok(case), Some(judge)) if matches!(judge(case), Verdict::Pass(_)) => Outcome::Pass,
        (Ok(case), Some(_)) if case.is_starved() => Outcome::NotJudged,
        (Ok(case), Some(_)) if has_refused_every_certificate(case) => Outcome::NotObservable,
        _ => Outcome::NotExercised,
    };
    let twins: BTreeSet<&str> = played.iter().filter_map(|one| one.planned.scenario.twin.as_deref()).collect();
    let mut broken = BTreeMap::new();
    for one in played.iter().filter(|one| twins.contains(one.planned.scenario.id.as_str())) {
        let outcome = outcome(one);
        if outcome != Outcome::Pass {
            let is_spared = one.case.as_ref().is_err_and(Unplayed::is_spared);
            let new = BrokenTwin { outcome, is_spared };
            let known = broken.entry(one.planned.scenario.id.as_str()).or_insert(new);
            known.outcome = outcome.max(known.outcome);
            known.is_spared &= is_spared;
        }
    }
    broken
}

/// Downgrades a pass that a scenario provoked if its twin did not pass. Obligations that are judged
/// everywhere do not depend on twins.
fn refuse_without_twin(result: &mut ObligationResult, planned: &PlannedCase, broken: &BTreeMap<&str, BrokenTwin>) {
    let Some(twin) = &planned.scenario.twin else { return };
    let provoked = planned.scenario.provokes.contains(&result.id);
    let Some(found) = broken.get(twin.as_str()).filter(|_| provoked && result.outcome == Outcome::Pass) else {
        return;
    };
    result.outcome = found.outcome;
    result.note = Some(match found.outcome {
        Outcome::NotObservable => format!(
            "the client also refuses the certificate of {twin}, which CPK_CA_FILE and SSL_CERT_FILE, CURL_CA_BUNDLE, \
             REQUESTS_CA_BUNDLE and NODE_EXTRA_CA_CERTS name, so this refusal proves nothing"
        ),
        Outcome::NotJudged => TOO_BUSY.to_owned(),
        _ if found.is_spared => {
            format!("not counted: {twin}, the same case without the difficulty, was not played")
        }
        _ => {
            result.broken_twin = Some(twin.clone());
            format!(
                "not counted: the client already fails {twin}, the same case without the difficulty; mend that first"
            )
        }
    });
}
