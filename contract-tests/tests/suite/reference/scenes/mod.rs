//! What is put to the client, and what a good one makes of it.

pub(crate) mod file;
pub(crate) mod key;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod outcome;
pub(crate) mod refusal;
pub(crate) mod retry;

use serde_json::{Value, json};

use crate::reference::client::Who;
use crate::reference::harness::{Ask, Document, Reply, Step};

/// One thing that is put to a client.
pub(crate) struct Scene {
    pub(crate) title: &'static str,
    /// Plays it with some client; whether that did well.
    pub(crate) play: fn(Who) -> bool,
    /// The variants that do badly here.
    pub(crate) bugs: &'static [&'static str],
}

pub(crate) fn all() -> impl Iterator<Item = &'static Scene> {
    let areas = [
        key::SCENES,
        list::SCENES,
        link::SCENES,
        file::SCENES,
        name::SCENES,
        refusal::SCENES,
        retry::SCENES,
        outcome::SCENES,
    ];
    areas.into_iter().flatten()
}

/// A document of that name with bytes of its own.
fn document(number: usize, file_name: impl Into<Value>) -> Document {
    let bytes = format!("%PDF-1.7 document {number}\r\n%%EOF\r\n").into_bytes();
    Document { id: format!("doc_{number}"), file_name: file_name.into(), bytes }
}

/// So many documents with plain names.
fn documents(count: usize) -> Vec<Document> {
    (1..=count).map(|number| document(number, format!("certificate {number}.pdf"))).collect()
}

/// No answers but those of the contract.
fn as_agreed(_: &Ask) -> Option<Reply> {
    None
}

/// A link answer with one field changed.
fn link_with(ask: &Ask, name: &str, value: impl Into<Value>) -> Option<Reply> {
    let Step::Link(place) = ask.step else { return None };
    let mut link = crate::reference::harness::link(ask, &documents(place + 1)[place]);
    link[name] = value.into();
    Some(Reply::json(&link))
}

/// A list answer whose first item is changed.
fn list_with(ask: &Ask, documents: &[Document], name: &str, value: impl Into<Value>) -> Option<Reply> {
    let mut list = crate::reference::harness::list(documents);
    list["items"][0][name] = value.into();
    (ask.step == Step::List).then(|| Reply::json(&list))
}

/// An empty list.
fn empty(ask: &Ask) -> Option<Reply> {
    (ask.step == Step::List).then(|| Reply::json(&json!({"crew_unique_id": "crew_001", "items": []})))
}
