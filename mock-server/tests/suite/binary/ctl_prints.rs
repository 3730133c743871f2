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
    let torn = fake.ctl(&["faults", "add", "{name: "]);
    assert!(torn.code == Some(2) && torn.stderr.contains("the rule"), "{torn:?}");
    assert!(fake.ctl(&["faults", "add", "no-such-file.yaml"]).failed(6).contains("no-such-file.yaml"));
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
            "    2  10:00:00  -       change                          store {\"file\":\"down\",\"link\":\"down\"}",
        ]
    );
    let filtered = fake.ctl(&["journal", "show", "--json", "--only", "kind=change"]).fine();
    assert_eq!(filtered["entries"].as_array().unwrap().len(), 1);
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
