//! How a list of documents looks on the wire.

use bytes::Bytes;
use serde::Serialize;

use super::json::to_json;
use crate::policy::{Policies, StatusByDate, UnknownFields, UnknownValues};
use crate::session::ListSnapshot;
use crate::world::{Day, Document, Status, WrittenDay};

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

/// Writes a list down.
pub(super) fn written(listing: &ListSnapshot) -> Bytes {
    let ListSnapshot { policies, first_day, today, .. } = listing;
    let current = listing.documents().into_iter();
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
    to_json(&List { crew_unique_id: &listing.person().id, items, as_of })
}

fn item<'a>(document: &'a Document, policies: &Policies, first_day: i32, today: i32) -> Item<'a> {
    let shown = |field: &str| !policies.nullable.nulls(field);
    let date = |field: &str, day: Option<Day>| {
        day.filter(|_| shown(field)).map(|day| WrittenDay::from_days(day.resolve(first_day)))
    };
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
pub(crate) fn extra(policies: &Policies) -> Option<&'static str> {
    (policies.unknown_fields == UnknownFields::Extra).then_some(NEW_FIELD)
}
