//! One situation, all of them, and the answers that several share.

use serde_json::{Value, json};

use super::{file, fleet, key, link, list, name, outcome, refusal, resume, retry};
use crate::reference::client::Who;
use crate::reference::harness::{Ask, Document, Reply, Step};

/// One set of answers that a client meets.
pub(crate) struct Situation {
    pub(crate) title: &'static str,
    /// Runs a client against it; returns true if the client did well.
    pub(crate) play: fn(Who) -> bool,
    /// The variants that must fail here.
    pub(crate) bugs: &'static [&'static str],
}

/// Returns every situation of both tasks.
pub(crate) fn all() -> impl Iterator<Item = &'static Situation> {
    documents_of_one().chain(fleet::SITUATIONS)
}

/// Returns every situation of a client that saves the documents of one person.
pub(crate) fn documents_of_one() -> impl Iterator<Item = &'static Situation> {
    let areas = [
        key::SITUATIONS,
        list::SITUATIONS,
        link::SITUATIONS,
        file::SITUATIONS,
        name::SITUATIONS,
        refusal::SITUATIONS,
        resume::SITUATIONS,
        retry::SITUATIONS,
        outcome::SITUATIONS,
    ];
    areas.into_iter().flatten()
}

/// A document of that name with bytes of its own.
pub(super) fn document(number: usize, file_name: impl Into<Value>) -> Document {
    let bytes = format!("%PDF-1.7 document {number}\r\n%%EOF\r\n").into_bytes();
    Document { id: format!("doc_{number}"), file_name: file_name.into(), bytes }
}

/// So many documents with plain names.
pub(super) fn documents(count: usize) -> Vec<Document> {
    (1..=count).map(|number| document(number, format!("certificate {number}.pdf"))).collect()
}

/// No answers but those of the contract.
pub(super) fn as_agreed(_: &Ask) -> Option<Reply> {
    None
}

/// A link answer with one field changed.
pub(super) fn link_with(ask: &Ask, name: &str, value: impl Into<Value>) -> Option<Reply> {
    let Step::Link(place) = ask.step else { return None };
    let mut link = crate::reference::harness::link(ask, &documents(place + 1)[place]);
    link[name] = value.into();
    Some(Reply::json(&link))
}

/// A list answer whose first item is changed.
pub(super) fn list_with(ask: &Ask, documents: &[Document], name: &str, value: impl Into<Value>) -> Option<Reply> {
    let mut list = crate::reference::harness::list(documents);
    list["items"][0][name] = value.into();
    (ask.step == Step::List).then(|| Reply::json(&list))
}

/// An empty list.
pub(super) fn empty(ask: &Ask) -> Option<Reply> {
    (ask.step == Step::List).then(|| Reply::json(&json!({"crew_unique_id": "crew_001", "items": []})))
}
