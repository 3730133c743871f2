//! What is wrong in an expectation is reported with its position.

use std::path::Path;

use crewpass_contract::server::{Expectation, schema_text};
use serde_json::Value;

fn message(text: &str) -> String {
    Expectation::parse(text, "e.yaml").unwrap_err().to_string()
}

#[test]
fn a_mistake_has_a_place() {
    let crew = "crew: {crew_001: {fleet: true}}\n";
    let keys = "keys: {full: {key: cpk_test_1}}\n";
    assert_eq!(message(&format!("keys: {{other: {{key: a}}}}\n{crew}")), "e.yaml:1:1: there is no key `full`");
    assert_eq!(message(&format!("{keys}crew: {{}}\n")), "e.yaml:2:1: there is no crew member");
    assert_eq!(message(&format!("{keys}{crew}vendor: [a]\n")), "e.yaml:3:1: there is no field `vendor` here");
    assert_eq!(message(&format!("keys: {{full: {{key: 'a b'}}}}\n{crew}")), "e.yaml:1:8: the key `full` can't be sent");
    let lever = "levers: {clock: \"ctl 'x\"}\n";
    assert_eq!(message(&format!("{keys}{crew}{lever}")), "e.yaml:3:18: this command has an unclosed quote");
    let file = "crew:\n  c:\n    fleet: true\n    documents: [{document_id: d, file: {sha256: abc}}]\n";
    assert_eq!(message(&format!("{keys}{file}")), "e.yaml:5:49: the sha256 of d is not valid");
    assert!(message(&format!("{keys}crew: {{c: {{}}}}\n")).ends_with("`fleet` is missing"));
    let rows = "fleet: [{crew_unique_id: c}]\n";
    let row = "e.yaml:2:1: a row of the fleet has no `crew_unique_id` or no `vessel_id`";
    assert_eq!(message(&format!("{keys}{rows}{crew}")), row);
    let photo = "crew: {c: {fleet: true, photo: {sha256: abd}}}\n";
    assert_eq!(message(&format!("{keys}{photo}")), "e.yaml:2:41: the sha256 of a photo is not valid");
}

#[test]
fn a_key_is_never_shown() {
    let expect = Expectation::parse("keys: {full: {key: cpk_test_secret}}\ncrew: {c: {fleet: true}}\n", "e").unwrap();
    assert!(!format!("{expect:?}").contains("secret"));
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/contract/expectation.schema.json");
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(text, schema_text(), "run `make generate`");
    serde_json::from_str(&text).unwrap()
}

fn json(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

#[test]
fn the_schema_is_current_and_allows_the_starter() {
    jsonschema::validate(&schema(), &json(include_str!("../../../../fixtures/contract/starter.expect.yaml"))).unwrap();
}

#[test]
fn the_schema_and_the_gate_refuse_the_same() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let whole = "keys: {full: {key: a, mode: mismatch, partner: another}}\n\
        crew: {c: {fleet: true, documents: [{document_id: d, title: null, file: {file_name: null}}]}}\n\
        unsupported: [{id: CPS-UP-01, reason: r}]\nlevers: {clock: ctl}\nme: {mode: test}\n\
        vessels: {v: {name: nn, fleet: false, fleet_of: another}}\nlookup: {field: email}\n\
        fleet: [{crew_unique_id: c, vessel_id: v, role: null}]\n";
    let whole = &whole.replacen(
        "fleet: true, documents",
        "fleet: true, email: a@b.invalid, profile: {name: nn}, \
        photo: {content_type: image/png}, compliance: {v: {overall_status: no_role}}, documents",
        1,
    );
    assert!(schema.is_valid(&json(whole)) && Expectation::parse(whole, "e.yaml").is_ok());
    assert!(!schema.is_valid(&json("keys: {full: {key: a}}\ncrew: {}\n")), "the schema allows an empty crew");
    for (right, wrong) in [
        ("full:", "other:"),
        ("key: a", "key: 'a b'"),
        ("mismatch", "live"),
        ("another", "mine"),
        ("fleet: true, ", ""),
        ("document_id: d, ", ""),
        ("document_id: d, ", "document_id: '', "),
        ("title: null", "title: [a]"),
        ("file_name: null", "sha256: abc"),
        ("file_name:", "name:"),
        (", reason: r", ""),
        ("clock:", "clocks:"),
        ("unsupported:", "unsuported:"),
        ("me: {mode: test}", "me: [test]"),
        ("{name: nn, fleet: false", "{name: nn, fleet: maybe"),
        ("field: email", "fields: email"),
        ("vessel_id: v, ", ""),
        ("{crew_unique_id: c, ", "{"),
        ("email: a@b.invalid", "email: [a]"),
        ("profile: {name: nn}", "profile: nn"),
        ("content_type: image/png", "sha256: abc"),
        ("{overall_status: no_role}", "no_role"),
    ] {
        let text = whole.replace(right, wrong);
        assert_ne!(text, *whole, "{right}");
        assert!(!schema.is_valid(&json(&text)), "the schema allows {wrong:?} in the place of {right:?}");
        assert!(Expectation::parse(&text, "e.yaml").is_err(), "the gate takes {wrong:?} in the place of {right:?}");
    }
}
