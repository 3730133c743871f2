//! Judges of one person's documents, where that person is alone on a fleet: the walk is no request too many, and who
//! withholds documents is no reason for a refusal.

use std::sync::Arc;

use crewpass_contract::client::witness::End;
use serde_json::{Value, json};

use crate::judge::verdicts::{fails, holds, is_not_exercised, passes};
use crate::support::case_builder::{CaseBuilder, LIST, link_path};

const FLEET: &str = "/api/v2/employers/me/fleet";
const VESSELS: &str = "/api/v2/employers/me/vessels";
const PROFILE: &str = "/api/v2/employers/me/crew/crew_001/profile";

/// A case in which the vessels, the one page of the fleet and a profile were requested.
fn walked(scenario: &str) -> CaseBuilder {
    let case = CaseBuilder::new(&format!("task: fleet\n{scenario}"));
    let case = case.with(|case| Arc::make_mut(&mut case.scenario).is_adapted = true);
    let page = json!({"items": [{"crew_unique_id": "crew_001"}], "next_cursor": null});
    let case = case.asks(VESSELS, 200, Some(json!({"items": []}))).asks(FLEET, 200, Some(page));
    case.asks(PROFILE, 200, Some(json!({"crew_unique_id": "crew_001"})))
}

#[test]
fn list_01_looks_at_the_first_request_behind_the_walk() {
    let elsewhere = walked("").asks("/api/v1/employers/me/crew/crew_001/documents", 404, None);
    holds("CPK-LIST-01", walked("").all(), elsewhere.all());
    fails("CPK-LIST-01", &walked("").with(|case| case.crew_id = "crew_002".into()).all());
    is_not_exercised("CPK-LIST-01", &walked(""));
}

#[test]
fn list_02_reads_one_segment_behind_the_walk() {
    let about = |id: &str| walked("").with(|case| case.crew_id = id.into());
    let ask = |segment: &str| about("a/b").asks(&format!("/api/v2/employers/me/crew/{segment}/documents"), 200, None);
    holds("CPK-LIST-02", ask("a%2Fb"), ask("a/b"));
    assert!(passes("CPK-LIST-02", &about("..").exits(1)).is_some());
    is_not_exercised("CPK-LIST-02", &about("..").exits(0));
    fails("CPK-LIST-02", &about("..").asks("/api/v2/employers/me/documents", 404, None).exits(1));
}

#[test]
fn list_05_counts_the_requests_behind_the_walk() {
    let empty = || walked("").with(|case| case.runs[0].current.clear()).list();
    holds("CPK-LIST-05", empty(), empty().list());
}

#[test]
fn link_02_reads_one_segment_behind_the_walk() {
    let odd = |path: &str| {
        let case = walked("right_exit: either").with(|case| case.runs[0].current[0].id = "a/b".into());
        case.list().asks(path, 200, None)
    };
    holds("CPK-LINK-02", odd(&link_path("a%2Fb")), odd(&link_path("a/b")));
    fails("CPK-LINK-02", &odd("/api/v2/employers/me/crew/crew_002/documents/doc_9/download"));
}

#[test]
fn a_list_that_was_requested_elsewhere_is_no_graver_than_the_request() {
    let missed = |right_exit: &str| {
        let case = walked(&format!("right_exit: {right_exit}"));
        case.asks("/api/v2/employers/me/crew/a/b/documents", 404, None).exits(0)
    };
    assert_eq!(passes("CPK-OUT-01", &missed("either")), None);
    fails("CPK-OUT-01", &missed("either").list());
    fails("CPK-OUT-01", &missed("saved"));
    fails("CPK-OUT-01", &walked("right_exit: either").exits(0));
}

fn refused(status: u16, code: &str) -> CaseBuilder {
    let body: Value = json!({"error": {"code": code, "message": "no"}});
    walked("right_exit: refused").asks(LIST, status, Some(body)).exits(1)
}

#[test]
fn err_01_counts_the_requests_behind_the_walk() {
    let denied = || refused(403, "scope_not_granted");
    holds("CPK-ERR-01", denied(), denied().list());
    fails("CPK-ERR-01", &denied().exits(0));
}

#[test]
fn one_person_without_consent_or_gone_may_end_with_0() {
    let cases = [
        ("CPK-ERR-01", 403, "scope_not_consented"),
        ("CPK-ERR-04", 404, "not_found"),
        ("CPK-ERR-06", 404, "not_found"),
        ("CPK-OUT-01", 404, "not_found"),
    ];
    for (id, status, code) in cases {
        let exits = |exit| refused(status, code).prints("crew_001 is gone, HTTP 404").exits(exit);
        passes(id, &exits(1));
        match id {
            // There the runs that ended so show nothing else.
            "CPK-ERR-04" => is_not_exercised(id, &exits(0)),
            _ => assert_eq!(passes(id, &exits(0)), None),
        }
        fails(id, &refused(status, code).ends(End::Signal(6)));
    }
    for id in ["CPK-ERR-01", "CPK-ERR-04", "CPK-ERR-06", "CPK-OUT-01"] {
        fails(id, &refused(401, "invalid_api_key").exits(0));
    }
}
