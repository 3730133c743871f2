//! Ids that are given twice or lead nowhere, chains of versions, and keys.

use insta::assert_snapshot;

use super::broken::{Broken, VALID, problems, with};

/// A second document of the valid world's person.
fn and_document(id: &str, supersedes: &str) -> String {
    let more = format!(
        "      - {{id: {id}, supersedes: {supersedes}, type: A, title: B, verification_status: pending, file: {{generate: pdf}}}}\n"
    );
    VALID.to_owned() + &more
}

/// A second person with one document.
fn and_person(id: &str, document: &str) -> String {
    let more = format!(
        "  - id: {id}\n    documents:\n      - {{{document}, type: A, title: B, verification_status: pending, file: {{generate: pdf}}}}\n"
    );
    VALID.to_owned() + &more
}

#[test]
fn an_unknown_vessel() {
    assert_snapshot!(problems(&with("vessels: [ves_abc]", "vessels: [ves_abd]")));
}

#[test]
fn an_unknown_partner_of_a_vessel() {
    assert_snapshot!(problems(&with("partners: [prt_1]", "partners: [prt_1, somebody]")));
}

#[test]
fn an_unknown_partner_of_a_consent() {
    assert_snapshot!(problems(&with("consent: {prt_1:", "consent: {prt_2:")));
}

#[test]
fn a_partner_given_twice() {
    assert_snapshot!(problems(&with("vessels:\n", "  - id: prt_1\nvessels:\n")));
}

#[test]
fn a_vessel_given_twice() {
    assert_snapshot!(problems(&with("crew:\n", "  - {id: ves_abc, name: Other, partners: []}\ncrew:\n")));
}

#[test]
fn a_crew_member_given_twice() {
    assert_snapshot!(problems(&and_person("crew_1", "id: doc_9")));
}

#[test]
fn a_document_given_twice_in_the_world() {
    assert_snapshot!(problems(&and_person("crew_2", "id: doc_1")));
}

#[test]
fn an_empty_id() {
    assert_snapshot!(problems(&with("id: crew_1", "id: ''")));
}

#[test]
fn a_key_name_given_twice() {
    assert_snapshot!(problems(&with("vessels:\n", "      - {name: full}\nvessels:\n")));
}

#[test]
fn a_key_text_given_twice() {
    let again = "      - {name: two, key: cpk_test_0123456789abcdef0123456789abcdef}\nvessels:\n";
    assert_snapshot!(problems(&with("vessels:\n", again)));
}

#[test]
fn a_key_with_an_unknown_prefix() {
    assert_snapshot!(problems(&with("cpk_test_0123", "cpk_tset_0123")));
}

#[test]
fn a_key_of_another_service() {
    assert_snapshot!(problems(&with("cpk_test_0123456789abcdef", "sk_abcdefabcdefabcdef")));
}

#[test]
fn a_key_that_no_header_can_carry() {
    assert_snapshot!(problems(&with("cpk_test_0123456789abcdef0123456789abcdef", "\"cpk_test_0123 456789\"")));
}

#[test]
fn a_superseded_document_that_is_not_there() {
    assert_snapshot!(problems(&with("supersedes: doc_0", "supersedes: doc_O")));
}

#[test]
fn a_superseded_document_of_somebody_else() {
    assert_snapshot!(problems(&and_person("crew_2", "id: doc_9, supersedes: doc_1")));
}

#[test]
fn two_current_versions() {
    assert_snapshot!(problems(&and_document("doc_2", "doc_0")));
}

#[test]
fn a_circle_of_versions() {
    assert_snapshot!(problems(&with("id: doc_0", "id: doc_0\n        supersedes: doc_1")));
}

#[test]
fn a_version_of_itself() {
    assert_snapshot!(problems(&with("supersedes: doc_0", "supersedes: doc_1")));
}

#[test]
fn every_problem_is_told_in_the_order_of_the_file() {
    let text = with("vessels: [ves_abc]", "vessels: [ves_1, ves_abd]").replace("{prt_1:", "{prt_3:");
    assert_snapshot!(problems(&text.replace("{generate: pdf}", "{}").replace("cpk_test_", "cpk_")));
}

#[test]
fn the_same_of_json() {
    let value: serde_json::Value = serde_json::json!({
        "crew": [{"id": "crew_1", "vessels": ["ves_1"], "documents": []}],
        "vessels": [{"id": "ves_2", "name": "N", "partners": []}]
    });
    assert_snapshot!(Broken::world("").file("worlds/w.json", value.to_string()).problems_of("worlds/w.json".as_ref()));
}

#[test]
fn a_long_line_is_cropped_and_keeps_its_column() {
    let people: Vec<_> = (0..50).map(|number| format!("{{\"id\": \"crew_{number}\"}}")).collect();
    let last = "{\"id\": \"crew_x\", \"vessels\": [\"ves_1\"]}";
    let text = format!("\u{feff}{{\"crew\": [{}, {last}]}}", people.join(", "));
    assert_snapshot!(Broken::world("").file("worlds/w.json", text).problems_of("worlds/w.json".as_ref()));
}

#[test]
fn a_key_that_is_left_out_is_made_from_seed_and_name() {
    let keys = |seed: u64| {
        let text = with(", key: cpk_test_0123456789abcdef0123456789abcdef", "");
        let world = Broken::world(&format!("seed: {seed}\n{text}")).load().unwrap();
        world.keys().map(|(.., text)| text.reveal().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(1), keys(1));
    assert_ne!(keys(1), keys(2));
}

#[test]
fn no_message_shows_a_whole_key() {
    let key = "cpk_test_0123456789abcdef0123456789abcdef";
    let texts = [
        with("vessels:\n", &format!("      - {{name: two, key: {key}}}\nvessels:\n")),
        with("name: full,", "nme: full,"),
        with("{id: ves_abc", &format!("{{id: {key}")).replace("[ves_abc]", &format!("[{key}x]")),
        with("granted_scopes: [crew:documents:read]", &format!("granted_scopes: [{key}]")),
        with("verified", key),
        with("vessels: [ves_abc]", &format!("vessels: [{key}]")),
        with("id: crew_1", &format!("id: crew_1\n    {key}: 1")),
        with("2028-03-01", key),
        with("{path: a.pdf}", &format!("{{path: {key}}}")),
        format!("policies: {{{key}: 1}}\n{VALID}"),
        format!("policies: {{link_ttl: {key}}}\n{VALID}"),
        format!("{{\"clock\": \"{key}\"}}"),
        format!("{{\"clock\" \"{key}\"}}"),
    ];
    for text in texts {
        let error = Broken::world(&text).load().expect_err("the world is broken");
        for shown in [error.render(false, 100), error.render(true, 30), error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("0123456789ab"), "{shown}");
        }
    }
}
