//! `POST …/compliance-checks`: requirements worked out from documents and the clock.

use std::collections::BTreeSet;

use crewpass_mock::{MockServer, World};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::api::lookup::{post, post_as};
use crate::api::wire::{START, get, set_clock, starter};

fn path(crew: &str) -> String {
    format!("/api/v2/employers/me/crew/{crew}/compliance-checks")
}

/// A world with a person on two vessels, in a role with one requirement, and with these documents.
fn world(documents: &Value, more: &Value) -> World {
    let mut person = json!({
        "id": "c", "vessels": ["b", "a"], "consent": {"p": ["crew:compliance:read"]}, "documents": documents,
        "details": {"roles": {"a": "Chef", "b": "Bosun"}},
    });
    person["details"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let world = json!({
        "partners": [{"id": "p", "granted_scopes": ["crew:compliance:read"], "keys": [{"name": "full"}]}, {"id": "q"}],
        "vessels": [
            {"id": "a", "name": "A", "partners": ["p"]},
            {"id": "b", "name": "B", "partners": ["p"]},
            {"id": "x", "name": "X", "partners": ["q"]},
        ],
        "roles": [
            {"name": "Chef", "requires": [{"key": "cook", "title": "Cook"}]},
            {"name": "Bosun", "requires": [{"key": "bosun", "title": "Bosun"}]},
        ],
        "crew": [person],
    });
    World::parse(&world.to_string(), "compliance", None).unwrap()
}

fn cook(id: &str, status: &str, expiry: Option<&str>) -> Value {
    let file = json!({"generate": "pdf"});
    json!({"id": id, "type": "T", "title": "Cook", "verification_status": status, "expiry_date": expiry, "file": file})
}

async fn fake(world: World, settings: &[&str]) -> MockServer {
    let builder = MockServer::builder().world(world).frozen_at(START.parse().unwrap());
    settings.iter().fold(builder, |builder, set| builder.policy_from(set).unwrap()).start().await.unwrap()
}

async fn check(fake: &MockServer, query: &str) -> Value {
    post(fake, &format!("{}{query}", path("c")), "{}").await.json()
}

#[tokio::test]
async fn the_check_of_a_person() {
    let fake = starter(&[]).await;
    assert_snapshot!(post(&fake, &path("crew_001"), "{}").await.whole());
    let without = post(&fake, &path("crew_005"), "{}").await.json();
    assert_eq!((&without["overall_status"], &without["requirements_total"]), (&json!("no_role"), &json!(0)));
}

#[tokio::test]
async fn the_starter_has_a_person_for_each_case() {
    let fake = starter(&[]).await;
    let mut statuses = BTreeSet::new();
    for (crew, vessel, overall) in [
        ("crew_001", "ves_abc", "non_compliant"),
        ("crew_005", "ves_def", "no_role"),
        ("crew_006", "ves_abc", "compliant"),
        ("crew_007", "ves_def", "at_risk"),
        ("crew_008", "ves_abc", "compliant"),
        ("crew_008", "ves_def", "non_compliant"),
        ("crew_009", "ves_def", "at_risk"),
        ("crew_010", "ves_abc", "non_compliant"),
    ] {
        let check = post(&fake, &format!("{}?vessel_id={vessel}", path(crew)), "{}").await.json();
        assert_eq!(check["overall_status"], overall, "{crew} on {vessel}");
        let found = check["requirements"].as_array().unwrap().iter();
        statuses.extend(found.map(|requirement| requirement["status"].as_str().unwrap().to_owned()));
    }
    assert_eq!(statuses, ["expired", "expiring", "met", "missing", "pending"].map(String::from).into());
    let given = post(&fake, &path("crew_009"), "{}").await.json();
    assert_eq!((&given["source"], &given["requirements_total"]), (&json!("paper_records"), &json!(2)));
}

#[tokio::test]
async fn the_starter_shows_each_policy_of_a_check() {
    for (crew, setting, field, before, after) in [
        ("crew_008", "compliance_vessel=worst", "overall_status", json!("compliant"), json!("non_compliant")),
        ("crew_001", "pending_counts_as=at_risk", "overall_status", json!("non_compliant"), json!("at_risk")),
        ("crew_010", "rejected_counts_as=expired", "requirements_expired", json!(1), json!(2)),
    ] {
        let value = async |settings: &[&str]| post(&starter(settings).await, &path(crew), "{}").await.json();
        assert_eq!((&value(&[]).await[field], &value(&[setting]).await[field]), (&before, &after), "{setting}");
    }
    let strict = starter(&["compliance_vessel=422"]).await;
    assert_eq!(post(&strict, &path("crew_008"), "{}").await.status(), 422);
    assert_eq!(post(&strict, &path("crew_006"), "{}").await.status(), 200);
}

#[tokio::test]
async fn a_requirement_is_met_expiring_expired_missing_or_pending() {
    let seen = async |documents: Value, settings: &[&str]| {
        let check = check(&fake(world(&documents, &json!({})), settings).await, "").await;
        let counted = ["met", "expiring", "expired", "missing", "pending"];
        let counted = counted.iter().filter(|name| check[format!("requirements_{name}")] == 1).collect::<Vec<_>>();
        let status = check["requirements"][0]["status"].as_str().unwrap().to_owned();
        assert_eq!(counted, [&status.as_str()], "{check}");
        (status, check["overall_status"].as_str().unwrap().to_owned())
    };
    for (documents, settings, status, overall) in [
        (json!([cook("d", "verified", None)]), &[][..], "met", "compliant"),
        (json!([cook("d", "verified", Some("+91d"))]), &[], "met", "compliant"),
        (json!([cook("d", "verified", Some("+90d"))]), &[], "expiring", "at_risk"),
        (json!([cook("d", "verified", Some("+0d"))]), &[], "expiring", "at_risk"),
        (json!([cook("d", "verified", Some("-1d"))]), &[], "expired", "non_compliant"),
        (json!([cook("d", "expired", None)]), &[], "expired", "non_compliant"),
        (json!([]), &[], "missing", "non_compliant"),
        (json!([cook("d", "rejected", None)]), &[], "missing", "non_compliant"),
        (json!([cook("d", "rejected", None)]), &["rejected_counts_as=expired"], "expired", "non_compliant"),
        (json!([cook("d", "pending", None)]), &[], "pending", "non_compliant"),
        (json!([cook("d", "pending", None)]), &["pending_counts_as=at_risk"], "pending", "at_risk"),
        (json!([cook("d", "pending", None)]), &["pending_counts_as=compliant"], "pending", "compliant"),
        (json!([cook("d", "rejected", None), cook("e", "verified", Some("+5d"))]), &[], "expiring", "at_risk"),
    ] {
        assert_eq!(
            seen(documents.clone(), settings).await,
            (status.into(), overall.into()),
            "{documents} {settings:?}"
        );
    }
}

#[tokio::test]
async fn the_clock_and_an_upload_change_the_check() {
    let fake = fake(world(&json!([cook("d", "verified", Some("+100d"))]), &json!({})), &[]).await;
    let requirement = async || check(&fake, "").await["requirements"][0].clone();
    let first = requirement().await;
    assert_eq!(
        (&first["status"], &first["days_until_expiry"], &first["document_id"]),
        (&json!("met"), &json!(100), &json!("d"))
    );
    set_clock(&fake, "2026-08-01T00:00:00Z");
    assert_eq!(requirement().await["status"], "expiring");
    set_clock(&fake, "2027-01-01T00:00:00Z");
    assert_eq!(requirement().await["status"], "expired");
    let position = fake.session().lock().position("c").unwrap();
    fake.session().lock().crew_mut(position).documents[0].expiry_date = None;
    assert_eq!(requirement().await["status"], "met");
}

#[tokio::test]
async fn a_vessel_is_named_or_chosen() {
    let documents = json!([cook("d", "verified", None)]);
    let key = |check: &Value| check["requirements"][0]["requirement_key"].clone();
    let first = fake(world(&documents, &json!({})), &[]).await;
    assert_eq!(key(&check(&first, "").await), "cook", "A is the first by name");
    assert_eq!(key(&check(&first, "?vessel_id=b").await), "bosun");
    assert_eq!(key(&check(&first, "?vessel_id=").await), "cook");
    for other in ["x", "y", "A", "%FF"] {
        assert_eq!(check(&first, &format!("?vessel_id={other}")).await["error"]["code"], "not_found", "{other}");
    }
    let worst = fake(world(&documents, &json!({})), &["compliance_vessel=worst"]).await;
    assert_eq!(key(&check(&worst, "").await), "bosun");
    let strict = fake(world(&documents, &json!({})), &["compliance_vessel=422"]).await;
    assert_eq!(check(&strict, "").await["detail"][0]["loc"], json!(["query", "vessel_id"]));
    assert_eq!(key(&check(&strict, "?vessel_id=a").await), "cook");
}

#[tokio::test]
async fn a_world_may_give_the_answer_itself() {
    let given = json!({"compliance": {"overall_status": "at_risk", "requirements_total": 9, "source": "by hand"}});
    let check = check(&fake(world(&json!([]), &given), &[]).await, "").await;
    assert_eq!((&check["overall_status"], &check["requirements_total"]), (&json!("at_risk"), &json!(9)));
    assert_eq!((&check["source"], &check["requirements_missing"]), (&json!("by hand"), &json!(1)));
}

#[tokio::test]
async fn a_given_day_counts_from_the_start_of_the_clock_as_any_other() {
    let medical = json!({"status": "met", "expiry_date": "+1d"});
    let given = json!({"next_expiry_date": "+20d", "medical": medical, "as_of": "2026-06-08T12:00:00.5+02:00"});
    let check = check(&fake(world(&json!([]), &json!({"compliance": given})), &[]).await, "").await;
    assert_eq!(check["next_expiry_date"], "2026-06-28");
    assert_eq!(check["medical"], json!({"status": "met", "expiry_date": "2026-06-09", "fit_category": null}));
    assert_eq!(check["as_of"], "2026-06-08T10:00:00Z");
}

#[tokio::test]
async fn the_body_is_an_empty_object() {
    let fake = starter(&[]).await;
    assert_eq!(post(&fake, &path("crew_001"), "").await.json()["detail"][0]["type"], "missing");
    assert_eq!(post(&fake, &path("crew_001"), "[]").await.status(), 422);
    assert_eq!(post(&fake, &path("crew_001"), "{\"as_of\": \"2026\"}").await.status(), 200);
    let strict = starter(&["unknown_input=422"]).await;
    assert_eq!(
        post(&strict, &path("crew_001"), "{\"as_of\": \"2026\"}").await.json()["detail"][0]["type"],
        "extra_forbidden"
    );
    let lenient = starter(&["empty_body=accepted"]).await;
    assert_eq!(post(&lenient, &path("crew_001"), "").await.status(), 200);
}

#[tokio::test]
async fn a_check_needs_scope_fleet_and_consent() {
    let fake = starter(&[]).await;
    assert_eq!(post_as(&fake, "no_read", &path("crew_001"), "{}").await.outcome(), "403 scope_not_granted");
    assert_eq!(post(&fake, &path("crew_003"), "{}").await.outcome(), "404 not_found");
    assert_eq!(post(&fake, &path("crew_002"), "{}").await.outcome(), "403 scope_not_consented");
    assert_eq!(get(&fake, &path("crew_001")).await.header("allow"), Some("POST"));
}
