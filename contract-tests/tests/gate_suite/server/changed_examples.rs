//! The examples of the endpoints as answers of a server, with one field changed: a clause fails, or `ACCEPTED` says why none
//! does.

use std::collections::BTreeSet;

use crewpass_contract::outcome::Outcome;
use crewpass_contract::requirement::Requirement;
use crewpass_contract::server::{Expectation, Options, Seen, judged, run};
use crewpass_mock::MockServer;
use crewpass_mock::world::World;
use serde_json::{Value, json};

use crate::document::changed_examples::whole_world;
use crate::document::examples::{places, read_example, retyped, with, without};
use crate::server::harness::all_but_limits;

/// The examples with the ends of their paths, and the areas of the clauses about them.
const EXAMPLES: [(&str, &str, &[&str]); 8] = [
    ("partner", "/partners/me", &["ME"]),
    ("vessels", "/employers/me/vessels", &["VESSEL"]),
    ("fleet", "/employers/me/fleet", &["FLEET", "PAGE", "ROW"]),
    ("lookup", "/crew/lookup", &["LOOKUP"]),
    ("profile", "/crew_001/profile", &["PROFILE", "PHOTO"]),
    ("compliance", "/crew_001/compliance-checks", &["COMP"]),
    ("list", "/crew_001/documents", &["LIST"]),
    ("link", "/documents/doc_1/download", &["LINK"]),
];

/// What no clause refuses: an example, the end of a place in it, the changes, and why.
const ACCEPTED: &[(&str, &str, &[&str], &str)] = &[
    ("partner", "/status", &["dropped"], "the page does not require it"),
    ("partner", "/granted_scopes", &["dropped"], "the page does not require it"),
    ("vessels", "/items/0/vessel_id", ANY, "no page shows the fields of a vessel"),
    ("vessels", "/items/0/name", ANY, "no page shows the fields of a vessel"),
    ("vessels", "/next_cursor", &["dropped"], "no page shows the fields of the body"),
    ("fleet", "/next_cursor", &["dropped"], "the last page may leave it out"),
    ("fleet", "/items/0/as_of", &["dropped", "nulled"], "shown by an example alone, and not known beforehand"),
    ("fleet", "/items/0/documents_expiring", &["dropped"], "shown by an example alone, and not known beforehand"),
    ("lookup", "/name", ANY, "the page promises the id alone"),
    ("compliance", "/as_of", &["dropped", "nulled"], "shown by an example alone, and not known beforehand"),
    ("compliance", "/source", &["dropped", "nulled"], "shown by an example alone, and its values are not documented"),
    ("compliance", "/requirements/0/days_until_expiry", &["dropped", "nulled"], "an example alone shows it"),
    ("compliance", "/requirements/1/days_until_expiry", &["dropped", "nulled"], "an example alone shows it"),
];
const ANY: &[&str] = &["dropped", "nulled", "retyped"];

/// The expectation that the examples fulfil, without what changes with time.
fn expectation(key: &str) -> String {
    let only = |value: &Value, left_out: &[&str]| {
        let mut value = value.clone();
        value.as_object_mut().unwrap().retain(|name, _| !left_out.contains(&&**name));
        value
    };
    let (list, link, mut check) = (read_example("list"), read_example("link"), read_example("compliance"));
    for requirement in check["requirements"].as_array_mut().unwrap() {
        *requirement = only(requirement, &["days_until_expiry"]);
    }
    let mut document = list["items"][0].clone();
    document["file"] = json!({"content_type": link["content_type"], "file_name": link["file_name"]});
    json!({
        "keys": {"full": {"key": key}},
        "me": only(&read_example("partner"), &["status", "granted_scopes"]),
        "vessels": {"ves_abc": {"name": "M/Y Halcyon"}},
        "fleet": [only(&read_example("fleet")["items"][0], &["documents_expiring", "as_of"])],
        "crew": {
            "crew_001": {
                "fleet": true, "consented": whole_world()["partners"][0]["granted_scopes"],
                "documents": [document], "email": "marina.kovac@example.invalid",
                "profile": only(&read_example("profile"), &["crew_unique_id", "profile_photo_url", "full_profile"]),
                "photo": {"content_type": "image/jpeg"},
                "compliance": {"ves_abc": only(&check, &["crew_unique_id", "source", "as_of"])},
            },
        },
    })
    .to_string()
}

/// Returns a value with one place changed in every way. Of a null, the other type of the field is not known here.
fn changes(whole: &Value, place: &str) -> Vec<(&'static str, Value)> {
    let shown = whole.pointer(place).unwrap();
    let mut all: Vec<_> = without(whole, place).map(|changed| ("dropped", changed)).into_iter().collect();
    if !shown.is_null() {
        all.push(("nulled", with(whole, place, Value::Null)));
        all.extend(retyped(shown).into_iter().map(|other| ("retyped", with(whole, place, other))));
    }
    all
}

#[tokio::test]
async fn a_changed_field_of_an_example_fails_a_clause() {
    let start = "2026-06-08T10:00:00Z".parse().unwrap();
    let world = World::parse(&whole_world().to_string(), "examples", None).unwrap();
    let fake = MockServer::builder().world(world).frozen_at(start).start().await.unwrap();
    let expect = Expectation::parse(&expectation(&fake.key().unwrap()), "examples").unwrap();
    let options = Options { rate: 10_000, posts: true, ..Options::default() };
    let mut seen = run(&fake.base(), &expect, &options).await.unwrap();
    let clauses = all_but_limits();
    let failed = |seen: &Seen<'_>, clauses: &[Requirement]| {
        let failed = judged(seen, clauses).into_iter().filter(|result| result.outcome == Outcome::Fail);
        failed.map(|result| result.id).collect::<Vec<_>>()
    };
    assert_eq!(failed(&seen, &clauses), [""; 0], "the examples themselves");
    let (mut accepted, mut refused) = (BTreeSet::new(), 0);
    for (name, path, areas) in EXAMPLES {
        let own: Vec<_> = clauses.iter().filter(|clause| areas.contains(&clause.area())).cloned().collect();
        let is_of = |target: &str| target.split('?').next().unwrap().ends_with(path);
        let at = seen.answers.iter().position(|one| one.status == 200 && is_of(&one.target));
        let at = at.unwrap_or_else(|| panic!("{name} was not asked for"));
        let whole = seen.answers[at].json();
        for place in places(&whole) {
            for (change, changed) in changes(&whole, &place) {
                seen.answers[at].body = changed.to_string().into_bytes();
                if failed(&seen, &own).is_empty() {
                    accepted.insert(format!("{name} {place} {change}"));
                } else {
                    refused += 1;
                }
            }
        }
        seen.answers[at].body = whole.to_string().into_bytes();
    }
    let known = ACCEPTED
        .iter()
        .flat_map(|(name, place, changes, _)| changes.iter().map(move |change| format!("{name} {place} {change}")));
    assert_eq!(accepted, known.collect::<BTreeSet<_>>());
    assert!(refused > 500, "only {refused} were refused");
}
