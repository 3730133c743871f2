//! Judges, each put to cases that it must pass, must fail and must not count; and what holds for all of them.

use crate::support::case_builder::{CaseBuilder, KEY};
use crewpass_contract::client::judge::{Verdict, judge_of};

/// What a judge says of a story.
pub(crate) fn judge(id: &str, story: &CaseBuilder) -> Verdict {
    judge_of(id).unwrap_or_else(|| panic!("{id} has a judge"))(&story.case)
}

/// Asserts that the judge passes `kept`, fails `broken`, and counts nothing where nothing was done.
#[expect(clippy::needless_pass_by_value, reason = "callers build both cases in the call")]
pub(crate) fn holds(id: &str, kept: CaseBuilder, broken: CaseBuilder) {
    passes(id, &kept);
    fails(id, &broken);
    let idle = CaseBuilder::new("");
    let verdict = judge(id, &idle.clone().exits(1));
    assert!(matches!(verdict, Verdict::NotExercised(_)), "{id} of a client that refuses everything: {verdict:?}");
    for idle in [idle.clone().exits(0), idle.ends(crewpass_contract::client::witness::End::Signal(9))] {
        let verdict = judge(id, &idle);
        assert!(!matches!(verdict, Verdict::Pass(_)), "{id} of a client that does nothing: {verdict:?}");
    }
    let unmet = with_need(kept);
    let verdict = judge(id, &unmet);
    assert!(matches!(verdict, Verdict::NotExercised(_)), "{id} of a scenario that was not met: {verdict:?}");
}

fn with_need(mut story: CaseBuilder) -> CaseBuilder {
    let mut scenario = (*story.case.scenario).clone();
    scenario.met.push(crewpass_contract::client::scenario::Need::Fault("never".into()));
    story.case.scenario = scenario.into();
    story
}

pub(crate) fn passes(id: &str, story: &CaseBuilder) -> Option<String> {
    match judge(id, story) {
        Verdict::Pass(note) => note,
        other => panic!("{id} does not pass: {other:#?}"),
    }
}

pub(crate) fn fails(id: &str, story: &CaseBuilder) {
    match judge(id, story) {
        Verdict::Fail(findings) => {
            assert!(!findings.is_empty(), "{id} fails without a finding");
            for found in findings {
                let text = format!("{} {}", found.expected, found.observed);
                assert!(!text.contains(KEY), "{id} tells the key: {text}");
            }
        }
        other => panic!("{id} does not fail: {other:#?}"),
    }
}

pub(crate) fn is_not_exercised(id: &str, story: &CaseBuilder) {
    let verdict = judge(id, story);
    assert!(matches!(verdict, Verdict::NotExercised(_)), "{id}: {verdict:?}");
}
