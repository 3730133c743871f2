//! `POST /api/v2/employers/me/crew/lookup`: an address, and bodies of every kind.

use crewpass_mock::MockServer;
use crewpass_mock::scope::ScopeSet;
use insta::assert_snapshot;
use serde_json::json;

use crate::api::wire::{Answer, Connection, bearer, builder, get, request, starter};

/// Where the lookup is.
pub(crate) const LOOKUP: &str = "/api/v2/employers/me/crew/lookup";

/// Sends a POST with header lines and a body.
pub(crate) async fn post_with(fake: &MockServer, path: &str, lines: &[&str], body: &str) -> Answer {
    let length = format!("Content-Length: {}", body.len());
    let lines: Vec<&str> = lines.iter().copied().chain([length.as_str()]).collect();
    let text = format!("{}{body}", request("POST", path, &lines));
    Connection::open(fake.address()).await.send(&text).await
}

/// Sends a POST of JSON with the key of that name.
pub(crate) async fn post_as(fake: &MockServer, name: &str, path: &str, body: &str) -> Answer {
    post_with(fake, path, &[&bearer(fake, name), "Content-Type: application/json"], body).await
}

/// Sends a POST of JSON with the key that may do everything.
pub(crate) async fn post(fake: &MockServer, path: &str, body: &str) -> Answer {
    post_as(fake, "full", path, body).await
}

/// The body of a lookup.
fn address(email: &str) -> String {
    json!({"email": email}).to_string()
}

#[tokio::test]
async fn an_address_leads_to_a_person() {
    let fake = starter(&[]).await;
    assert_snapshot!(post(&fake, LOOKUP, &address("marina.kovac@example.invalid")).await.whole());
    for email in ["  Marina.Kovac@EXAMPLE.invalid\r\n", "marina.kovac@example.invalid"] {
        assert_eq!(post(&fake, LOOKUP, &address(email)).await.json()["crew_unique_id"], "crew_001", "{email:?}");
    }
    let extra = post(&starter(&["unknown_fields=extra"]).await, LOOKUP, &address("marina.kovac@example.invalid")).await;
    assert!(extra.json()["matched_by"].is_string());
}

/// Nobody can be found who is not on the fleet: the answer is the same for all of them (P).
#[tokio::test]
async fn nobody_off_the_fleet_is_found() {
    let fake = starter(&[]).await;
    let position = fake.session().lock().position("crew_001").unwrap();
    let unknown = post(&fake, LOOKUP, &address("nobody@example.invalid")).await;
    assert_eq!(unknown.outcome(), "404 not_found");
    fake.session().lock().crew_mut(position).vessels = Vec::new().into_boxed_slice().into();
    let away = post(&fake, LOOKUP, &address("marina.kovac@example.invalid")).await;
    assert_eq!((away.status(), away.body), (unknown.status(), unknown.body));
    for email in
        ["", " ", "marina.kovac", "мария@example.invalid", "ｍarina.kovac@example.invalid", "a\u{0}b", "a\r\nb: c"]
    {
        assert_eq!(post(&fake, LOOKUP, &address(email)).await.outcome(), "404 not_found", "{email:?}");
    }
    assert_eq!(post(&fake, LOOKUP, &address(&"a".repeat(10_000))).await.outcome(), "404 not_found");
}

#[tokio::test]
async fn a_person_without_consent_is_403_or_404() {
    let email = address("lea.moreau@example.invalid");
    let refused = post(&starter(&[]).await, LOOKUP, &email).await;
    assert_eq!(
        (refused.outcome().as_str(), &refused.json()["error"]["scope"]),
        ("403 scope_not_consented", &json!("crew:status:read"))
    );
    let hidden = post(&starter(&["lookup_without_consent=404"]).await, LOOKUP, &email).await;
    assert_eq!(hidden.outcome(), "404 not_found");
}

#[tokio::test]
async fn a_body_that_breaks_its_schema_is_422() {
    let fake = starter(&[]).await;
    for (body, kind) in [
        ("", "missing"),
        ("{}", "missing"),
        ("{\"mail\": \"a\"}", "missing"),
        ("{\"email\": null}", "string_type"),
        ("{\"email\": 7}", "string_type"),
        ("{\"email\": [\"a\"]}", "string_type"),
        ("[]", "model_attributes_type"),
        ("\"a\"", "model_attributes_type"),
        ("null", "model_attributes_type"),
        ("{", "json_invalid"),
        ("{\"email\": \"a\"", "json_invalid"),
        ("{'email': 'a'}", "json_invalid"),
        ("{\"email\": \"\\ud800\"}", "json_invalid"),
        ("email=a", "json_invalid"),
        ("\u{feff}{}", "json_invalid"),
    ] {
        let refused = post(&fake, LOOKUP, body).await;
        assert_eq!((refused.status(), &refused.json()["detail"][0]["type"]), (422, &json!(kind)), "{body}");
        assert_eq!(refused.json()["detail"][0]["loc"][0], "body", "{body}");
    }
    assert_snapshot!(post(&fake, LOOKUP, "{\n \"email\": }").await.whole());
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    assert_eq!(post(&fake, LOOKUP, &deep).await.json()["detail"][0]["type"], "json_invalid");
    let more = "{\"email\": \"marina.kovac@example.invalid\", \"a\": 1, \"b\": {}}";
    assert_eq!(post(&fake, LOOKUP, more).await.status(), 200);
    let strict = starter(&["unknown_input=422"]).await;
    let refused = post(&strict, LOOKUP, more).await;
    assert_eq!((refused.status(), refused.json()["detail"].as_array().unwrap().len()), (422, 2));
    // The query has no parameter.
    let (target, body) = (format!("{LOOKUP}?order=name"), address("marina.kovac@example.invalid"));
    assert_eq!(post(&fake, &target, &body).await.status(), 200);
    for (body, count) in [(body.as_str(), 1), (more, 3), ("[]", 2)] {
        let refused = post(&strict, &target, body).await;
        assert_eq!((refused.status(), refused.json()["detail"].as_array().unwrap().len()), (422, count), "{body}");
        assert_eq!(refused.json()["detail"][0]["loc"], json!(["query", "order"]));
    }
}

#[tokio::test]
async fn a_body_is_json_if_its_type_says_so() {
    let fake = starter(&[]).await;
    let (key, body) = (bearer(&fake, "full"), address("marina.kovac@example.invalid"));
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        assert_eq!(
            post_with(&fake, LOOKUP, &[&key, &format!("Content-Type: {kind}")], &body).await.status(),
            200,
            "{kind}"
        );
    }
    for lines in [&[key.as_str()][..], &[&key, "Content-Type: text/plain"], &[&key, "Content-Type: application/jsonx"]]
    {
        let refused = post_with(&fake, LOOKUP, lines, &body).await;
        let kind = refused.json()["detail"][0]["type"].clone();
        assert_eq!((refused.status(), kind), (422, json!("model_attributes_type")), "{lines:?}");
    }
}

#[tokio::test]
async fn a_large_body_is_413_after_the_key_and_before_it_is_parsed() {
    let fake = starter(&["unparsable_body=before_key"]).await;
    let body = |length: usize| format!("{{\"email\": \"{}\"}}", "a".repeat(length - 13));
    assert_eq!(post(&fake, LOOKUP, &body(64 << 10)).await.outcome(), "404 not_found");
    assert_eq!(post(&fake, LOOKUP, &body((64 << 10) + 1)).await.outcome(), "413 payload_too_large");
    assert_eq!(post(&fake, LOOKUP, &"x".repeat(10 << 20)).await.outcome(), "413 payload_too_large");
    assert_eq!(post_as(&fake, "revoked", LOOKUP, &body(1 << 20)).await.outcome(), "401 invalid_api_key");
    assert_eq!(get(&fake, "/api/v2/partners/me").await.status(), 200, "it lives");
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_at_the_place_of_the_policy() {
    let statuses = async |settings: &[&str]| {
        let fake = starter(settings).await;
        fake.session().lock().partner_mut("prt_123").unwrap().granted_scopes = ScopeSet::default();
        let broken = post(&fake, LOOKUP, "{").await.status();
        let empty = post(&fake, LOOKUP, "{}").await.status();
        [broken, empty, post_as(&fake, "revoked", LOOKUP, "{").await.status()]
    };
    assert_eq!(statuses(&[]).await, [403, 403, 401]);
    assert_eq!(statuses(&["unparsable_body=before_key"]).await, [422, 403, 422]);
    assert_eq!(statuses(&["validation_position=after_key"]).await, [403, 422, 401]);
    assert_eq!(post(&starter(&["validation_position=after_key"]).await, LOOKUP, "{").await.status(), 422);
}

#[tokio::test]
async fn a_lookup_needs_its_scope_and_is_no_get() {
    let fake = starter(&[]).await;
    assert_eq!(post_as(&fake, "no_read", LOOKUP, "{}").await.outcome(), "403 scope_not_granted");
    let refused = get(&fake, LOOKUP).await;
    assert_eq!((refused.outcome().as_str(), refused.header("allow")), ("405 method_not_allowed", Some("POST")));
}

#[tokio::test]
async fn an_address_is_masked_in_the_journal() {
    let fake = builder(&[]).start().await.unwrap();
    post(&fake, LOOKUP, "{\"email\": {\"secret\": \"marina.kovac@example.invalid\"}}").await;
    get(&fake, "/api/v2/employers/me/crew/crew_001/profile").await;
    for exchange in fake.session().exchanges() {
        let shown = format!("{exchange:?} {}", exchange.json_body().unwrap_or_default());
        for personal in ["marina.kovac", "1988-05-17", "000000000", "Riva 1", "Split"] {
            assert!(!shown.contains(personal), "{personal}: {shown}");
        }
    }
}
