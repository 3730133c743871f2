//! Every policy shows on the wire: no two of its values give the same answers to one long conversation.
//!
//! What each value should do is told by the other tests; this one fails when a policy is ignored, and when a policy is
//! added without a line here.

use std::fmt::Write;

use crewpass_mock::MockServer;
use crewpass_mock::policy::Policies;
use crewpass_mock::session::Reach;

use crate::api::bodies::upload;
use crate::api::wire::{LIST, bearer, builder, follow, get, get_as, ids, link, link_path, send, set_clock, starter};

/// Each policy with its values, and what else must be set for the policy to matter.
const VALUES: &[(&str, &[&str], &[&str])] = &[
    ("link_ttl", &["900s", "840s", "960s"], &[]),
    ("dead_link", &["404", "403", "410"], &[]),
    ("link_use", &["many", "once"], &[]),
    ("store_down_at", &["both", "link", "file"], &[]),
    ("store_down_body", &["envelope", "empty", "html", "text"], &[]),
    ("retry_after", &["absent", "seconds", "http_date"], &[]),
    ("superseded_document", &["404", "current"], &[]),
    ("link_after_reupload", &["works", "dead"], &[]),
    ("recheck_on_follow", &["works", "dead"], &[]),
    ("document_order", &["newest", "id", "shuffled"], &[]),
    ("optional_fields", &["null", "absent"], &[]),
    ("nullable", &["fixture", "issue_date", "expiry_date", "document_number", "category", "all"], &[]),
    ("unknown_fields", &["none", "extra"], &[]),
    ("unknown_values", &["none", "new"], &[]),
    ("status_by_date", &["fixture", "clock"], &[]),
    ("file_redirect", &["none", "302", "303", "307", "308", "302x3"], &[]),
    ("file_headers", &["full", "chunked", "no_disposition"], &[]),
    ("ranges", &["ignored", "honoured"], &[]),
    ("key_on_file", &["accepted", "refused"], &[]),
    ("both_keys", &["bearer", "refused"], &[]),
    ("limiter_position", &["before_key", "after_scope"], &["rate_limits=on"]),
    ("rate_limits", &["off", "on"], &[]),
];

/// A conversation in which every policy has something to say.
async fn conversation(fake: &MockServer) -> String {
    let mut text = String::new();
    let full = bearer(fake, "full");
    let other = format!("X-Partner-API-Key: {}", fake.key_of("other").unwrap());
    let mut answers = vec![
        get(fake, LIST).await,
        send(fake, "GET", LIST, &[&full, &other]).await,
        get(fake, &link_path("doc_0")).await,
        get(fake, &link_path("doc_6")).await,
    ];
    let path = link(fake, "doc_1").await;
    answers.push(send(fake, "GET", &path, &["Range: bytes=0-9"]).await);
    answers.push(send(fake, "GET", &path, &[&full]).await);
    answers.push(follow(fake, &path).await);
    let (replaced, grounded) = (link(fake, "doc_1").await, link(fake, "doc_2").await);
    upload(fake, "doc_1", "new");
    answers.push(follow(fake, &replaced).await);
    fake.session().lock().store.link = Reach::DownFor(1);
    answers.push(get(fake, &link_path("doc_3")).await);
    fake.session().lock().store.file = Reach::DownFor(1);
    answers.push(follow(fake, &grounded).await);
    fake.session().lock().partner_mut("prt_123").unwrap().api_enabled = false;
    answers.push(follow(fake, &grounded).await);
    fake.session().lock().partner_mut("prt_123").unwrap().api_enabled = true;
    for _ in 0..61 {
        answers.push(get_as(fake, "no_read", LIST).await);
    }
    set_clock(fake, "2030-01-01T00:00:00Z");
    answers.push(get(fake, LIST).await);
    answers.push(follow(fake, &grounded).await);
    for answer in answers {
        writeln!(text, "{}\n", answer.whole()).unwrap();
    }
    text
}

#[tokio::test]
async fn every_value_of_every_policy_shows() {
    for (policy, values, needed) in VALUES {
        let mut heard: Vec<(&str, String)> = Vec::new();
        for value in *values {
            let setting = format!("{policy}={value}");
            let settings: Vec<&str> = needed.iter().copied().chain([setting.as_str()]).collect();
            let answers = conversation(&builder(&settings).start().await.unwrap()).await;
            for (earlier, text) in &heard {
                assert!(*text != answers, "{policy}: `{earlier}` and `{value}` can't be told apart");
            }
            heard.push((value, answers));
        }
        let default = conversation(&builder(needed).start().await.unwrap()).await;
        assert!(heard[0].1 == default, "{policy}: `{}` is not the default", values[0]);
    }
    let of_fleet = crate::api::fleet_policies::VALUES.iter().map(|(policy, _)| *policy);
    let of_person = crate::api::person_policies::VALUES.iter().map(|(policy, _)| *policy);
    let of_webhooks = crate::webhooks::policies::VALUES.iter().map(|(policy, _)| *policy);
    let of_others = of_fleet.chain(of_person).chain(of_webhooks);
    let named: Vec<&str> = VALUES.iter().map(|(policy, _, _)| *policy).chain(of_others).collect();
    assert_eq!(named, Policies::names().collect::<Vec<_>>());
}

#[tokio::test]
async fn lists_come_in_the_order_of_the_policy() {
    let newest = ids(&get(&starter(&[]).await, LIST).await);
    assert_eq!(newest, ["doc_3", "doc_5", "doc_4", "doc_1", "doc_2", "doc_6"]);
    let by_id = ids(&get(&starter(&["document_order=id"]).await, LIST).await);
    assert_eq!(by_id, ["doc_1", "doc_2", "doc_3", "doc_4", "doc_5", "doc_6"]);
    let shuffled = ids(&get(&starter(&["document_order=shuffled"]).await, LIST).await);
    let mut sorted = shuffled.clone();
    sorted.sort();
    assert_eq!(sorted, by_id);
    let mut orders = std::collections::HashSet::from([shuffled.clone()]);
    for seed in 1..9 {
        let builder = builder(&["document_order=shuffled"]).seed(seed);
        orders.insert(ids(&get(&builder.start().await.unwrap(), LIST).await));
    }
    assert!(orders.len() > 1, "the seed shuffles");
}

#[tokio::test]
async fn a_verified_document_past_its_date() {
    for (setting, expected) in [("status_by_date=fixture", "verified"), ("status_by_date=clock", "expired")] {
        let fake = starter(&[setting]).await;
        let status = async |document: &str| {
            let list = get(&fake, LIST).await.json();
            let items = list["items"].as_array().unwrap().clone();
            let item = items.into_iter().find(|item| item["document_id"] == document).unwrap();
            item["verification_status"].as_str().unwrap().to_owned()
        };
        set_clock(&fake, "2028-03-01T23:59:59Z");
        assert_eq!(status("doc_1").await, "verified", "{setting}: on its last day");
        set_clock(&fake, "2028-03-02T00:00:00Z");
        assert_eq!(status("doc_1").await, expected, "{setting}: the day after");
        set_clock(&fake, "2032-01-01T00:00:00Z");
        assert_eq!(status("doc_5").await, "rejected", "{setting}: only verified ones");
        assert_eq!(status("doc_6").await, "verified", "{setting}: without an expiry date");
    }
}

#[tokio::test]
async fn fields_are_nulled_one_by_one() {
    for field in ["issue_date", "expiry_date", "document_number", "category"] {
        let fake = starter(&[&format!("nullable={field}")]).await;
        let list = get(&fake, LIST).await.json();
        for item in list["items"].as_array().unwrap() {
            assert!(item[field].is_null() && item.as_object().unwrap().len() == 9, "{field}");
            assert!(!item["title"].is_null() && !item["verification_status"].is_null(), "{field}");
        }
    }
}
