//! Judges of refusals, retries, time, safety and plain HTTP.

use std::time::Duration;

use crewpass_contract::client::judge::{Verdict, overrun};
use crewpass_contract::client::witness::{End, Exchange, Listener};
use serde_json::json;

use crate::judge::verdicts::{fails, holds, is_not_exercised, judge, passes};
use crate::support::case_builder::{CaseBuilder, KEY, LIST, OUT, link_path, regular};

#[test]
fn err_01_asks_once() {
    let refused = || CaseBuilder::new("right_exit: refused").list_is(403).exits(1);
    holds("CPK-ERR-01", refused(), refused().exits(0));
    fails("CPK-ERR-01", &refused().list_is(403));
    fails("CPK-ERR-01", &refused().writes(&format!("{OUT}/error.json"), "x"));
    fails("CPK-ERR-01", &refused().ends(End::Signal(6)));
    fails("CPK-ERR-01", &refused().exits(0).run(&["doc_1"]).list_is(401).exits(1));
}

#[test]
fn err_02_saves_nothing() {
    let refused = || CaseBuilder::new("right_exit: refused").list().link_is("doc_1", 403).exits(1);
    holds("CPK-ERR-02", refused(), refused().exits(0));
    fails("CPK-ERR-02", &refused().writes(&format!("{OUT}/doc_1.pdf"), "an error"));
}

#[test]
fn err_03_is_no_empty_list() {
    let unknown = || CaseBuilder::new("right_exit: refused").list_is(404);
    holds("CPK-ERR-03", unknown().exits(1), unknown().exits(0));
    fails("CPK-ERR-03", &unknown().ends(End::Signal(6)));
}

#[test]
fn err_04_tells_refusals_apart() {
    let three = |line: [&str; 3], codes: [i32; 3]| {
        let mut story = CaseBuilder::new("right_exit: refused").list_is(403).prints(line[0]).exits(codes[0]);
        for (number, status) in [(1, 404), (2, 503)] {
            story = story.run(&["doc_1"]).list_is(status).prints(line[number]).exits(codes[number]);
        }
        story
    };
    holds("CPK-ERR-04", three(["HTTP 403", "HTTP 404", "HTTP 503"], [1, 1, 1]), three(["no", "no", "no"], [1, 1, 1]));
    passes("CPK-ERR-04", &three(["a_code", "a_code", "a_code"], [1, 1, 1]));
    passes("CPK-ERR-04", &three(["no", "no", "no"], [2, 3, 4]));
    fails("CPK-ERR-04", &three(["403", "404", "503"], [1, 1, 0]));
    let classes = |status, code| CaseBuilder::new("").list_is(status).exits(code).with(|case| case.exit_classes = true);
    for (status, class) in [(401, 20), (403, 20), (404, 21), (429, 22), (500, 22), (503, 22), (599, 22)] {
        passes("CPK-ERR-04", &classes(status, class));
        fails("CPK-ERR-04", &classes(status, 23));
    }
}

#[test]
fn err_05_is_no_success() {
    let partial = || CaseBuilder::new("right_exit: refused").list().link_is("doc_1", 404).saves("doc_2").saves("doc_3");
    holds("CPK-ERR-05", partial().exits(10), partial().exits(0));
}

#[test]
fn err_06_does_not_crash() {
    let odd = || CaseBuilder::new("right_exit: refused").asks(LIST, 500, None);
    holds("CPK-ERR-06", odd().exits(1), odd().ends(End::Signal(6)));
    fails("CPK-ERR-06", &odd().ends(End::Deadline));
    fails("CPK-ERR-06", &odd().exits(0));
}

#[test]
fn err_07_asks_for_no_more() {
    let refused = || CaseBuilder::new("right_exit: refused").list().link_is("doc_1", 403).exits(1);
    holds("CPK-ERR-07", refused(), refused().link_is("doc_2", 403));
    let at_once = refused().link_is("doc_2", 403).but(|one| one.started -= Duration::from_millis(10));
    passes("CPK-ERR-07", &at_once);
}

#[test]
fn rty_01_06_and_07_try_again() {
    let briefly = || CaseBuilder::new("right_exit: either").list().link_is("doc_1", 503);
    holds("CPK-RTY-01", briefly().all(), briefly().exits(1));
    fails("CPK-RTY-01", &briefly().link("doc_1").exits(1));
    // Another document is no other try.
    let forgotten = briefly().link("doc_2").file("doc_2");
    fails("CPK-RTY-01", &["doc_1", "doc_2", "doc_3"].into_iter().fold(forgotten, CaseBuilder::saves));
    let reset = || {
        CaseBuilder::new("right_exit: either").list().link_is("doc_1", 0).but(|one| one.fault = Some("reset".into()))
    };
    holds("CPK-RTY-06", reset().all(), reset().exits(1));
    let file = || CaseBuilder::new("right_exit: either").list().link("doc_1").file_is("doc_1", 503);
    let finish = |story: CaseBuilder| story.file("doc_1").saves("doc_1").saves("doc_2").saves("doc_3");
    holds("CPK-RTY-07", finish(file()), file().exits(1));
    passes("CPK-RTY-07", &finish(file().link("doc_1")));
}

fn again(times: usize, apart: u64) -> CaseBuilder {
    (0..times).fold(CaseBuilder::new("right_exit: refused"), |story, _| story.list_is(503).waits(apart)).exits(1)
}

#[test]
fn rty_02_ends() {
    holds("CPK-RTY-02", again(10, 300), again(11, 300));
    fails("CPK-RTY-02", &again(2, 300).ends(End::Deadline));
    fails("CPK-RTY-02", &again(2, 300).exits(0));
    // A client that never retries is not told to retry less.
    for (tries, why) in [(1, "a client that does not try again has to report that"), (2, "every try failed")] {
        let Verdict::Fail(findings) = judge("CPK-RTY-02", &again(tries, 300).exits(0)) else { panic!("it is broken") };
        assert!(findings[0].expected.contains(why), "{findings:?}");
    }
}

#[test]
fn rty_02_is_about_each_failure_that_may_pass_and_about_each_run() {
    for status in [429, 500, 502, 504] {
        let tries = |times: usize| {
            let first = CaseBuilder::new("right_exit: refused");
            (0..times).fold(first, |story, _| story.list_is(status).waits(300)).exits(1)
        };
        holds("CPK-RTY-02", tries(10), tries(11));
        fails("CPK-RTY-02", &tries(1).exits(0));
    }
    let two = |first: i32| {
        CaseBuilder::new("right_exit: refused").list_is(502).exits(first).run(&["doc_1", "doc_2", "doc_3"]).list_is(504)
    };
    holds("CPK-RTY-02", two(22).exits(22), two(0).exits(22));
}

/// Resets of the list, all at once, on these connections.
fn resets(connections: impl IntoIterator<Item = u64>) -> CaseBuilder {
    let first = CaseBuilder::new("right_exit: refused");
    let reset = |story: CaseBuilder, connection| {
        story.list_is(0).but(move |one| (one.connection, one.fault) = (connection, Some("reset".to_owned())))
    };
    connections.into_iter().fold(first, reset).exits(1)
}

#[test]
fn rty_04_does_not_count_what_a_library_does_by_itself() {
    holds("CPK-RTY-04", resets([1, 1, 1, 2, 3, 4, 5]), resets(1..=6));
}

fn retry_after(seconds: &str) -> impl Fn(&mut Exchange) {
    let value = seconds.as_bytes().to_vec();
    move |one| one.response_headers.push(("retry-after".into(), value.clone()))
}

#[test]
fn rty_03_waits_as_asked() {
    let asked = |wait: u64| CaseBuilder::new("").list_is(503).but(retry_after("2")).waits(wait).list();
    holds("CPK-RTY-03", asked(2000), asked(1900));
    passes("CPK-RTY-03", &asked(1960));
    let dated = |wait: u64| {
        CaseBuilder::new("").list_is(429).but(retry_after("Mon, 08 Jun 2026 10:00:02 GMT")).waits(wait).list()
    };
    passes("CPK-RTY-03", &dated(1000));
    fails("CPK-RTY-03", &dated(900));
    assert!(passes("CPK-RTY-03", &CaseBuilder::new("").list_is(503).but(retry_after("2")).exits(1)).is_some());
    is_not_exercised("CPK-RTY-03", &CaseBuilder::new("").list_is(503));
}

#[test]
fn rty_04_counts_in_any_second() {
    holds("CPK-RTY-04", again(6, 200), again(6, 150));
    assert!(passes("CPK-RTY-04", &again(1, 0)).is_some());
    assert_eq!(passes("CPK-RTY-04", &again(5, 0)), None);
}

#[test]
fn rty_05_takes_no_for_no() {
    for status in [401, 403, 404] {
        let refused = || CaseBuilder::new("").list().link_is("doc_1", status).exits(1);
        holds("CPK-RTY-05", refused(), refused().link_is("doc_1", status));
        fails("CPK-RTY-05", &CaseBuilder::new("").list_is(status).list());
    }
}

#[test]
fn rty_08_stops_at_403() {
    let both = || CaseBuilder::new("right_exit: refused").list_is(503).list_is(403);
    holds("CPK-RTY-08", both().exits(1), both().list_is(403).exits(1));
    fails("CPK-RTY-08", &both().exits(0));
    assert!(passes("CPK-RTY-08", &again(1, 0)).is_some());
}

#[test]
fn rty_09_reads_the_body() {
    let limited = json!({"error": {"code": "partner_rate_limited", "message": "slow", "retry_after_seconds": 0.42}});
    let asked = |wait: u64| CaseBuilder::new("").asks(LIST, 429, Some(limited.clone())).waits(wait).list();
    holds("CPK-RTY-09", asked(420), asked(300));
    assert!(passes("CPK-RTY-09", &CaseBuilder::new("").asks(LIST, 429, Some(limited.clone())).exits(1)).is_some());
    is_not_exercised(
        "CPK-RTY-09",
        &CaseBuilder::new("").asks(LIST, 429, Some(limited.clone())).but(retry_after("1")).list(),
    );
}

#[test]
fn time_01_and_02_give_up() {
    let silent = || CaseBuilder::new("right_exit: refused").asks(LIST, 0, None);
    holds("CPK-TIME-01", silent().exits(1), silent().ends(End::Deadline));
    let late = silent().exits(1).with(|case| case.runs[0].process.took = Duration::from_secs(61));
    assert_eq!(passes("CPK-TIME-01", &late).as_deref(), Some("it gave up after 61 s, and CPK_DEADLINE_S was 20"));
    fails("CPK-TIME-01", &silent().exits(0));
    let half =
        || CaseBuilder::new("right_exit: refused").list().link("doc_1").file("doc_1").but(|one| one.whole = false);
    holds("CPK-TIME-01", half().exits(1), half().ends(End::Deadline));
    let nowhere =
        |scenario: &str| CaseBuilder::new(scenario).with(|case| case.unreachable = Some("127.0.0.1:9".into()));
    let base = || nowhere("right_exit: refused").with(|case| case.base = "http://127.0.0.1:9".into());
    holds("CPK-TIME-01", base().exits(1), base().ends(End::Deadline));
    is_not_exercised("CPK-TIME-01", &nowhere("right_exit: refused").list().link("doc_1").exits(1));
    let trickle =
        || CaseBuilder::new("right_exit: refused").list().link("doc_1").file("doc_1").but(|one| one.whole = false);
    holds("CPK-TIME-02", trickle().exits(1), trickle().ends(End::Deadline));
    let late = trickle().exits(1).with(|case| case.runs[0].process.took = Duration::from_mins(1));
    assert_eq!(passes("CPK-TIME-02", &late).as_deref(), Some("it gave up after 60 s, and CPK_DEADLINE_S was 20"));
}

#[test]
fn rty_10_reads_what_is_no_wait() {
    let word = || {
        let plain = CaseBuilder::new("right_exit: either").list().link_is("doc_2", 503).link("doc_2");
        let header = ("retry-after".to_owned(), b"soon".to_vec());
        plain.link_is("doc_1", 503).but(|one| one.response_headers.push(header))
    };
    holds("CPK-RTY-10", word().link("doc_1").exits(1), word().exits(1));
    fails("CPK-RTY-10", &word().link("doc_1").ends(End::Deadline));
    let asked = |case: CaseBuilder| {
        let header = ("retry-after".to_owned(), b"86400".to_vec());
        case.list_is(503).but(|one| one.response_headers.push(header))
    };
    let once = || asked(CaseBuilder::new("right_exit: either"));
    let twice = || asked(once().waits(60_000));
    let late = twice().exits(1).with(|case| case.runs[0].process.took = Duration::from_mins(1));
    assert_eq!(passes("CPK-RTY-10", &late).as_deref(), Some("it gave up after 60 s, and CPK_DEADLINE_S was 20"));
    // A client that caps its wait, however often it tries, did not wait for a day.
    holds("CPK-RTY-10", twice().ends(End::Deadline), once().ends(End::Deadline));
    fails("CPK-RTY-10", &twice().ends(End::Flood));
    is_not_exercised("CPK-RTY-10", &CaseBuilder::new("right_exit: either").list_is(503).exits(1));
    let never = CaseBuilder::new("right_exit: either").list().link_is("doc_2", 503).link_is("doc_1", 503);
    let header = ("retry-after".to_owned(), b"soon".to_vec());
    assert!(passes("CPK-RTY-10", &never.but(|one| one.response_headers.push(header)).exits(1)).is_some());
}

#[test]
fn an_overrun_says_who_waited_for_whom() {
    let ended = |story: CaseBuilder| {
        let story = story.ends(End::Deadline).with(|case| case.runs[0].process.took = Duration::from_secs(20));
        overrun(&story.case).map(|finding| finding.observed)
    };
    let says = |story: CaseBuilder, rest: &str| {
        assert_eq!(ended(story).unwrap(), format!("still running at the deadline of 20 s: {rest}"));
    };
    let longer = CaseBuilder::new("").list().ends(End::Deadline);
    let longer = longer.with(|case| case.runs[0].process.took = Duration::from_millis(85_300));
    assert!(overrun(&longer.case).unwrap().observed.starts_with("still running after 85 s: request 1, the list,"));
    let uneven = CaseBuilder::new("").list().ends(End::Deadline).with(|case| {
        case.deadline = Duration::from_nanos(22_709_530_457);
        case.runs[0].process.took = case.deadline;
    });
    assert!(overrun(&uneven.case).unwrap().observed.starts_with("still running at the deadline of 22.7 s: "));
    says(CaseBuilder::new("").asks(LIST, 0, None), "it had waited 20 s for the answer to request 1, the list");
    says(CaseBuilder::new("").list(), "request 1, the list, was answered, and no other came for 20 s");
    let busy = CaseBuilder::new("").list().waits(18_500).link("doc_1");
    says(busy, "it was still sending requests, the last of 2 for the link of `doc_1`");
    assert_eq!(ended(CaseBuilder::new("")), None, "a client that never came is idle");
}

#[test]
fn what_was_left_undone_at_the_deadline_is_not_another_finding() {
    let ids = crewpass_contract::client::judge::judged_ids();
    let about_end =
        ["CPK-LIST-10", "CPK-ERR-06", "CPK-RTY-02", "CPK-RTY-10", "CPK-TIME-01", "CPK-TIME-02", "CPK-TIME-03"];
    let stories = [
        CaseBuilder::new("").list(),
        CaseBuilder::new("").list().link("doc_1").file("doc_1"),
        CaseBuilder::new("").list().link_is("doc_1", 503),
        CaseBuilder::new("").list().link_is("doc_1", 404),
        CaseBuilder::new("right_exit: refused").list_is(403),
        CaseBuilder::new("right_exit: either").list().link("doc_1"),
    ];
    let mut said = 0;
    for story in stories {
        let story = story.ends(End::Deadline);
        // That a server without TLS was asked at all is nothing that was left undone.
        for id in ids.iter().filter(|id| !about_end.contains(id) && **id != "CPK-AUTH-06") {
            let verdict = judge(id, &story);
            assert!(matches!(verdict, Verdict::NotExercised(_) | Verdict::NotObservable(_)), "{id}: {verdict:?}");
            // Where nothing else is missing, the reason names the client's own timeout.
            said +=
                usize::from(matches!(verdict, Verdict::NotExercised(why) if why.contains("give the client a timeout")));
        }
    }
    assert!(said > 0, "no reason says what to do");
    // What the client did before is one.
    fails("CPK-ERR-01", &CaseBuilder::new("right_exit: refused").list_is(403).list_is(403).ends(End::Deadline));
}

#[test]
fn time_03_ends_at_its_deadline() {
    let stopped = |code: Option<i32>, took: u64| {
        let story = CaseBuilder::new("right_exit: refused").asks(LIST, 0, None).ends(End::Terminated(code));
        story.with(|case| case.runs[0].process.took_to_stop = Some(Duration::from_millis(took)))
    };
    holds("CPK-TIME-03", stopped(Some(143), 40), stopped(Some(0), 40));
    fails("CPK-TIME-03", &stopped(None, 5000));
    fails("CPK-TIME-03", &stopped(Some(143), 5001));
}

#[test]
fn sec_01_keeps_no_cookie() {
    let cookie = ("set-cookie".to_owned(), b"session=1".to_vec());
    let given = || CaseBuilder::new("").list().but(|one| one.response_headers.push(cookie.clone())).link("doc_1");
    let sent = |name: &str, value: String| {
        let header = (name.to_owned(), value.into_bytes());
        given().file("doc_1").but(|one| one.headers.push(header))
    };
    holds("CPK-SEC-01", given().file("doc_1"), sent("cookie", "session=1".into()));
    fails("CPK-SEC-01", &sent("referer", format!("http://x{}", given().newest_file("doc_1"))));
    passes("CPK-SEC-01", &sent("referer", "http://x/".into()));
    is_not_exercised("CPK-SEC-01", &CaseBuilder::good());
    let last = CaseBuilder::new("").list().link("doc_1").but(|one| one.response_headers.push(cookie.clone()));
    is_not_exercised("CPK-SEC-01", &last);
}

#[test]
fn sec_02_sends_no_other_login() {
    let netrc = || CaseBuilder::new("").lay("a/b/c/work/home/.netrc", regular("login")).all();
    let basic = ("authorization".to_owned(), b"Basic bWU6c2VjcmV0".to_vec());
    holds("CPK-SEC-02", netrc(), netrc().but(|one| one.headers = vec![basic]));
    assert!(matches!(judge("CPK-SEC-02", &CaseBuilder::good()), Verdict::NotObservable(_)));
    // The planted login is called by its name, with the remedy, also where it replaces the key.
    let login =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "netrc-canary:planted-by-crewpass-contract");
    let planted = ("authorization".to_owned(), format!("Basic {login}").into_bytes());
    let planted = netrc().list().but(|one| one.headers = vec![planted]);
    for id in ["CPK-SEC-02", "CPK-AUTH-01"] {
        let Verdict::Fail(findings) = judge(id, &planted) else { panic!("{id} does not fail") };
        let observed = &findings[0].observed;
        assert!(observed.contains("the login of `.netrc` in HOME") && observed.contains("trust_env"), "{observed}");
    }
}

#[test]
fn sec_03_stays_small() {
    let bomb = || {
        let story = CaseBuilder::new("").list().link("doc_1").file("doc_1").but(|one| one.fault = Some("bomb".into()));
        story.exits(1)
    };
    holds("CPK-SEC-03", bomb(), bomb().with(|case| case.runs[0].process.peak_memory = Some(1 << 30)));
    let on_disk = crewpass_contract::client::witness::Kind::File { len: 1 << 30, sha256: "zeros".into(), bytes: None };
    let on_disk = bomb().with(|case| {
        let entry = crewpass_contract::client::witness::Entry { kind: on_disk, mode: 0o644 };
        case.runs[0].after.entries.insert(format!("{OUT}/doc_1.pdf").into(), entry);
    });
    fails("CPK-SEC-03", &on_disk);
    fails("CPK-SEC-03", &bomb().exits(0));
    fails("CPK-SEC-03", &bomb().ends(End::Signal(9)));
}

#[test]
fn http_01_takes_every_framing() {
    holds("CPK-HTTP-01", CaseBuilder::good(), CaseBuilder::new("").list().exits(1));
    is_not_exercised("CPK-HTTP-01", &CaseBuilder::new("").asks("/elsewhere", 200, None).exits(1));
    is_not_exercised("CPK-HTTP-01", &CaseBuilder::new("").list().but(|one| one.whole = false).exits(1));
}

#[test]
fn http_02_puts_base_and_path_together() {
    let at = |base: &str, path: &str| {
        CaseBuilder::new("").with(|case| case.base = base.into()).asks(path, 200, None).exits(1)
    };
    let slash = "http://127.0.0.1:4000/";
    holds("CPK-HTTP-02", at(slash, LIST), at(slash, &format!("/{LIST}")));
    let prefix = "http://127.0.0.1:4000/partners/api";
    // A transcript has targets without the path of BASE; what left it out stands below /outside.
    passes("CPK-HTTP-02", &at(prefix, LIST));
    fails("CPK-HTTP-02", &at(prefix, &format!("/outside{LIST}")));
    passes("CPK-LIST-01", &at(prefix, LIST));
    let key = ("authorization".to_owned(), format!("Bearer {KEY}").into_bytes());
    let elsewhere = at(slash, LIST).asks(&link_path("doc_1"), 200, None).but(|one| {
        one.headers = vec![key];
        one.listener = Listener::Second;
    });
    passes("CPK-HTTP-02", &elsewhere);
}
