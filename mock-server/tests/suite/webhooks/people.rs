//! `crew.status.changed` and `crew.profile.changed`: changes of people at run time, and what the API shows of them.

use serde_json::{Value, json};

use super::receiver::Receiver;
use crate::support::fake::{CREW, Fake};

const OK: &[&str] = &["HTTP/1.1 204 No Content\r\n\r\n"];

async fn fake(receiver: &Receiver) -> Fake {
    let fake = Fake::start(&[]).await;
    let callback = json!({"url": receiver.url(), "secret": "whsec_test"});
    fake.done("POST", "/webhooks/callbacks", &callback.to_string()).await;
    fake
}

/// Type and data of each event so far, without the person's id.
async fn events(fake: &Fake) -> Vec<(String, Value)> {
    let webhooks = fake.done("GET", "/webhooks", "").await;
    let of_one = |delivery: &Value| {
        let mut data = delivery["data"].clone();
        assert!(data.as_object_mut().unwrap().remove("crew_unique_id").is_some());
        (delivery["event_type"].as_str().unwrap().to_owned(), data)
    };
    webhooks["deliveries"].as_array().unwrap().iter().map(of_one).collect()
}

fn status(data: Value) -> (String, Value) {
    ("crew.status.changed".to_owned(), data)
}

fn profile() -> (String, Value) {
    ("crew.profile.changed".to_owned(), json!({}))
}

async fn change(fake: &Fake, crew: &str, change: Value) -> Value {
    fake.done("POST", &format!("/crew/{crew}"), &change.to_string()).await
}

#[tokio::test]
async fn a_status_that_moves_is_an_event_with_the_new_status_only() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver).await;
    // crew_001 is verified, and the check is completed.
    change(&fake, "crew_001", json!({"details": {"verification": "verified", "background_check": "completed"}})).await;
    assert_eq!(events(&fake).await, [], "nothing moved");
    change(&fake, "crew_001", json!({"details": {"background_check": "expired"}})).await;
    change(&fake, "crew_001", json!({"details": {"verification": "unverified", "background_check": null}})).await;
    let expected = vec![
        status(json!({"background_check_status": "expired"})),
        status(json!({"verification_status": "unverified", "background_check_status": null})),
    ];
    assert_eq!(events(&fake).await, expected);
    let delivery = receiver.wait_for(1).await.remove(0).json();
    assert_eq!(delivery["data"], json!({"crew_unique_id": "crew_001", "background_check_status": "expired"}));
    let fleet = fake.get("/api/v2/employers/me/fleet").await.json();
    let row = fleet["items"].as_array().unwrap().iter().find(|row| row["crew_unique_id"] == "crew_001").unwrap();
    assert_eq!((&row["verification_status"], &row["background_check_status"]), (&json!("unverified"), &Value::Null));
    // Off the fleet, and without consent, nobody hears of it.
    change(&fake, "crew_003", json!({"details": {"verification": "verified"}})).await;
    change(&fake, "crew_002", json!({"consent": {"prt_123": []}})).await;
    change(&fake, "crew_002", json!({"details": {"background_check": "completed"}})).await;
    // A move of the clock alone is no event.
    fake.done("POST", "/clock", r#"{"advance": "1h"}"#).await;
    assert_eq!(events(&fake).await, expected);
    fake.done("POST", "/partners/prt_123", r#"{"granted_scopes": ["crew:profile:read"]}"#).await;
    change(&fake, "crew_001", json!({"details": {"verification": "verified"}})).await;
    assert_eq!(events(&fake).await, expected);
}

#[tokio::test]
async fn a_changed_profile_is_an_event_for_those_who_see_the_change() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver).await;
    let mut count = 0;
    for changed in [
        json!({"name": "Ana Kovač"}),
        json!({"details": {"email": "ana@example.invalid"}}),
        json!({"details": {"profile": {"bio": null, "skills": ["Diving"]}}}),
        json!({"details": {"profile": {"passport": {"number": "1"}}}}),
        json!({"details": {"photo": null}}),
        json!({"details": {"profile": null}}),
    ] {
        change(&fake, "crew_001", changed.clone()).await;
        count += 1;
        assert_eq!(events(&fake).await, vec![profile(); count], "{changed}");
        // The same again is no change.
        change(&fake, "crew_001", changed.clone()).await;
        assert_eq!(events(&fake).await.len(), count, "{changed}");
    }
    let shown = fake.get(&format!("{CREW}/crew_001/profile")).await.json();
    assert_eq!((&shown["name"], &shown["bio"], &shown["skills"]), (&json!("Ana Kovač"), &Value::Null, &json!([])));
    assert_eq!(fake.get(&format!("{CREW}/crew_001/photo")).await.status, 404);
    // Consent and fleet are no part of a profile.
    change(&fake, "crew_001", json!({"consent": {"prt_123": ["crew:profile:read"]}})).await;
    assert_eq!(events(&fake).await.len(), count);
    // Who sees the base alone hears of no change of the full block.
    change(&fake, "crew_001", json!({"details": {"profile": {"date_of_birth": "1990-01-01"}}})).await;
    assert_eq!(events(&fake).await.len(), count);
    change(&fake, "crew_001", json!({"details": {"profile": {"phone": "+1"}}})).await;
    assert_eq!(events(&fake).await.len(), count + 1);
    change(&fake, "crew_001", json!({"consent": {"prt_123": []}})).await;
    change(&fake, "crew_001", json!({"name": "Nobody"})).await;
    assert_eq!(events(&fake).await.len(), count + 1);
}

#[tokio::test]
async fn a_changed_role_changes_the_check_the_fleet_and_the_profile() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver).await;
    change(&fake, "crew_001", json!({"details": {"roles": {"ves_abc": "Chef"}}})).await;
    let compliance =
        ("crew.compliance.changed".to_owned(), json!({"vessel_id": "ves_abc", "overall_status": "non_compliant"}));
    assert_eq!(events(&fake).await, vec![compliance.clone()]);
    change(&fake, "crew_001", json!({"rank": "Stewardess", "details": {"roles": null}})).await;
    assert_eq!(events(&fake).await, [compliance.clone(), profile(), compliance]);
    let fleet = fake.get("/api/v2/employers/me/fleet").await.json();
    let row = fleet["items"].as_array().unwrap().iter().find(|row| row["crew_unique_id"] == "crew_001").unwrap();
    assert_eq!(row["role"], "Stewardess");
}

#[tokio::test]
async fn a_changed_address_is_found_and_the_old_one_is_not() {
    let fake = Fake::start(&[]).await;
    let lookup = async |email: &str| {
        let body = json!({"email": email}).to_string();
        fake.post("/api/v2/employers/me/crew/lookup", &body).await
    };
    change(&fake, "crew_001", json!({"details": {"email": " Ana@Example.invalid"}})).await;
    assert_eq!(lookup("ana@example.INVALID").await.json()["crew_unique_id"], "crew_001");
    assert_eq!(lookup("marina.kovac@example.invalid").await.status, 404);
    // The old address is free for somebody else, and nobody gets one that is taken.
    change(&fake, "crew_002", json!({"details": {"email": "marina.kovac@example.invalid"}})).await;
    assert_eq!(lookup("marina.kovac@example.invalid").await.json()["crew_unique_id"], "crew_002");
    let taken = fake.control("POST", "/crew/crew_002", r#"{"details": {"email": "ANA@example.invalid"}}"#).await;
    assert_eq!(taken.status_and_code(), (409, "email_taken".to_owned()));
    assert_eq!(lookup("marina.kovac@example.invalid").await.json()["crew_unique_id"], "crew_002");
}

#[tokio::test]
async fn details_that_no_world_could_have_change_nothing() {
    let receiver = Receiver::start(OK).await;
    let fake = fake(&receiver).await;
    for (details, reason) in [
        (json!({"emial": "x"}), "unknown field `emial`"),
        (json!({"email": " "}), "an address can't be empty"),
        (json!({"verification": "perhaps"}), "perhaps"),
        (json!({"verification": null, "background_check": 3}), "number `3`"),
        (json!({"roles": {"ves_none": "Chef"}}), "there is no vessel `ves_none` in this world"),
        (json!({"photo": {"path": "passport-photo-page.jpg"}}), "is made from the seed"),
        (json!({"photo": {"generate": "pdf"}}), "a photo is a picture"),
        (json!({"photo": {}}), "neither `path` nor `generate`"),
        (json!({"profile": {"languages": [{"language": "English"}]}}), "proficiency"),
    ] {
        let change = json!({"name": "Changed", "details": details}).to_string();
        let answer = fake.control("POST", "/crew/crew_001", &change).await;
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && message.contains(reason), "{details}: {message}");
    }
    assert_eq!(events(&fake).await, []);
    let picture = async || fake.get(&format!("{CREW}/crew_001/photo")).await;
    let before = picture().await;
    change(&fake, "crew_001", json!({"details": {"verification": "unverified"}})).await;
    assert_eq!(picture().await.body, before.body, "the photo of the world stays");
    change(&fake, "crew_001", json!({"details": {"photo": {"generate": "png"}}})).await;
    let png = picture().await;
    change(&fake, "crew_001", json!({"details": {"photo": {"generate": "jpeg"}}})).await;
    assert!(png.body.starts_with(b"\x89PNG") && picture().await.body.starts_with(b"\xff\xd8"));
}

#[tokio::test]
async fn no_personal_data_is_in_the_journal_of_a_change() {
    let fake = Fake::start(&[]).await;
    let details = json!({"email": "secret@example.invalid", "profile": {"passport": {"number": "P-777"}}});
    let answer = change(&fake, "crew_001", json!({"details": details})).await;
    assert_eq!(answer["changed"], json!(["details.email", "details.profile"]));
    let journal = fake.done("GET", "/journal?change=crew", "").await.to_string();
    assert!(journal.contains("details.email") && !journal.contains("secret@") && !journal.contains("P-777"));
}
