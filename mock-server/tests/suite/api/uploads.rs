//! What becomes of lists, ids and links when a document is re-uploaded or removed, or the ground of a link is lost.

use crewpass_mock::MockServer;
use crewpass_mock::scope::ScopeSet;
use crewpass_mock::world::Shared;

use crate::api::bodies::upload;
use crate::api::wire::{LIST, follow, get, ids, link, link_path, starter};

#[tokio::test]
async fn a_reupload_takes_the_old_version_from_the_list() {
    let fake = starter(&[]).await;
    assert!(ids(&get(&fake, LIST).await).contains(&"doc_1".to_owned()));
    let new = upload(&fake, "doc_1", "new");
    let listed = ids(&get(&fake, LIST).await);
    assert!(listed.contains(&new) && !listed.contains(&"doc_1".to_owned()), "{listed:?}");
    assert_eq!(listed[0], new, "the newest first");
    let path = link(&fake, &new).await;
    assert_eq!(follow(&fake, &path).await.body, b"new");
}

#[tokio::test]
async fn a_link_given_before_a_reupload() {
    for (setting, status) in [("link_after_reupload=works", 200), ("link_after_reupload=dead", 404)] {
        let fake = starter(&[setting]).await;
        let path = link(&fake, "doc_1").await;
        let before = follow(&fake, &path).await;
        upload(&fake, "doc_1", "new");
        let after = follow(&fake, &path).await;
        assert_eq!(after.status(), status, "{setting}");
        assert_eq!(after.body == before.body, status == 200, "{setting}: the old version's bytes");
    }
}

#[tokio::test]
async fn the_old_id_after_a_reupload() {
    let fake = starter(&[]).await;
    upload(&fake, "doc_1", "new");
    assert_eq!(get(&fake, &link_path("doc_1")).await.outcome(), "404 not_found");
    let fake = starter(&["superseded_document=current"]).await;
    let new = upload(&fake, "doc_1", "new");
    for old in ["doc_0", "doc_1", &new] {
        let given = get(&fake, &link_path(old)).await;
        assert_eq!(given.json()["document_id"], *new, "{old}");
        assert_eq!(follow(&fake, &given.link()).await.body, b"new", "{old}");
    }
}

#[tokio::test]
async fn a_link_to_a_removed_document_is_dead_under_every_policy() {
    for setting in ["link_after_reupload=works", "link_after_reupload=dead", "recheck_on_follow=dead"] {
        let fake = starter(&[setting]).await;
        let path = link(&fake, "doc_1").await;
        fake.session().remove_document("crew_001", "doc_1").unwrap();
        assert_eq!(follow(&fake, &path).await.outcome(), "404 not_found", "{setting}");
        assert!(!ids(&get(&fake, LIST).await).contains(&"doc_1".to_owned()));
        assert_eq!(get(&fake, &link_path("doc_1")).await.status(), 404);
        assert_eq!(get(&fake, &link_path("doc_0")).await.status(), 404, "no older version comes back");
    }
}

type Loss = fn(&MockServer);

const LOSSES: [(&str, Loss); 4] = [
    ("consent", |fake| {
        let session = fake.session();
        let mut live = session.lock();
        let at = live.position("crew_001").unwrap();
        live.crew_mut(at).consent.to_mut().clear();
    }),
    ("fleet", |fake| {
        let session = fake.session();
        let mut live = session.lock();
        let at = live.position("crew_001").unwrap();
        live.crew_mut(at).vessels = Shared::default();
    }),
    ("scope", |fake| {
        let session = fake.session();
        session.lock().partner_mut("prt_123").unwrap().granted_scopes = ScopeSet::default();
    }),
    ("plan", |fake| {
        let session = fake.session();
        session.lock().partner_mut("prt_123").unwrap().api_enabled = false;
    }),
];

#[tokio::test]
async fn the_ground_of_a_link_is_lost() {
    for (setting, status) in [("recheck_on_follow=works", 200), ("recheck_on_follow=dead", 404)] {
        for (ground, lose) in LOSSES {
            let fake = starter(&[setting]).await;
            let path = link(&fake, "doc_1").await;
            assert_eq!(follow(&fake, &path).await.status(), 200);
            lose(&fake);
            assert_eq!(follow(&fake, &path).await.status(), status, "{setting}, without {ground}");
            assert_ne!(get(&fake, &link_path("doc_1")).await.status(), 200, "without {ground}");
        }
    }
}

#[tokio::test]
async fn a_link_outlives_its_key() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    fake.session().lock().partner_mut("prt_123").unwrap().keys[0].revoked = true;
    assert_eq!(get(&fake, LIST).await.status(), 401);
    assert_eq!(follow(&fake, &path).await.status(), 200);
}

#[tokio::test]
async fn a_removal_takes_the_links_to_older_versions_too() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    let new = upload(&fake, "doc_1", "new");
    assert_eq!(follow(&fake, &path).await.status(), 200);
    fake.session().remove_document("crew_001", &new).unwrap();
    assert_eq!(follow(&fake, &path).await.outcome(), "404 not_found");
}
