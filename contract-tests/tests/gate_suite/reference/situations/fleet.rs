//! The fleet is walked page by page, once and to its end, and everybody's documents are saved.

use std::time::Duration;

use serde_json::{Value, json};

use super::situation::{Situation, document, documents};
use crate::reference::client::{Client, RunResult, Who};
use crate::reference::harness::{Ask, Document, Reply, ScriptedServer, Step, list};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation { title: "a fleet of three pages", play: three_pages, bugs: &["first-page-only", "asks-pages-twice"] },
    Situation {
        title: "cursors that need encoding",
        play: odd_cursors,
        bugs: &["cursor-not-encoded", "decodes-cursor", "trims-cursor", "cuts-cursor"],
    },
    Situation { title: "a page without next_cursor", play: no_next_cursor, bugs: &["needs-next-cursor"] },
    Situation { title: "a fleet without people", play: nobody, bugs: &["empty-fleet-is-an-error"] },
    Situation { title: "pages in a circle", play: circle, bugs: &["follows-cursors-for-ever"] },
    Situation { title: "a person on two vessels", play: two_vessels, bugs: &["lists-per-row"] },
    Situation { title: "a person on two pages", play: two_pages, bugs: &["dedups-per-page"] },
    Situation {
        title: "a person who does not consent",
        play: withheld,
        bugs: &["one-person-ends-all", "withheld-is-silent"],
    },
    Situation {
        title: "rows that nobody knows",
        play: odd_rows,
        bugs: &["skips-without-status", "refuses-new-statuses", "refuses-unknown-rows", "skips-declined"],
    },
    Situation { title: "an empty page that is not the last", play: empty_page, bugs: &["empty-page-ends"] },
    Situation {
        title: "a cursor that is refused each time",
        play: refused_cursor,
        bugs: &["bad-cursor-is-the-end", "restarts-for-ever"],
    },
    Situation { title: "a page that asks to wait", play: busy, bugs: &["hurries-pages"] },
    Situation { title: "a page that fails once", play: fails_once, bugs: &["no-page-retry", "starts-over"] },
    Situation { title: "many people", play: many_people, bugs: &["lists-all-at-once"] },
    Situation { title: "the limit of a page", play: limit, bugs: &["asks-for-too-many"] },
    Situation {
        title: "pages of the wrong shape",
        play: broken,
        bugs: &["number-cursor-is-text", "broken-page-is-empty", "null-rows-are-none", "skips-rows-without-id"],
    },
    Situation {
        title: "a later page that never comes",
        play: lost_page,
        bugs: &["failed-page-is-the-end", "unreadable-page-is-the-end"],
    },
    Situation { title: "a page on another port", play: redirected, bugs: &["page-redirect-with-key"] },
    Situation {
        title: "a person who does not consent to links",
        play: unconsented_link,
        bugs: &["link-consent-ends-all"],
    },
    Situation {
        title: "texts of a fleet that lead elsewhere",
        play: hostile,
        bugs: &["fleet-id-not-encoded", "trusts-person-name"],
    },
    Situation {
        title: "two people with files of one name",
        play: same_names,
        bugs: &["last-of-a-name-wins", "dedups-by-name"],
    },
    Situation { title: "a fleet that is refused with 422", play: unprocessable, bugs: &["dies-of-422"] },
    Situation {
        title: "a page that is denied",
        play: denied,
        bugs: &["retries-denied-page", "denied-page-is-the-end"],
    },
];

const FLEET: &str = "/api/v2/employers/me/fleet";

/// The cursor of a request for a page, empty for the first one; `None` if the request is for something else.
fn page_of(ask: &Ask) -> Option<String> {
    let query = ask.target.strip_prefix(FLEET)?;
    let cursor = query.split(['?', '&']).find_map(|field| field.strip_prefix("cursor=")).unwrap_or_default();
    let blanks = cursor.replace('+', " ");
    Some(percent_encoding::percent_decode_str(&blanks).decode_utf8_lossy().into_owned())
}

fn row(id: &str) -> Value {
    json!({
        "crew_unique_id": id, "name": "Ada Marin", "vessel_id": "ves_abc", "vessel_name": "M/Y Halcyon",
        "role": null, "verification_status": "verified", "background_check_status": null, "documents_expiring": 0,
        "as_of": "2026-06-08T10:00:00Z",
    })
}

fn page(people: &[&str], next: impl Into<Value>) -> Value {
    let rows: Vec<Value> = people.iter().map(|id| row(id)).collect();
    json!({"items": rows, "next_cursor": next.into(), "expiring_within_days": 30})
}

/// The answer to a request about a person: the n-th person has the n-th document.
fn of_person(ask: &Ask, documents: &[Document], people: &[&str]) -> Option<Reply> {
    let rest = ask.target.strip_prefix("/api/v2/employers/me/crew/")?;
    let (id, rest) = rest.split_once('/')?;
    let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
    let Some(place) = people.iter().position(|known| *known == id) else {
        return Some(Reply::refusal(404, "not_found"));
    };
    let own = &documents[place..=place];
    if rest == "documents" {
        let mut answer = list(own);
        answer["crew_unique_id"] = json!(id);
        return Some(Reply::json(&answer));
    }
    let link = json!({
        "document_id": own[0].id,
        "download_url": format!("{}/api/v2/files/eyJ{place}.{}", ask.base, ask.nth),
        "expires_at": "2126-06-08T10:15:00Z",
        "content_type": "application/pdf",
        "file_name": own[0].file_name,
    });
    Some(Reply::json(&link))
}

const PEOPLE: [&str; 3] = ["crew_001", "crew_002", "crew_003"];

/// A service with a fleet; `answer` gives its pages, by their cursor.
fn served(
    documents: Vec<Document>,
    people: &'static [&'static str],
    answer: impl Fn(&Ask, Option<&str>) -> Reply + Send + Sync + 'static,
) -> ScriptedServer {
    let of_people = documents.clone();
    ScriptedServer::new(documents, move |ask| match page_of(ask) {
        Some(cursor) => Some(answer(ask, Some(cursor.as_str()).filter(|cursor| !cursor.is_empty()))),
        None => of_person(ask, &of_people, people),
    })
}

/// The fleet of three people on three pages.
fn paged(cursor: Option<&str>) -> Reply {
    match cursor {
        None => Reply::json(&page(&PEOPLE[..1], "c2")),
        Some("c2") => Reply::json(&page(&PEOPLE[1..2], "c3")),
        Some("c3") => Reply::json(&page(&PEOPLE[2..], Value::Null)),
        Some(_) => Reply::refusal(400, "invalid_cursor"),
    }
}

fn client(stage: &ScriptedServer, who: Who) -> Client {
    let client = Client::new(stage, who).env("CPK_TASK", "fleet");
    let folder = client.folder();
    client.env("OUT_DIR", folder.to_str().unwrap())
}

fn run(stage: &ScriptedServer, who: Who) -> RunResult {
    client(stage, who).run()
}

/// The cursors of all requests for pages, in order.
fn cursors(stage: &ScriptedServer) -> Vec<String> {
    stage.asked().iter().filter_map(page_of).collect()
}

fn lists(stage: &ScriptedServer) -> usize {
    stage.asked_for(Step::List).len()
}

fn three_pages(who: Who) -> bool {
    let stage = served(documents(3), &PEOPLE, |_, cursor| paged(cursor));
    let whole = run(&stage, who).is_whole(&stage);
    whole && cursors(&stage) == ["", "c2", "c3"]
}

fn odd_cursors(who: Who) -> bool {
    let long = "x".repeat(300);
    let odd = ["a+b%2B c&d#é".to_owned(), "eyJwIjozfQ==".to_owned(), long];
    let wanted: Vec<String> = std::iter::once(String::new()).chain(odd.iter().cloned()).collect();
    let stage = served(documents(1), &PEOPLE[..1], move |ask, _| match odd.get(ask_number(ask)) {
        Some(next) => Reply::json(&page(&[], next.as_str())),
        None => Reply::json(&page(&PEOPLE[..1], Value::Null)),
    });
    run(&stage, who).is_whole(&stage) && cursors(&stage) == wanted
}

/// The number of pages that were asked for before: nothing else of another step comes before the last page.
fn ask_number(ask: &Ask) -> usize {
    ask.nth
}

fn no_next_cursor(who: Who) -> bool {
    let stage = served(documents(1), &PEOPLE[..1], |_, _| {
        let mut last = page(&PEOPLE[..1], Value::Null);
        last.as_object_mut().unwrap().remove("next_cursor");
        Reply::json(&last)
    });
    run(&stage, who).is_whole(&stage) && cursors(&stage).len() == 1
}

fn nobody(who: Who) -> bool {
    let stage = served(documents(0), &[], |_, _| Reply::json(&page(&[], Value::Null)));
    run(&stage, who).is_whole(&stage) && stage.asked().len() == 1
}

/// The answers after which a service gives up on a client that asks for ever: it ends the fleet, as if all were well.
const ENOUGH: usize = 20;

fn circle(who: Who) -> bool {
    let stage = served(documents(1), &PEOPLE[..1], |ask, _| {
        Reply::json(&page(&PEOPLE[..1], if ask.nth < ENOUGH { json!("again") } else { Value::Null }))
    });
    run(&stage, who).failed()
}

fn two_vessels(who: Who) -> bool {
    let stage = served(documents(1), &PEOPLE[..1], |_, _| Reply::json(&page(&[PEOPLE[0], PEOPLE[0]], Value::Null)));
    run(&stage, who).is_whole(&stage) && lists(&stage) == 1
}

fn two_pages(who: Who) -> bool {
    let stage = served(documents(1), &PEOPLE[..1], |_, cursor| {
        Reply::json(&page(&PEOPLE[..1], if cursor.is_none() { json!("c2") } else { Value::Null }))
    });
    run(&stage, who).is_whole(&stage) && lists(&stage) == 1
}

fn withheld(who: Who) -> bool {
    let all = documents(3);
    let of_people = all.clone();
    let stage = ScriptedServer::new(all, move |ask| match page_of(ask) {
        Some(cursor) => Some(paged(Some(cursor.as_str()).filter(|cursor| !cursor.is_empty()))),
        None if ask.target.contains("crew_002") => Some(Reply::refusal(403, "scope_not_consented")),
        None => of_person(ask, &of_people, &PEOPLE),
    });
    let ran = run(&stage, who);
    let says_it = ran.code.is_some_and(|code| code != 0) || ran.printed.contains("crew_002");
    ran.files.len() == 2 && says_it
}

fn odd_rows(who: Who) -> bool {
    let stage = served(documents(2), &PEOPLE[..2], |_, _| {
        let mut rows = page(&PEOPLE[..2], Value::Null);
        rows["items"][0]["verification_status"] = Value::Null;
        rows["items"][1]["verification_status"] = json!("under_review");
        rows["items"][1]["cabin"] = json!("B2");
        rows["items"][1]["background_check_status"] = json!("declined");
        Reply::json(&rows)
    });
    run(&stage, who).is_whole(&stage)
}

fn empty_page(who: Who) -> bool {
    let stage = served(documents(1), &PEOPLE[..1], |_, cursor| match cursor {
        None => Reply::json(&page(&[], "c2")),
        Some(_) => Reply::json(&page(&PEOPLE[..1], Value::Null)),
    });
    run(&stage, who).is_whole(&stage)
}

fn refused_cursor(who: Who) -> bool {
    let stage = served(documents(1), &PEOPLE[..1], |ask, cursor| match cursor {
        None => Reply::json(&page(&PEOPLE[..1], if ask.nth < ENOUGH { json!("c2") } else { Value::Null })),
        Some(_) => Reply::refusal(400, "invalid_cursor"),
    });
    let ran = run(&stage, who);
    ran.failed() && cursors(&stage).iter().filter(|cursor| cursor.is_empty()).count() == 3
}

fn busy(who: Who) -> bool {
    let stage = served(documents(3), &PEOPLE, |ask, cursor| match ask.nth {
        1 => Reply::new(429, &[("Retry-After", "1")], "{}"),
        _ => paged(cursor),
    });
    let whole = run(&stage, who).is_whole(&stage);
    let pages: Vec<_> = stage.asked().into_iter().filter(|ask| page_of(ask).is_some()).collect();
    whole && pages[2].at.duration_since(pages[1].at) >= Duration::from_millis(950)
}

fn fails_once(who: Who) -> bool {
    let stage = served(documents(3), &PEOPLE, |ask, cursor| match ask.nth {
        1 => Reply::refusal(503, "file_store_unavailable"),
        _ => paged(cursor),
    });
    let whole = run(&stage, who).is_whole(&stage);
    whole && cursors(&stage).iter().filter(|cursor| cursor.is_empty()).count() == 1
}

fn many_people(who: Who) -> bool {
    let ids: Vec<String> = (0..30).map(|number| format!("person_{number}")).collect();
    let stage = ScriptedServer::new(documents(0), move |ask| {
        if page_of(ask).is_some() {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            return Some(Reply::json(&page(&ids, Value::Null)));
        }
        let id = ask.target.split('/').nth_back(1)?;
        Some(Reply::json(&json!({"crew_unique_id": id, "items": []})))
    });
    run(&stage, who).is_whole(&stage) && lists(&stage) == 30
}

fn limit(who: Who) -> bool {
    let stage = served(documents(3), &PEOPLE, |_, cursor| paged(cursor));
    let whole = run(&stage, who).is_whole(&stage);
    whole && stage.asked().iter().all(|ask| !ask.target.contains("limit=500"))
}

fn broken(who: Who) -> bool {
    let pages = [
        page(&PEOPLE[..1], 7),
        page(&PEOPLE[..1], json!({"cursor": "c2"})),
        json!({"next_cursor": "c2"}),
        json!({"items": {}, "next_cursor": null}),
        json!({"items": null, "next_cursor": null}),
        json!({"items": [{"name": "Ada Marin"}], "next_cursor": null}),
    ];
    pages.into_iter().all(|broken| {
        let stage = served(documents(1), &PEOPLE[..1], move |_, cursor| match cursor {
            None => Reply::json(&broken),
            Some(_) => Reply::json(&page(&PEOPLE[..1], Value::Null)),
        });
        run(&stage, who).failed() && cursors(&stage).len() == 1
    })
}

fn lost_page(who: Who) -> bool {
    let replies: [fn() -> Reply; 3] =
        [|| Reply::refusal(503, "file_store_unavailable"), || Reply::new(200, &[], "{\"items\": ["), Reply::nothing];
    replies.into_iter().all(|reply| {
        let stage = served(documents(3), &PEOPLE, move |_, cursor| match cursor {
            None => paged(None),
            Some(_) => reply(),
        });
        client(&stage, who).within(8).run().failed()
    })
}

fn redirected(who: Who) -> bool {
    let second = served(documents(3), &PEOPLE, |_, cursor| paged(cursor));
    let there = second.base().to_owned();
    let stage = served(documents(3), &PEOPLE, move |ask, cursor| match cursor {
        None => paged(None),
        Some(_) => Reply::new(307, &[("Location", &format!("{there}{}", ask.target))], ""),
    });
    run(&stage, who).failed() && second.asked().is_empty()
}

fn unconsented_link(who: Who) -> bool {
    let all = documents(3);
    let of_people = all.clone();
    let stage = ScriptedServer::new(all, move |ask| match page_of(ask) {
        Some(cursor) => Some(paged(Some(cursor.as_str()).filter(|cursor| !cursor.is_empty()))),
        None if ask.target.contains("doc_2/download") => Some(Reply::refusal(403, "scope_not_consented")),
        None => of_person(ask, &of_people, &PEOPLE),
    });
    let ran = run(&stage, who);
    let says_it = ran.code.is_some_and(|code| code != 0) || ran.printed.contains("crew_002");
    ran.files.len() == 2 && says_it
}

fn hostile(who: Who) -> bool {
    const IDS: [&str; 2] = ["../x", "a/b"];
    let stage = served(documents(2), &IDS, |_, _| {
        let mut rows = page(&IDS, Value::Null);
        rows["items"][0]["name"] = json!("../../escaped");
        Reply::json(&rows)
    });
    let mut client = client(&stage, who);
    client.run().is_whole(&stage) && client.strays().is_empty()
}

fn same_names(who: Who) -> bool {
    let same = vec![document(1, "passport.pdf"), document(2, "passport.pdf")];
    let stage = served(same, &PEOPLE[..2], |_, _| Reply::json(&page(&PEOPLE[..2], Value::Null)));
    run(&stage, who).is_whole(&stage)
}

fn unprocessable(who: Who) -> bool {
    let stage = served(documents(0), &[], |_, _| {
        Reply::new(422, &[("Content-Type", "application/json")], json!({"detail": []}).to_string())
    });
    run(&stage, who).refused()
}

fn denied(who: Who) -> bool {
    [(401, "invalid_api_key"), (403, "scope_not_granted")].into_iter().all(|(status, code)| {
        let stage = served(documents(3), &PEOPLE, move |_, cursor| match cursor {
            None => paged(None),
            Some(_) => Reply::refusal(status, code),
        });
        run(&stage, who).failed() && cursors(&stage).len() == 2
    })
}
