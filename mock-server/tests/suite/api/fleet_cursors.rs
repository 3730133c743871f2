//! The walk of a fleet by cursors: what they show, whom they serve, how long they live, and what a change does.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crewpass_mock::MockServer;
use serde_json::Value;

use crate::api::fleet::{FLEET, crowd, people, rows};
use crate::api::wire::{START, get, get_as, set_clock};

/// A fake with so many people on one fleet.
async fn crowded(count: usize, settings: &[&str]) -> MockServer {
    let builder = MockServer::builder().world(crowd(count)).frozen_at(START.parse().unwrap());
    settings.iter().fold(builder, |builder, set| builder.policy_from(set).unwrap()).start().await.unwrap()
}

/// The next page, by the cursor of the one before.
async fn next(fake: &MockServer, page: &Value) -> Value {
    let cursor = page["next_cursor"].as_str().unwrap_or_else(|| panic!("no cursor: {page}"));
    get(fake, &format!("{FLEET}?cursor={cursor}")).await.json()
}

/// Walks from a page to the end; gives all pages.
async fn walk(fake: &MockServer, first: Value) -> Vec<Value> {
    let mut pages = vec![first];
    while pages.last().unwrap()["next_cursor"].is_string() {
        let page = next(fake, pages.last().unwrap()).await;
        pages.push(page);
    }
    pages
}

/// The people of some pages, in their order.
fn everybody(pages: &[Value]) -> Vec<String> {
    pages.iter().flat_map(people).map(|(id, _)| id).collect()
}

async fn first(fake: &MockServer, limit: usize) -> Value {
    get(fake, &format!("{FLEET}?limit={limit}")).await.json()
}

/// Moves a person to a vessel, or off the fleet.
fn moved(fake: &MockServer, id: &str, on_fleet: bool) {
    let session = fake.session();
    let mut state = session.lock();
    let position = state.position(id).unwrap();
    let vessels = on_fleet.then(|| "ves".into()).into_iter().collect::<Vec<_>>();
    state.crew_mut(position).vessels = vessels.into_boxed_slice().into();
}

#[tokio::test]
async fn every_person_is_on_one_page() {
    for order in ["fleet_order=name", "fleet_order=id", "fleet_order=shuffled"] {
        let fake = crowded(23, &[order]).await;
        let pages = walk(&fake, first(&fake, 10).await).await;
        assert_eq!(pages.iter().map(|page| rows(page).len()).collect::<Vec<_>>(), [10, 10, 3], "{order}");
        let all: BTreeSet<_> = everybody(&pages).into_iter().collect();
        assert_eq!(all.len(), 23, "{order}");
        assert!(pages[2].get("next_cursor").unwrap().is_null());
        // The last page is full, and there is none behind it.
        let even = walk(&fake, first(&fake, 23).await).await;
        assert_eq!(even.len(), 1);
    }
    let absent = crowded(3, &["last_cursor=absent"]).await;
    assert_eq!(first(&absent, 3).await.get("next_cursor"), None);
    assert_eq!(walk(&crowded(0, &[]).await, first(&crowded(0, &[]).await, 5).await).await.len(), 1);
}

#[tokio::test]
async fn a_cursor_carries_the_window_and_the_limit_or_not() {
    let asked = |cursor: &str, more: &str| format!("{FLEET}?cursor={cursor}{more}");
    let window = "&include_documents_expiring_within_days=7";
    let begin = format!("{FLEET}?limit=4{window}");
    let fake = crowded(12, &[]).await;
    let page = get(&fake, &begin).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let carried = get(&fake, &asked(cursor, "")).await.json();
    assert_eq!((rows(&carried).len(), carried["expiring_within_days"].as_u64()), (4, Some(7)));
    let other = get(&fake, &asked(cursor, "&limit=6&include_documents_expiring_within_days=9")).await.json();
    assert_eq!((rows(&other).len(), other["expiring_within_days"].as_u64()), (6, Some(7)), "the cursor decides");
    let strict = crowded(12, &["cursor_query=repeat"]).await;
    let page = get(&strict, &begin).await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(get(&strict, &asked(cursor, "")).await.outcome(), "400 invalid_cursor");
    let repeated = get(&strict, &asked(cursor, window)).await.json();
    assert_eq!(
        (rows(&repeated).len(), repeated["expiring_within_days"].as_u64()),
        (8, Some(7)),
        "fifty is the default"
    );
    let plain = first(&strict, 5).await;
    assert_eq!(rows(&next(&strict, &plain).await).len(), 7, "no window is the default one");
}

#[tokio::test]
async fn a_cursor_shows_no_id_and_no_name() {
    let fake = crowded(9, &[]).await;
    let page = first(&fake, 4).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let decoded = URL_SAFE_NO_PAD.decode(cursor.strip_prefix("cur_").unwrap()).unwrap();
    for text in [cursor.as_bytes(), &decoded] {
        for shown in ["crew", "prt", "ves", "full", "name"] {
            assert!(!text.windows(shown.len()).any(|part| part == shown.as_bytes()), "{shown}");
        }
    }
    assert_eq!(first(&crowded(9, &[]).await, 4).await, page, "with a frozen clock it is the same in another run");
}

#[tokio::test]
async fn a_bad_cursor_is_refused_as_the_policy_says() {
    for (settings, expected) in
        [(&[][..], "400 invalid_cursor"), (&["bad_cursor=404"], "404 not_found"), (&["bad_cursor=422"], "422")]
    {
        let fake = crowded(9, settings).await;
        let page = first(&fake, 4).await;
        let own = page["next_cursor"].as_str().unwrap();
        let others = get_as(&fake, "other", &format!("{FLEET}?limit=4")).await.json();
        let changed = format!("{}{}", &own[..own.len() - 1], if own.ends_with('A') { 'B' } else { 'A' });
        let long = "a".repeat(10_000);
        let bad =
            [changed.as_str(), others["next_cursor"].as_str().unwrap(), "x", "cur_", "%00", "%F0%9F%A6%80", &long];
        for cursor in bad {
            let refused = get(&fake, &format!("{FLEET}?cursor={cursor}")).await;
            assert_eq!(refused.outcome(), expected, "{cursor}");
        }
        assert_eq!(get(&fake, &format!("{FLEET}?cursor={own}")).await.status(), 200);
        let foreign = get_as(&fake, "other", &format!("{FLEET}?cursor={own}")).await;
        assert_eq!(foreign.outcome(), expected);
    }
}

#[tokio::test]
async fn a_cursor_lives_for_ever_or_for_fifteen_minutes() {
    for (settings, expected) in [(&[][..], 200), (&["cursor_ttl=15m"], 400)] {
        let fake = crowded(9, settings).await;
        let page = first(&fake, 4).await;
        let again = format!("{FLEET}?cursor={}", page["next_cursor"].as_str().unwrap());
        set_clock(&fake, "2026-06-08T10:14:59Z");
        assert_eq!(get(&fake, &again).await.status(), 200);
        set_clock(&fake, "2026-06-08T10:15:00Z");
        assert_eq!(get(&fake, &again).await.status(), expected);
    }
}

#[tokio::test]
async fn a_reset_and_another_world_end_the_cursors_of_before() {
    let fake = crowded(9, &[]).await;
    let again = format!("{FLEET}?cursor={}", first(&fake, 4).await["next_cursor"].as_str().unwrap());
    assert_eq!(get(&fake, &again).await.status(), 200);
    fake.session().reset(START.parse().unwrap());
    assert_eq!(get(&fake, &again).await.outcome(), "400 invalid_cursor");
    let renewed = first(&fake, 4).await;
    assert_eq!(everybody(&walk(&fake, renewed).await).len(), 9);
}

#[tokio::test]
async fn a_snapshot_shows_one_moment_on_all_pages() {
    let fake = crowded(9, &[]).await;
    let page = first(&fake, 4).await;
    moved(&fake, "crew_0000", false);
    moved(&fake, "crew_0007", false);
    set_clock(&fake, "2026-06-08T11:00:00Z");
    let pages = walk(&fake, page).await;
    assert_eq!(everybody(&pages).len(), 9);
    assert!(pages.iter().flat_map(rows).all(|row| row["as_of"] == START), "all pages say the same time");
    // A walk that begins now sees the change, and keeps seeing it after the next.
    let page = first(&fake, 4).await;
    moved(&fake, "crew_0007", true);
    let pages = walk(&fake, page).await;
    assert_eq!(everybody(&pages).len(), 7);
    assert_eq!(rows(&pages[0])[0]["as_of"], "2026-06-08T11:00:00Z");
}

#[tokio::test]
async fn of_snapshots_the_last_ones_are_kept() {
    let fake = crowded(9, &[]).await;
    moved(&fake, "crew_0000", false);
    let oldest = first(&fake, 4).await;
    for _ in 0..7 {
        moved(&fake, "crew_0000", true);
        first(&fake, 4).await;
    }
    assert_eq!(rows(&next(&fake, &oldest).await).len(), 4, "the last eight are kept, and this one was used");
    for _ in 0..8 {
        moved(&fake, "crew_0000", true);
        first(&fake, 4).await;
    }
    assert_eq!(next(&fake, &oldest).await["error"]["code"], "invalid_cursor");
}

#[tokio::test]
async fn live_pages_miss_or_repeat_a_person() {
    let fake = crowded(9, &["page_drift=live"]).await;
    let page = first(&fake, 4).await;
    moved(&fake, "crew_0000", false);
    let pages = walk(&fake, page).await;
    assert!(!everybody(&pages).contains(&"crew_0004".to_owned()), "the rows moved up by one");
    let page = first(&fake, 4).await;
    moved(&fake, "crew_0000", true);
    let all = everybody(&walk(&fake, page).await);
    assert_eq!(all.iter().filter(|id| *id == "crew_0004").count(), 2, "the rows moved down by one");
}

#[tokio::test]
async fn a_page_may_be_empty_and_not_the_last() {
    let fake = crowded(9, &["empty_pages=sometimes"]).await;
    let pages = walk(&fake, first(&fake, 4).await).await;
    assert_eq!(pages.iter().map(|page| rows(page).len()).collect::<Vec<_>>(), [4, 0, 4, 0, 1]);
    assert_eq!(everybody(&pages).len(), 9);
}

#[tokio::test]
async fn of_many_large_pages_the_journal_keeps_only_the_last_ones() {
    let fake = crowded(200, &[]).await;
    // About 12 MiB of pages.
    for _ in 0..300 {
        first(&fake, 200).await;
    }
    let exchanges = fake.session().exchanges();
    let kept: Vec<usize> =
        exchanges.iter().map(|exchange| exchange.raw_json_body().map_or(0, bytes::Bytes::len)).collect();
    assert!((7 << 20..=8 << 20).contains(&kept.iter().sum::<usize>()), "{kept:?}");
    let first_kept = kept.iter().position(|length| *length > 0).unwrap();
    assert!(
        kept[..first_kept].iter().all(|length| *length == 0) && kept[first_kept..].iter().all(|length| *length > 0)
    );
    assert!(exchanges.iter().all(|exchange| exchange.bytes > 30_000), "the rest of an exchange stays");
}
