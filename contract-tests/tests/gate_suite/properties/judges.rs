//! What holds for every judge and any transcript: no panic, no secret told, and no violation that makes it greener.

use crewpass_contract::client::judge::{Verdict, judge_of, judged_ids};
use crewpass_contract::client::witness::{End, Listener, Tree};
use proptest::prelude::*;
use serde_json::json;

use crate::properties::noise::case;
use crate::support::case_builder::{CaseBuilder, KEY, OUT, file_path};

/// One step of a story.
#[derive(Clone, Debug)]
enum Turn {
    List,
    ListIs(u16),
    Link(&'static str),
    LinkIs(&'static str, u16),
    LinkTo(&'static str, &'static str),
    File(&'static str, u16),
    Target(String),
    Saves(&'static str),
    Writes(String),
    Prints(String),
    Cut,
    Elsewhere(bool),
    Header(String, String),
    Answer(String, String),
    Waits(u64),
    Run,
    Fresh,
    Clear,
    Ends(End),
}

fn turn() -> impl Strategy<Value = Turn> {
    let id = || prop::sample::select(vec!["doc_1", "doc_2", "doc_3", "doc_9", "../x"]);
    let status = || prop::sample::select(vec![0_u16, 200, 206, 302, 401, 403, 404, 410, 429, 500, 503]);
    let url = prop::sample::select(vec!["", "file:///x", "//h/x", "http://127.0.0.2:1/a", "::", "eyJ", "http://h"]);
    let end = prop::sample::select(vec![
        End::Exit(0),
        End::Exit(1),
        End::Exit(-1),
        End::Signal(6),
        End::Deadline,
        End::Terminated(None),
        End::Terminated(Some(0)),
    ]);
    prop_oneof![
        3 => Just(Turn::List),
        1 => status().prop_map(Turn::ListIs),
        4 => id().prop_map(Turn::Link),
        2 => (id(), status()).prop_map(|(id, status)| Turn::LinkIs(id, status)),
        1 => (id(), url).prop_map(|(id, url)| Turn::LinkTo(id, url)),
        4 => (id(), status()).prop_map(|(id, status)| Turn::File(id, status)),
        1 => "(/|/api/v2/files/|http://)?[!-~é]{0,12}".prop_map(Turn::Target),
        3 => id().prop_map(Turn::Saves),
        1 => "[!-~é]{1,8}".prop_map(Turn::Writes),
        1 => "(saved )?[ -~\u{1b}é]{0,12}".prop_map(Turn::Prints),
        1 => Just(Turn::Cut),
        1 => any::<bool>().prop_map(Turn::Elsewhere),
        1 => ("(authorization|cookie|referer|x)", "[ -~é]{0,12}").prop_map(|(name, value)| Turn::Header(name, value)),
        1 => ("(retry-after|location|date|set-cookie|content-type)", "[0-9]{1,20}|[ -~é]{0,30}")
            .prop_map(|(name, value)| Turn::Answer(name, value)),
        1 => (0_u64..5000).prop_map(Turn::Waits),
        1 => Just(Turn::Run),
        1 => Just(Turn::Fresh),
        1 => Just(Turn::Clear),
        2 => end.prop_map(Turn::Ends),
    ]
}

fn with_turn(story: CaseBuilder, turn: &Turn) -> CaseBuilder {
    let asked = story.case.runs.last().is_some_and(|run| !run.wire.is_empty());
    match turn {
        Turn::List => story.list(),
        Turn::ListIs(status) => story.list_is(*status),
        Turn::Link(id) => story.link(id),
        Turn::LinkIs(id, status) => story.link_is(id, *status),
        Turn::LinkTo(id, url) => story.link_to(id, &json!(url)),
        Turn::File(id, status) => story.file_is(id, *status),
        Turn::Target(target) => story.asks(target, 200, None),
        Turn::Saves(id) => story.saves(id),
        Turn::Writes(name) => story.writes_text(&format!("{OUT}/{name}"), name),
        Turn::Prints(line) => story.prints(line),
        Turn::Cut if asked => story.but(|one| {
            one.whole = false;
            one.ended = None;
        }),
        Turn::Elsewhere(second) if asked => {
            story.but(|one| one.listener = if *second { Listener::Second } else { Listener::Foreign })
        }
        Turn::Header(name, value) if asked => {
            story.but(|one| one.headers.push((name.clone(), value.clone().into_bytes())))
        }
        Turn::Answer(name, value) if asked => {
            story.but(|one| one.response_headers.push((name.clone(), value.clone().into_bytes())))
        }
        Turn::Waits(milliseconds) => story.waits(*milliseconds),
        Turn::Run => story.run(&["doc_1", "doc_9"]),
        Turn::Fresh => story.fresh(),
        Turn::Clear => story.with(|case| {
            if let Some(run) = case.runs.last_mut() {
                run.after = Tree::default();
            }
        }),
        Turn::Ends(end) => story.ends(*end),
        Turn::Cut | Turn::Elsewhere(_) | Turn::Header(..) | Turn::Answer(..) => story,
    }
}

fn story() -> impl Strategy<Value = CaseBuilder> {
    let scenario = prop::sample::select(vec![
        "",
        "right_exit: refused",
        "right_exit: either",
        "second_is_ours: true",
        "clock: {behind: 10m}",
    ]);
    let base = prop::sample::select(vec!["http://127.0.0.1:4000", "https://127.0.0.1:4000/", "http://h.test/p", "x"]);
    let turns = prop::collection::vec(turn(), 0..14);
    (scenario, base, prop::bool::ANY, turns).prop_map(|(scenario, base, good, turns)| {
        let begun = if good { CaseBuilder::new(scenario).all() } else { CaseBuilder::new(scenario) };
        turns.iter().fold(begun, with_turn).with(|case| case.base = base.into())
    })
}

/// What no client may do beside all that it did.
fn violations(story: &CaseBuilder) -> Vec<(&'static str, CaseBuilder)> {
    let key = ("x-key".to_owned(), KEY.as_bytes().to_vec());
    vec![
        ("prints the key", story.clone().prints(KEY)),
        ("writes what is no document", story.clone().writes(&format!("{OUT}/page.html"), "a page")),
        ("writes beside the folder", story.clone().writes("a/b/stray.pdf", "stray")),
        (
            "asks another host, with the key",
            story.clone().asks("/elsewhere", 200, None).but(|one| {
                one.listener = Listener::Foreign;
            }),
        ),
        (
            "sends the key to the file step",
            story.clone().asks(&file_path("doc_8", 0), 200, None).but(|one| one.headers.push(key)),
        ),
        ("puts the key into a target", story.clone().asks(&format!("/y?k={KEY}"), 404, None)),
        ("asks again for what is refused", story.clone().link_is("doc_8", 403).link_is("doc_8", 403)),
    ]
}

/// What no client may do instead of the end that it came to.
fn bad_ends(story: &CaseBuilder) -> [(&'static str, CaseBuilder); 2] {
    [("crashes", story.clone().ends(End::Signal(11))), ("never ends", story.clone().ends(End::Deadline))]
}

/// The judges that fail a case.
fn failing(story: &CaseBuilder) -> Vec<&'static str> {
    let fails = |id: &&'static str| matches!(judge_of(id).unwrap()(&story.case), Verdict::Fail(_));
    judged_ids().into_iter().filter(fails).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_transcript_makes_a_judge_panic_or_tell_a_secret(story in story()) {
        let given = (0..3).map(|number| file_path("doc_1", number));
        let secrets: Vec<String> = given.map(|path| path.rsplit('/').next().unwrap().to_owned()).collect();
        for id in judged_ids() {
            let with_turn = format!("{:?}", judge_of(id).unwrap()(&story.case));
            prop_assert!(!with_turn.contains(KEY), "{id} tells the key: {with_turn}");
            for secret in &secrets {
                prop_assert!(!with_turn.contains(secret.as_str()), "{id} tells a token: {with_turn}");
            }
        }
    }

    #[test]
    fn nothing_that_can_be_seen_makes_a_judge_panic(case in case()) {
        for id in judged_ids() {
            if let Verdict::Fail(found) = judge_of(id).unwrap()(&case) {
                prop_assert!(!found.is_empty(), "{} fails without a finding", id);
            }
        }
    }

    #[test]
    fn a_violation_makes_no_verdict_greener(story in story()) {
        let before = failing(&story);
        for (what, worse) in violations(&story) {
            let after = failing(&worse);
            let spared = before.iter().find(|id| !after.contains(id));
            prop_assert_eq!(spared, None, "no longer fails once the client {}", what);
        }
        for (what, worse) in bad_ends(&story) {
            for id in &before {
                let now = judge_of(id).unwrap()(&worse.case);
                prop_assert!(!matches!(now, Verdict::Pass(_)), "{} passes once the client {}", id, what);
            }
        }
    }
}
