//! Changes of vessels, and what the API and the control API show of them.

use serde_json::{Value, json};

use crate::support::fake::Fake;

async fn names(fake: &Fake) -> Vec<Value> {
    let vessels = fake.get("/api/v2/employers/me/vessels").await.json();
    vessels["items"].as_array().unwrap().iter().map(|vessel| vessel["name"].clone()).collect()
}

#[tokio::test]
async fn a_vessel_gets_another_name_flag_type_and_number() {
    let fake = Fake::start(&[]).await;
    let first = fake.get("/api/v2/employers/me/fleet?limit=1").await.json();
    let change = r#"{"name": "Z/Y Last", "flag": null, "type": "Tender", "imo": "9074730"}"#;
    let vessel = fake.done("POST", "/vessels/ves_abc", change).await;
    let expected = json!({"id": "ves_abc", "name": "Z/Y Last", "partners": ["prt_123", "prt_789"], "type": "Tender", "imo": "9074730"});
    assert_eq!(vessel, expected);
    assert_eq!(fake.done("GET", "/world", "").await["vessels"][0], expected);
    assert_eq!(names(&fake).await, ["S/Y Meltemi", "Z/Y Last"]);
    // A new walk of the fleet shows it; the one that has begun goes on as it was.
    let rows = fake.get("/api/v2/employers/me/fleet").await.json()["items"].clone();
    let named = |rows: &Value| rows.as_array().unwrap().iter().any(|row| row["vessel_name"] == "Z/Y Last");
    assert!(named(&rows), "{rows}");
    let cursor = first["next_cursor"].as_str().unwrap();
    let later = fake.get(&format!("/api/v2/employers/me/fleet?limit=50&cursor={cursor}")).await.json();
    assert!(!named(&later["items"]), "{later}");
    // The first vessel by name is another one now.
    let check = fake.post("/api/v2/employers/me/crew/crew_002/compliance-checks", "{}").await;
    assert_eq!(check.status, 403);
    fake.done("POST", "/reset", "").await;
    assert_eq!(names(&fake).await, ["M/Y Halcyon", "S/Y Meltemi"]);
}

#[tokio::test]
async fn the_first_vessel_of_a_check_goes_by_the_present_names() {
    let fake = Fake::start(&[]).await;
    let consent = r#"{"consent": {"prt_123": ["crew:compliance:read"]}}"#;
    fake.done("POST", "/crew/crew_002", consent).await;
    let total = async || {
        let check = fake.post("/api/v2/employers/me/crew/crew_002/compliance-checks", "{}").await.json();
        check["requirements_total"].clone()
    };
    assert_eq!(total().await, 1, "a chef on ves_abc");
    fake.done("POST", "/vessels/ves_abc", r#"{"name": "Z/Y Last"}"#).await;
    assert_eq!(total().await, 0, "a sous-chef on ves_def");
}

#[tokio::test]
async fn a_change_that_makes_no_sense_is_refused() {
    let fake = Fake::start(&[]).await;
    for (vessel, change, status) in [
        ("ves_none", r#"{"name": "x"}"#, 404),
        ("ves_abc", "{}", 400),
        ("ves_abc", r#"{"name": null, "flag": "Malta"}"#, 400),
        ("ves_abc", r#"{"imo": "123"}"#, 400),
        ("ves_abc", r#"{"name": null, "partners": []}"#, 400),
    ] {
        assert_eq!(
            fake.control("POST", &format!("/vessels/{vessel}"), change).await.status,
            status,
            "{vessel} {change}"
        );
    }
}

#[tokio::test]
async fn the_world_shows_details_without_personal_data() {
    let fake = Fake::start(&[]).await;
    let world = fake.done("GET", "/world?find=crew_001", "").await;
    let person = &world["crew"][0];
    assert_eq!(person["details"]["roles"], json!({"ves_abc": "Chief Officer"}));
    assert_eq!(person["details"]["background_check_status"], "completed");
    assert_eq!(person["compliance"][0]["vessel_id"], "ves_abc");
    assert_eq!(person["compliance"][0]["overall_status"], "non_compliant");
    let text = person["details"].to_string();
    assert!(!text.contains("marina.kovac") && !text.contains("1988-05-17") && !text.contains("Riva"), "{text}");
}
