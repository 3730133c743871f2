//! The list of a crew member's current documents (G).

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use crate::check::CrewMember;
use crate::error::Refusal;
use crate::policy::{Policies, StatusByDate, UnknownValues};
use crate::reply::{Reply, extra, to_json};
use crate::request::RequestContext;
use crate::session::{CachedList, ListSnapshot, SessionState, day_of};
use crate::world::{Day, Document, Status, WrittenDay};

/// The list, on the wire.
#[derive(Serialize)]
struct List<'a> {
    crew_unique_id: &'a str,
    items: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<&'static str>,
}

/// A document of the list, on the wire.
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

/// Lists the current documents of a crew member.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub(super) fn handle(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    crew: CrewMember,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    Ok(match state.list(crew.position, day_of(now), context.crew_lookup.as_ref()) {
        CachedList::Hit(body) => Reply::Json(body),
        CachedList::Miss(snapshot) => Reply::List(snapshot, written),
    })
}

/// Serialises a list. It is done outside the session's lock.
fn written(snapshot: &ListSnapshot) -> Bytes {
    let ListSnapshot { policies, first_day, today, .. } = snapshot;
    let current = snapshot.documents().into_iter();
    let mut items: Vec<_> = current.map(|document| item(document, policies, *first_day, *today)).collect();
    if policies.unknown_values == UnknownValues::New {
        if let Some(first) = items.first_mut() {
            first.kind = "BIOMETRIC";
        }
        if let Some(last) = items.last_mut() {
            last.verification_status = "under_review";
        }
    }
    let as_of = extra(policies);
    to_json(&List { crew_unique_id: &snapshot.person().id, items, as_of })
}

fn item<'a>(document: &'a Document, policies: &Policies, first_day: i32, today: i32) -> Item<'a> {
    let is_given = |field: &str| !policies.nullable.nulls(field);
    let date = |field: &str, day: Option<Day>| {
        day.filter(|_| is_given(field)).map(|day| WrittenDay::from_days(day.resolve(first_day)))
    };
    Item {
        document_id: &document.id,
        kind: &document.kind,
        category: document.category.as_deref().filter(|_| is_given("category")),
        title: &document.title,
        issuer: document.issuer.as_deref(),
        verification_status: status(document, policies, first_day, today).name(),
        issue_date: date("issue_date", document.issue_date),
        expiry_date: date("expiry_date", document.expiry_date),
        document_number: document.number.as_deref().filter(|_| is_given("document_number")),
        verified_by_crewpass: extra(policies),
    }
}

/// Returns the status that is listed; policy `status_by_date` may derive it from the expiry date (D).
fn status(document: &Document, policies: &Policies, first_day: i32, today: i32) -> Status {
    let passed = document.expiry_date.is_some_and(|day| day.resolve(first_day) < today);
    let derived = policies.status_by_date == StatusByDate::Clock && document.verification_status == Status::Verified;
    if derived && passed { Status::Expired } else { document.verification_status }
}
