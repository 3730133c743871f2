//! Ids: any text is one segment of a path, at the real router. None is a 500, and none reaches another route.

use std::sync::Arc;

use crewpass_mock::world::World;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::json;

use crate::properties::runner::runner;
use crate::properties::texts::{text, word};
use crate::properties::wire::{CREW, FILES, Fake, escaped};

/// The ways to write an id as one segment.
fn spellings(id: &str) -> [String; 2] {
    [escaped(id.as_bytes()), utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()]
}

/// A world with one crew member and one document of these ids.
fn world(crew: &str, document: &str) -> Arc<World> {
    let scopes = json!(["crew:documents:read", "crew:documents:download"]);
    let paper = json!({
        "id": document, "type": "STCW", "title": "A paper", "verification_status": "verified",
        "file": {"generate": "bytes", "size": 64},
    });
    let world = json!({
        "partners": [{"id": "prt", "granted_scopes": scopes, "keys": [{"name": "full"}]}],
        "vessels": [{"id": "ves", "name": "Vessel", "partners": ["prt"]}],
        "crew": [{"id": crew, "vessels": ["ves"], "consent": {"prt": scopes}, "documents": [paper]}],
    });
    Arc::new(World::build(serde_json::from_value(world).unwrap(), "ids", None).unwrap())
}

#[test]
fn any_id_is_found_as_it_is_and_leads_to_its_file() {
    let fake = Fake::new(World::starter());
    let key = fake.server.key();
    let is_found = |(crew, document): (String, String)| {
        fake.server.replace_world(world(&crew, &document));
        prop_assert!(fake.server.key() != key, "the world was not replaced");
        for (crew_spelt, paper_spelt) in spellings(&crew).into_iter().zip(spellings(&document)) {
            let list = fake.get(&format!("{CREW}/{crew_spelt}/documents"));
            prop_assert_eq!(list.status, 200, "{:?}", list);
            prop_assert_eq!(&list.json["crew_unique_id"], &json!(crew));
            prop_assert_eq!(&list.json["items"][0]["document_id"], &json!(document));
            let target = format!("{CREW}/{crew_spelt}/documents/{paper_spelt}/download");
            let link = fake.get(&target);
            prop_assert_eq!(link.status, 200, "{:?}", link);
            prop_assert_eq!(&link.json["document_id"], &json!(document));
            let seen = fake.last();
            prop_assert_eq!(
                (seen.step.as_str(), seen.crew(), seen.document()),
                ("link", Some(crew.clone()), Some(document.clone()))
            );
            let url = link.json["download_url"].as_str().unwrap();
            let path = url.strip_prefix(&fake.server.base()).unwrap();
            prop_assert!(path.starts_with(FILES) && !path[FILES.len()..].contains('/'), "{}", path);
            prop_assert_eq!(fake.get(path).status, 200);
        }
        Ok(())
    };
    runner(60).run(&(word(), word()), is_found).unwrap();
}

#[test]
fn any_other_id_is_unknown_at_its_own_step() {
    let fake = Fake::new(World::starter());
    let unknown = |id: String| {
        let known = |known: &str| id == known;
        for spelt in spellings(&id) {
            let asked = [
                (format!("{CREW}/{spelt}/documents"), "list", known("crew_001")),
                (format!("{CREW}/{spelt}/documents/doc_1/download"), "link", known("crew_001")),
                (format!("{CREW}/crew_001/documents/{spelt}/download"), "link", known("doc_1")),
                (format!("{FILES}{spelt}"), "file", false),
            ];
            for (target, step, known) in asked.into_iter().filter(|(.., known)| !known) {
                let answer = fake.get(&target);
                prop_assert_eq!((answer.status, answer.code(), known), (404, "not_found", false), "{}", target);
                let expected = if id.is_empty() && step == "file" { None } else { Some(step) };
                prop_assert!(
                    expected.is_none_or(|step| fake.last().step.as_str() == step),
                    "{}: {:?}",
                    target,
                    fake.last().step
                );
            }
        }
        Ok(())
    };
    runner(100).run(&text(), unknown).unwrap();
}

/// What is no text is one segment as well.
#[test]
fn any_bytes_are_unknown_too() {
    let fake = Fake::new(World::starter());
    let unknown = |bytes: Vec<u8>| {
        let spelt = escaped(&bytes);
        for target in [format!("{CREW}/{spelt}/documents"), format!("{CREW}/crew_001/documents/{spelt}/download")] {
            let answer = fake.get(&target);
            prop_assert_eq!((answer.status, answer.code()), (404, "not_found"), "{}", target);
        }
        Ok(())
    };
    runner(100).run(&prop::collection::vec(any::<u8>(), 1..24), unknown).unwrap();
}
