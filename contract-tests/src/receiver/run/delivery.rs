//! A delivery: an event, its signed request, and what a scenario changes about it.

use std::fmt::Display;

use crewpass_mock::WebhookSecret;
use http::Method;
use jiff::{SignedDuration, Timestamp};

/// The type of an event after which a receiver saves documents.
pub(super) const PROCESSED: &str = "crew.document.processed";

/// Another type of that kind.
pub(super) const UPDATED: &str = "crew.document.updated";

/// A type of another kind.
pub(super) const STATUS: &str = "crew.status.changed";

/// An event before it is signed.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) kind: String,
    /// The crew member's id.
    pub(super) person: String,
    /// The document's id.
    pub(super) document: String,
    /// `schema_version`, as it is written.
    pub(super) version: String,
    /// Further members of the body: `,"name":value`, or empty.
    pub(super) more: String,
    /// The age of the signature in seconds.
    pub(super) age: i64,
    /// How many seconds ago it happened.
    pub(super) since: i64,
}

impl Event {
    /// Returns the `data` of the event.
    pub(super) fn data(&self) -> String {
        let (person, document) = (&self.person, &self.document);
        format!(r#"{{"crew_unique_id":"{person}","document_id":"{document}","verification_status":"verified"}}"#)
    }

    /// Returns when the event happened, in the form of the fake.
    fn occurred_at(&self) -> impl Display {
        (Timestamp::now() - SignedDuration::from_secs(self.since)).strftime("%Y-%m-%dT%H:%M:%SZ")
    }

    /// Returns the body as the fake writes it.
    pub(super) fn body(&self) -> String {
        let Self { id, kind, version, more, .. } = self;
        let (data, at) = (self.data(), self.occurred_at());
        format!(
            r#"{{"schema_version":{version},"event_id":"{id}","event_type":"{kind}","occurred_at":"{at}","partner_id":"prt_123","data":{data}{more}}}"#
        )
    }

    /// Returns the request for this body, signed now.
    pub(super) fn signed_as(&self, secret: &WebhookSecret, body: impl Into<Vec<u8>>) -> Delivery {
        let body = body.into();
        let timestamp = (Timestamp::now().as_second() - self.age).to_string();
        let signature = secret.sign(&timestamp, &body);
        Delivery {
            method: Method::POST,
            event_id: self.id.clone(),
            event_type: self.kind.clone(),
            timestamp: Some(timestamp),
            signature: Some(signature.into_bytes()),
            content_type: "application/json",
            body,
            chunked: false,
            lower_case: false,
        }
    }

    /// Returns the request as the fake sends it, signed now.
    pub(super) fn signed(&self, secret: &WebhookSecret) -> Delivery {
        self.signed_as(secret, self.body())
    }
}

/// A request to a receiver.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) method: Method,
    /// `X-CrewPass-Event-Id`.
    pub(super) event_id: String,
    /// `X-CrewPass-Event-Type`.
    pub(super) event_type: String,
    /// `X-CrewPass-Timestamp`; `None` sends no such header.
    pub(super) timestamp: Option<String>,
    /// `X-CrewPass-Signature`; `None` sends no such header.
    pub(super) signature: Option<Vec<u8>>,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    /// Sends the body in chunks, without a length.
    pub(super) chunked: bool,
    /// Writes the names of the headers in lower case.
    pub(super) lower_case: bool,
}

impl Delivery {
    /// Returns the text of the signature; it is ASCII before a scenario changes it.
    pub(super) fn signature_text(&self) -> String {
        String::from_utf8_lossy(self.signature.as_deref().unwrap_or_default()).into_owned()
    }

    /// Sends another signature.
    pub(super) fn with_signature(mut self, signature: impl Into<Vec<u8>>) -> Self {
        self.signature = Some(signature.into());
        self
    }

    /// Sends another timestamp than the signed one.
    pub(super) fn with_timestamp(mut self, timestamp: Option<String>) -> Self {
        self.timestamp = timestamp;
        self
    }

    /// Sends another body than the signed one.
    pub(super) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_signed_over_its_time_and_its_raw_body() {
        let event = Event {
            id: "evt_1".into(),
            kind: PROCESSED.into(),
            person: "crew_001".into(),
            document: "doc_1".into(),
            version: "1".into(),
            more: String::new(),
            age: 600,
            since: 0,
        };
        let secret = WebhookSecret::new("whsec_test");
        let sent = event.signed(&secret);
        let timestamp = sent.timestamp.clone().unwrap();
        assert_eq!(sent.signature_text(), secret.sign(&timestamp, &sent.body));
        assert!((Timestamp::now().as_second() - timestamp.parse::<i64>().unwrap()).abs_diff(600) < 60);
        let body: serde_json::Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!((&body["event_id"], &body["data"]["crew_unique_id"]), (&"evt_1".into(), &"crew_001".into()));
    }
}
