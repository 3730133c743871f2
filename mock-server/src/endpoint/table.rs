//! Every endpoint of the API on one screen. Routing, `Allow`, checks, faults, journal and `explain`
//! follow from these rows; no other file knows a path.

use http::Method;

use super::definition::Access::{Key, Link};
use super::definition::Needs::{Authorized, CrewMember, Document, FleetPage};
use super::definition::{Answers, Endpoint};
use super::path_template::PathTemplate;
use super::{documents_link, documents_list, fleet, linked_file, partners_me, vessels};
use crate::input::FleetQuery;
use crate::scope::Scope;

/// The endpoints, in the order in which they are listed to people.
#[rustfmt::skip]
pub(super) static TABLE: &[Endpoint] = &[
    Endpoint {
        name: "me", method: Method::GET, path: PathTemplate::new("/api/v2/partners/me"),
        scope: None, fields: None, query: false, body: false, input: None,
        answers: Answers::Json, access: Key(Authorized(partners_me::handle)),
    },
    Endpoint {
        name: "vessels", method: Method::GET, path: PathTemplate::new("/api/v2/employers/me/vessels"),
        scope: Some(Scope::FleetRead), fields: None, query: false, body: false, input: None,
        answers: Answers::Json, access: Key(Authorized(vessels::handle)),
    },
    Endpoint {
        name: "fleet", method: Method::GET, path: PathTemplate::new("/api/v2/employers/me/fleet"),
        scope: Some(Scope::FleetRead), fields: Some(Scope::StatusRead), query: true, body: false, input: Some(FleetQuery::mistakes),
        answers: Answers::Json, access: Key(FleetPage(fleet::handle)),
    },
    Endpoint {
        name: "list", method: Method::GET, path: PathTemplate::new("/api/v2/employers/me/crew/{crew_unique_id}/documents"),
        scope: Some(Scope::DocumentsRead), fields: None, query: false, body: false, input: None,
        answers: Answers::DocumentList, access: Key(CrewMember(documents_list::handle)),
    },
    Endpoint {
        name: "link", method: Method::GET, path: PathTemplate::new("/api/v2/employers/me/crew/{crew_unique_id}/documents/{document_id}/download"),
        scope: Some(Scope::DocumentsDownload), fields: None, query: false, body: false, input: None,
        answers: Answers::Link, access: Key(Document(documents_link::handle)),
    },
    Endpoint {
        name: "file", method: Method::GET, path: PathTemplate::new("/api/v2/files/{token}"),
        scope: None, fields: None, query: false, body: false, input: None,
        answers: Answers::File, access: Link(linked_file::handle),
    },
];
