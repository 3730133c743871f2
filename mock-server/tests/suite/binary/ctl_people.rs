//! Changes of people, and projections of compliance checks, from another terminal.

use serde_json::{Value, json};

use crate::support::executable::Fake;

#[test]
fn a_person_is_changed_field_by_field() {
    let fake = Fake::start(&[]);
    let profile = || fake.get("/api/v2/employers/me/crew/crew_001/profile").json::<Value>().unwrap();
    let row = || {
        let fleet: Value = fake.get("/api/v2/employers/me/fleet").json().unwrap();
        let rows = fleet["items"].as_array().unwrap();
        rows.iter().find(|row| row["crew_unique_id"] == "crew_001").unwrap().clone()
    };
    let change = ["crew", "crew_001", "--name", "Ana", "--rank", "Captain", "--email", "ana@example.invalid"];
    assert_eq!(fake.ctl(&change).fine()["changed"], json!(["name", "rank", "details.email"]));
    let shown = profile();
    assert_eq!([&shown["name"], &shown["rank"], &shown["email"]], ["Ana", "Captain", "ana@example.invalid"]);
    let change = ["--verification", "unverified", "--background-check", "in-progress", "--role", "ves_abc=Bosun"];
    fake.ctl(&[&["crew", "crew_001"], &change[..]].concat()).fine();
    let shown = row();
    assert_eq!(
        [&shown["verification_status"], &shown["background_check_status"], &shown["role"]],
        ["unverified", "in-progress", "Bosun"]
    );
    fake.ctl(&["crew", "crew_001", "--background-check", "none", "--details", r#"{"profile": {"bio": null}}"#]).fine();
    assert_eq!((&row()["background_check_status"], &profile()["bio"]), (&Value::Null, &Value::Null));
    assert_eq!(profile()["nationality"], "Croatian", "what is not named stays");
    let wrong = fake.ctl(&["crew", "crew_001", "--verification", "perhaps"]).failed(5);
    assert!(wrong.contains("verified") && wrong.contains("answers 400"), "{wrong}");
    assert!(fake.ctl(&["crew", "crew_001", "--details", "[]"]).failed(2).contains("expected an object"));
    fake.stop();
}

#[test]
fn a_vessel_is_changed_field_by_field() {
    let fake = Fake::start(&[]);
    let changed = fake.ctl(&["vessel", "ves_abc", "--name", "M/Y Aurora", "--flag", "", "--imo", "9074730"]).fine();
    assert_eq!([&changed["name"], &changed["imo"], &changed["type"]], ["M/Y Aurora", "9074730", "Motor Yacht"]);
    assert_eq!(changed["flag"], Value::Null);
    assert!(fake.ctl(&["vessel", "ves_abc"]).failed(2).contains("nothing to change"));
    fake.stop();
}

#[test]
fn projections_are_shown_and_made() {
    let fake = Fake::start(&["--clock", "2026-06-08T10:00:00Z", "--policy", "projection_lag=30s"]);
    fake.ctl(&["status", "crew_001", "doc_3", "verified"]).fine();
    let waiting = json!([{"crew": "crew_001", "due": "2026-06-08T10:00:30Z"}]);
    assert_eq!(fake.ctl(&["compliance"]).fine()["waiting"], waiting);
    assert_eq!(fake.ctl(&["compliance", "refresh", "crew_002"]).fine()["waiting"], waiting);
    assert_eq!(fake.ctl(&["compliance", "refresh", "crew_001"]).fine()["waiting"], json!([]));
    fake.ctl(&["status", "crew_001", "doc_3", "rejected"]).fine();
    assert_eq!(fake.ctl(&["compliance", "refresh"]).fine()["waiting"], json!([]));
    assert!(fake.ctl(&["compliance", "refresh", "nobody"]).failed(5).contains("no crew member `nobody`"));
    fake.stop();
}
