//! The checks by themselves, on facts that are written down here.

use crewpass_contract::client::judge::Verdict;
use crewpass_contract::receiver::{Answer, Effect, Scenario, ScenarioFacts, Seen, Sent, Start, check_of};

const NONE: Effect = Effect { found: 0, wanted: 1, copies: 0 };
const ONCE: Effect = Effect { found: 1, wanted: 1, copies: 1 };
const TWICE: Effect = Effect { found: 1, wanted: 1, copies: 2 };

fn sent(step: &'static str, status: u16, effect: Effect) -> Sent {
    let answer = if status == 0 { Answer::Late } else { Answer::Status(status) };
    Sent { seq: 1, step, what: step.to_owned(), answer, effect, at_end: effect }
}

fn facts(scenario: Scenario, sent: Vec<Sent>) -> ScenarioFacts {
    let leaks = Vec::new();
    ScenarioFacts { scenario, start: Start::Ready, sent, leaks, has_saved: true, printed: String::new() }
}

fn outcome_of(seen: &Seen, id: &str) -> &'static str {
    match check_of(id).unwrap()(seen) {
        Verdict::Pass(None) => "pass",
        Verdict::Pass(Some(_)) => "note",
        Verdict::Fail(_) => "fail",
        Verdict::NotExercised(_) => "not exercised",
        Verdict::NotObservable(_) => "not observable",
    }
}

/// Returns the outcome of an obligation in one scenario with these requests.
fn outcome(id: &str, scenario: Scenario, requests: &[(&'static str, u16, Effect)]) -> &'static str {
    let requests = requests.iter().map(|(step, status, effect)| sent(step, *status, *effect)).collect();
    outcome_of(&Seen { scenarios: vec![facts(scenario, requests)] }, id)
}

#[test]
fn a_valid_delivery_needs_2xx_and_its_effect() {
    let of = |requests: &[_]| outcome("CPK-HOOK-01", Scenario::Valid, requests);
    assert_eq!(of(&[("valid", 204, ONCE)]), "pass");
    for (status, effect) in [(500, ONCE), (302, ONCE), (0, ONCE), (200, NONE)] {
        assert_eq!(of(&[("valid", status, effect)]), "fail", "{status}");
    }
}

#[test]
fn a_refusal_counts_only_beside_a_control() {
    for (id, scenario) in [
        ("CPK-HOOK-04", Scenario::ChangedValue),
        ("CPK-HOOK-05", Scenario::ChangedBlanks),
        ("CPK-HOOK-09", Scenario::Ages),
        ("CPK-HOOK-16", Scenario::Headers),
    ] {
        assert_eq!(outcome(id, scenario, &[("wrong", 401, NONE), ("control", 202, ONCE)]), "pass", "{id}");
        assert_eq!(outcome(id, scenario, &[("wrong", 401, NONE), ("control", 500, NONE)]), "not exercised", "{id}");
        assert_eq!(outcome(id, scenario, &[("wrong", 401, ONCE), ("control", 500, NONE)]), "fail", "{id}");
    }
}

#[test]
fn a_receiver_goes_on_after_what_it_refuses() {
    for (id, scenario) in [("CPK-HOOK-02", Scenario::Signatures), ("CPK-HOOK-13", Scenario::NotDeliveries)] {
        assert_eq!(outcome(id, scenario, &[("wrong", 500, NONE), ("control", 202, ONCE)]), "pass", "{id}");
        assert_eq!(outcome(id, scenario, &[("wrong", 401, NONE), ("control", 0, NONE)]), "fail", "{id}");
        assert_eq!(outcome(id, scenario, &[("wrong", 200, ONCE), ("control", 202, ONCE)]), "fail", "{id}");
    }
}

#[test]
fn a_wrong_signature_is_answered_before_or_after_it_is_verified() {
    let of = |status| outcome("CPK-HOOK-03", Scenario::Signatures, &[("wrong", status, NONE)]);
    assert_eq!([of(401), of(202), of(500), of(0)], ["pass", "note", "fail", "fail"]);
}

#[test]
fn a_repeated_event_is_stored_once_and_taken() {
    let of = |again: u16, effect, at_once: u16| {
        let requests =
            [("first", 202, ONCE), ("again", again, effect), ("at-once", 202, ONCE), ("at-once", at_once, ONCE)];
        outcome("CPK-HOOK-06", Scenario::Twice, &requests)
    };
    assert_eq!([of(200, ONCE, 200), of(200, ONCE, 503), of(200, ONCE, 429)], ["pass", "pass", "pass"]);
    assert_eq!([of(409, ONCE, 200), of(200, ONCE, 409)], ["note", "note"]);
    assert_eq!([of(200, TWICE, 200), of(500, ONCE, 200), of(200, ONCE, 302), of(200, ONCE, 0)], ["fail"; 4]);
    assert_eq!(outcome("CPK-HOOK-06", Scenario::Twice, &[("first", 202, NONE)]), "not exercised");
    let at_once = [("first", 202, ONCE), ("again", 200, ONCE), ("at-once", 202, TWICE), ("at-once", 202, TWICE)];
    assert_eq!(outcome("CPK-HOOK-06", Scenario::Twice, &at_once), "fail");
}

#[test]
fn an_outage_loses_no_event() {
    let of = |requests: &[_]| outcome("CPK-HOOK-11", Scenario::Outage, requests);
    assert_eq!(of(&[("during", 202, ONCE)]), "pass");
    assert_eq!(of(&[("during", 202, NONE)]), "fail");
    assert_eq!(of(&[("during", 503, NONE), ("again", 200, ONCE)]), "pass");
    assert_eq!(of(&[("during", 503, NONE), ("again", 200, NONE)]), "fail");
    assert_eq!(of(&[("during", 400, NONE)]), "fail");
    let killed = |status, effect| outcome("CPK-HOOK-19", Scenario::Killed, &[("before", status, effect)]);
    assert_eq!(
        [killed(202, ONCE), killed(503, NONE), killed(202, NONE), killed(400, NONE)],
        ["pass", "note", "fail", "fail"]
    );
}

#[test]
fn an_older_event_leaves_the_current_version() {
    let of = |effect| {
        outcome("CPK-HOOK-12", Scenario::Order, &[("newer", 202, ONCE), ("older", 202, effect), ("control", 202, ONCE)])
    };
    assert_eq!([of(ONCE), of(TWICE), of(NONE)], ["pass", "pass", "fail"]);
}

#[test]
fn a_burst_may_be_put_off_and_not_refused() {
    let of = |status, effect| outcome("CPK-HOOK-14", Scenario::Burst, &[("burst", status, effect)]);
    assert_eq!([of(202, ONCE), of(429, ONCE), of(503, ONCE)], ["pass"; 3]);
    assert_eq!([of(404, ONCE), of(302, ONCE), of(0, ONCE), of(202, NONE)], ["fail"; 4]);
}

#[test]
fn forms_and_sizes_need_their_effect() {
    for (id, scenario, step) in [
        ("CPK-HOOK-07", Scenario::JsonForms, "form"),
        ("CPK-HOOK-08", Scenario::Large, "large"),
        ("CPK-HOOK-18", Scenario::Connection, "form"),
        ("CPK-HOOK-20", Scenario::Large, "huge"),
        ("CPK-HOOK-22", Scenario::Connection, "chunked"),
    ] {
        assert_eq!(outcome(id, scenario, &[(step, 202, ONCE)]), "pass", "{id}");
        assert_eq!(outcome(id, scenario, &[(step, 400, NONE)]), "fail", "{id}");
        let refused = outcome(id, scenario, &[(step, 413, NONE)]);
        assert_eq!(refused, if id == "CPK-HOOK-20" { "pass" } else { "fail" }, "{id}");
    }
}

#[test]
fn unknown_types_fields_and_versions_break_nothing() {
    let requests = |kind, fields, control| [("type", kind, NONE), ("fields", 202, fields), ("control", 202, control)];
    let of = |id, requests: [_; 3]| outcome(id, Scenario::Unknown, &requests);
    assert_eq!(of("CPK-HOOK-10", requests(204, ONCE, ONCE)), "pass");
    assert_eq!(of("CPK-HOOK-10", requests(400, ONCE, ONCE)), "fail");
    assert_eq!(of("CPK-HOOK-10", requests(204, NONE, ONCE)), "fail");
    assert_eq!(of("CPK-HOOK-21", requests(204, ONCE, ONCE)), "pass");
    assert_eq!(of("CPK-HOOK-21", requests(204, ONCE, NONE)), "fail");
    assert_eq!(of("CPK-HOOK-21", requests(204, NONE, NONE)), "not exercised");
}

#[test]
fn a_second_file_by_another_header_is_found() {
    let of = |effect| {
        let requests =
            [("captured", 202, ONCE), ("other-id", 202, effect), ("wrong", 204, NONE), ("control", 202, ONCE)];
        outcome("CPK-HOOK-16", Scenario::Headers, &requests)
    };
    assert_eq!([of(ONCE), of(TWICE)], ["pass", "fail"]);
}

#[test]
fn a_secret_in_any_scenario_is_a_leak() {
    let mut seen = Seen { scenarios: vec![facts(Scenario::Valid, vec![sent("valid", 202, ONCE)])] };
    assert_eq!(outcome_of(&seen, "CPK-HOOK-15"), "pass");
    seen.scenarios[0].leaks.push("the secret is in a file".to_owned());
    assert_eq!(outcome_of(&seen, "CPK-HOOK-15"), "fail");
    assert_eq!(outcome_of(&Seen::default(), "CPK-HOOK-15"), "not exercised");
}

#[test]
fn without_a_secret_a_receiver_ends_or_refuses() {
    let of = |start, status, effect| {
        let valid = facts(Scenario::Valid, vec![sent("valid", 202, ONCE)]);
        let unset = ScenarioFacts { start, ..facts(Scenario::SecretUnset, vec![sent("wrong", status, effect)]) };
        let empty = facts(Scenario::SecretEmpty, vec![sent("wrong", 401, NONE)]);
        outcome_of(&Seen { scenarios: vec![valid, unset, empty] }, "CPK-HOOK-17")
    };
    assert_eq!(
        [of(Start::Ended, 0, NONE), of(Start::Ready, 401, NONE), of(Start::Ready, 202, ONCE)],
        ["pass", "pass", "fail"]
    );
}

#[test]
fn what_was_not_shown_is_never_a_pass() {
    for known in crate::receiver::harness::obligations() {
        assert!(!["pass", "note"].contains(&outcome_of(&Seen::default(), &known.id)), "{}", known.id);
        let start = |start, has_saved| {
            let of = |scenario| ScenarioFacts { start, has_saved, ..facts(scenario, Vec::new()) };
            Seen { scenarios: Scenario::ALL.map(of).to_vec() }
        };
        for seen in [start(Start::Ended, false), start(Start::Silent, false), start(Start::Ended, true)] {
            assert!(!["pass", "note"].contains(&outcome_of(&seen, &known.id)), "{}", known.id);
        }
    }
    let saves_nothing = |status| {
        let valid = ScenarioFacts { has_saved: false, ..facts(Scenario::Valid, vec![sent("valid", status, NONE)]) };
        outcome_of(&Seen { scenarios: vec![valid] }, "CPK-HOOK-01")
    };
    assert_eq!([saves_nothing(200), saves_nothing(500)], ["not observable", "fail"]);
}
