//! The lives of a session: what a reset ends, and what two sessions or two processes never share.

use std::collections::BTreeSet;

use crewpass_mock::{MockServer, SessionSpec};
use jiff::Timestamp;

use crate::api::wire::{Connection, LIST, bearer, follow, get, link, link_path, request, send, starter};

#[tokio::test]
async fn request_ids_are_unique_over_a_run_and_the_same_in_another() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let fake = starter(&[]).await;
        let session = fake.open_session(SessionSpec::new(fake.session().world())).unwrap();
        let own = format!("Authorization: Bearer {}", session.key("full").unwrap());
        let mut ids = Vec::new();
        for _ in 0..2 {
            for lines in [&[&*own][..], &[], &[&*bearer(&fake, "full")]] {
                for method in ["GET", "POST"] {
                    let answer = send(&fake, method, LIST, lines).await;
                    ids.push(answer.header("x-request-id").unwrap().to_owned());
                }
            }
            session.reset(Timestamp::UNIX_EPOCH);
            fake.session().reset(Timestamp::UNIX_EPOCH);
        }
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
        runs.push(ids);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_reset_ends_the_links_of_before_and_they_spend_no_new_one() {
    let fake = starter(&["link_use=once"]).await;
    let old = link(&fake, "doc_1").await;
    fake.session().reset(Timestamp::UNIX_EPOCH);
    let new = link(&fake, "doc_1").await;
    assert_ne!(old, new);
    assert_eq!(follow(&fake, &old).await.outcome(), "404 not_found");
    assert_eq!(follow(&fake, &new).await.status(), 200);
}

#[tokio::test]
async fn a_slow_download_of_before_a_reset_changes_no_new_link() {
    let fake = starter(&["link_use=once"]).await;
    fake.session()
        .replace_faults(vec!["{match: {step: file}, when: {times: 1}, then: {stall: {after: 1}}}".parse().unwrap()])
        .unwrap();
    let old = link(&fake, "doc_1").await;
    let mut slow = Connection::open(fake.address()).await;
    slow.begin(&request("GET", &old, &[])).await;
    slow.head().await;
    fake.session().reset(Timestamp::UNIX_EPOCH);
    let new = link(&fake, "doc_1").await;
    assert_eq!(follow(&fake, &new).await.status(), 200);
    drop(slow);
    fake.session().wait_until_idle().await;
    assert_eq!(follow(&fake, &new).await.status(), 404, "it stays spent");
}

#[tokio::test]
async fn two_processes_with_one_seed_do_not_spend_each_others_links() {
    let start = async || {
        let builder = MockServer::builder().policy("link_use", "once").unwrap();
        builder.start().await.unwrap()
    };
    let (one, other) = (start().await, start().await);
    let link_of = async |fake: &MockServer| {
        let url = get(fake, &link_path("doc_1")).await.json()["download_url"].as_str().unwrap().to_owned();
        url[url.find("/api/").unwrap()..].to_owned()
    };
    let (of_one, of_other) = (link_of(&one).await, link_of(&other).await);
    assert_ne!(of_one, of_other);
    assert_eq!(follow(&one, &of_other).await.status(), 200, "it has the same secret");
    assert_eq!(follow(&one, &of_one).await.status(), 200);
    assert_eq!(follow(&one, &of_one).await.status(), 404);
}

#[tokio::test]
async fn with_a_frozen_clock_no_link_is_given_that_was_spent() {
    let (one, other) = (starter(&["link_use=once"]).await, starter(&["link_use=once"]).await);
    let of_other = link(&other, "doc_1").await;
    assert_eq!(follow(&one, &of_other).await.status(), 200);
    let of_one = link(&one, "doc_1").await;
    assert_eq!(follow(&one, &of_one).await.status(), 200);
}

#[tokio::test]
async fn a_link_dies_with_the_key_that_asked_for_it_where_that_is_checked_again() {
    let fake = starter(&["recheck_on_follow=dead"]).await;
    let path = link(&fake, "doc_1").await;
    assert_eq!(follow(&fake, &path).await.status(), 200);
    let revoke = |revoked| {
        let session = fake.session();
        let mut state = session.lock();
        let mut keys = state.partners.iter_mut().flat_map(|partner| &mut partner.keys);
        keys.find(|key| &*key.name == "full").unwrap().revoked = revoked;
    };
    revoke(true);
    assert_eq!(follow(&fake, &path).await.status(), 404);
    revoke(false);
    assert_eq!(follow(&fake, &path).await.status(), 200);
    fake.session().set_policy("recheck_on_follow", "works").unwrap();
    revoke(true);
    assert_eq!(follow(&fake, &path).await.status(), 200);
}
