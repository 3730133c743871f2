//! The list of a person's current documents, and the short-lived link to one of them (G).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::ask::{Ask, Step};
use crate::checks::Found;
use crate::error::Refusal;
use crate::exchange;
use crate::policy::{DocumentOrder, OptionalFields, Policies, StatusByDate, UnknownFields, UnknownValues};
use crate::reply::{self, LinkReply, Reply};
use crate::session::{Live, day_of};
use crate::world::{CrewMember, Day, Document, Status, WrittenDay};

/// Lists the current documents of a crew member.
pub(crate) async fn list(State(app): State<Arc<App>>, request: Request) -> Response {
    exchange::answer(&app, request, Step::List, documents).await
}

/// Gives a link to the file of a document.
pub(crate) async fn link(State(app): State<Arc<App>>, request: Request) -> Response {
    exchange::answer(&app, request, Step::Link, give_link).await
}

/// A field that no documentation names; the versioning policy lets one appear at any time (P, /changelog).
const NEW_FIELD: &str = "not documented yet";

#[derive(Serialize)]
struct List<'a> {
    crew_unique_id: &'a str,
    items: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<&'static str>,
}

#[derive(Serialize)]
struct Item<'a> {
    document_id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    category: Option<&'a str>,
    title: &'a str,
    issuer: Option<&'a str>,
    verification_status: &'a str,
    issue_date: Option<WrittenDay>,
    expiry_date: Option<WrittenDay>,
    document_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_by_crewpass: Option<&'static str>,
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of every endpoint")]
fn documents(live: &mut Live, _: &Ask, found: &Found, now: Timestamp) -> Result<Reply, Refusal> {
    let today = day_of(now);
    Ok(Reply::Json(live.list(found.crew, today, |live| render(live, found.crew, today))))
}

fn render(live: &Live, crew: u32, today: i32) -> Bytes {
    let (person, policies) = (live.crew(crew), &live.policies);
    let mut items: Vec<_> =
        in_order(person, live).into_iter().map(|document| item(document, policies, live.first_day, today)).collect();
    if policies.unknown_values == UnknownValues::New {
        if let Some(first) = items.first_mut() {
            first.kind = "BIOMETRIC";
        }
        if let Some(last) = items.last_mut() {
            last.verification_status = "under_review";
        }
    }
    let as_of = extra(policies);
    reply::to_json(&List { crew_unique_id: &person.id, items, as_of })
}

fn in_order<'a>(person: &'a CrewMember, live: &Live) -> Vec<&'a Document> {
    let mut current: Vec<_> = person.documents.iter().filter(|document| document.current).collect();
    match live.policies.document_order {
        DocumentOrder::Newest => {
            // Later in the file is newer on one day, so the file's order is turned before the stable sort.
            current.reverse();
            current.sort_by_key(|document| {
                std::cmp::Reverse(document.uploaded.map_or(i32::MIN, |day| day.resolve(live.first_day)))
            });
        }
        DocumentOrder::Id => current.sort_by(|a, b| a.id.cmp(&b.id)),
        DocumentOrder::Shuffled => {
            let signer = crate::token::Signer::new(&live.seed.to_be_bytes());
            current.sort_by_cached_key(|document| signer.tag(&document.id));
        }
    }
    current
}

fn item<'a>(document: &'a Document, policies: &Policies, first_day: i32, today: i32) -> Item<'a> {
    let shown = |field: &str| !policies.nullable.nulls(field);
    let date =
        |field: &str, day: Option<Day>| day.filter(|_| shown(field)).map(|day| WrittenDay::of(day.resolve(first_day)));
    Item {
        document_id: &document.id,
        kind: &document.kind,
        category: document.category.as_deref().filter(|_| shown("category")),
        title: &document.title,
        issuer: document.issuer.as_deref(),
        verification_status: status(document, policies, first_day, today).name(),
        issue_date: date("issue_date", document.issue_date),
        expiry_date: date("expiry_date", document.expiry_date),
        document_number: document.document_number.as_deref().filter(|_| shown("document_number")),
        verified_by_crewpass: extra(policies),
    }
}

fn status(document: &Document, policies: &Policies, first_day: i32, today: i32) -> Status {
    let passed = document.expiry_date.is_some_and(|day| day.resolve(first_day) < today);
    let derived = policies.status_by_date == StatusByDate::Clock && document.verification_status == Status::Verified;
    if derived && passed { Status::Expired } else { document.verification_status }
}

/// The value of a field that no documentation names, where the policy shows one.
pub(super) fn extra(policies: &Policies) -> Option<&'static str> {
    (policies.unknown_fields == UnknownFields::Extra).then_some(NEW_FIELD)
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of every endpoint")]
fn give_link(live: &mut Live, _: &Ask, found: &Found, now: Timestamp) -> Result<Reply, Refusal> {
    let serial = live.next_link;
    live.next_link += 1;
    let (person, policies) = (live.crew(found.crew), &live.policies);
    let document = &person.documents[found.document];
    Ok(Reply::Link(LinkReply {
        crew: person.id.clone(),
        document: document.id.clone(),
        version: document.version,
        partner: live.partners[found.partner].id.clone(),
        expires: now.as_second() + policies.link_ttl.seconds(),
        serial,
        hops: policies.file_redirect.hops().map_or(0, |(_, hops)| hops),
        content_type: document.file.content_type.clone(),
        file_name: document.file.name.clone(),
        leave_out_unknown: policies.optional_fields == OptionalFields::Absent,
        extra: extra(policies),
    }))
}
