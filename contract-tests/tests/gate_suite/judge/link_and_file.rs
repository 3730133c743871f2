//! Judges of links and of files.

use std::sync::Arc;

use crewpass_contract::client::witness::{End, Listener};
use serde_json::{Value, json};

use crate::judge::verdicts::{fails, holds, is_not_exercised, passes};
use crate::support::case_builder::{BASE, CaseBuilder, LIST, OUT, file_path, hash, link_path, regular};

#[test]
fn link_01_takes_another_spelling_and_no_other_link() {
    let given =
        || CaseBuilder::new("").list().link_to("doc_1", &json!(format!("{BASE}/api/v2/files/eyJ0.a?sig=a%2Fb%2b~")));
    let follow = |target: &str| given().asks(target, 200, None);
    holds("CPK-LINK-01", follow("/api/v2/files/eyJ0.a?sig=a%2Fb%2b~"), follow("/api/v2/files/eyJ0.a?sig=a%2Fb%20~"));
    passes("CPK-LINK-01", &follow("/api/v2/files/eyJ0.a?sig=a%2Fb%2B%7E"));
    fails("CPK-LINK-01", &follow("/api/v2/files/eyJ0.a?sig=a/b+~"));
    fails("CPK-LINK-01", &follow("/api/v2/files/eyJ0.a"));
    let to = |target: &str| {
        let place = ("location".to_owned(), format!("{BASE}/api/v2/files/eyJ1.b?hop=1").into_bytes());
        let first = given().asks("/api/v2/files/eyJ0.a?sig=a%2Fb%2b~", 302, None);
        first.but(|one| one.response_headers.push(place)).asks(target, 200, None)
    };
    passes("CPK-LINK-01", &to("/api/v2/files/eyJ1.b?hop=1"));
    fails("CPK-LINK-01", &to("/api/v2/files/eyJ1.b?hop=2"));
}

#[test]
fn link_02_keeps_ids_in_their_segment() {
    let odd = |path: &str| {
        let story =
            CaseBuilder::new("right_exit: either").with(|case| case.runs[0].current[0].id = "a/b".into()).list();
        story.asks(path, 200, None)
    };
    holds("CPK-LINK-02", odd(&link_path("a%2Fb")), odd(&link_path("a/b")));
    fails("CPK-LINK-02", &odd("/api/v2/employers/me/crew/crew_002/documents/doc_9/download"));
    passes("CPK-LINK-02", &odd(&link_path("doc_2")).exits(1));
    fails("CPK-LINK-02", &odd(&link_path("doc_2")).exits(0));
}

#[test]
fn link_03_lets_dead_links_lie() {
    holds("CPK-LINK-03", CaseBuilder::good(), CaseBuilder::good().link("doc_1").file_is("doc_1", 410).file("doc_1"));
    passes("CPK-LINK-03", &CaseBuilder::new("").list().link("doc_1").link("doc_2").file_is("doc_1", 503).file("doc_1"));
    let shared = CaseBuilder::new("").list().link("doc_1").link("doc_2").file("doc_1").file("doc_1");
    fails("CPK-LINK-03", &shared);
}

#[test]
fn link_04_asks_again_and_not_for_ever() {
    let dead = || CaseBuilder::new("right_exit: either").list().link("doc_1").file_is("doc_1", 410);
    holds("CPK-LINK-04", dead().link("doc_1").file("doc_1").saves("doc_1"), dead().exits(1));
    fails("CPK-LINK-04", &dead().link("doc_1").file("doc_1"));
    // A link that follows another document's dead one is no second.
    let other = dead().link("doc_1").file("doc_1").saves("doc_1").link("doc_2").file_is("doc_2", 410).saves("doc_2");
    fails("CPK-LINK-04", &other);
    // Nor is one that was asked for before the dead one, because of a 503.
    let before = || CaseBuilder::new("right_exit: either").list().link("doc_1").file_is("doc_1", 503).link("doc_1");
    fails("CPK-LINK-04", &before().file_is("doc_1", 410).saves("doc_1"));
    passes("CPK-LINK-04", &before().file_is("doc_1", 410).link("doc_1").file("doc_1").saves("doc_1"));
    let for_ever = |times: usize| {
        let begun = CaseBuilder::new("right_exit: refused").list();
        (0..times).fold(begun, |story, _| story.link("doc_1").file_is("doc_1", 404)).exits(1)
    };
    passes("CPK-LINK-04", &for_ever(3));
    fails("CPK-LINK-04", &for_ever(4));
    fails("CPK-LINK-04", &for_ever(1).exits(0));
}

#[test]
fn link_05_wants_no_expired_follow() {
    holds("CPK-LINK-05", CaseBuilder::good(), CaseBuilder::good().link("doc_1").file_is("doc_1", 404));
}

#[test]
fn link_06_wants_new_links() {
    let second = || CaseBuilder::good().run(&["doc_1"]).list();
    holds("CPK-LINK-06", second().link("doc_1").file("doc_1"), second().asks(&file_path("doc_1", 0), 200, None));
}

#[test]
fn link_07_stays_at_home() {
    let given =
        || CaseBuilder::new("right_exit: refused").list().link_to("doc_1", &json!("http://127.0.0.2:9/x")).exits(1);
    let away = given().asks("/x", 200, None).but(|one| one.listener = Listener::Foreign);
    holds("CPK-LINK-07", given(), away.clone());
    fails("CPK-LINK-07", &given().exits(0));
    fails("CPK-LINK-07", &given().shakes_hands(Listener::Foreign));
    let second = |ours: bool, tls: bool| {
        let story = given().asks("/x", 200, None).but(|one| one.listener = Listener::Second);
        story.with(|case| {
            let mut scenario = (*case.scenario).clone();
            scenario.second_is_ours = ours;
            case.scenario = Arc::new(scenario);
            if tls {
                case.base = "https://127.0.0.1:4000".into();
                case.runs[0].wire.iter_mut().for_each(|one| one.tls = one.listener == Listener::Base);
            }
        })
    };
    passes("CPK-LINK-07", &second(true, false));
    fails("CPK-LINK-07", &second(false, false));
    fails("CPK-LINK-07", &second(true, true));
}

#[test]
fn link_08_copies_nothing() {
    let given = || {
        let story = CaseBuilder::new("right_exit: refused").lay("a/b/c/work/canary.txt", regular("canary"));
        story.list().link_to("doc_1", &json!("file:///canary.txt")).exits(1)
    };
    holds("CPK-LINK-08", given(), given().writes(&format!("{OUT}/doc_1.pdf"), "canary"));
    fails("CPK-LINK-08", &given().exits(0));
    fails("CPK-LINK-08", &given().writes(&format!("{OUT}/doc_1.pdf"), "inline"));
}

#[test]
fn link_09_believes_the_echo() {
    let other = json!({"document_id": "doc_2", "download_url": format!("{BASE}{}", file_path("doc_1", 0))});
    let given = |answer: &Value| {
        CaseBuilder::new("right_exit: either").list().asks(&link_path("doc_1"), 200, Some(answer.clone()))
    };
    holds("CPK-LINK-09", given(&other).exits(1), given(&other).file("doc_1").saves("doc_1").exits(1));
    fails("CPK-LINK-09", &given(&other).exits(0));
    let silent = json!({"download_url": format!("{BASE}{}", file_path("doc_1", 0))});
    passes("CPK-LINK-09", &given(&silent).exits(1));
    passes("CPK-LINK-09", &given(&silent).saves("doc_1").saves("doc_2").saves("doc_3"));
    fails("CPK-LINK-09", &given(&silent).exits(0));
    fails("CPK-LINK-09", &given(&silent).ends(End::Signal(6)));
    is_not_exercised("CPK-LINK-09", &CaseBuilder::good());
}

#[test]
fn link_10_asks_for_nothing_odd() {
    let given = |url: &Value| CaseBuilder::new("right_exit: refused").list().link_to("doc_1", url).exits(1);
    for url in [json!(null), json!(""), json!(42)] {
        holds("CPK-LINK-10", given(&url), given(&url).asks("/None", 404, None));
        fails("CPK-LINK-10", &given(&url).exits(0));
    }
    is_not_exercised("CPK-LINK-10", &CaseBuilder::good());
}

#[test]
fn link_11_asks_once_more() {
    let over = json!({"document_id": "doc_1", "download_url": format!("{BASE}{}", file_path("doc_1", 0)),
        "expires_at": "2020-01-01T00:00:00Z"});
    let given = || CaseBuilder::new("").list().asks(&link_path("doc_1"), 200, Some(over.clone()));
    holds("CPK-LINK-11", given().link("doc_1"), given());
    fails("CPK-LINK-11", &given().link("doc_1").link("doc_1"));
    is_not_exercised("CPK-LINK-11", &CaseBuilder::good());
    let off = |story: CaseBuilder| story;
    passes("CPK-LINK-11", &off(CaseBuilder::new("clock: {behind: 10m}")).all());
    fails("CPK-LINK-11", &off(CaseBuilder::new("clock: {behind: 10m}")).list().link("doc_1").exits(1));
}

#[test]
fn link_12_counts_links() {
    holds("CPK-LINK-12", CaseBuilder::good(), CaseBuilder::good().link("doc_1"));
    fails("CPK-LINK-12", &CaseBuilder::new("").list().link("doc_1").link("doc_1").file("doc_1"));
    passes("CPK-LINK-12", &CaseBuilder::new("").list().link("doc_1").file_is("doc_1", 503).link("doc_1").file("doc_1"));
}

#[test]
fn file_01_saves_no_error() {
    let refused = || CaseBuilder::new("right_exit: refused").list().link("doc_1").file_is("doc_1", 503).exits(1);
    holds("CPK-FILE-01", refused(), refused().writes(&format!("{OUT}/doc_1.pdf"), "an error"));
    fails("CPK-FILE-01", &refused().exits(0));
    passes("CPK-FILE-01", &refused().writes(&format!("{OUT}/doc_1.pdf.part"), "an error"));
}

#[test]
fn file_02_saves_no_part() {
    let cut = || {
        CaseBuilder::new("right_exit: either").list().link("doc_1").file("doc_1").but(|one| one.whole = false).exits(1)
    };
    holds("CPK-FILE-02", cut(), cut().writes(&format!("{OUT}/doc_1.pdf"), "a part"));
    fails("CPK-FILE-02", &cut().exits(0));
    passes("CPK-FILE-02", &cut().saves("doc_1").saves("doc_2").saves("doc_3").exits(0));
}

#[test]
fn file_03_and_04_compare_hashes() {
    let other =
        || CaseBuilder::new("").list().link("doc_1").file("doc_1").writes(&format!("{OUT}/doc_1.pdf"), "as text");
    for id in ["CPK-FILE-03", "CPK-FILE-04"] {
        holds(id, CaseBuilder::good(), other());
    }
    let coded = ("content-encoding".to_owned(), b"gzip".to_vec());
    let coded = CaseBuilder::new("").list().link("doc_1").file("doc_1").but(|one| one.response_headers.push(coded));
    assert_eq!(passes("CPK-FILE-04", &coded.clone().saves("doc_1")), None);
    fails("CPK-FILE-04", &coded);
    assert!(passes("CPK-FILE-04", &CaseBuilder::good()).is_some());
    // "abc" in Base64, and its SHA-256.
    let story = "faults: [{name: archive, then: {status: {code: 200, body: {base64: YWJj}}}}]";
    let story =
        CaseBuilder::new(story).list().link("doc_1").file("doc_1").but(|one| one.fault = Some("archive".into()));
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    passes("CPK-FILE-04", &story.clone().writes(&format!("{OUT}/doc_1.gz"), abc));
    fails("CPK-FILE-04", &story.writes(&format!("{OUT}/doc_1.gz"), "decoded"));
}

#[test]
fn file_05_and_06_read_redirects() {
    let redirected = || CaseBuilder::new("").list().link("doc_1").file_is("doc_1", 302);
    holds("CPK-FILE-05", redirected().all(), redirected().exits(1));
    let away = redirected().asks("/x", 200, None).but(|one| one.listener = Listener::Foreign);
    holds("CPK-FILE-06", redirected().exits(1), away.exits(1));
    fails("CPK-FILE-06", &redirected().exits(0));
}

#[test]
fn file_07_saves_no_page() {
    let html = ("content-type".to_owned(), b"text/html; charset=utf-8".to_vec());
    let page = || {
        CaseBuilder::new("")
            .list()
            .link("doc_1")
            .file("doc_1")
            .but(|one| one.response_headers.push(html.clone()))
            .exits(1)
    };
    holds("CPK-FILE-07", page(), page().writes(&format!("{OUT}/doc_1.pdf"), "a page"));
    fails("CPK-FILE-07", &page().exits(0));
    is_not_exercised("CPK-FILE-07", &CaseBuilder::good());
}

#[test]
fn file_08_reports_no_empty_file() {
    let empty = || CaseBuilder::new("").list().link("doc_1").file("doc_1").but(|one| one.bytes = 0).exits(1);
    holds("CPK-FILE-08", empty(), empty().writes_text(&format!("{OUT}/doc_1.pdf"), ""));
    fails("CPK-FILE-08", &empty().exits(0));
    fails("CPK-FILE-08", &empty().prints("saved doc_1.pdf"));
    // A document that came with its bytes may be told beside it, by its id or by its name.
    for name in ["doc_2", "doc_2.pdf"] {
        let one_empty = || empty().saves("doc_2").prints(&format!("saved {name}"));
        passes("CPK-FILE-08", &one_empty());
        fails("CPK-FILE-08", &one_empty().prints(&format!("saved {name}\nsaved doc_1.pdf")));
        fails("CPK-FILE-08", &one_empty().prints("saved: document doc_1"));
    }
    // A summary names no document, in whatever words.
    for summary in [
        "Saved files: 0, failed: 3",
        "Saved to a/b/c/work/out: 0 of 3 documents",
        "saved only 0 documents",
        "Saved: 0 document(s); could not save: 3",
    ] {
        assert_eq!(passes("CPK-FILE-08", &empty().prints(summary)), None, "{summary}");
    }
    is_not_exercised("CPK-FILE-08", &CaseBuilder::good());
}

#[test]
fn file_09_looks_under_the_friendly_name() {
    let half = || {
        let second = CaseBuilder::good().run(&["doc_1", "doc_2", "doc_3"]).fresh().list().link("doc_1").file("doc_1");
        second.but(|one| one.whole = false).ends(End::Terminated(Some(143)))
    };
    holds("CPK-FILE-09", half(), half().writes(&format!("{OUT}/doc_1.pdf"), "half"));
    passes("CPK-FILE-09", &half().writes(&format!("{OUT}/doc_1.pdf.part"), "half"));
    is_not_exercised("CPK-FILE-09", &half().exits(1));
}

#[test]
fn file_10_measures_growth() {
    let large = |peak: Option<u64>| {
        let second =
            CaseBuilder::good().run(&["doc_1"]).list().link("doc_1").file("doc_1").but(|one| one.bytes = 200 << 20);
        second.with(|case| case.runs[1].process.peak_memory = peak)
    };
    holds("CPK-FILE-10", large(Some(60 << 20)), large(Some(240 << 20)));
    let cut = large(Some(240 << 20)).but(|one| one.whole = false);
    is_not_exercised("CPK-FILE-10", &cut);
    is_not_exercised("CPK-FILE-10", &large(Some(240 << 20)).but(|one| one.bytes = 64 << 20));
    let unseen = crate::judge::verdicts::judge("CPK-FILE-10", &large(None));
    assert!(matches!(unseen, crewpass_contract::client::judge::Verdict::NotObservable(_)), "{unseen:?}");
}

#[test]
fn findings_name_request_and_file() {
    let story = CaseBuilder::new("").list().link("doc_1").file("doc_1").but(|one| one.whole = false);
    let story = story.writes(&format!("{OUT}/doc_1.pdf"), "a part");
    let crewpass_contract::client::judge::Verdict::Fail(found) = crate::judge::verdicts::judge("CPK-FILE-02", &story)
    else {
        panic!("a fail")
    };
    assert_eq!(found[0].file.as_deref(), Some(std::path::Path::new("a/b/c/work/out/doc_1.pdf")));
    let story = CaseBuilder::good().asks(&format!("{LIST}/x"), 404, None).asks(&file_path("doc_1", 7), 404, None);
    let crewpass_contract::client::judge::Verdict::Fail(found) = crate::judge::verdicts::judge("CPK-LINK-01", &story)
    else {
        panic!("a fail")
    };
    assert_eq!(found[0].exchange, Some(9));
    assert!(!hash("doc_1").is_empty());
}
