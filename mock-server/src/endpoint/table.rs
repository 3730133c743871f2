//! Every endpoint of the API on one screen. Routing, `Allow`, checks, faults, journal and `explain`
//! follow from these rows. No other file contains a path of the API, but for examples in help and messages.

use http::Method;

use super::definition::Access::{Key, Link};
use super::definition::Needs::{Assignment, Authorized, CrewMember, Document, FleetPage, LookedUp, Photo};
use super::definition::{Answers, Endpoint};
use super::path_template::PathTemplate;
use super::{
    compliance_check, documents_link, documents_list, email_lookup, fleet, linked_file, partners_me, photo, profile,
    vessels,
};
use crate::input::{ComplianceInput, FleetQuery, LookupBody};
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
        name: "lookup", method: Method::POST, path: PathTemplate::new("/api/v2/employers/me/crew/lookup"),
        scope: Some(Scope::StatusRead), fields: None, query: false, body: true, input: Some(LookupBody::mistakes),
        answers: Answers::Json, access: Key(LookedUp(email_lookup::handle)),
    },
    Endpoint {
        name: "profile", method: Method::GET, path: PathTemplate::new("/api/v2/employers/me/crew/{crew_unique_id}/profile"),
        scope: Some(Scope::ProfileRead), fields: Some(Scope::ProfileFullRead), query: false, body: false, input: None,
        answers: Answers::Json, access: Key(CrewMember(profile::handle)),
    },
    Endpoint {
        name: "photo", method: Method::GET, path: PathTemplate::new("/api/v2/employers/me/crew/{crew_unique_id}/photo"),
        scope: Some(Scope::ProfileRead), fields: None, query: false, body: false, input: None,
        answers: Answers::Picture, access: Key(Photo(photo::handle)),
    },
    Endpoint {
        name: "compliance", method: Method::POST, path: PathTemplate::new("/api/v2/employers/me/crew/{crew_unique_id}/compliance-checks"),
        scope: Some(Scope::ComplianceRead), fields: None, query: true, body: true, input: Some(ComplianceInput::mistakes),
        answers: Answers::Json, access: Key(Assignment(compliance_check::handle)),
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
