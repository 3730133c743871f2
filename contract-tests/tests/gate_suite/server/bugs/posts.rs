//! Servers that get a lookup, a compliance check or a wrong body wrong, each in one way that one clause alone sees.

use serde_json::{Value, json};

use super::all::bug;
use super::asking::{NO_READ, asks, is_by, take_for_full};
use crate::server::harness::expectation_with;
use crate::server::proxy::{Bug, Passing};

/// The expectation without the values of compliance checks.
pub(crate) fn without_checks() -> String {
    expectation_with(|expectation| {
        for person in expectation["crew"].as_object_mut().unwrap().values_mut() {
            let checks = person.get_mut("compliance").and_then(Value::as_object_mut);
            checks.into_iter().flat_map(|checks| checks.values_mut()).for_each(|check| *check = json!({}));
        }
    })
}

/// A server whose checks the tester does not know, so that their form alone can be wrong.
const fn unknown_check(
    name: &'static str,
    answered: fn(&mut Passing, &mut crate::server::proxy::Memory),
    caught_by: &'static [&'static str],
) -> Bug {
    Bug { expectation: without_checks, ..bug(name, answered, caught_by) }
}

fn is_lookup(passing: &Passing) -> bool {
    passing.path.ends_with("/crew/lookup")
}

/// Changes the check of a person.
fn check(passing: &mut Passing, crew: &str, change: impl FnOnce(&mut Value)) {
    if passing.is_check() && passing.path.contains(crew) && passing.status == 200 {
        passing.edit(change);
    }
}

pub(super) const BUGS: &[Bug] = &[
    bug(
        "finds-another",
        |passing, _| {
            if is_lookup(passing) && passing.status == 200 {
                passing.edit(|body| body["crew_unique_id"] = json!("crew_004"));
            }
        },
        &["CPS-LOOKUP-01"],
    ),
    bug(
        "tells-who-has-an-account",
        |passing, _| {
            if is_lookup(passing) && passing.sent.contains("aiko.tanaka") {
                passing.edit(|body| body["error"]["message"] = json!("on no vessel"));
            }
        },
        &["CPS-LOOKUP-02"],
    ),
    bug(
        "empty-answer-for-an-unknown-address",
        |passing, _| {
            if is_lookup(passing) && passing.status == 404 {
                (passing.status, passing.body) = (200, b"{}".to_vec());
            }
        },
        &["CPS-LOOKUP-02"],
    ),
    asks(
        "lookup-without-scope",
        |path, headers| {
            if path.ends_with("/crew/lookup") && is_by(headers, NO_READ) {
                take_for_full(headers);
            }
        },
        &["CPS-LOOKUP-03"],
    ),
    unknown_check(
        "fifth-overall-status",
        |passing, _| check(passing, "crew_005", |body| body["overall_status"] = json!("unknown")),
        &["CPS-COMP-01", "CPS-COMP-04"],
    ),
    unknown_check(
        "counters-in-words",
        |passing, _| check(passing, "crew_001", |body| body["requirements_met"] = json!("four")),
        &["CPS-COMP-01"],
    ),
    unknown_check(
        "fourth-source",
        |passing, _| check(passing, "crew_001", |body| body["requirements"][0]["source"] = json!("flag_state")),
        &["CPS-COMP-02"],
    ),
    unknown_check(
        "compliant-with-something-missing",
        |passing, _| check(passing, "crew_008", |body| body["overall_status"] = json!("compliant")),
        &["CPS-COMP-03"],
    ),
    unknown_check(
        "compliant-without-a-role",
        |passing, _| check(passing, "crew_005", |body| body["overall_status"] = json!("compliant")),
        &["CPS-COMP-04"],
    ),
    asks(
        "one-vessel-for-all",
        |path, _| {
            if path.contains("crew_008") {
                *path = path.replace("vessel_id=ves%5Fdef", "vessel_id=ves_abc");
            }
        },
        &["CPS-COMP-05"],
    ),
    bug(
        "another-total",
        |passing, _| check(passing, "crew_001", |body| body["requirements_total"] = json!(6)),
        &["CPS-COMP-05"],
    ),
    asks(
        "check-without-scope",
        |path, headers| {
            if path.contains("/compliance-checks") && is_by(headers, NO_READ) {
                take_for_full(headers);
            }
        },
        &["CPS-COMP-06"],
    ),
    bug(
        "check-refused-off-the-fleet",
        |passing, _| {
            if passing.is_check() && passing.path.contains("crew_003") {
                passing.refuse(403, "scope_not_consented");
            }
        },
        &["CPS-COMP-07"],
    ),
    bug(
        "names-the-clinic",
        |passing, _| {
            check(passing, "crew_001", |body| {
                if body["medical"].is_object() {
                    body["medical"]["clinic_name"] = json!("Harbour Clinic");
                }
            });
        },
        &["CPS-COMP-08"],
    ),
    bug(
        "400-for-a-wrong-body",
        |passing, _| {
            if passing.status == 422 && is_lookup(passing) && passing.sent == "[]" {
                passing.refuse(400, "bad_request");
            }
        },
        &["CPS-BODY-01"],
    ),
    bug(
        "422-in-the-envelope",
        |passing, _| {
            if passing.status == 422 && passing.is_check() {
                passing.refuse(422, "validation_failed");
            }
        },
        &["CPS-BODY-02"],
    ),
];
