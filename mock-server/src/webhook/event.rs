//! An event, and the body that tells a partner of it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::scope::Scope;
use crate::session::Charge;
use crate::time_format::rfc3339;

/// The type of an event (P, /webhooks; the last two names are D).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum EventType {
    /// A document was processed: its status is final for the first time.
    #[serde(rename = "crew.document.processed")]
    DocumentProcessed,
    /// The status of a document changed later.
    #[serde(rename = "crew.document.updated")]
    DocumentUpdated,
    /// A compliance answer changed.
    #[serde(rename = "crew.compliance.changed")]
    ComplianceChanged,
    /// A background check or a verification changed.
    #[serde(rename = "crew.status.changed")]
    StatusChanged,
    /// A profile changed.
    #[serde(rename = "crew.profile.changed")]
    ProfileChanged,
}

impl EventType {
    /// Every type.
    pub(crate) const ALL: [Self; 5] = [
        Self::DocumentProcessed,
        Self::DocumentUpdated,
        Self::ComplianceChanged,
        Self::StatusChanged,
        Self::ProfileChanged,
    ];

    /// Returns the type with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Returns the name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DocumentProcessed => "crew.document.processed",
            Self::DocumentUpdated => "crew.document.updated",
            Self::ComplianceChanged => "crew.compliance.changed",
            Self::StatusChanged => "crew.status.changed",
            Self::ProfileChanged => "crew.profile.changed",
        }
    }

    /// Returns the scope that a partner needs to get the event (P for documents, D for the rest).
    pub(crate) const fn scope(self) -> Scope {
        match self {
            Self::DocumentProcessed | Self::DocumentUpdated => Scope::DocumentsRead,
            Self::ComplianceChanged => Scope::ComplianceRead,
            Self::StatusChanged => Scope::StatusRead,
            Self::ProfileChanged => Scope::ProfileRead,
        }
    }
}

/// An event before it has an id.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewEvent {
    /// The name of its type; a test may fire one that is unknown.
    pub(crate) kind: Box<str>,
    /// The id of the partner that receives it.
    pub(crate) partner: Box<str>,
    /// `data`.
    pub(crate) data: Map<String, Value>,
    /// `schema_version`.
    pub(crate) schema_version: u32,
    /// Further fields of the body, which are not documented.
    pub(crate) fields: Map<String, Value>,
}

impl NewEvent {
    /// Creates an event about a crew member.
    pub(crate) fn new(kind: EventType, partner: &str, data: Map<String, Value>) -> Self {
        Self { kind: kind.name().into(), partner: partner.into(), data, schema_version: 1, fields: Map::new() }
    }
}

/// An event.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) id: Box<str>,
    pub(super) occurred_at: Timestamp,
    pub(super) content: NewEvent,
    /// The part of a fired event in the budget.
    pub(super) _charge: Option<Charge>,
}

impl Event {
    /// Returns the body of a delivery.
    pub(super) fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        let NewEvent { kind, partner, data, schema_version, fields } = &self.content;
        body.insert("schema_version".into(), (*schema_version).into());
        body.insert("event_id".into(), (*self.id).into());
        body.insert("event_type".into(), (**kind).into());
        body.insert("occurred_at".into(), rfc3339(self.occurred_at.as_second()).into());
        body.insert("partner_id".into(), (**partner).into());
        body.insert("data".into(), data.clone().into());
        for (name, value) in fields {
            body.entry(name.clone()).or_insert_with(|| value.clone());
        }
        body
    }
}
