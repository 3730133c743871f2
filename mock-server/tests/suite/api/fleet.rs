//! `GET /api/v2/employers/me/fleet`: rows, statuses, expiring documents, and the values of the query.

use crewpass_mock::MockServer;
use crewpass_mock::scope::{Scope, ScopeSet};
use crewpass_mock::world::World;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::api::wire::{get, get_as, set_clock, starter};

/// Where the fleet is.
pub(crate) const FLEET: &str = "/api/v2/employers/me/fleet";

/// The rows of a page.
pub(crate) fn rows(page: &Value) -> &Vec<Value> {
    page["items"].as_array().unwrap_or_else(|| panic!("no page: {page}"))
}

/// The people of a page with their vessels.
pub(crate) fn people(page: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    rows(page).iter().map(|row| (text(row, "crew_unique_id"), text(row, "vessel_id"))).collect()
}

/// A world with so many people of one name on one vessel of `prt`.
pub(crate) fn crowd(count: usize) -> World {
    let consent = json!({"prt": ["crew:status:read"]});
    let person = |at: usize| json!({"id": format!("crew_{at:04}"), "vessels": ["ves"], "consent": consent});
    let world = json!({
        "partners": [
            {"id": "prt", "granted_scopes": ["vessels:fleet:read", "crew:status:read"], "keys": [{"name": "full"}]},
            {"id": "other", "granted_scopes": ["vessels:fleet:read"], "keys": [{"name": "other"}]},
        ],
        "vessels": [{"id": "ves", "name": "V", "partners": ["prt", "other"]}],
        "crew": (0..count).map(person).collect::<Vec<_>>(),
    });
    World::parse(&world.to_string(), "crowd.json", None).unwrap()
}

#[tokio::test]
async fn the_fleet_of_a_partner() {
    let fake = starter(&[]).await;
    assert_snapshot!(get(&fake, FLEET).await.whole());
    assert_snapshot!(get_as(&fake, "other", FLEET).await.whole());
}

#[tokio::test]
async fn a_status_is_withheld_without_consent_or_scope() {
    let status = |page: &Value, crew: &str| {
        let row = rows(page).iter().find(|row| row["crew_unique_id"] == crew).unwrap().clone();
        (row.get("verification_status").cloned(), row.get("background_check_status").cloned())
    };
    let fake = starter(&[]).await;
    let page = get(&fake, FLEET).await.json();
    assert_eq!(status(&page, "crew_001"), (Some(json!("verified")), Some(json!("completed"))));
    assert_eq!(status(&page, "crew_005"), (Some(json!("unverified")), Some(json!(null))));
    assert_eq!(status(&page, "crew_004"), (Some(json!(null)), Some(json!(null))), "she did not consent");
    let narrow = get_as(&fake, "no_read", FLEET).await.json();
    assert_eq!(status(&narrow, "crew_001"), (Some(json!(null)), Some(json!(null))), "the key is not granted it");
    let absent = get(&starter(&["withheld_fields=absent"]).await, FLEET).await.json();
    assert_eq!(status(&absent, "crew_004"), (None, None));
    assert_eq!(
        status(&absent, "crew_005"),
        (Some(json!("unverified")), Some(json!(null))),
        "shown, and none on record"
    );
    let strict = get_as(&starter(&["fleet_without_status=403"]).await, "no_read", FLEET).await;
    assert_eq!(
        (strict.outcome(), &strict.json()["error"]["scope"]),
        ("403 scope_not_granted".into(), &json!("crew:status:read"))
    );
}

#[tokio::test]
async fn documents_expiring_are_those_of_the_window() {
    let fake = starter(&[]).await;
    let count = async |fake: &MockServer, crew: &str, query: &str| {
        let page = get(fake, &format!("{FLEET}{query}")).await.json();
        let row = rows(&page).iter().find(|row| row["crew_unique_id"] == crew).unwrap().clone();
        (row["documents_expiring"].as_u64().unwrap(), page["expiring_within_days"].as_u64().unwrap())
    };
    let window = |days: u16| format!("?include_documents_expiring_within_days={days}");
    assert_eq!(count(&fake, "crew_001", "").await, (1, 30));
    assert_eq!(count(&fake, "crew_001", &window(20)).await, (1, 20), "on the last day of the window");
    assert_eq!(count(&fake, "crew_001", &window(19)).await, (0, 19));
    assert_eq!(count(&fake, "crew_001", &window(730)).await, (4, 730));
    set_clock(&fake, "2026-06-28T23:59:59Z");
    assert_eq!(count(&fake, "crew_001", &window(0)).await, (1, 0), "it expires today");
    set_clock(&fake, "2026-06-29T00:00:00Z");
    assert_eq!(count(&fake, "crew_001", &window(0)).await, (0, 0), "it has expired");
    assert_eq!(count(&fake, "crew_004", "").await, (0, 30), "hers has expired long ago");
    let with_expired = starter(&["expired_count=yes"]).await;
    assert_eq!(count(&with_expired, "crew_004", "").await, (1, 30));
    assert_eq!(count(&with_expired, "crew_001", "").await, (1, 30), "a superseded version counts for nothing");
}

#[tokio::test]
async fn a_query_with_mistakes_is_422_with_all_of_them() {
    let fake = starter(&[]).await;
    let wrong = "limit=0&include_documents_expiring_within_days=731&cursor=x";
    assert_snapshot!(get(&fake, &format!("{FLEET}?{wrong}")).await.whole());
    for (query, kind) in [
        ("limit=201", "less_than_equal"),
        ("limit=99999999999999999999", "less_than_equal"),
        ("limit=-1", "greater_than_equal"),
        ("limit=", "int_parsing"),
        ("limit=ten", "int_parsing"),
        ("limit=1.5", "int_parsing"),
        ("limit=5&limit=x", "int_parsing"),
        ("include_documents_expiring_within_days=-1", "greater_than_equal"),
        ("include_documents_expiring_within_days=%FF", "int_parsing"),
    ] {
        let refused = get(&fake, &format!("{FLEET}?{query}")).await;
        assert_eq!(refused.status(), 422, "{query}");
        assert_eq!(refused.json()["detail"][0]["type"], kind, "{query}");
    }
    for query in ["limit=1", "limit=200", "limit=+7", "limit=x&limit=5", "limit=%31", "cursor=", "other=1", "&&=&"] {
        assert_eq!(get(&fake, &format!("{FLEET}?{query}")).await.status(), 200, "{query}");
    }
}

#[tokio::test]
async fn a_mistake_comes_after_the_scope_or_after_the_key() {
    let wrong = format!("{FLEET}?limit=0");
    let statuses = async |fake: &MockServer| {
        let before = get(fake, &wrong).await.status();
        fake.session().lock().partner_mut("prt_123").unwrap().granted_scopes = ScopeSet::default();
        let after = get(fake, &wrong).await.status();
        [
            before,
            after,
            get_as(fake, "revoked", &wrong).await.status(),
            get_as(fake, "wrong_mode", &wrong).await.status(),
        ]
    };
    assert_eq!(statuses(&starter(&[]).await).await, [422, 403, 401, 403]);
    assert_eq!(statuses(&starter(&["validation_position=after_key"]).await).await, [422, 422, 401, 422]);
}

#[tokio::test]
async fn what_nobody_knows_in_a_query_is_ignored_or_422() {
    let query = format!("{FLEET}?order=name&limit=5");
    assert_eq!(get(&starter(&[]).await, &query).await.status(), 200);
    let refused = get(&starter(&["unknown_input=422"]).await, &query).await;
    let detail = refused.json()["detail"].clone();
    assert_eq!((refused.status(), &detail[0]["loc"]), (422, &json!(["query", "order"])));
    assert_eq!(detail.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_limit_over_the_maximum_is_422_or_the_maximum() {
    let clamped = MockServer::builder().world(crowd(201)).policy_from("limit_over=clamped").unwrap();
    let page = get(&clamped.start().await.unwrap(), &format!("{FLEET}?limit=1000")).await.json();
    assert_eq!(rows(&page).len(), 200);
}

#[tokio::test]
async fn the_default_page_has_fifty_rows() {
    let fake = MockServer::builder().world(crowd(51)).start().await.unwrap();
    let page = get(&fake, FLEET).await.json();
    assert_eq!(rows(&page).len(), 50);
    assert!(page["next_cursor"].is_string());
}

#[tokio::test]
async fn the_order_is_that_of_the_policy() {
    let ids = async |fake: &MockServer| people(&get(fake, FLEET).await.json());
    let by_name = ids(&starter(&[]).await).await;
    let names = |people: &[(String, String)]| people.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    // The people from `crew_006` on are sorted alike both ways.
    let rest = ["crew_006", "crew_007", "crew_008", "crew_008", "crew_009", "crew_010"];
    assert_eq!(names(&by_name), [&["crew_004", "crew_001", "crew_005", "crew_002", "crew_002"][..], &rest].concat());
    assert_eq!(by_name[3].1, "ves_abc");
    let by_id = ids(&starter(&["fleet_order=id"]).await).await;
    assert_eq!(names(&by_id), [&["crew_001", "crew_002", "crew_002", "crew_004", "crew_005"][..], &rest].concat());
    let mut orders = std::collections::BTreeSet::new();
    for seed in 1..9 {
        let builder = crate::api::wire::builder(&["fleet_order=shuffled"]).seed(seed);
        let mut shuffled = ids(&builder.start().await.unwrap()).await;
        orders.insert(shuffled.clone());
        shuffled.sort();
        assert_eq!(shuffled, by_id);
    }
    assert!(orders.len() > 1, "the seed shuffles");
}

#[tokio::test]
async fn a_person_who_changes_is_shown_as_they_are() {
    let fake = starter(&[]).await;
    {
        let session = fake.session();
        let mut state = session.lock();
        let position = state.position("crew_003").unwrap();
        state.crew_mut(position).vessels = vec!["ves_def".into()].into_boxed_slice().into();
        let away = state.position("crew_002").unwrap();
        state.crew_mut(away).vessels = vec!["ves_xyz".into()].into_boxed_slice().into();
        let quiet = state.position("crew_005").unwrap();
        let consent: ScopeSet = [Scope::DocumentsRead].into_iter().collect();
        state.crew_mut(quiet).consent.to_mut().insert("prt_123".into(), consent);
    }
    let page = get(&fake, FLEET).await.json();
    let ids: Vec<_> = people(&page).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids[..5], ["crew_003", "crew_004", "crew_001", "crew_005", "crew_006"]);
    assert!(!ids.contains(&"crew_002".to_owned()));
    assert!(rows(&page)[3]["verification_status"].is_null());
    assert_eq!(people(&get_as(&fake, "other", FLEET).await.json()).len(), 2);
}

#[tokio::test]
async fn what_a_row_shows_may_grow() {
    let fake = starter(&["unknown_fields=extra", "unknown_values=new"]).await;
    let page = get(&fake, FLEET).await.json();
    assert!(page["total_hint"].is_string() && rows(&page).iter().all(|row| row["cabin"].is_string()), "{page}");
    assert_eq!(rows(&page).last().unwrap()["background_check_status"], "escalated");
}

/// In a world of before there is the rank alone, and no status.
#[tokio::test]
async fn the_fleet_of_a_world_of_before() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/worlds");
    let before = include_str!("../worlds/before_the_fleet.yaml");
    let world = World::parse(before, "before", Some(folder.as_ref())).unwrap();
    let fake = MockServer::builder().world(world).start().await.unwrap();
    let fleet = get(&fake, FLEET).await.json();
    let rows = fleet["items"].as_array().unwrap();
    let roles: Vec<_> = rows.iter().map(|row| (row["name"].as_str().unwrap(), row["role"].as_str().unwrap())).collect();
    assert_eq!(
        roles,
        [
            ("Léa Moreau", "Stewardess"),
            ("Marina Kovač", "Chief Officer"),
            ("Sipho Dlamini", "Deckhand"),
            ("Tomás Oliveira", "Chef"),
            ("Tomás Oliveira", "Chef"),
        ]
    );
}

#[tokio::test]
async fn a_person_joins_leaves_and_withdraws() {
    let fake = starter(&[]).await;
    let shown = async |crew: &str| people(&get(&fake, FLEET).await.json()).iter().any(|(id, _)| id == crew);
    let list = "/api/v2/employers/me/crew/crew_001/documents";
    let vessels: Vec<String> = people(&get(&fake, FLEET).await.json())
        .into_iter()
        .filter_map(|(id, vessel)| (id == "crew_001").then_some(vessel))
        .collect();
    fake.session().set_vessels("crew_001", &[]).unwrap();
    assert!(!shown("crew_001").await);
    assert_eq!(get(&fake, list).await.outcome(), "404 not_found");
    fake.session().set_vessels("crew_001", &vessels).unwrap();
    assert!(shown("crew_001").await);
    assert_eq!(get(&fake, list).await.status(), 200);
    fake.session().withdraw_consent("crew_001").unwrap();
    assert!(shown("crew_001").await);
    assert_eq!(get(&fake, list).await.outcome(), "403 scope_not_consented");
    fake.session().set_vessels("nobody", &[]).unwrap_err();
}
