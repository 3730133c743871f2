//! The examples of a list and of a link with one field changed, as a client gets them: the judges of a client take each for
//! what it is.

use crewpass_contract::client::judge::{Verdict, judge_of};
use serde_json::{Value, json};

use crate::document::examples::{places, read_example, retyped, story, with, without};
use crate::support::case_builder::{CaseBuilder, file_path};

/// Returns every value that differs from this one by a field: retyped, null or left out.
fn changed(value: &Value) -> Vec<Value> {
    let of_place = |place: String| {
        let others = retyped(value.pointer(&place).unwrap()).into_iter().chain([Value::Null]);
        let others: Vec<_> = others.map(|other| with(value, &place, other)).collect();
        others.into_iter().chain(without(value, &place)).collect::<Vec<_>>()
    };
    places(value).into_iter().flat_map(of_place).collect()
}

fn is_exercised(id: &str, story: &CaseBuilder) -> bool {
    !matches!(judge_of(id).unwrap()(&story.case), Verdict::NotExercised(_))
}

/// The list and the link of a client that follows the link.
fn examples() -> (Value, Value, String) {
    let target = file_path("doc_1", 0);
    let url = json!(format!("http://127.0.0.1:4000{target}"));
    (read_example("list"), with(&read_example("link"), "/download_url", url), target)
}

#[test]
fn a_changed_list_is_that_of_nobody_else_unless_its_id_differs() {
    let (list, link, target) = examples();
    let all = changed(&list);
    assert!(all.len() > 50, "only {} differ", all.len());
    for list in all {
        let story = story(list.clone(), link.clone(), &target);
        let is_of_another = list.get("crew_unique_id").is_some_and(|id| id != "crew_001");
        assert_eq!(is_exercised("CPK-LIST-07", &story), is_of_another, "{list}");
        let issuer = list.pointer("/items/0").and_then(|item| item.get("issuer"));
        assert_eq!(is_exercised("CPK-LIST-03", &story), issuer.is_some_and(Value::is_null), "{list}");
    }
}

#[test]
fn a_changed_link_has_no_url_no_document_or_no_end() {
    let (list, link, target) = examples();
    let all = changed(&link);
    assert!(all.len() > 25, "only {} differ", all.len());
    for link in all {
        let story = story(list.clone(), link.clone(), &target);
        for (id, field) in
            [("CPK-LINK-09", "document_id"), ("CPK-LINK-10", "download_url"), ("CPK-LINK-11", "expires_at")]
        {
            // A text here is one that the example does not have, which is no instant.
            let has_it = link.get(field).is_some_and(Value::is_string);
            assert_eq!(is_exercised(id, &story), !has_it, "{id}: {link}");
        }
    }
}
