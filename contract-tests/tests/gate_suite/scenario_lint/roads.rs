//! A hostile value travels by every road on which a client may read it.

use crewpass_contract::client::scenario::Scenario;
use serde_json::Value;

use crate::judge::scenarios::{all, filled, root, rules};

/// The roads of a name: the link, the plain form of `Content-Disposition`, and its coded form, each without the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Road {
    Link,
    Header,
    CodedHeader,
}

/// Returns true if a name does a harm.
type Harm = fn(&str) -> bool;

/// What makes a name hostile.
const KINDS: [(&str, Harm); 4] = [
    ("leads out of the folder", |name| name.contains("../") || name.contains("..\\")),
    ("hides the file", |name| {
        name.starts_with('.') && !name.contains(['/', '\\']) && !name.trim_matches('.').is_empty()
    }),
    ("is that of a device", |name| name.split('.').next() == Some("CON")),
    ("has a control character", |name| name.contains(char::is_control)),
];

/// Returns the names of files in the world of a scenario.
fn names(scenario: &Scenario) -> Vec<String> {
    documents(scenario, |document| &document["file"]["name"])
}

/// Returns a text of each document in the world of a scenario.
fn documents(scenario: &Scenario, text_of: impl Fn(&Value) -> &Value) -> Vec<String> {
    let name = scenario.world.as_str().unwrap();
    let text = filled(&std::fs::read_to_string(root().join(format!("worlds/{name}.yaml"))).unwrap());
    let world: Value = serde_saphyr::from_str(&text).unwrap();
    let crew = world["crew"].as_array().unwrap().iter();
    let documents = crew.flat_map(|member| member["documents"].as_array().unwrap().clone());
    documents.filter_map(|document| text_of(&document).as_str().map(str::to_owned)).collect()
}

/// Returns true if a rule takes the name out of each link, so that only a header has it.
fn is_unnamed(scenario: &Scenario) -> bool {
    rules(scenario).iter().any(|rule| {
        rule["then"]["json"]["set"]["/file_name"] == Value::Null && {
            rule["then"]["json"]["set"].as_object().is_some_and(|set| set.contains_key("/file_name"))
        }
    })
}

/// Returns the road on which the names of a scenario travel alone.
fn has_road(scenario: &Scenario, road: Road, name: &str) -> bool {
    match road {
        Road::Link => !is_unnamed(scenario),
        Road::Header => is_unnamed(scenario) && name.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        Road::CodedHeader => is_unnamed(scenario) && !name.is_ascii(),
    }
}

#[test]
fn each_kind_of_hostile_name_comes_by_each_road() {
    let all = all();
    let mut missing = Vec::new();
    for (kind, is_kind) in KINDS {
        for road in [Road::Link, Road::Header, Road::CodedHeader] {
            // A header can hold a control character only in its coded form.
            if road == Road::Header && kind.contains("control") {
                continue;
            }
            let comes = |(id, scenario): (&String, &Scenario)| {
                let provokes = scenario.provokes.iter().any(|id| id.starts_with("CPK-NAME-"));
                provokes
                    && id.starts_with("name/")
                    && names(scenario).iter().any(|name| is_kind(name) && has_road(scenario, road, name))
            };
            if !all.iter().any(comes) {
                missing.push(format!("a name that {kind}, by {road:?}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn each_id_that_an_answer_repeats_is_hostile_somewhere() {
    let all = all();
    for pointer in ["/crew_unique_id", "/document_id", "/content_type", "/file_name"] {
        let is_hostile =
            |value: &Value| value.as_str().is_some_and(|text| text.contains("../") || text.contains("{canary}"));
        let sets =
            |scenario: &Scenario| rules(scenario).iter().any(|rule| is_hostile(&rule["then"]["json"]["set"][pointer]));
        let named =
            all.values().any(|scenario| scenario.provokes.iter().any(|id| id == "CPK-NAME-01") && sets(scenario));
        assert!(named, "no scenario sets {pointer} to a path");
    }
    let in_lists = all.values().filter(|scenario| scenario.provokes.iter().any(|id| id == "CPK-NAME-01"));
    let is_hostile = |id: &str| id.contains("../");
    assert!(in_lists.flat_map(|scenario| documents(scenario, |document| &document["id"])).any(|id| is_hostile(&id)));
}
