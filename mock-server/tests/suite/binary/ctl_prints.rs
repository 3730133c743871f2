//! What `ctl` prints without an order, and the journal as a table that follows.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::executable::{Fake, Guarded, command};
use crate::support::raw::CREW;

#[test]
fn a_topic_alone_prints_its_state() {
    let fake = Fake::start(&["--clock", "2026-06-08T10:00:00Z"]);
    for (topic, order) in
        [("clock", "show"), ("store", "show"), ("policies", "show"), ("faults", "show"), ("sessions", "list")]
    {
        assert_eq!(fake.ctl(&[topic]).fine(), fake.ctl(&[topic, order]).fine(), "{topic}");
    }
    assert_eq!(fake.ctl(&["clock"]).fine(), json!({"now": "2026-06-08T10:00:00Z", "frozen": true}));
    fake.stop();
}

#[test]
fn a_rule_is_added_as_text() {
    let fake = Fake::start(&[]);
    fake.ctl(&["faults", "add", "{name: one, then: {status: 503}}"]).fine();
    fake.ctl(&["faults", "add", r#"[{"name": "two", "then": {"close": true}}]"#]).fine();
    fake.ctl(&["faults", "add", "- name: three\n  then: {status: 500}"]).fine();
    let added = fake.ctl(&["faults"]).fine();
    let names: Vec<_> = added["faults"].as_array().unwrap().iter().map(|rule| &rule["name"]).collect();
    assert_eq!(names, ["one", "two", "three"]);
    // What is wrong is told by its place in the text, not in the JSON that is sent.
    for (text, says) in [
        ("{name: ", "the rule:1:"),
        ("{name: four, then: {statsu: 503}}", "the rule:1:2"),
        ("- then: {status: 503}\n- {name: 'a b', then: {status: 503}}", "the rule:2:"),
        (r#"{"then": {"status": 5030}}"#, "the rule:1:"),
    ] {
        let wrong = fake.ctl(&["faults", "add", text]);
        assert!(wrong.code == Some(2) && wrong.stderr.contains(says), "{text}: {wrong:?}");
        assert!(!wrong.stderr.contains("JSON"), "{wrong:?}");
    }
    assert_eq!(fake.ctl(&["faults"]).fine(), added, "nothing was sent");
    for neither in ["no-such-file.yaml", "503 twice"] {
        let message = fake.ctl(&["faults", "add", neither]).failed(6);
        assert!(message.contains(neither) && message.contains("there is no such file"), "{message}");
        // The rule that the message shows is one.
        let shown = message.split('\'').nth(1).unwrap();
        fake.ctl(&["faults", "add", shown]).fine();
    }
    fake.stop();
}

#[test]
fn the_journal_is_a_table_or_json() {
    let fake = Fake::start(&["--clock", "2026-06-08T10:00:00Z"]);
    fake.get(&format!("{CREW}/crew_003/documents?api_key={}", fake.key));
    fake.ctl(&["store", "down"]).fine();
    let table = fake.ctl(&["journal", "show"]).stdout;
    assert_eq!(
        table.lines().collect::<Vec<_>>(),
        [
            "    #  TIME      STATUS  DECIDED BY                      REQUEST OR CHANGE",
            "    1  10:00:00  404     crew-on-fleet (P)               GET /api/v2/employers/me/crew/crew_003/documents?api_key=cpk_test_…8a25  leaks: key-in-query",
            "    2  10:00:00  -       change                          store file down, link down",
        ]
    );
    let filtered = fake.ctl(&["journal", "show", "--json", "--only", "kind=change"]).fine();
    assert_eq!(filtered["entries"].as_array().unwrap().len(), 1);
    for (only, says) in [
        ("change=foo", "there is no change `foo`; the changes are alter, callback, clock, "),
        ("change=fault", "there is no change `fault`; did you mean `faults`?; the changes are"),
        ("clause=crew-on-flet", "there is no clause `crew-on-flet`; did you mean `crew-on-fleet`?"),
        ("foo=bar", "unknown parameter `foo`, expected one of `kind`, `step`"),
        ("step=foo", "`foo` is not a known value here; it can be"),
    ] {
        for order in [&["journal", "show", "--only", only][..], &["journal", "--only", only]] {
            let refused = fake.ctl(order).failed(5);
            assert!(refused.contains(says), "{only}: {refused}");
        }
    }
    fake.stop();
}

#[test]
fn a_cut_body_is_seen_in_the_table() {
    let fake = Fake::start(&["--clock", "2026-06-08T10:00:00Z"]);
    fake.ctl(&["faults", "add", "{name: half, match: {step: list}, then: {cut: {after: 100}}}"]).fine();
    // The client gets less than the length that the head announces.
    fake.get(&format!("{CREW}/crew_001/documents")).bytes().unwrap_err();
    let table = fake.ctl(&["journal", "show", "--only", "step=list"]).stdout;
    assert!(table.ends_with("/crew_001/documents  faults: half  100 bytes, not whole\n"), "{table}");
    fake.stop();
}

#[test]
fn deliveries_are_shown_by_state_and_fired_with_data() {
    let fake = Fake::start(&["--clock", "2026-06-08T10:00:00Z"]);
    // Nobody listens there, so that each attempt fails.
    fake.ctl(&["webhooks", "add", "http://127.0.0.1:9/hooks", "--secret", "whsec_test"]).fine();
    let fire = |more: &[&str]| fake.ctl(&[&["webhooks", "fire"], more].concat());
    fire(&["crew.document.updated", "--crew", "crew_001"]).fine();
    fire(&["crew.document.updated", "--data", r#"{"odd": true}"#]).fine();
    fire(&["crew.odd", "--unknown", "--after", "1h"]).fine();
    let data = |state: &[&str]| {
        let shown = fake.ctl(&[&["webhooks", "show"], state].concat()).fine();
        let deliveries = shown["deliveries"].as_array().unwrap();
        deliveries.iter().map(|delivery| delivery["data"].clone()).collect::<Vec<_>>()
    };
    let filled = json!({"crew_unique_id": "crew_001", "document_id": "doc_1", "verification_status": "verified"});
    assert_eq!(data(&[]), [filled, json!({"odd": true}), json!({})]);
    assert_eq!(data(&["--state", "dead"]), Vec::<Value>::new());
    assert_eq!(data(&["--state", "delivered"]), Vec::<Value>::new());
    for (more, says) in [
        (&["crew.document.procesed"][..], "did you mean `crew.document.processed`?"),
        (&["crew.document.updated", "--crew", "crew_01"], "did you mean `crew_001`?"),
    ] {
        assert!(fire(more).failed(5).contains(says), "{more:?}");
    }
    fake.stop();
}

#[test]
fn the_journal_follows() {
    let fake = Fake::start(&[]);
    let follow = |args: &[&str]| {
        let mut ctl = command();
        ctl.args(["ctl", "--base", &fake.base, "journal"]).args(args).stdout(Stdio::piped());
        let mut child = Guarded(ctl.spawn().unwrap());
        let lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
        (child, lines)
    };
    let (_table, mut rows) = follow(&["--only", "kind=exchange"]);
    assert!(rows.next().unwrap().contains("REQUEST OR CHANGE"));
    fake.ctl(&["clock", "freeze"]).fine();
    fake.listed("crew_001");
    assert!(rows.next().unwrap().contains("200     served (G)"), "the change is filtered out");
    let (_json, mut objects) = follow(&["--json"]);
    let kinds: Vec<_> = objects.by_ref().take(2).map(|line| serde_json::from_str::<Value>(&line).unwrap()).collect();
    assert_eq!((&kinds[0]["kind"], &kinds[1]["kind"]), (&json!("change"), &json!("exchange")));
    fake.stop();
}
