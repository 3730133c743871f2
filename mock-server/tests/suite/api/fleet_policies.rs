//! Every policy of the fleet shows on the wire: no two of its values give the same answers to one long conversation.

use std::fmt::Write;

use crewpass_mock::{Builder, MockServer};

use crate::api::fleet::{FLEET, crowd};
use crate::api::wire::{START, get, get_as, set_clock};

/// Each policy with its values, the default first.
pub(crate) const VALUES: &[(&str, &[&str])] = &[
    ("fleet_order", &["name", "id", "shuffled"]),
    ("cursor_query", &["carried", "repeat"]),
    ("last_cursor", &["null", "absent"]),
    ("expired_count", &["no", "yes"]),
    ("withheld_fields", &["null", "absent"]),
    ("fleet_without_status", &["withheld", "403"]),
    ("bad_cursor", &["400", "404", "422"]),
    ("cursor_ttl", &["never", "15m"]),
    ("page_drift", &["snapshot", "live"]),
    ("empty_pages", &["never", "sometimes"]),
    ("page_rows", &["limit", "two"]),
    ("limit_over", &["422", "clamped"]),
    ("unknown_input", &["ignored", "422"]),
    ("validation_position", &["after_scope", "after_key"]),
];

/// A conversation in which every policy of the fleet has something to say.
async fn conversation(builder: Builder) -> String {
    let fake: MockServer = builder.frozen_at(START.parse().unwrap()).start().await.unwrap();
    let mut text = String::new();
    let page = get(&fake, &format!("{FLEET}?limit=2&include_documents_expiring_within_days=7")).await;
    let cursor = page.json()["next_cursor"].as_str().unwrap_or_default().to_owned();
    let mut answers = vec![page, get(&fake, FLEET).await, get_as(&fake, "no_read", FLEET).await];
    for query in [format!("cursor={cursor}"), "cursor=x".into(), "limit=201".into(), "order=id".into()] {
        answers.push(get(&fake, &format!("{FLEET}?{query}")).await);
    }
    answers.push(get_as(&fake, "wrong_mode", &format!("{FLEET}?limit=0")).await);
    let window = "include_documents_expiring_within_days=7";
    let position = fake.session().lock().position("crew_004");
    if let Some(position) = position {
        fake.session().lock().crew_mut(position).vessels = Vec::new().into_boxed_slice().into();
    }
    answers.push(get(&fake, &format!("{FLEET}?cursor={cursor}&{window}")).await);
    set_clock(&fake, "2026-06-08T10:15:00Z");
    answers.push(get(&fake, &format!("{FLEET}?cursor={cursor}&{window}")).await);
    for answer in answers {
        writeln!(text, "{}\n", answer.whole()).unwrap();
    }
    text
}

#[tokio::test]
async fn every_value_of_every_policy_of_the_fleet_shows() {
    let default = conversation(MockServer::builder()).await;
    for (policy, values) in VALUES {
        let mut heard = vec![(values[0], default.clone())];
        let named = conversation(MockServer::builder().policy(policy, values[0]).unwrap()).await;
        assert!(named == default, "{policy}: `{}` is not the default", values[0]);
        for value in &values[1..] {
            let answers = conversation(MockServer::builder().policy(policy, value).unwrap()).await;
            for (earlier, text) in &heard {
                assert!(*text != answers, "{policy}: `{earlier}` and `{value}` can't be told apart");
            }
            heard.push((value, answers));
        }
    }
}

/// The last page costs what the first does: a page is sought by its place.
#[tokio::test]
async fn a_deep_page_is_as_large_as_the_first() {
    let fake = MockServer::builder().world(crowd(3_000)).start().await.unwrap();
    let mut page = get(&fake, &format!("{FLEET}?limit=200")).await;
    let first = page.body.len();
    let mut pages = 1;
    while let Some(cursor) = page.json()["next_cursor"].as_str() {
        page = get(&fake, &format!("{FLEET}?cursor={cursor}")).await;
        pages += 1;
    }
    // Only the cursor of the first is missing.
    assert_eq!((pages, page.json()["items"].as_array().unwrap().len()), (15, 200));
    assert!(first.abs_diff(page.body.len()) < 200, "{first} and {}", page.body.len());
}
