//! Judges of the task `fleet`.

use crewpass_contract::client::case::Expected;
use crewpass_contract::client::judge::{Verdict, judge_of};
use crewpass_contract::client::witness::{End, Exchange};
use serde_json::{Value, json};

use crate::document::examples::{places, read_example, retyped, with, without};
use crate::judge::verdicts::{fails, holds, is_not_exercised, passes};
use crate::support::case_builder::{BASE, CaseBuilder, OUT, file_path, hash};

const FLEET: &str = "/api/v2/employers/me/fleet";

/// Three people, each with the document of their number.
const PEOPLE: [&str; 3] = ["crew_001", "crew_002", "crew_003"];

fn fleet(scenario: &str) -> CaseBuilder {
    let case = CaseBuilder::new(&format!("task: fleet\n{scenario}"));
    case.with(|case| {
        let current = case.runs.last_mut().unwrap().current.iter_mut();
        current.zip(PEOPLE).for_each(|(one, person)| person.clone_into(&mut one.crew_id));
    })
}

/// Begins another run of the same fleet.
fn again(case: CaseBuilder) -> CaseBuilder {
    let current: Vec<Expected> = case.case.runs[0].current.clone();
    case.run(&[]).with(|case| case.runs.last_mut().unwrap().current = current).fresh()
}

fn target(cursor: Option<&str>) -> String {
    cursor.map_or_else(|| FLEET.to_owned(), |cursor| format!("{FLEET}?limit=100&cursor={cursor}"))
}

fn body(people: &[&str], next: impl Into<Value>) -> Value {
    let rows: Vec<Value> = people.iter().map(|id| json!({"crew_unique_id": id})).collect();
    json!({"items": rows, "next_cursor": next.into()})
}

fn page(case: CaseBuilder, cursor: Option<&str>, people: &[&str], next: impl Into<Value>) -> CaseBuilder {
    case.asks(&target(cursor), 200, Some(body(people, next)))
}

fn page_is(case: CaseBuilder, cursor: Option<&str>, status: u16) -> CaseBuilder {
    case.asks(&target(cursor), status, Some(json!({"error": {"code": "a_code", "message": "no"}})))
}

fn list_path(person: &str) -> String {
    format!("/api/v2/employers/me/crew/{person}/documents")
}

/// A person's list, link and file, saved.
fn person(case: CaseBuilder, id: &str) -> CaseBuilder {
    let number = id.rsplit('0').next().unwrap().to_owned();
    let document = format!("doc_{number}");
    let case = case.asks(&list_path(id), 200, Some(json!({"crew_unique_id": id, "items": []})));
    let file = file_path(&document, 0);
    let link = json!({"document_id": document, "download_url": format!("{BASE}{file}")});
    let case = case.asks(&format!("{}/{document}/download", list_path(id)), 200, Some(link));
    case.asks(&file, 200, None).saves(&document)
}

fn everybody(case: CaseBuilder) -> CaseBuilder {
    PEOPLE.iter().fold(case, |case, id| person(case, id))
}

/// The two pages of a fleet, and everybody saved.
fn whole() -> CaseBuilder {
    let case = page(fleet(""), None, &PEOPLE[..2], "c2");
    everybody(page(case, Some("c2"), &PEOPLE[2..], Value::Null))
}

#[test]
fn fleet_01_wants_each_page_once_by_its_cursor() {
    holds("CPK-FLEET-01", whole(), page(whole(), Some("c2"), &PEOPLE[2..], Value::Null));
    fails("CPK-FLEET-01", &page_is(whole(), Some("c3"), 400));
    let first_only = || person(person(page(fleet(""), None, &PEOPLE[..2], "c2"), "crew_001"), "crew_002");
    fails("CPK-FLEET-01", &first_only().exits(0));
    fails("CPK-FLEET-01", &whole().exits(1));
    is_not_exercised("CPK-FLEET-01", &everybody(page(fleet(""), None, &PEOPLE, Value::Null)));
}

#[test]
fn fleet_02_wants_the_value_that_was_given() {
    let given = "a+b%2B c==";
    let story = |sent: &str| page(page(fleet(""), None, &[], given), Some(sent), &[], Value::Null);
    holds("CPK-FLEET-02", story("a%2Bb%252B+c%3D%3D"), story("a+b%2B+c=="));
    passes("CPK-FLEET-02", &story("a%2Bb%252B%20c=="));
    fails("CPK-FLEET-02", &story("a%2Bb%252B+c"));
    is_not_exercised("CPK-FLEET-02", &whole());
}

#[test]
fn fleet_03_ends_at_the_last_page() {
    let one = || everybody(page(fleet(""), None, &PEOPLE, Value::Null));
    holds("CPK-FLEET-03", one(), page_is(one(), Some("null"), 400));
    fails("CPK-FLEET-03", &one().exits(1));
    let absent = everybody(fleet("").asks(FLEET, 200, Some(json!({"items": []}))));
    passes("CPK-FLEET-03", &absent);
}

#[test]
fn fleet_04_wants_a_refusal_of_a_circle() {
    let circle = || page(page(fleet("right_exit: refused"), None, &[], "a"), Some("a"), &[], "a");
    holds("CPK-FLEET-04", circle().exits(23), circle().exits(0));
    fails("CPK-FLEET-04", &circle().ends(End::Deadline));
    fails("CPK-FLEET-04", &circle().ends(End::Flood));
    is_not_exercised("CPK-FLEET-04", &whole());
}

#[test]
fn fleet_05_and_11_want_a_person_once() {
    let rows = || page(page(fleet(""), None, &PEOPLE, "c2"), Some("c2"), &PEOPLE[2..], Value::Null);
    let twice = || everybody(rows()).asks(&list_path("crew_003"), 200, Some(json!({"items": []})));
    holds("CPK-FLEET-05", everybody(rows()), twice());
    is_not_exercised("CPK-FLEET-05", &whole());
    let copied = || everybody(rows()).writes(&format!("{OUT}/doc_3.copy.pdf"), &hash("doc_3"));
    holds("CPK-FLEET-11", everybody(rows()), copied());
    fails("CPK-FLEET-11", &everybody(rows()).exits(1));
}

fn withheld(name: &str, status: u16, code: &str) -> CaseBuilder {
    let case = page(
        again(everybody(page(fleet("right_exit: either"), None, &PEOPLE, Value::Null))),
        None,
        &PEOPLE,
        Value::Null,
    );
    let refusal = json!({"error": {"code": code, "message": "no"}});
    let case = case.asks(&list_path("crew_002"), status, Some(refusal)).prints(name);
    person(person(case, "crew_001"), "crew_003")
}

#[test]
fn fleet_06_wants_the_others_and_a_word() {
    for (status, code) in [(403, "scope_not_consented"), (404, "not_found")] {
        let reported = || withheld("crew member crew_002: not saved", status, code);
        holds("CPK-FLEET-06", reported(), withheld("2 saved", status, code));
        passes("CPK-FLEET-06", &withheld("2 saved", status, code).exits(10));
        fails("CPK-FLEET-06", &withheld("crew_0021 and xcrew_002", status, code));
        fails("CPK-FLEET-06", &reported().ends(End::Signal(6)));
        passes("CPK-OUT-01", &reported());
    }
    // A word of the friendly run says nothing.
    let always = withheld("crew_002", 404, "not_found").with(|case| {
        case.runs[0].process.stdout = b"saved crew_002".to_vec();
    });
    fails("CPK-FLEET-06", &always);
    // Another refusal is a failure, and excuses nobody.
    is_not_exercised("CPK-FLEET-06", &withheld("crew_002", 403, "scope_not_granted").exits(10));
    fails("CPK-OUT-01", &withheld("crew_002", 500, "internal"));
    // Nor does the consent to a list mean that to its links.
    let no_links = |code: &str| {
        let case = page(fleet("right_exit: either"), None, &PEOPLE, Value::Null);
        let case = person(person(case, "crew_001"), "crew_003");
        let case = case.asks(&list_path("crew_002"), 200, Some(json!({"crew_unique_id": "crew_002", "items": []})));
        let refusal = json!({"error": {"code": code, "message": "no"}});
        case.asks(&format!("{}/doc_2/download", list_path("crew_002")), 403, Some(refusal)).exits(0)
    };
    holds("CPK-OUT-01", no_links("scope_not_consented"), no_links("scope_not_granted"));
    let lost = again(whole());
    let lost = lost.asks(&list_path("crew_002"), 404, None).exits(10);
    fails("CPK-FLEET-06", &lost);
}

#[test]
fn fleet_07_wants_everything_saved() {
    holds("CPK-FLEET-07", whole(), whole().exits(23));
}

#[test]
fn fleet_08_goes_on_behind_an_empty_page() {
    let empty = || page(fleet(""), None, &[], "c2");
    holds("CPK-FLEET-08", everybody(page(empty(), Some("c2"), &PEOPLE, Value::Null)), empty().exits(0));
    is_not_exercised("CPK-FLEET-08", &everybody(page(fleet(""), None, &[], Value::Null)));
}

#[test]
fn fleet_09_allows_two_new_walks_or_a_refusal() {
    let walk = |case: CaseBuilder| page_is(page(case, None, &PEOPLE[..2], "c2"), Some("c2"), 400);
    let begun = |times: usize| (0..=times).fold(fleet("right_exit: either"), |case, _| walk(case));
    let finished = |times| everybody(page(begun(times), None, &PEOPLE, Value::Null));
    holds("CPK-FLEET-09", finished(1), begun(3).exits(22));
    passes("CPK-FLEET-09", &begun(2).exits(22));
    fails("CPK-FLEET-09", &begun(0).exits(0));
    fails("CPK-FLEET-09", &begun(0).ends(End::Signal(6)));
    fails("CPK-FLEET-09", &begun(1).ends(End::Flood));
    is_not_exercised("CPK-FLEET-09", &whole());
}

#[test]
fn fleet_10_wants_the_waits() {
    let after = |wait: u64, change: fn(&mut Exchange)| {
        let case = page(fleet("right_exit: either"), None, &PEOPLE[..2], "c2");
        let case = page_is(case, Some("c2"), 429).but(change).waits(wait);
        everybody(page(case, Some("c2"), &PEOPLE[2..], Value::Null))
    };
    let header = |one: &mut Exchange| one.response_headers.push(("retry-after".into(), b"2".to_vec()));
    let in_body = |one: &mut Exchange| one.json = Some(r#"{"error": {"retry_after_seconds": 1.5}}"#.into());
    holds("CPK-FLEET-10", after(2_000, header), after(1_000, header));
    passes("CPK-FLEET-10", &after(1_500, in_body));
    fails("CPK-FLEET-10", &after(1_000, in_body));
    fails("CPK-FLEET-10", &after(2_000, header).exits(22));
    is_not_exercised("CPK-FLEET-10", &whole());
}

#[test]
fn fleet_12_goes_on_from_the_page_that_failed() {
    let failed = |status| page_is(page(fleet("right_exit: either"), None, &PEOPLE[..2], "c2"), Some("c2"), status);
    let goes_on = |status| everybody(page(failed(status), Some("c2"), &PEOPLE[2..], Value::Null));
    let starts_over = page(page(failed(503), None, &PEOPLE[..2], "c2"), Some("c2"), &PEOPLE[2..], Value::Null);
    holds("CPK-FLEET-12", goes_on(503), everybody(starts_over));
    passes("CPK-FLEET-12", &goes_on(0));
    fails("CPK-FLEET-12", &failed(503).exits(22));
    is_not_exercised("CPK-FLEET-12", &whole());
}

#[test]
fn fleet_13_wants_small_steps() {
    let lists = |case: CaseBuilder| (0..1_000).fold(case, |case, n| case.asks(&list_path(&format!("p{n}")), 200, None));
    let large = || lists(again(whole()));
    let grown = |more: u64| large().with(|case| case.runs[1].process.peak_memory = Some((30 << 20) + more));
    holds("CPK-FLEET-13", large(), grown(64 << 20));
    let at_once = large().with(|case| {
        for one in case.runs[1].wire.iter_mut().take(9) {
            one.started = std::time::Duration::ZERO;
        }
    });
    fails("CPK-FLEET-13", &at_once);
    let unseen = large().with(|case| case.runs[1].process.peak_memory = None);
    assert!(passes("CPK-FLEET-13", &unseen).is_some());
    is_not_exercised("CPK-FLEET-13", &again(whole()));
}

#[test]
fn fleet_14_wants_a_limit_in_range() {
    let asked = |query: &str| fleet("").asks(&format!("{FLEET}{query}"), 200, Some(body(&[], Value::Null)));
    holds("CPK-FLEET-14", asked(""), asked("?limit=201"));
    for right in ["?limit=1", "?limit=200"] {
        passes("CPK-FLEET-14", &asked(right));
    }
    for wrong in ["?limit=0", "?limit=all", "?limit=", "?limit=-1", "?limit=50&limit=500"] {
        fails("CPK-FLEET-14", &asked(wrong));
    }
    // That no document is saved then follows from it.
    let refused = |query: &str| fleet("").asks(&format!("{FLEET}{query}"), 422, None).exits(1);
    is_not_exercised("CPK-OUT-01", &refused("?limit=500"));
    fails("CPK-OUT-01", &refused("?limit=50"));
    fails("CPK-OUT-01", &refused("?limit=500").exits(0));
    // Whatever else was not met.
    fails("CPK-FLEET-14", &fleet("met: [{fault: never}]").asks(&format!("{FLEET}?limit=500"), 422, None).exits(1));
}

#[test]
fn fleet_15_wants_a_broken_page_refused() {
    let broken = |page: Value| fleet("right_exit: refused").asks(FLEET, 200, Some(page)).exits(23);
    let pages = [
        json!({"items": [], "next_cursor": 7}),
        json!({"items": [], "next_cursor": {}}),
        json!({"next_cursor": null}),
        json!({"items": {}, "next_cursor": "c2"}),
    ];
    for one in pages {
        holds("CPK-FLEET-15", broken(one.clone()), broken(one.clone()).exits(0));
        fails("CPK-FLEET-15", &page(broken(one), Some("c2"), &[], Value::Null));
    }
    is_not_exercised("CPK-FLEET-15", &whole());
}

#[test]
fn fleet_16_keeps_ids_and_names_in_their_place() {
    let ids = ["a/b", ".", "crew_003"];
    let begun = |path: &str| {
        let case = fleet("right_exit: either").with(|case| {
            let current = case.runs.last_mut().unwrap().current.iter_mut();
            current.zip(ids).for_each(|(one, person)| person.clone_into(&mut one.crew_id));
        });
        page(case, None, &ids, Value::Null).asks(path, 200, None).saves("doc_1").saves("doc_3")
    };
    let good = || begun(&list_path("a%2Fb"));
    holds("CPK-FLEET-16", good().exits(10), begun(&list_path("a/b")).exits(10));
    passes("CPK-FLEET-16", &good().saves("doc_2"));
    fails("CPK-FLEET-16", &good());
    fails("CPK-FLEET-16", &begun(&list_path("a%252Fb")).exits(10));
    fails("CPK-FLEET-16", &good().exits(10).writes("a/b/escaped doc_1.pdf", "x"));
    let lost = page(fleet("right_exit: either"), None, &PEOPLE, Value::Null);
    fails("CPK-FLEET-16", &person(person(lost, "crew_001"), "crew_002").exits(10));
}

#[test]
fn fleet_17_wants_both_of_one_name() {
    let same = |case: CaseBuilder| {
        case.with(|case| {
            for one in &mut case.runs.last_mut().unwrap().current {
                one.file_name = Some("passport.pdf".into());
            }
        })
    };
    let lost = page(fleet(""), None, &PEOPLE, Value::Null).asks(&list_path("crew_001"), 200, None);
    let links = |case: CaseBuilder| {
        (1..=3).fold(case, |case, n| case.asks(&format!("{}/doc_{n}/download", list_path(PEOPLE[n - 1])), 200, None))
    };
    holds("CPK-FLEET-17", same(whole()), same(links(lost).saves("doc_1").exits(0)));
    is_not_exercised("CPK-FLEET-17", &whole());
    // A client that takes the others for the first one asks for nothing of theirs.
    let shown = || page(fleet(""), None, &PEOPLE, Value::Null);
    fails("CPK-FLEET-17", &same(person(shown(), "crew_001").exits(0)));
    is_not_exercised("CPK-FLEET-17", &same(shown().exits(0)));
    let alone = page(fleet(""), None, &["crew_001"], Value::Null);
    is_not_exercised("CPK-FLEET-17", &same(person(alone, "crew_001").exits(0)));
}

#[test]
fn fleet_18_wants_a_refusal_of_a_422() {
    let refused = || page_is(fleet("right_exit: refused"), None, 422);
    holds("CPK-FLEET-18", refused().exits(23), refused().exits(0));
    fails("CPK-FLEET-18", &refused().ends(End::Signal(6)));
}

#[test]
fn fleet_19_ends_at_a_denied_page() {
    let denied = |status| page_is(page(fleet("right_exit: refused"), None, &PEOPLE, "c2"), Some("c2"), status);
    for status in [401, 403] {
        holds("CPK-FLEET-19", denied(status).exits(20), denied(status).exits(0));
        fails("CPK-FLEET-19", &page_is(denied(status), Some("c2"), status).exits(20));
        fails("CPK-FLEET-19", &page_is(denied(status), None, status).exits(20));
    }
    is_not_exercised("CPK-FLEET-19", &page_is(fleet(""), None, 401).exits(20));
}

#[test]
fn the_fleet_is_outside_the_task_of_one_person() {
    // A client of documents that asks for the fleet asks for a path that its task does not have.
    let both = CaseBuilder::new("crew_id: crew_001").asks(FLEET, 200, Some(body(&PEOPLE, Value::Null))).all();
    fails("CPK-LIST-01", &both);
    fails("CPK-LIST-02", &both);
}

#[test]
fn the_judges_of_the_fleet_read_a_changed_page_as_what_it_is() {
    let page = with(&read_example("fleet"), "/next_cursor", json!("c2"));
    let is_exercised = |id: &str, page: &Value| {
        let story = fleet("right_exit: either").asks(FLEET, 200, Some(page.clone())).exits(23);
        !matches!(judge_of(id).unwrap()(&story.case), Verdict::NotExercised(_))
    };
    for place in places(&page) {
        let value = page.pointer(&place).unwrap();
        let others = retyped(value).into_iter().chain([Value::Null]).map(|other| with(&page, &place, other));
        for changed in others.chain(without(&page, &place)) {
            let (items, next) = (changed.get("items"), changed.get("next_cursor"));
            let (has_rows, ends) = (items.is_some_and(Value::is_array), next.is_none_or(Value::is_null));
            let goes_on = next.is_some_and(Value::is_string);
            let read = ["CPK-FLEET-01", "CPK-FLEET-03", "CPK-FLEET-15"].map(|id| is_exercised(id, &changed));
            assert_eq!(read, [goes_on, ends, !has_rows || !ends && !goes_on], "{changed}");
        }
    }
    assert!(is_exercised("CPK-FLEET-01", &page), "the example itself");
}
