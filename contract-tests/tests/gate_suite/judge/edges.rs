//! What judges demand before they count, bounds at their last value, and what findings say.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crewpass_contract::client::judge::{Finding, Verdict};
use crewpass_contract::client::transport::{Class, Report};
use crewpass_contract::client::witness::{End, Entry, Exchange, Kind, Listener};
use serde_json::json;

use crate::judge::verdicts::{fails, is_not_exercised, judge, passes};
use crate::support::case_builder::{BASE, CaseBuilder, KEY, LIST, OUT, file_path, link_path, regular};

const ALL: [&str; 3] = ["doc_1", "doc_2", "doc_3"];

fn header(name: &str, value: &str) -> (String, Vec<u8>) {
    (name.to_owned(), value.as_bytes().to_vec())
}

fn at(name: &str) -> String {
    format!("{OUT}/{name}")
}

fn findings(id: &str, story: &CaseBuilder) -> Vec<Finding> {
    match judge(id, story) {
        Verdict::Fail(findings) => findings,
        other => panic!("{id} does not fail: {other:#?}"),
    }
}

fn observed(id: &str, story: &CaseBuilder) -> String {
    findings(id, story).into_iter().map(|found| found.observed).collect::<Vec<_>>().join("; ")
}

fn not_exercised_since(id: &str, story: &CaseBuilder) -> String {
    match judge(id, story) {
        Verdict::NotExercised(why) => why,
        other => panic!("{id} is exercised: {other:#?}"),
    }
}

#[test]
fn half_of_what_is_demanded_does_not_count() {
    let once = CaseBuilder::good;
    let twice = || CaseBuilder::good().run(&["doc_9"]);
    let cut = |story: CaseBuilder| story.but(|one| one.whole = false);
    let empty = |story: CaseBuilder| story.but(|one| one.bytes = 0);
    let half = |change: fn(CaseBuilder) -> CaseBuilder| {
        change(twice().fresh().list().link("doc_1").file("doc_1")).ends(End::Terminated(Some(143)))
    };
    let planted = CaseBuilder::good().run(&ALL).fresh().lay(&at("doc_1.pdf"), Kind::Symlink("../x".into()));
    let none = |one: &mut Exchange| one.headers.clear();
    for (id, story) in [
        ("CPK-AUTH-01", CaseBuilder::new("").list()),
        ("CPK-AUTH-01", CaseBuilder::new("").link("doc_1")),
        ("CPK-AUTH-03", once()),
        ("CPK-AUTH-03", CaseBuilder::new("").list().link("doc_1").file_is("doc_1", 307)),
        ("CPK-LIST-04", cut(CaseBuilder::new("").list()).exits(1)),
        ("CPK-LIST-08", twice()),
        ("CPK-LINK-02", once()),
        ("CPK-LINK-06", CaseBuilder::good().run(&ALL).list()),
        ("CPK-FILE-05", once()),
        ("CPK-FILE-06", once()),
        ("CPK-FILE-09", half(|story| story.but(|one| one.bytes = 0).but(|one| one.whole = false))),
        ("CPK-FILE-09", half(|story| story)),
        ("CPK-NAME-04", planted.list().exits(1)),
        ("CPK-NAME-04", CaseBuilder::good().run(&ALL).all()),
        ("CPK-OUT-01", CaseBuilder::new("right_exit: either").list().but(none).exits(1)),
        ("CPK-OUT-04", CaseBuilder::good().run(&ALL)),
        ("CPK-RTY-05", CaseBuilder::new("").list().link("doc_1").file_is("doc_1", 404)),
        ("CPK-RTY-06", CaseBuilder::new("").list().link_is("doc_1", 0)),
        ("CPK-RTY-08", CaseBuilder::new("").list().exits(1)),
        ("CPK-TIME-02", empty(cut(CaseBuilder::new("").list().link("doc_1").file("doc_1"))).exits(1)),
        ("CPK-TIME-02", CaseBuilder::new("").list().link("doc_1").file("doc_1").exits(1)),
    ] {
        is_not_exercised(id, &story);
    }
}

#[test]
fn the_key_has_one_way_and_many_spellings() {
    let way = passes("CPK-AUTH-01", &CaseBuilder::good());
    assert_eq!(way.as_deref(), Some("the key is sent as a Bearer token"));
    let other = vec![header("x-partner-api-key", "cpk_test_another")];
    fails("CPK-AUTH-01", &CaseBuilder::good().link("doc_1").but(|one| one.headers = other));
    for base in ["http://localhost:4000", "http://[::1]:4000"] {
        let here = judge("CPK-AUTH-05", &CaseBuilder::good().with(|case| case.base = base.into()));
        assert!(matches!(here, Verdict::NotObservable(_)), "{base}: {here:?}");
    }
    let leak = |text: String| {
        let coded = STANDARD.encode(text);
        CaseBuilder::good().file("doc_1").but(|one| one.headers = vec![header("x-anything", &coded)])
    };
    for user in ["u:", "me:", "you:"] {
        fails("CPK-AUTH-02", &leak(format!("{user}{KEY}")));
    }
    // A part of it is not it.
    passes("CPK-AUTH-02", &leak(KEY[..33].to_owned()));
    let prints = |key: &str| CaseBuilder::good().with(|case| case.key = key.into()).prints(&format!("key: {key}"));
    fails("CPK-AUTH-04", &prints("abcd1234"));
    passes("CPK-AUTH-04", &prints("abcd123"));
}

#[test]
fn lists_are_read_field_by_field_and_requests_moment_by_moment() {
    let nothing = json!({"crew_unique_id": "crew_001", "items": [{"issuer": null}]});
    let null = CaseBuilder::new("").asks(LIST, 200, Some(nothing));
    let null = ALL.into_iter().fold(null, |story, id| story.link(id).file(id).saves(id));
    passes("CPK-LIST-03", &null.prints(r#"{"items": [{"title": "None"}]}"#));
    // One after the other, however many.
    passes("CPK-LIST-10", &(0..9).fold(CaseBuilder::good(), |story, _| story.link("doc_1").file("doc_1")));
    // What ends at a moment is over when the next begins at it.
    let bursts = (0..16).fold(CaseBuilder::good(), |story, _| story.link("doc_1")).with(|case| {
        let late = case.runs[0].wire.len() - 16;
        let start = case.runs[0].wire[late].started;
        for (number, one) in case.runs[0].wire[late..].iter_mut().enumerate() {
            one.started = start + Duration::from_millis(if number < 8 { 0 } else { 5 });
            one.ended = Some(one.started + Duration::from_millis(5));
        }
    });
    passes("CPK-LIST-10", &bursts);
}

#[test]
fn links_are_told_apart() {
    let both = || CaseBuilder::new("").list().link("doc_1").link("doc_2");
    passes("CPK-LINK-03", &both().file_is("doc_1", 410));
    passes("CPK-LINK-03", &CaseBuilder::good().file("doc_1"));
    let dead = CaseBuilder::new("right_exit: either").list().link("doc_1").file_is("doc_1", 410);
    let dead = dead.link("doc_2").file_is("doc_2", 410).link("doc_2").file("doc_2").saves("doc_2").exits(1);
    assert!(findings("CPK-LINK-04", &dead).iter().all(|found| found.exchange == Some(3)));
    let over = json!({"document_id": "doc_1", "download_url": format!("{BASE}{}", file_path("doc_1", 0)),
        "expires_at": "2020-01-01T00:00:00Z"});
    let over = || CaseBuilder::new("").list().asks(&link_path("doc_1"), 200, Some(over.clone()));
    assert_eq!(
        observed("CPK-LINK-11", &over()),
        "the link of `doc_1` was requested once: its expires_at was before its Date"
    );
    let thrice = observed("CPK-LINK-11", &over().link("doc_1").link("doc_1"));
    assert_eq!(thrice, "the link of `doc_1` was requested 3 times: its expires_at was before its Date");
    // Nobody has to follow what is over.
    passes("CPK-LINK-12", &over());
    fails("CPK-LINK-12", &CaseBuilder::new("").list().link("doc_1"));
    let same = json!(format!("{BASE}{}", file_path("doc_1", 0)));
    let same = (0..3).fold(CaseBuilder::new("").list(), |story, _| story.link_to("doc_1", &same));
    let same = same.asks(&file_path("doc_1", 0), 200, None);
    assert_eq!(observed("CPK-LINK-12", &same), "3 for 1 tries of `doc_1`");
}

#[test]
fn links_are_followed_as_given_and_where_they_may_lead() {
    let given = |url: &str| CaseBuilder::new("").list().link_to("doc_1", &json!(format!("{BASE}{url}")));
    let differs = given("/api/v2/files/eyJ0.a?sig=a%2Fb%2b~").asks("/api/v2/files/eyJ0.a?sig=a%2Fb+~", 200, None);
    assert_eq!(observed("CPK-LINK-01", &differs), "at byte 30 the target has `+~`, and the link has `%2B~`");
    fails("CPK-LINK-01", &given("/own/place").asks("/own/place?more", 200, None));
    fails("CPK-LINK-01", &given("/own/place").asks("/api/v2/files", 404, None));
    let odd = |path: &str| {
        let story =
            CaseBuilder::new("right_exit: either").with(|case| case.runs[0].current[0].id = "a/b".into()).list();
        story.asks(path, 200, None).exits(1)
    };
    let of_another = "/api/v2/employers/me/crew/crew_002/documents/doc_2/download";
    fails("CPK-LINK-02", &odd(of_another));
    fails("CPK-LINK-02", &odd(&link_path("doc_9")));
    passes("CPK-LINK-02", &odd(of_another).but(|one| one.listener = Listener::Foreign));
    let over_tls = CaseBuilder::new("right_exit: refused").list().link("doc_1").exits(1).with(|case| {
        case.base = "https://127.0.0.1:4000".into();
        case.runs[0].wire.iter_mut().for_each(|one| one.tls = true);
    });
    passes("CPK-LINK-07", &over_tls);
    let canary = || {
        let story = CaseBuilder::new("right_exit: refused").lay("a/b/c/work/canary.txt", regular("canary"));
        story.list().link_to("doc_1", &json!("file:///canary.txt")).exits(1)
    };
    for copy in [at("doc_1.pdf.part"), "a/b/c/work/home/copy".to_owned()] {
        fails("CPK-LINK-08", &canary().writes(&copy, "canary"));
        passes("CPK-LINK-08", &canary().writes(&copy, "other"));
    }
}

#[test]
fn files_are_told_apart() {
    // Where a link redirects to is the file of its document, whatever the path is.
    let hop = header("location", "/hop/2");
    let hop = CaseBuilder::new("").list().link("doc_1").file_is("doc_1", 302).but(|one| one.response_headers.push(hop));
    fails("CPK-FILE-03", &hop.asks("/hop/2", 200, None).writes(&at("doc_1.pdf"), "as text"));
    let empty = || CaseBuilder::new("").list().link("doc_1").file("doc_1").but(|one| one.bytes = 0).exits(1);
    passes("CPK-FILE-08", &empty().saves("doc_2").writes_text(&at("doc_1.pdf.part"), ""));
    let half = CaseBuilder::good().run(&ALL).fresh().list().link("doc_1").file("doc_1").but(|one| one.whole = false);
    passes("CPK-FILE-09", &half.saves("doc_2").ends(End::Terminated(Some(143))));
    let bounded = |len: u64, peak: u64| {
        let story = CaseBuilder::new("").list().link("doc_1").file("doc_1").but(|one| one.fault = Some("bomb".into()));
        story.exits(1).with(|case| {
            let kind = Kind::File { len, sha256: "zeros".into(), bytes: None };
            case.runs[0].after.entries.insert(at("doc_1.pdf").into(), Entry { kind, mode: 0o644 });
            case.runs[0].process.peak_memory = Some(peak);
        })
    };
    passes("CPK-SEC-03", &bounded(512 << 20, 512 << 20));
    fails("CPK-SEC-03", &bounded((512 << 20) + 1, 0));
    fails("CPK-SEC-03", &bounded(0, (512 << 20) + 1));
}

#[test]
fn a_name_is_ones_own_by_its_file_its_id_or_its_stem() {
    let named = |file: &str, id: &str, saved: &str| {
        let story = CaseBuilder::good().with(|case| {
            case.runs[0].current[1].file_name = Some(file.into());
            case.runs[0].current[1].id = id.into();
        });
        story.writes(&at(saved), "sha256-of-doc_1")
    };
    fails("CPK-NAME-09", &named("PST.pdf", "doc_2", "PST.pdf"));
    fails("CPK-NAME-09", &named("x.pdf", "doc.2", "doc.2"));
    fails("CPK-NAME-09", &named("x.pdf", "doc_2", "doc_2.txt"));
    passes("CPK-NAME-09", &named("x.pdf", "doc_2", "PST.pdf"));
}

#[test]
fn the_outcome_is_what_is_there_and_what_is_said() {
    let own = |one: &mut Exchange| one.headers = vec![header("x-partner-api-key", KEY)];
    passes("CPK-OUT-01", &CaseBuilder::new("right_exit: either").list().but(own).exits(1));
    let left = |number| CaseBuilder::good().with(|case| case.runs[0].process.left_behind = number);
    assert_eq!(observed("CPK-OUT-01", &left(1)), "1 process of the client still running after it had ended");
    assert_eq!(observed("CPK-OUT-01", &left(2)), "2 processes of the client still running after it had ended");
    assert_eq!(passes("CPK-OUT-02", &CaseBuilder::good()), None);
    passes("CPK-OUT-02", &CaseBuilder::good().writes("a/b/c/work/home/x", "x"));
    let stopped = CaseBuilder::good().writes(&at("doc_1.pdf.part"), "x").ends(End::Terminated(Some(143)));
    fails("CPK-OUT-02", &stopped.writes(&at("more.txt"), "x"));
    let report =
        |outcome: Class| CaseBuilder::new("").list().with(|case| case.runs[0].report = Some(Report::new(outcome)));
    fails("CPK-OUT-03", &report(Class::Ok));
    passes("CPK-OUT-03", &report(Class::Partial));
    // One run is reported on, the other prints.
    fails("CPK-OUT-03", &report(Class::Partial).run(&["doc_1"]).prints("saved doc_1.pdf"));
    let strange =
        |claim: &str| CaseBuilder::good().writes(&at("other file.pdf"), "x").prints(&format!("saved {claim}"));
    fails("CPK-OUT-03", &strange("other file.pdf"));
    fails("CPK-OUT-03", &strange("/tmp/out/other file.pdf"));
    fails("CPK-OUT-03", &CaseBuilder::good().writes(&at("other.pdf"), "x").prints("saved other.pdf, 3 bytes"));
    // A new version beside the old one is what a second run is for.
    passes("CPK-OUT-04", &CaseBuilder::good().run(&["doc_9", "doc_2", "doc_3"]).all());
}

#[test]
fn waits_and_tries_are_counted_to_the_last() {
    let with_wait =
        |seconds: &'static str| move |one: &mut Exchange| one.response_headers.push(header("retry-after", seconds));
    // The next one begins 5 ms after the end of the one before, and as much later as was waited: 50 ms of grace.
    let asked = |wait: u64| CaseBuilder::new("").list_is(503).but(with_wait("2")).waits(wait).list();
    assert_eq!(passes("CPK-RTY-03", &asked(1945)), None);
    fails("CPK-RTY-03", &asked(1944));
    let unended = CaseBuilder::new("").list_is(503).but(with_wait("2")).but(|one| one.ended = None).exits(1);
    assert!(passes("CPK-RTY-03", &unended).is_some());
    let again = |times: usize, apart: u64| {
        (0..times).fold(CaseBuilder::new("right_exit: refused"), |story, _| story.list_is(503).waits(apart)).exits(1)
    };
    passes("CPK-RTY-04", &again(6, 190));
    fails("CPK-RTY-04", &again(6, 189));
    passes("CPK-RTY-04", &(0..7).fold(again(2, 0), |story, _| story.asks("/x", 404, None)));
    assert!(findings("CPK-RTY-02", &again(11, 300)).iter().all(|found| found.exchange == Some(11)));
    assert_eq!(passes("CPK-RTY-08", &CaseBuilder::new("right_exit: refused").list_is(503).list_is(403).exits(1)), None);
    let stopped = CaseBuilder::new("right_exit: refused").asks(LIST, 0, None).ends(End::Terminated(Some(143)));
    passes("CPK-TIME-03", &stopped.with(|case| case.runs[0].process.took_to_stop = Some(Duration::from_secs(5))));
}

#[test]
fn needs_are_met_or_named() {
    let met = |needs: &str| CaseBuilder::new(&format!("met: [{needs}]")).all();
    passes("CPK-LIST-04", &met("connected, {asked: {step: list, times: 1}}, {asked: {step: link, times: 2}}"));
    passes("CPK-LIST-04", &met("{fault: slow}").but(|one| one.fault = Some("slow".into())));
    let lacks = |needs: &str| not_exercised_since("CPK-LIST-04", &met(needs).exits(1));
    assert_eq!(lacks("{asked: {step: list, times: 2}}"), "the list was requested 1 times, not 2; the client: exit 1");
    assert_eq!(lacks("{asked: {step: link, times: 4}}"), "a link was requested 3 times, not 4; the client: exit 1");
    assert_eq!(lacks("{asked: {step: file, times: 9}}"), "a file was requested 3 times, not 9; the client: exit 1");
    assert_eq!(lacks("{fault: slow}"), "the client never reached the fault `slow`");
    let never = CaseBuilder::new("met: [connected]").exits(1);
    assert_eq!(not_exercised_since("CPK-LIST-04", &never), "the client never tried to connect");
}

#[test]
fn who_asks_for_nothing_is_quoted() {
    let quoted = |out: &str, err: &str| {
        let story = CaseBuilder::new("met: [{asked: {step: list, times: 1}}]").exits(1);
        let refused = story.with(|case| {
            let process = &mut case.runs[0].process;
            (process.stdout, process.stderr) = (out.replace("KEY", &case.key).into(), err.into());
        });
        let note = not_exercised_since("CPK-LIST-04", &refused);
        note.strip_prefix("the list was requested 0 times, not 1; the client: exit 1").unwrap().to_owned()
    };
    assert_eq!(quoted("", " \n"), "");
    let words = |words: &str| format!("; the last line that it printed: `{words}`");
    assert_eq!(
        quoted("beginning", "Traceback:\nNo module \u{1b}[1mnamed httpx\n\n"),
        words("No module \\u{1b}[1mnamed httpx")
    );
    let far = "x".repeat(150);
    assert_eq!(
        quoted(&format!("{far}KEY"), ""),
        words(&format!("{far}{{key}}")),
        "no part of a key where a line is cut"
    );
    assert_eq!(quoted("", &"x".repeat(160)), words(&"x".repeat(160)));
    assert_eq!(quoted("", &"x".repeat(161)), words(&format!("{}\u{2026}", "x".repeat(159))));
    let asked = CaseBuilder::new("met: [{asked: {step: list, times: 2}}]").all().exits(1);
    let asked = asked.with(|case| case.runs[0].process.stderr = b"refused".to_vec());
    let note = not_exercised_since("CPK-LIST-04", &asked);
    assert_eq!(note, "the list was requested 1 times, not 2; the client: exit 1", "who asked is seen on the wire");
}

#[test]
fn findings_say_what_was_seen() {
    let refused = || CaseBuilder::new("right_exit: refused").list_is(403);
    let of_exit = |end| observed("CPK-ERR-01", &refused().ends(end));
    assert_eq!(of_exit(End::Exit(0)), "exit 0");
    assert_eq!(of_exit(End::Exit(134)), "exit 134, which is a crash");
    assert_eq!(of_exit(End::Signal(6)), "a crash by signal 6");
    let hung = refused().ends(End::Deadline).with(|case| case.runs[0].process.took = Duration::from_secs(20));
    let waited = "still running at the deadline of 20 s: request 1, the list, was answered, and no other came for 20 s";
    assert_eq!(observed("CPK-ERR-06", &hung), waited);
    assert_eq!(of_exit(End::Terminated(Some(0))), "exit 0 after SIGTERM");
    assert_eq!(of_exit(End::Terminated(None)), "still running 5 s after SIGTERM");
    let also = |story: CaseBuilder| observed("CPK-ERR-01", &story.exits(1));
    assert_eq!(also(refused().list()), "a further request for the list");
    assert_eq!(
        also(refused().link("doc_1").file("doc_1")),
        "a further request for the link of `doc_1`; a further request for the file of `doc_1`"
    );
    let unnamed = refused().asks("/api/v2/files/eyJx", 404, None).asks("/x", 404, None);
    assert_eq!(
        also(unnamed),
        "a further request for a file without an issued link; a further request for a path outside the contract"
    );
    // The path of BASE is not a part of the step.
    let prefix = "http://127.0.0.1:4000/partners/api";
    let below =
        CaseBuilder::new("").with(|case| case.base = prefix.into()).asks(&format!("/partners/api{LIST}"), 200, None);
    passes("CPK-LIST-01", &below);
}

#[test]
fn findings_hide_the_key_and_every_token() {
    let token = "eyJ0b2tlbiI6IjAwMDAwMDAwIn0.doc_1-0-signature";
    let asked = |target: &str| {
        let story = CaseBuilder::new("").list().link("doc_1").asks(target, 404, None);
        observed("CPK-LIST-02", &story)
    };
    assert_eq!(asked("/plain?x=1"), "`/plain?x=1`");
    assert_eq!(asked(&format!("/x/{token}/y")), "`/x/eyJ…ture/y`");
    assert_eq!(asked(&format!("/x?k={KEY}")), format!("`/x?k=cpk_test_…{}`", &KEY[KEY.len() - 4..]));
    assert_eq!(asked("/x/eyJhbm90aGVyIn0.not-given_0~z,eyJ,eyJ/y"), "`/x/eyJ…_0~z,eyJ,eyJ/y`");
}
