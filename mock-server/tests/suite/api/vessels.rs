//! `GET /api/v2/employers/me/vessels`: the vessels on the caller's fleet.

use crewpass_mock::MockServer;
use crewpass_mock::scope::ScopeSet;
use crewpass_mock::world::World;
use insta::assert_snapshot;
use serde_json::json;

use crate::api::wire::{get, get_as, starter};

const VESSELS: &str = "/api/v2/employers/me/vessels";

#[tokio::test]
async fn the_vessels_of_a_partner() {
    let fake = starter(&[]).await;
    assert_snapshot!(get(&fake, VESSELS).await.whole());
    assert_snapshot!(get_as(&fake, "other", VESSELS).await.whole());
}

#[tokio::test]
async fn vessels_of_one_name_are_in_the_order_of_their_ids() {
    let vessel = |id: &str, name: &str, partners: &[&str]| json!({"id": id, "name": name, "partners": partners});
    let own = [vessel("c", "B", &["prt"]), vessel("b", "B", &["prt"]), vessel("a", "C", &["prt"])];
    let others = [vessel("d", "A", &["prt", "other"]), vessel("e", "A", &["other"]), vessel("f", "A", &[])];
    let vessels = [own.as_slice(), others.as_slice()].concat();
    let world = json!({
        "partners": [
            {"id": "prt", "granted_scopes": ["vessels:fleet:read"], "keys": [{"name": "full"}]},
            {"id": "other"},
        ],
        "vessels": vessels,
    });
    let world = World::parse(&world.to_string(), "vessels.json", None).unwrap();
    let fake = MockServer::builder().world(world).start().await.unwrap();
    let list = get_as(&fake, "full", VESSELS).await.json();
    let ids: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|item| item["vessel_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["d", "b", "c", "a"]);
}

#[tokio::test]
async fn the_scope_is_needed_and_no_crew_member() {
    let fake = starter(&[]).await;
    assert_eq!(get_as(&fake, "no_plan", VESSELS).await.outcome(), "403 api_not_enabled");
    fake.session().lock().partner_mut("prt_123").unwrap().granted_scopes = ScopeSet::default();
    let refused = get(&fake, VESSELS).await;
    assert_eq!(refused.outcome(), "403 scope_not_granted");
    assert_eq!(refused.json()["error"]["scope"], "vessels:fleet:read");
    let journal = fake.session().exchanges();
    assert!(journal.iter().all(|exchange| exchange.step.as_str() == "vessels" && exchange.crew().is_none()));
}
