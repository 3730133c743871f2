//! `explain` and `describe`, as a person and a script meet them.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::executable::{Fake, Ran, run};

fn explain(fake: &Fake, args: &[&str]) -> Ran {
    run(&[&["explain", "--base", &fake.base], args].concat())
}

#[test]
fn a_404_is_explained_and_the_exit_code_says_it() {
    let fake = Fake::start(&["--clock", "2026-06-08T10:00:00Z"]);
    let crew = crate::support::raw::CREW;
    let refused = explain(&fake, &["--key", &fake.key, "GET", &format!("{crew}/crew_003/documents")]);
    assert_eq!((refused.code, &*refused.stderr), (Some(1), ""));
    assert_snapshot!("refused", refused.stdout);
    let served = explain(&fake, &["--key", &fake.key, &format!("{crew}/crew_001/documents")]);
    assert_eq!((served.code, &*served.stderr), (Some(0), ""));
    assert_snapshot!("served", served.stdout);
    let link = fake.link("crew_001", "doc_1");
    let output = explain(&fake, &["--json", &link]).fine();
    assert_eq!((&output["status"], &output["decided_by"]), (&Value::from(200), &Value::from("served")));
    let post = explain(&fake, &["--json", "POST", &format!("{crew}/crew_001/documents")]);
    assert_eq!(post.code, Some(1));
    assert_eq!(serde_json::from_str::<Value>(&post.stdout).unwrap()["decided_by"], "method");
    let wrong = explain(&fake, &["nowhere"]).failed(5);
    assert!(wrong.contains("`target` must be a path"), "{wrong}");
    fake.stop();
}

#[test]
fn the_header_is_there_where_it_was_asked_for() {
    for (args, reason) in [(&[][..], None), (&["--explain-header"], Some("crew-on-fleet"))] {
        let fake = Fake::start(args);
        let answer = fake.get(&format!("{}/crew_003/documents", crate::support::raw::CREW));
        assert_eq!(answer.headers().get("x-mock-reason").map(|value| value.to_str().unwrap()), reason);
        fake.stop();
    }
}

#[test]
fn the_starter_world_is_described() {
    let described = || run(&["describe", "--clock", "2026-06-08T10:00:00Z"]);
    let output = described();
    assert_eq!((output.code, &*output.stderr), (Some(0), ""));
    assert_eq!(output.stdout, described().stdout);
    assert_snapshot!("describe-starter", output.stdout);
}

/// What is described is what is served.
#[test]
fn the_description_is_true() {
    let clock = ["--clock", "2026-06-08T10:00:00Z"];
    let fake = Fake::start(&clock);
    let text = run(&[&["describe"], &clock[..]].concat()).stdout;
    let output: Value = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(output["keys"]["full"]["key"], fake.key);
    let list: Value = fake.get(&format!("{}/crew_001/documents", crate::support::raw::CREW)).json().unwrap();
    let mut listed = list["items"].as_array().unwrap().clone();
    let mut described = output["crew"]["crew_001"]["documents"].as_array().unwrap().clone();
    for document in &mut described {
        let file = document.as_object_mut().unwrap().remove("file").unwrap();
        let id = document["document_id"].as_str().unwrap();
        let link: Value = fake.ask_link("crew_001", id).json().unwrap();
        assert_eq!((&file["file_name"], &file["content_type"]), (&link["file_name"], &link["content_type"]));
        let (_, bytes) = fake.follow(link["download_url"].as_str().unwrap());
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
        let hex = digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(file["sha256"], hex, "{id}");
    }
    let by_id = |document: &Value| document["document_id"].as_str().unwrap().to_owned();
    listed.sort_by_key(by_id);
    described.sort_by_key(by_id);
    assert_eq!(listed, described);
    fake.stop();
}
