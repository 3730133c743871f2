//! The clock: how long a link lives, to the second, and what answers say of the time.

use std::time::Duration;

use crate::api::wire::{LIST, follow, get, link, link_path, set_clock, starter};

#[tokio::test]
async fn a_link_lives_for_fifteen_minutes() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    for (at, status) in [
        ("2026-06-08T10:00:00Z", 200),
        ("2026-06-08T10:14:59Z", 200),
        ("2026-06-08T10:14:59.999Z", 200),
        ("2026-06-08T10:15:00Z", 404),
        ("2026-06-08T10:15:01Z", 404),
        ("2026-06-09T10:00:00Z", 404),
    ] {
        set_clock(&fake, at);
        assert_eq!(follow(&fake, &path).await.status(), status, "{at}");
    }
}

#[tokio::test]
async fn the_policy_sets_how_long_a_link_lives() {
    for (ttl, expires_at) in
        [("840s", "2026-06-08T10:14:00Z"), ("900s", "2026-06-08T10:15:00Z"), ("960s", "2026-06-08T10:16:00Z")]
    {
        let fake = starter(&[&format!("link_ttl={ttl}")]).await;
        let given = get(&fake, &link_path("doc_1")).await;
        assert_eq!(given.json()["expires_at"], expires_at);
        let seconds: u64 = ttl.trim_end_matches('s').parse().unwrap();
        fake.advance(Duration::from_secs(seconds - 1)).unwrap();
        assert_eq!(follow(&fake, &given.link()).await.status(), 200, "{ttl}, a second before");
        fake.advance(Duration::from_secs(1)).unwrap();
        assert_eq!(follow(&fake, &given.link()).await.status(), 404, "{ttl}, at the end");
        fake.advance(Duration::from_secs(1)).unwrap();
        assert_eq!(follow(&fake, &given.link()).await.status(), 404, "{ttl}, a second after");
    }
}

#[tokio::test]
async fn the_end_is_floored_to_the_second() {
    let fake = starter(&[]).await;
    set_clock(&fake, "2026-06-08T10:00:00.900Z");
    let given = get(&fake, &link_path("doc_1")).await;
    assert_eq!(given.json()["expires_at"], "2026-06-08T10:15:00Z");
    set_clock(&fake, "2026-06-08T10:14:59.999Z");
    assert_eq!(follow(&fake, &given.link()).await.status(), 200);
    set_clock(&fake, "2026-06-08T10:15:00Z");
    assert_eq!(follow(&fake, &given.link()).await.status(), 404);
}

#[tokio::test]
async fn a_clock_that_is_set_back_gives_life_back() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    set_clock(&fake, "2026-06-08T11:00:00Z");
    assert_eq!(follow(&fake, &path).await.status(), 404);
    set_clock(&fake, "2026-06-08T10:00:00Z");
    assert_eq!(follow(&fake, &path).await.status(), 200);
}

#[tokio::test]
async fn the_date_follows_the_clock() {
    let fake = starter(&[]).await;
    for (at, date) in [
        ("2026-06-08T10:00:00Z", "Mon, 08 Jun 2026 10:00:00 GMT"),
        ("2026-06-08T10:00:00.999Z", "Mon, 08 Jun 2026 10:00:00 GMT"),
        ("2028-02-29T23:59:59Z", "Tue, 29 Feb 2028 23:59:59 GMT"),
    ] {
        set_clock(&fake, at);
        assert_eq!(get(&fake, LIST).await.header("date"), Some(date), "{at}");
        assert_eq!(follow(&fake, "/nowhere").await.header("date"), Some(date), "{at}");
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    let mut seen = std::collections::HashSet::new();
    for path in [LIST, "/nowhere", path.as_str(), "/api/v2/files/eyJ", "/api/v2/partners/me"].repeat(3) {
        let answer = get(&fake, path).await;
        assert!(seen.insert(answer.header("x-request-id").unwrap().to_owned()), "{path}");
    }
}
