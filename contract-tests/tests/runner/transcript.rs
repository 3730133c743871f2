//! The transcript: what arrived at which door, and whose it is.

use std::sync::Arc;

use crewpass_contract::client::run::{Event, Fake, Job, play_all};
use crewpass_contract::client::witness::{End, Listener, Step};
use serde_json::json;

use crate::harness::{client, one_run, options, played, scenario, shell};

#[tokio::test]
async fn a_friendly_client_saves_every_current_document() {
    let case = played(&scenario(json!({})), &options(&[&client("saves.sh")])).await;
    let run = &case.runs[0];
    assert_eq!(run.process.end, End::Exit(0), "{:?}", String::from_utf8_lossy(&run.process.stderr));
    assert!(run.current.len() >= 2, "{:?}", run.current);
    assert_eq!(run.missing(&case.out_dir).count(), 0);
    let asked = |wanted: fn(&Step) -> bool| run.wire.iter().filter(|exchange| wanted(&exchange.step())).count();
    assert_eq!(asked(|step| matches!(step, Step::List { .. })), 1);
    assert_eq!(asked(|step| matches!(step, Step::Link { .. })), run.current.len());
    assert_eq!(asked(|step| matches!(step, Step::File { .. })), run.current.len());
    assert!(run.wire.iter().all(|exchange| exchange.status == 200 && exchange.whole && exchange.ended.is_some()));
    let list = &run.wire[0];
    assert_eq!(list.header("authorization").collect::<Vec<_>>(), [format!("Bearer {}", case.key)]);
    assert_eq!((list.seq, list.listener.clone(), list.tls), (1, Listener::Base, false));
    let listed: Vec<_> =
        list.answer().unwrap()["items"].as_array().unwrap().iter().map(|item| item["document_id"].clone()).collect();
    assert_eq!(listed, run.current.iter().map(|document| json!(document.id)).collect::<Vec<_>>());
    assert!(run.process.took >= list.started && list.started <= list.ended.unwrap());
}

#[tokio::test]
async fn a_request_without_key_or_token_is_known_by_its_door() {
    let scenario = scenario(json!({
        "second_is_ours": true,
        "faults": [{"match": {"step": "list"}, "then": {"redirect": {"to": "{foreign}/caught"}}}],
    }));
    let ask = "curl -sL $BASE/api/v2/employers/me/crew/$CREW_ID/documents; curl -s -H \"X-Partner-API-Key: $CPK_KEY\" -L \
               $BASE/api/v2/employers/me/crew/$CREW_ID/documents; curl -s ${CPK_LINK_HOSTS#*,}/plain";
    let case = played(&scenario, &shell(ask)).await;
    let seen: Vec<_> =
        case.runs[0].wire.iter().map(|one| (one.listener.clone(), one.target.as_str(), one.status)).collect();
    let list = "/api/v2/employers/me/crew/crew_001/documents";
    let expected = [
        (Listener::Base, list, 401),
        (Listener::Base, list, 302),
        (Listener::Foreign, "/caught", 404),
        (Listener::Second, "/plain", 404),
    ];
    assert_eq!(seen, expected);
    let connections: std::collections::BTreeSet<_> = case.runs[0].wire.iter().map(|one| one.connection).collect();
    assert_eq!(connections.len(), 4, "{connections:?}");
    let leaked = &case.runs[0].wire[2];
    assert_eq!(leaked.header("x-partner-api-key").collect::<Vec<_>>(), [case.key.as_str()]);
    assert!(!case.scenario.faults[0].to_string().contains("{foreign}"));
}

#[tokio::test]
async fn what_is_still_open_at_the_end_is_in_the_transcript() {
    let scenario =
        scenario(json!({"faults": [{"name": "half", "match": {"step": "list"}, "then": {"stall": {"after": 10}}}]}));
    let ask = "curl -s -m 1 -H \"Authorization: Bearer $CPK_KEY\" $BASE/api/v2/employers/me/crew/$CREW_ID/documents";
    let case = played(&scenario, &shell(ask)).await;
    let [list] = &case.runs[0].wire[..] else { panic!("{:?}", case.runs[0].wire) };
    assert_eq!((list.status, list.bytes, list.whole, list.fault.as_deref()), (200, 10, false, Some("half")));
    assert_eq!(case.runs[0].process.end, End::Exit(28));
}

#[tokio::test]
async fn nothing_asked_is_an_empty_transcript() {
    let run = one_run(&options(&["true"])).await;
    assert!(run.wire.is_empty() && run.handshakes.is_empty());
}

#[tokio::test]
async fn cases_at_once_do_not_meet() {
    let fake = Arc::new(Fake::start().await.unwrap());
    let mut options = options(&[&client("saves.sh")]);
    options.jobs = 4;
    let scenario =
        Arc::new(scenario(json!({"vary": {"document_order": ["id", "shuffled"], "file_redirect": ["302x2"]}})));
    let jobs = Job::from_scenario(&scenario);
    let (events, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let played = play_all(&fake, jobs, &Arc::new(options), &events).await.unwrap();
    drop(events);
    let names: Vec<_> = played.iter().map(|played| played.case.as_ref().unwrap().variant.clone()).collect();
    let name = |text: &str| Some(text.to_owned());
    assert_eq!(names, [None, name("document_order=id"), name("document_order=shuffled"), name("file_redirect=302x2")]);
    for played in &played {
        let case = played.case.as_ref().unwrap();
        let run = &case.runs[0];
        assert_eq!(run.missing(&case.out_dir).count(), 0, "{:?}", case.variant);
        let hops = if case.variant.as_deref() == Some("file_redirect=302x2") { 2 } else { 0 };
        assert_eq!(run.wire.len(), 1 + run.current.len() * (2 + hops), "{:?}", case.variant);
    }
    let mut count = [0, 0];
    while let Some(event) = heard.recv().await {
        count[usize::from(matches!(event, Event::Ended(_, true)))] += 1;
    }
    assert_eq!(count, [4, 4]);
}

#[tokio::test]
async fn base_may_end_with_a_slash_or_have_a_path() {
    let ask = |path: &str| format!("curl -s -o /dev/null -H \"Authorization: Bearer $CPK_KEY\" {path}; ");
    let list = "/api/v2/employers/me/crew/crew_001/documents";
    let slashed =
        played(&scenario(json!({"base": "trailing_slash"})), &shell(&ask(&format!("${{BASE%/}}{list}")))).await;
    assert!(slashed.base.ends_with('/') && slashed.runs[0].wire[0].status == 200);
    let below = scenario(json!({"base": "prefix"}));
    let case = played(&below, &options(&[&client("saves.sh")])).await;
    assert_eq!(case.runs[0].missing(&case.out_dir).count(), 0, "{:?}", case.runs[0].wire);
    assert_eq!(case.runs[0].wire[0].target, list);
    let case = played(&below, &shell(&ask(&format!("${{BASE%/*}}{list}")))).await;
    let [missed] = &case.runs[0].wire[..] else { panic!("{:?}", case.runs[0].wire) };
    assert_eq!((missed.status, missed.step()), (404, Step::Other));
}
