//! Judges of the key and of the list.

use base64::Engine;
use crewpass_contract::client::judge::Verdict;
use crewpass_contract::client::transport::{Class, Report};
use crewpass_contract::client::witness::{End, Listener};
use serde_json::json;

use crate::judge::verdicts::{fails, holds, is_not_exercised, judge, passes};
use crate::support::case_builder::{BASE, CaseBuilder, KEY, LIST, OUT, file_path, link_path};

fn header(name: &str, value: &str) -> (String, Vec<u8>) {
    (name.to_owned(), value.as_bytes().to_vec())
}

#[test]
fn auth_01_wants_one_credential() {
    let without = CaseBuilder::good().but(|_| ()).link("doc_1").but(|one| one.headers.clear());
    holds("CPK-AUTH-01", CaseBuilder::good(), without);
    let other = |headers: Vec<(String, Vec<u8>)>| CaseBuilder::good().link("doc_1").but(|one| one.headers = headers);
    let own = CaseBuilder::new("").list().but(|one| one.headers = vec![header("x-partner-api-key", KEY)]).link("doc_1");
    assert!(passes("CPK-AUTH-01", &own).is_some_and(|note| note.contains("X-Partner-API-Key")));
    passes("CPK-AUTH-01", &other(vec![header("authorization", &format!("bEaReR {KEY}"))]));
    let twice = vec![header("authorization", &format!("Bearer {KEY}")), header("x-partner-api-key", KEY)];
    fails("CPK-AUTH-01", &other(twice));
    fails("CPK-AUTH-01", &other(vec![header("authorization", "Bearer cpk_test_another")]));
    fails("CPK-AUTH-01", &other(vec![header("authorization", &format!("Basic {KEY}"))]));
}

#[test]
fn auth_01_is_broken_by_two_authorization_headers_although_the_list_is_refused() {
    let bearer = || header("authorization", &format!("Bearer {KEY}"));
    for second in [bearer(), header("authorization", "Basic bWU6c2VjcmV0")] {
        let headers = vec![bearer(), second];
        let refused = CaseBuilder::new("met: [{asked: {step: link, times: 3}}]").list_is(401);
        let refused = refused.but(|one| one.headers = headers).exits(1);
        fails("CPK-AUTH-01", &refused);
        let Verdict::Fail(findings) = judge("CPK-AUTH-01", &refused) else { panic!("it does not fail") };
        assert_eq!(findings[0].observed, "the list had 2 credentials: Authorization and Authorization");
    }
    for (name, value, count) in [
        ("authorization", format!("Bearer {KEY}, Bearer {KEY}"), "2 credentials in one Authorization"),
        ("authorization", format!("Bearer {KEY}, Bearer another"), "2 credentials in one Authorization"),
        ("authorization", format!("Bearer {KEY},{KEY},{KEY}"), "3 credentials in one Authorization"),
        ("x-partner-api-key", format!("{KEY}, {KEY}"), "2 credentials in one X-Partner-API-Key"),
        ("x-partner-api-key", format!("Bearer {KEY}"), "the key and something else in X-Partner-API-Key"),
    ] {
        let joined = CaseBuilder::new("").list_is(401).but(|one| one.headers = vec![header(name, &value)]).exits(1);
        let Verdict::Fail(findings) = judge("CPK-AUTH-01", &joined) else { panic!("it does not fail") };
        assert_eq!(findings[0].observed, format!("the list had {count}"));
    }
    // A refused client with one key has broken nothing.
    is_not_exercised("CPK-AUTH-01", &CaseBuilder::new("met: [{asked: {step: link}}]").list_is(401).exits(1));
}

#[test]
fn what_is_broken_before_a_scenario_is_met_is_broken() {
    let unmet = || CaseBuilder::new("met: [{asked: {step: file, times: 3}}]");
    let in_query = unmet().asks(&format!("{LIST}?key={KEY}"), 401, None).exits(1);
    fails("CPK-AUTH-07", &in_query);
    fails("CPK-AUTH-04", &unmet().list_is(401).prints(KEY).exits(1));
    fails("CPK-LIST-01", &unmet().asks("/documents", 404, None).exits(1));
    // Others wait for what their scenario is about.
    is_not_exercised("CPK-OUT-01", &unmet().list_is(401).exits(1));
}

#[test]
fn auth_04_takes_no_other_url_for_a_link() {
    let given = |url: &str| {
        CaseBuilder::new("right_exit: refused").list().link_to("doc_1", &json!(url)).prints(&format!("no link: {url}"))
    };
    for url in [
        "data:application/pdf;base64,JVBERi0xLjcKJSVFT0YK",
        "file:///tmp/sandbox/a/b/c/work/canary.txt",
        "https://storage.invalid/crewpass-documents/crew_001/certificate-of-competency.pdf",
    ] {
        passes("CPK-AUTH-04", &given(url).exits(1));
    }
    for url in ["//127.0.0.2:1", "http://127.0.0.2:1", ""] {
        fails("CPK-AUTH-04", &given(&format!("{url}{}", file_path("doc_1", 0))).exits(1));
    }
}

#[test]
fn auth_02_finds_the_key_in_any_spelling() {
    let leak =
        |value: &str| CaseBuilder::good().file("doc_1").but(|one| one.headers = vec![header("x-anything", value)]);
    holds("CPK-AUTH-02", CaseBuilder::good(), leak(&format!("Bearer {KEY}")));
    let coded = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    let percent = percent_encoding::percent_encode(KEY.as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string();
    for value in
        [coded(KEY.into()), coded(format!(":{KEY}")), coded(format!("{KEY}:")), coded(format!("me:{KEY}")), percent]
    {
        fails("CPK-AUTH-02", &leak(&value));
    }
    let in_target = CaseBuilder::good().asks(&format!("/api/v2/files/eyJ0?key={KEY}"), 404, None);
    fails("CPK-AUTH-02", &in_target);
    let refused = CaseBuilder::new("").list().link_to("doc_1", &json!("http://127.0.0.2:1/api/v2/files/eyJ")).exits(1);
    assert!(passes("CPK-AUTH-02", &refused).is_some());
    is_not_exercised("CPK-AUTH-02", &refused.ends(End::Signal(6)));
}

#[test]
fn auth_03_wants_no_key_elsewhere() {
    let away = CaseBuilder::new("").list().link_is("doc_1", 307);
    let elsewhere = |story: CaseBuilder| story.asks("/x", 200, None).but(|one| one.listener = Listener::Foreign);
    holds("CPK-AUTH-03", elsewhere(away.clone()).but(|one| one.headers.clear()), elsewhere(away));
}

#[test]
fn auth_04_looks_at_output_names_and_files() {
    holds("CPK-AUTH-04", CaseBuilder::good(), CaseBuilder::good().prints(&format!("key is {KEY}")));
    let token = CaseBuilder::good().newest_file("doc_1");
    fails("CPK-AUTH-04", &CaseBuilder::good().prints(&format!("GET {token}")));
    fails("CPK-AUTH-04", &CaseBuilder::good().writes_text(&format!("{OUT}/links.txt"), &token));
    fails("CPK-AUTH-04", &CaseBuilder::good().writes_text("a/b/c/work/home/.config", &format!("key={KEY}")));
    let name = token.rsplit('/').next().unwrap();
    fails("CPK-AUTH-04", &CaseBuilder::good().writes(&format!("{OUT}/{name}"), "x"));
}

#[test]
fn auth_05_sees_another_host_only() {
    let at = |base: &str, story: CaseBuilder| story.with(|case| case.base = base.into());
    let here = judge("CPK-AUTH-05", &CaseBuilder::good());
    assert!(matches!(&here, Verdict::NotObservable(why) if why.contains("--plain-http-host HOST")), "{here:?}");
    let host = "http://api.partner.test:80";
    passes("CPK-AUTH-05", &at(host, CaseBuilder::new("").exits(1)));
    fails("CPK-AUTH-05", &at(host, CaseBuilder::good().exits(1)));
    fails("CPK-AUTH-05", &at(host, CaseBuilder::new("").exits(0)));
    is_not_exercised("CPK-AUTH-05", &at(host, CaseBuilder::new("met: [connected]").exits(1)));
}

#[test]
fn auth_06_wants_no_request_at_all() {
    let shaken = CaseBuilder::new("right_exit: refused").shakes_hands(Listener::Base).exits(1);
    holds("CPK-AUTH-06", shaken.clone(), shaken.clone().list());
    fails("CPK-AUTH-06", &shaken.clone().exits(0));
    fails("CPK-AUTH-06", &shaken.ends(End::Signal(11)));
}

#[test]
fn auth_07_wants_no_key_in_a_url() {
    holds("CPK-AUTH-07", CaseBuilder::good(), CaseBuilder::good().asks(&format!("{LIST}?api_key={KEY}"), 200, None));
    for name in ["referer", "cookie"] {
        fails("CPK-AUTH-07", &CaseBuilder::good().but(|one| one.headers.push(header(name, &format!("k={KEY}")))));
    }
}

#[test]
fn list_01_looks_at_the_first_request() {
    let elsewhere = CaseBuilder::new("").asks("/api/v1/employers/me/crew/crew_001/documents", 404, None).list();
    holds("CPK-LIST-01", CaseBuilder::good(), elsewhere);
    fails("CPK-LIST-01", &CaseBuilder::good().with(|case| case.crew_id = "crew_002".into()));
    fails("CPK-LIST-01", &CaseBuilder::good().with(|case| case.runs[0].wire[0].method = "POST".into()));
}

/// Puts a HEAD before the request that was told last.
fn with_head(case: CaseBuilder) -> CaseBuilder {
    case.with(|case| {
        let wire = &mut case.runs.last_mut().unwrap().wire;
        let mut head = wire.last().unwrap().clone();
        (head.method, head.json, head.bytes) = ("HEAD".into(), None, 0);
        wire.insert(wire.len() - 1, head);
    })
}

#[test]
fn a_head_is_a_part_of_the_get_that_it_announces() {
    let empty = || with_head(CaseBuilder::new("").with(|case| case.runs[0].current.clear()).list());
    passes("CPK-LIST-01", &empty());
    holds("CPK-LIST-05", empty(), empty().list());
    let refused = || with_head(CaseBuilder::new("right_exit: refused").list_is(403)).exits(1);
    holds("CPK-ERR-01", refused(), refused().list_is(403));
    holds("CPK-RTY-05", refused(), refused().list_is(403));
    let alone = |status| CaseBuilder::new("right_exit: refused").list_is(status).but(|one| one.method = "HEAD".into());
    passes("CPK-LIST-01", &alone(403).exits(1));
    passes("CPK-ERR-01", &alone(403).exits(1));
    // A HEAD that nothing follows is a try.
    let again = |case: CaseBuilder| (0..10).fold(case, |case, _| with_head(case.waits(300).list_is(503)));
    let tried = || again(CaseBuilder::new("right_exit: refused")).exits(1);
    passes("CPK-RTY-02", &tried());
    passes("CPK-RTY-04", &tried());
    let heads = |count| {
        let head = |case: CaseBuilder| case.list_is(503).but(|one| one.method = "HEAD".into());
        (0..count).fold(CaseBuilder::new("right_exit: refused"), |case, _| head(case)).exits(1)
    };
    holds("CPK-RTY-02", heads(10), heads(11));
    holds("CPK-RTY-04", heads(5), heads(6));
}

#[test]
fn a_client_may_ask_who_it_is_and_who_the_person_is() {
    let first = |case: CaseBuilder| {
        let me = case.asks("/api/v2/partners/me", 200, None).asks("/api/v2/employers/me/vessels", 200, None);
        me.asks("/api/v2/employers/me/crew/crew_001/profile", 200, None)
    };
    let new = |scenario: &str| first(CaseBuilder::new(scenario));
    passes("CPK-LIST-01", &new("").all());
    passes("CPK-LIST-05", &new("").with(|case| case.runs[0].current.clear()).list());
    passes("CPK-ERR-01", &new("right_exit: refused").list_is(403).exits(1));
    let no_link = || new("right_exit: refused").list().link_to("doc_1", &json!(null)).exits(1);
    holds("CPK-LINK-10", no_link(), no_link().asks("/null", 404, None));
    is_not_exercised("CPK-LIST-01", &new(""));
}

#[test]
fn list_02_reads_one_segment() {
    let id = "a b/é?#%2F";
    let ask = |segment: &str| {
        let target = format!("/api/v2/employers/me/crew/{segment}/documents");
        CaseBuilder::new("").with(|case| case.crew_id = id.into()).asks(&target, 200, None)
    };
    holds("CPK-LIST-02", ask("a%20b%2F%C3%A9%3F%23%252F"), ask("a%20b/%C3%A9%3F%23%252F"));
    fails("CPK-LIST-02", &ask("a%20b%2F%C3%A9%3F%23%2F"));
    let dots = |story: CaseBuilder| story.with(|case| case.crew_id = "..".into());
    assert!(passes("CPK-LIST-02", &dots(CaseBuilder::new("").exits(1))).is_some());
    is_not_exercised("CPK-LIST-02", &dots(CaseBuilder::new("").exits(0)));
    is_not_exercised("CPK-LIST-02", &dots(CaseBuilder::new("").ends(End::Signal(6))));
    fails("CPK-LIST-02", &dots(CaseBuilder::new("").asks("/api/v2/employers/me/documents", 404, None).exits(1)));
}

fn list_of(items: &serde_json::Value) -> CaseBuilder {
    CaseBuilder::new("").asks(LIST, 200, Some(json!({"crew_unique_id": "crew_001", "items": items})))
}

fn saved(story: CaseBuilder) -> CaseBuilder {
    ["doc_1", "doc_2", "doc_3"].into_iter().fold(story, |story, id| story.link(id).file(id).saves(id))
}

#[test]
fn list_03_wants_a_null_that_stays_null() {
    let null = || saved(list_of(&json!([{"issuer": null}])));
    holds(
        "CPK-LIST-03",
        null().prints(r#"{"items": [{"issuer": null}]}"#),
        null().prints(r#"{"items": [{"issuer": "None"}]}"#),
    );
    fails("CPK-LIST-03", &list_of(&json!([{"issuer": null}])).exits(1));
    is_not_exercised("CPK-LIST-03", &CaseBuilder::good());
    let reports = |id: &str| {
        let listed = json!([{"document_id": "doc_1", "issuer": null}, {"document_id": "doc_2", "issuer": "MCA"}]);
        let items = vec![json!({"document_id": id, "issuer": "MCA"})];
        let report = Report { items, ..Report::new(Class::Ok) };
        saved(list_of(&listed)).with(|case| case.runs[0].report = Some(report))
    };
    passes("CPK-LIST-03", &reports("doc_2"));
    fails("CPK-LIST-03", &reports("doc_1"));
}

#[test]
fn list_04_wants_all_saved() {
    holds("CPK-LIST-04", CaseBuilder::good(), CaseBuilder::new("").list().exits(1));
}

#[test]
fn list_11_wants_a_file_without_name_and_type_saved() {
    let without = |fields: &[&str], null: bool| {
        let mut link = json!({
            "document_id": "doc_1", "download_url": format!("{BASE}{}", file_path("doc_1", 0)),
            "expires_at": "2026-06-08T10:15:00Z", "content_type": "application/pdf", "file_name": "doc_1.pdf",
        });
        let fields_of_link = link.as_object_mut().unwrap();
        for field in fields {
            fields_of_link.remove(*field);
            fields_of_link.extend(null.then(|| ((*field).to_owned(), json!(null))));
        }
        let story = CaseBuilder::new("").list().asks(&link_path("doc_1"), 200, Some(link)).file("doc_1").saves("doc_1");
        ["doc_2", "doc_3"].iter().fold(story, |story, id| story.link(id).file(id).saves(id))
    };
    let both = &["content_type", "file_name"][..];
    for null in [true, false] {
        holds("CPK-LIST-11", without(both, null), without(both, null).exits(1));
    }
    is_not_exercised("CPK-LIST-11", &without(&["file_name"], true));
    is_not_exercised("CPK-LIST-11", &CaseBuilder::good());
}

#[test]
fn list_05_takes_nothing_for_nothing() {
    let empty = || CaseBuilder::new("").with(|case| case.runs[0].current.clear()).list();
    holds("CPK-LIST-05", empty(), empty().exits(1));
    fails("CPK-LIST-05", &empty().list());
    fails("CPK-LIST-05", &empty().writes(&format!("{OUT}/list.json"), "x"));
    is_not_exercised("CPK-LIST-05", &CaseBuilder::good());
}

#[test]
fn list_06_wants_a_refusal() {
    let broken = CaseBuilder::new("right_exit: refused").asks(LIST, 200, None).exits(1);
    holds("CPK-LIST-06", broken.clone(), broken.clone().exits(0));
    fails("CPK-LIST-06", &broken.clone().ends(End::Signal(6)));
    is_not_exercised("CPK-LIST-06", &broken.clone().ends(End::Deadline));
    fails("CPK-LIST-06", &broken.exits(139));
}

#[test]
fn list_07_wants_no_link() {
    let other =
        || CaseBuilder::new("").asks(LIST, 200, Some(json!({"crew_unique_id": "crew_009", "items": []}))).exits(1);
    holds("CPK-LIST-07", other(), other().link("doc_1"));
    fails("CPK-LIST-07", &other().exits(0));
    is_not_exercised("CPK-LIST-07", &CaseBuilder::good());
}

#[test]
fn list_08_wants_the_new_version() {
    let second = || CaseBuilder::good().run(&["doc_9", "doc_2", "doc_3"]);
    holds("CPK-LIST-08", second().all(), second().list().link("doc_1"));
    fails("CPK-LIST-08", &second().all().link("doc_1"));
}

#[test]
fn list_09_wants_the_others() {
    let first = || CaseBuilder::new("right_exit: refused").list().link_is("doc_1", 404);
    let rest = first().link("doc_2").file("doc_2").saves("doc_2").link("doc_3").file("doc_3").saves("doc_3");
    holds("CPK-LIST-09", rest.clone().exits(1), first().exits(1));
    fails("CPK-LIST-09", &rest.exits(0));
}

#[test]
fn list_10_counts_what_is_in_flight() {
    let all_at_once = |at_once: usize| {
        let open = CaseBuilder::good().with(|case| case.runs[0].wire.truncate(1));
        let story =
            (0..at_once).fold(open, |story, number| story.asks(&link_path(&format!("doc_{number}")), 200, None));
        story.with(|case| {
            let start = case.runs[0].wire[1].started;
            case.runs[0].wire[1..].iter_mut().for_each(|one| one.started = start);
        })
    };
    holds("CPK-LIST-10", all_at_once(8), all_at_once(9));
}
