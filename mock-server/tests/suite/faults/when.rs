//! `match` and `when`: which requests a rule is about, and at which of them it fires.

use crate::faults::wire::{Fake, LINK, LIST};

#[tokio::test]
async fn step_crew_document_and_method_are_matched() {
    let rules = [
        ("{match: {step: list}, then: {status: 418}}", [418, 200, 200, 200]),
        ("{match: {step: link}, then: {status: 418}}", [200, 418, 418, 200]),
        ("{match: {step: file}, then: {status: 418}}", [200, 200, 200, 418]),
        ("{match: {crew: crew_001}, then: {status: 418}}", [418, 418, 418, 418]),
        ("{match: {crew: crew_002}, then: {status: 418}}", [200, 200, 200, 200]),
        ("{match: {document: doc_1}, then: {status: 418}}", [200, 418, 200, 418]),
        ("{match: {document: doc_2}, then: {status: 418}}", [200, 200, 418, 200]),
        ("{match: {method: get, step: list}, then: {status: 418}}", [418, 200, 200, 200]),
        ("{match: {method: HEAD}, then: {status: 418}}", [200, 200, 200, 200]),
        ("{then: {status: 418}}", [418, 418, 418, 418]),
    ];
    for (rule, expected) in rules {
        let fake = Fake::with(&[]).await;
        let file = fake.link().await;
        assert_eq!(fake.control("POST", "/faults", &json(rule)).await.status(), 200, "{rule}");
        let other = LINK.replace("doc_1", "doc_2");
        let mut statuses = Vec::new();
        for target in [LIST, LINK, &other, &file] {
            statuses.push(fake.get(target).await.status());
        }
        assert_eq!(statuses, expected, "{rule}");
    }
}

/// A rule in YAML as JSON.
fn json(rule: &str) -> String {
    serde_saphyr::from_str::<serde_json::Value>(rule).unwrap().to_string()
}

#[tokio::test]
async fn head_and_unknown_paths_can_be_matched() {
    let fake = Fake::with(&["{match: {method: HEAD}, then: {status: 418}}"]).await;
    assert_eq!(fake.ask("HEAD", LIST, "").await.status(), 418);
    let fake = Fake::with(&["{match: {step: none}, then: {status: 418}}"]).await;
    assert_eq!(fake.get("/nowhere").await.status(), 418);
    let fake = Fake::with(&["{match: {step: me}, then: {status: 418}}"]).await;
    assert_eq!(fake.get("/api/v2/partners/me").await.status(), 418);
}

#[tokio::test]
async fn skip_times_and_every_count_matches() {
    let cases = [
        ("{skip: 2}", [200, 200, 418, 418, 418, 418]),
        ("{times: 2}", [418, 418, 200, 200, 200, 200]),
        ("{every: 2}", [200, 418, 200, 418, 200, 418]),
        ("{skip: 1, times: 2, every: 2}", [200, 200, 418, 200, 418, 200]),
        ("{probability: 0}", [200; 6]),
        ("{probability: 1}", [418; 6]),
    ];
    for (when, expected) in cases {
        let fake = Fake::with(&[&format!("{{match: {{step: list}}, when: {when}, then: {{status: 418}}}}")]).await;
        fake.link().await;
        assert_eq!(fake.statuses(LIST, 6).await, expected, "{when}");
        let fired = expected.iter().filter(|status| **status == 418).count() as u64;
        assert_eq!(fake.counts(), [(6, fired)], "{when}");
    }
}

#[tokio::test]
async fn a_chance_is_the_seeds() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let rule = "{when: {probability: 0.5}, then: {status: 418}}";
        runs.push(Fake::built(&[rule], |builder| builder.seed(seed)).await.statuses(LIST, 32).await);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    let fired = runs[0].iter().filter(|status| **status == 418).count();
    assert!((6..=26).contains(&fired), "{fired}");
}

#[tokio::test]
async fn a_reset_throws_the_same_dice_again() {
    let fake = Fake::with(&["{when: {probability: 0.5}, then: {status: 418}}"]).await;
    let first = fake.statuses(LIST, 16).await;
    fake.control("POST", "/reset", "").await;
    assert_eq!(fake.counts(), [(0, 0)]);
    assert_eq!(fake.statuses(LIST, 16).await, first);
}

#[tokio::test]
async fn a_window_is_of_the_sessions_clock() {
    for from in ["5m", "2026-06-08T10:05:00Z"] {
        let rule = format!("{{when: {{from: {from}, for: 90s}}, then: {{status: 503}}}}");
        let fake = Fake::with(&[&rule]).await;
        let mut statuses = Vec::new();
        for step in ["0s", "299s", "1s", "89s", "1s"] {
            fake.control("POST", "/clock", &format!(r#"{{"advance": "{step}"}}"#)).await;
            statuses.push(fake.get(LIST).await.status());
        }
        assert_eq!(statuses, [200, 200, 503, 503, 200], "{from}");
        assert_eq!(fake.counts(), [(2, 2)], "a match outside of the window is none");
    }
}

#[tokio::test]
async fn rules_are_tried_in_order_and_the_first_in_front_ends_the_search() {
    let rules = ["{when: {times: 1}, then: {status: 500}}", "{then: {status: 502}}", "{then: {status: 504}}"];
    let fake = Fake::with(&rules).await;
    assert_eq!(fake.statuses(LIST, 3).await, [500, 502, 502]);
    assert_eq!(fake.counts(), [(3, 1), (2, 2), (0, 0)]);
}

#[tokio::test]
async fn a_change_of_the_answer_waits_for_one_that_shows_it() {
    let fake = Fake::with(&["{when: {times: 1}, then: {malformed: true}}"]).await;
    assert_eq!(fake.get(&LIST.replace("crew_001", "crew_003")).await.status(), 404);
    fake.ask("HEAD", LIST, "").await;
    assert_eq!(fake.counts(), [(0, 0)], "neither a refusal nor a HEAD shows it");
    let broken = fake.get(LIST).await;
    assert!(serde_json::from_slice::<serde_json::Value>(&broken.body).is_err());
    fake.get(LIST).await.json();
    assert_eq!(fake.counts(), [(2, 1)]);
}
