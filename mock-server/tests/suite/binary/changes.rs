//! Changes at run time: scopes, plan, keys, fleet, consent and statuses, each seen by the next request.

use serde_json::{Value, json};

use crate::support::executable::Fake;

const LIST: &str = "/api/v2/employers/me/crew/crew_001/documents";

/// Sends a change; gives the status and the message, if it was refused.
fn change(fake: &Fake, path: &str, body: &Value) -> (u16, String) {
    let answer = fake.request("POST", &format!("/__mock/{path}")).body(body.to_string()).send().unwrap();
    let status = answer.status().as_u16();
    let refusal: Value = answer.json().unwrap();
    (status, refusal["error"]["message"].as_str().unwrap_or_default().to_owned())
}

/// Status and code of a person's list.
fn listed(fake: &Fake) -> (u16, String) {
    let answer = fake.get(LIST);
    let status = answer.status().as_u16();
    let body: Value = answer.json().unwrap();
    (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn each_change_is_seen_by_the_next_request() {
    let scopes = |list: &[&str]| json!({"granted_scopes": list});
    for (path, taken, code, given_back) in [
        (
            "partners/prt_123",
            scopes(&["crew:documents:download"]),
            "scope_not_granted",
            scopes(&["crew:documents:read"]),
        ),
        ("partners/prt_123", json!({"api_enabled": false}), "api_not_enabled", json!({"api_enabled": true})),
        ("keys/full", json!({"revoked": true}), "invalid_api_key", json!({"revoked": false})),
        ("crew/crew_001", json!({"vessels": []}), "not_found", json!({"vessels": ["ves_abc"]})),
        (
            "crew/crew_001",
            json!({"consent": {"prt_123": []}}),
            "scope_not_consented",
            json!({"consent": {"prt_123": ["crew:documents:read"]}}),
        ),
    ] {
        let fake = Fake::start(&[]);
        assert_eq!(listed(&fake).0, 200);
        assert_eq!(change(&fake, path, &taken).0, 200, "{path} {taken}");
        assert_eq!(listed(&fake).1, code, "{path} {taken}");
        assert_eq!(change(&fake, path, &given_back).0, 200, "{path} {given_back}");
        assert_eq!(listed(&fake).0, 200, "{path} {given_back}");
        change(&fake, path, &taken);
        assert_eq!(fake.request("POST", "/__mock/reset").send().unwrap().status(), 200);
        assert_eq!(listed(&fake).0, 200, "a reset brings it back");
        fake.stop();
    }
}

#[test]
fn a_status_changes_in_the_list() {
    let fake = Fake::start(&[]);
    let status = || {
        let list: Value = fake.get(LIST).json().unwrap();
        let items = list["items"].as_array().unwrap().clone();
        let item = items.into_iter().find(|item| item["document_id"] == "doc_1").unwrap();
        item["verification_status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(), "verified");
    let body = json!({"verification_status": "rejected"});
    assert_eq!(change(&fake, "crew/crew_001/documents/doc_1", &body).0, 200);
    assert_eq!(status(), "rejected");
    fake.stop();
}

#[test]
fn what_is_not_there_is_told_and_changes_nothing() {
    let fake = Fake::start(&[]);
    for (path, body, status, about) in [
        ("partners/prt_9", json!({"api_enabled": false}), 404, "prt_9"),
        ("partners/prt_123", json!({"granted_scopes": ["crew:all"]}), 400, "crew:documents:read"),
        ("keys/none", json!({"revoked": true}), 404, "none"),
        ("crew/crew_9", json!({"vessels": []}), 404, "crew_9"),
        ("crew/crew_001", json!({"vessels": [], "consent": {"prt_9": []}}), 404, "prt_9"),
        ("crew/crew_001", json!({"vessels": ["ves_9"]}), 404, "ves_9"),
        ("crew/crew_001", json!({"fleet": []}), 400, "vessels"),
        ("crew/crew_001/documents/doc_0", json!({"verification_status": "expired"}), 409, "doc_1"),
        ("crew/crew_001/documents/doc_1", json!({"verification_status": "fine"}), 400, "verified"),
    ] {
        let (got, message) = change(&fake, path, &body);
        assert_eq!(got, status, "{path} {body}: {message}");
        assert!(message.contains(about), "{path} {body}: {message}");
    }
    assert_eq!(listed(&fake).0, 200);
    fake.stop();
}
