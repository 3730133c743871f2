//! `GET …/profile` and `GET …/photo`.

use crewpass_mock::MockServer;
use crewpass_mock::scope::{Scope, ScopeSet};
use insta::assert_snapshot;

use crate::api::wire::{bearer, follow, get, get_as, send, starter};

const PROFILE: &str = "/api/v2/employers/me/crew/crew_001/profile";
const PHOTO: &str = "/api/v2/employers/me/crew/crew_001/photo";

/// The fields of the full profile.
const FULL: [&str; 5] = ["employment_history", "date_of_birth", "address", "passport", "visas"];

/// Lets a person consent to some scopes.
fn consents(fake: &MockServer, id: &str, scopes: &[Scope]) {
    let session = fake.session();
    let mut state = session.lock();
    let position = state.position(id).unwrap();
    let scopes: ScopeSet = scopes.iter().copied().collect();
    state.crew_mut(position).consent.to_mut().insert("prt_123".into(), scopes);
}

#[tokio::test]
async fn the_whole_profile() {
    let fake = starter(&[]).await;
    assert_snapshot!(get(&fake, PROFILE).await.whole());
}

#[tokio::test]
async fn the_full_block_needs_scope_and_consent() {
    for (settings, is_there) in [(&[][..], false), (&["full_block_without_consent=null"], true)] {
        let fake = starter(settings).await;
        consents(&fake, "crew_001", &[Scope::ProfileRead]);
        let base = get(&fake, PROFILE).await.json();
        assert_eq!(
            (base["full_profile"].as_bool(), base["email"].as_str()),
            (Some(false), Some("marina.kovac@example.invalid"))
        );
        for field in FULL {
            assert_eq!(base.get(field).is_some(), is_there, "{field}");
            assert!(base[field].is_null(), "{field}");
        }
    }
    let fake = starter(&[]).await;
    let scopes = [Scope::FleetRead, Scope::ProfileRead].into_iter().collect();
    fake.session().lock().partner_mut("prt_123").unwrap().granted_scopes = scopes;
    assert_eq!(get(&fake, PROFILE).await.json()["full_profile"], false, "it is consented, and not granted");
}

#[tokio::test]
async fn a_profile_of_which_the_world_says_nothing() {
    let path = "/api/v2/employers/me/crew/crew_005/profile";
    let fake = starter(&[]).await;
    assert_eq!(get(&fake, &path.replace("005", "004")).await.outcome(), "403 scope_not_consented");
    consents(&fake, "crew_005", &[Scope::ProfileRead, Scope::ProfileFullRead]);
    assert_snapshot!(get(&fake, path).await.whole());
    let absent = starter(&["photo_url_without_photo=absent", "unknown_fields=extra"]).await;
    consents(&absent, "crew_005", &[Scope::ProfileRead]);
    let profile = get(&absent, path).await.json();
    assert!(profile.get("profile_photo_url").is_none() && profile["pronouns"].is_string());
    assert_eq!(get(&fake, "/api/v2/employers/me/crew/crew_003/profile").await.outcome(), "404 not_found");
    assert_eq!(get_as(&fake, "no_read", PROFILE).await.outcome(), "403 scope_not_granted");
}

#[tokio::test]
async fn the_photo_is_at_the_url_of_the_profile() {
    let fake = starter(&[]).await;
    let url = get(&fake, PROFILE).await.json()["profile_photo_url"].as_str().unwrap().to_owned();
    assert_eq!(url, format!("http://fake.test{PHOTO}"));
    let photo = get(&fake, PHOTO).await;
    assert_snapshot!(photo.whole());
    let head = send(&fake, "HEAD", PHOTO, &[&bearer(&fake, "full")]).await;
    assert_eq!(head.header("content-length").unwrap(), photo.body.len().to_string());
    assert_eq!(follow(&fake, PHOTO).await.outcome(), "401 invalid_api_key");
}

#[tokio::test]
async fn nobody_without_a_photo_has_one_to_give() {
    let fake = starter(&[]).await;
    consents(&fake, "crew_002", &[Scope::ProfileRead]);
    assert_eq!(get(&fake, "/api/v2/employers/me/crew/crew_002/photo").await.outcome(), "404 not_found");
    assert_eq!(get(&fake, "/api/v2/employers/me/crew/crew_004/photo").await.outcome(), "403 scope_not_consented");
    assert_eq!(get(&fake, "/api/v2/employers/me/crew/crew_003/photo").await.outcome(), "404 not_found");
    let exchanges = fake.session().exchanges();
    assert_eq!(exchanges[0].clause.id, "photo-there");
}

#[tokio::test]
async fn a_photo_can_be_made_from_the_seed() {
    let world = "
partners: [{id: p, granted_scopes: [crew:profile:read], keys: [{name: full}]}]
vessels: [{id: v, name: V, partners: [p]}]
crew:
  - {id: 'a/b', vessels: [v], consent: {p: [crew:profile:read]}, details: {photo: {generate: png}}}
";
    let world = crewpass_mock::World::parse(world, "photo", None).unwrap();
    let fake = MockServer::builder().world(world).start().await.unwrap();
    let path = "/api/v2/employers/me/crew/a%2Fb";
    let photo = get(&fake, &format!("{path}/photo")).await;
    assert_eq!((photo.status(), photo.header("content-type")), (200, Some("image/png")));
    assert!(photo.body.starts_with(b"\x89PNG"));
    let profile = get(&fake, &format!("{path}/profile")).await.json();
    assert!(profile["profile_photo_url"].as_str().unwrap().ends_with(&format!("{path}/photo")), "{profile}");
}

#[tokio::test]
async fn a_partner_without_a_plan_may_see_itself() {
    let me = "/api/v2/partners/me";
    assert_eq!(get_as(&starter(&[]).await, "no_plan", me).await.outcome(), "403 api_not_enabled");
    let fake = starter(&["me_without_plan=200"]).await;
    assert_eq!(get_as(&fake, "no_plan", me).await.json()["partner_id"], "prt_789");
    assert_eq!(get_as(&fake, "no_plan", "/api/v2/employers/me/vessels").await.outcome(), "403 api_not_enabled");
}
