//! What a tester wrote wrong is told with its place.

use crewpass_contract::server::Expectation;

fn told(text: &str) -> String {
    Expectation::parse(text, "e.yaml").unwrap_err().to_string()
}

#[test]
fn a_mistake_has_a_place() {
    let crew = "crew: {crew_001: {fleet: true}}\n";
    let keys = "keys: {full: {key: cpk_test_1}}\n";
    assert_eq!(told(&format!("keys: {{other: {{key: a}}}}\n{crew}")), "e.yaml:1:1: there is no key `full`");
    assert_eq!(told(&format!("{keys}crew: {{}}\n")), "e.yaml:2:1: there is no crew member");
    assert_eq!(told(&format!("{keys}{crew}vendor: [a]\n")), "e.yaml:3:1: there is no field `vendor` here");
    assert_eq!(told(&format!("keys: {{full: {{key: 'a b'}}}}\n{crew}")), "e.yaml:1:8: the key `full` can't be sent");
    let lever = "levers: {clock: \"ctl 'x\"}\n";
    assert_eq!(told(&format!("{keys}{crew}{lever}")), "e.yaml:3:18: this command has a quote that is not closed");
    let file = "crew:\n  c:\n    fleet: true\n    documents: [{document_id: d, file: {sha256: abc}}]\n";
    assert_eq!(told(&format!("{keys}{file}")), "e.yaml:5:49: the sha256 of d is none");
    assert!(told(&format!("{keys}crew: {{c: {{}}}}\n")).ends_with("`fleet` is missing"));
}

#[test]
fn a_key_is_never_shown() {
    let expect = Expectation::parse("keys: {full: {key: cpk_test_secret}}\ncrew: {c: {fleet: true}}\n", "e").unwrap();
    assert!(!format!("{expect:?}").contains("secret"));
}
