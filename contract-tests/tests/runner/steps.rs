//! Scenarios of several runs: what happens between them, and what is planted.

use std::path::Path;

use crewpass_contract::client::run::{Fake, HarnessError, play};
use crewpass_contract::client::witness::{End, Kind};
use serde_json::json;

use crate::harness::{client, options, played, scenario, shell, try_to_play};

#[tokio::test]
async fn a_new_version_and_a_removal_change_what_is_expected() {
    let scenario = scenario(json!({"runs": [
        {}, {"before": [{"upload": {"supersedes": "doc_1"}}, {"remove": {"document": "doc_2"}}], "fresh_folder": true},
    ]}));
    let case = played(&scenario, &options(&[&client("saves.sh")])).await;
    let [first, second] = &case.runs[..] else { panic!() };
    let ids =
        |run: &crewpass_contract::client::case::Run| run.current.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    assert!(ids(first).contains(&"doc_1".to_owned()) && ids(first).contains(&"doc_2".to_owned()));
    assert!(!ids(second).contains(&"doc_1".to_owned()) && !ids(second).contains(&"doc_2".to_owned()));
    let new = second.current.iter().find(|one| one.id.starts_with("doc_u")).unwrap();
    assert!(!first.after.has(&new.sha256) && second.after.has(&new.sha256));
    assert_eq!(second.missing(&case.out_dir).count(), 0);
    assert!(second.wire[0].seq > first.wire.last().unwrap().seq);
}

#[tokio::test]
async fn what_is_planted_has_the_name_that_the_friendly_run_used() {
    for (kind, is) in [("symlink", true), ("other_file", false)] {
        let scenario = scenario(json!({"runs": [
            {}, {"fresh_folder": true, "plant": [{"as_saved": "doc_1", "kind": kind}]},
        ]}));
        let case = played(&scenario, &options(&[&client("saves.sh")])).await;
        let planted = &case.runs[1].before.entries[&case.out_dir.join("doc_1")];
        assert_eq!(matches!(planted.kind, Kind::Symlink(_)), is);
        // It renames its file into place, over a link too.
        assert!(matches!(case.runs[1].after.entries[&case.out_dir.join("doc_1")].kind, Kind::File { .. }));
        assert_eq!(
            case.runs[1].before.files().filter(|(path, _, _)| path.starts_with(&case.out_dir)).count(),
            usize::from(!is)
        );
    }
}

#[tokio::test]
async fn store_policies_faults_and_clock_change_between_runs() {
    let scenario = scenario(json!({"clock": {"behind": "16m"}, "runs": [
        {"before": [{"store": {"up": false}}]},
        {"before": [{"store": {"up": true}}, {"faults": [{"name": "no", "match": {"step": "list"}, "then": {"status": 418}}]}]},
        {"before": [{"faults": []}, "real_time", {"policy": {"name": "link_ttl", "value": "840s"}}]},
        {"before": [{"advance": "1h"}]},
    ]}));
    let get = |path: &str| {
        format!(
            "curl -s -o /dev/null -w '%{{http_code}} ' -H \"Authorization: Bearer $CPK_KEY\" $BASE/api/v2/employers/me/crew/$CREW_ID/documents{path}; "
        )
    };
    let case = played(&scenario, &shell(&(get("") + &get("/doc_1/download")))).await;
    let printed: Vec<_> = case.runs.iter().map(crate::harness::printed).collect();
    assert_eq!(printed, ["200 503 ", "418 200 ", "200 200 ", "200 200 "]);
    let date = |run: usize, seq: usize| {
        let text = case.runs[run].wire[seq].response_header("date").next().unwrap().to_owned();
        httpdate::parse_http_date(&text).unwrap()
    };
    let apart = |a, b| date(b, 0).duration_since(date(a, 0)).unwrap().as_secs();
    assert!((955..=1020).contains(&apart(1, 2)), "{}", apart(1, 2));
    assert!((3600..=3660).contains(&apart(2, 3)), "{}", apart(2, 3));
    assert_eq!(case.runs[1].wire[0].fault.as_deref(), Some("no"));
    let link = case.runs[2].wire[1].answer().unwrap();
    let until: jiff::Timestamp = link["expires_at"].as_str().unwrap().parse().unwrap();
    let from: jiff::Timestamp = jiff::Timestamp::try_from(date(2, 1)).unwrap();
    assert!((839..=841).contains(&until.duration_since(from).as_secs()));
}

#[tokio::test]
async fn a_world_of_the_scenario_may_name_the_sandbox() {
    let world = json!({
        "name": "own", "seed": 4,
        "partners": [{"id": "prt_1", "display_name": "P", "plan": "management", "granted_scopes": ["crew:documents:read", "crew:documents:download"], "keys": [{"name": "only"}]}],
        "vessels": [{"id": "ves_1", "name": "V", "partners": ["prt_1"]}],
        "crew": [{"id": "c 1", "name": "N", "rank": "R", "vessels": ["ves_1"], "consent": {"prt_1": ["crew:documents:read", "crew:documents:download"]},
            "documents": [{"id": "d1", "type": "T", "title": "T", "verification_status": "verified", "file": {"generate": "pdf", "name": "{sandbox}/evil"}}]}],
    });
    let scenario = scenario(json!({"world": world, "crew_id": "c 1", "key": "only"}));
    let case = played(&scenario, &shell("printf '%s' \"$CREW_ID\" > id")).await;
    let [document] = &case.runs[0].current[..] else { panic!("{:?}", case.runs[0].current) };
    let name = document.file_name.as_deref().unwrap();
    assert!(Path::new(name).is_absolute() && name.ends_with("/evil") && document.len > 0, "{name}");
}

#[tokio::test]
async fn a_scenario_that_makes_no_sense_is_an_error_of_the_gate() {
    for (fields, message) in [
        (json!({"world": "nowhere"}), "no world `nowhere`"),
        (json!({"key": "missing"}), "no key named `missing`"),
        (json!({"policies": {"no_such": "1"}}), "no_such"),
        (json!({"faults": [{"then": {"explode": true}}]}), "fault"),
        (json!({"deadline": "soon"}), "soon"),
        (json!({"runs": [{"before": [{"remove": {"document": "doc_none"}}]}]}), "doc_none"),
    ] {
        let error = try_to_play(&scenario(fields), &options(&["true"])).await.unwrap_err();
        assert!(matches!(error, HarnessError::Scenario { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(message) && text.contains("test/one"), "{text}");
    }
}

#[tokio::test]
async fn a_session_ends_with_its_case() {
    let fake = Fake::start().await.unwrap();
    let ask = "curl -s -o /dev/null -w '%{http_code}' -H \"Authorization: Bearer $CPK_KEY\" $BASE/api/v2/employers/me/crew/crew_001/documents";
    let first = play(&fake, &scenario(json!({})), None, &shell(ask)).await.unwrap();
    let old = format!("CPK_KEY={}; {ask}", first.key);
    let second = play(&fake, &scenario(json!({})), None, &shell(&old)).await.unwrap();
    assert_eq!((first.runs[0].wire[0].status, second.runs[0].wire[0].status), (200, 401));
    assert_ne!(first.key, second.key);
    assert_eq!(second.runs[0].process.end, End::Exit(0));
}
