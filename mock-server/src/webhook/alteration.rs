//! Alterations of a delivery, which a receiver must refuse or withstand.

use std::time::Duration;

use crewpass_diagnostics::parse_duration;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::callback::WebhookSecret;
use super::signature::{sign, sign_body_alone};
use crate::present::present;

const EVENT_ID: HeaderName = HeaderName::from_static("x-crewpass-event-id");
const EVENT_TYPE: HeaderName = HeaderName::from_static("x-crewpass-event-type");
const SCHEMA_VERSION: HeaderName = HeaderName::from_static("x-crewpass-schema-version");
const SIGNATURE: HeaderName = HeaderName::from_static("x-crewpass-signature");
const TIMESTAMP: HeaderName = HeaderName::from_static("x-crewpass-timestamp");

/// What is wrong with a delivery on purpose. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Alteration {
    /// A wrong signature.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    signature: Option<WrongSignature>,
    /// A wrong timestamp.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    timestamp: Option<WrongTimestamp>,
    /// The seconds by which the signed timestamp is before the real time; negative is ahead of it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    age: Option<i32>,
    /// A change of the body after it was signed.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    body: Option<ChangedBody>,
    /// Another `X-CrewPass-Event-Id` than the body's.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    event_id: Option<HeaderText>,
    /// Another `X-CrewPass-Event-Type` than the body's.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    event_type: Option<HeaderText>,
    /// Another `X-CrewPass-Schema-Version` than the body's.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    schema_version: Option<HeaderText>,
    /// Sends the body in chunks, without a length.
    pub(super) chunked: bool,
    /// Sends the headers in pieces, within that time.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    slow_headers: Option<SlowTime>,
}

/// A wrong signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrongSignature {
    /// Signed with another secret.
    OtherSecret,
    /// No header.
    Missing,
    /// An empty header.
    Empty,
    /// `v1=` and the first digit of the right one.
    OneDigit,
    /// One digit fewer.
    Short,
    /// One digit more.
    Long,
    /// 64 characters, one of which has several bytes.
    Multibyte,
    /// Over the body alone, without the timestamp.
    BodyAlone,
}

/// A wrong timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrongTimestamp {
    /// No header.
    Missing,
    /// A text that is not a number.
    NotANumber,
    /// A second later than the signed one.
    Changed,
}

/// A change of the body after it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangedBody {
    /// A value differs.
    Value,
    /// Only blanks differ.
    Blanks,
}

/// The time within which slow headers are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct SlowTime(Duration);

/// The longest time within which slow headers are sent.
const SLOWEST: Duration = Duration::from_mins(1);

impl TryFrom<String> for SlowTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let time = parse_duration(&text).map_err(|error| error.to_string())?;
        if time > SLOWEST {
            return Err(format!("`{text}` is too long: slow headers take at most {} s", SLOWEST.as_secs()));
        }
        Ok(Self(time))
    }
}

impl From<SlowTime> for String {
    fn from(SlowTime(time): SlowTime) -> Self {
        format!("{}ms", time.as_millis())
    }
}

/// A text that a header can carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct HeaderText(String);

impl TryFrom<String> for HeaderText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        HeaderValue::from_str(&text).map_err(|_| "a header must be printable text")?;
        Ok(Self(text))
    }
}

impl From<HeaderText> for String {
    fn from(text: HeaderText) -> Self {
        text.0
    }
}

/// A signed request to a callback, without its address.
#[derive(Debug)]
pub(super) struct SignedDelivery {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) chunked: bool,
    /// The time over which the headers are spread.
    pub(super) slow_headers: Duration,
}

/// The secrets that sign a delivery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Secrets<'a> {
    /// The secret of the callback.
    pub(super) present: &'a WebhookSecret,
    /// The one before, if its signature is sent too.
    pub(super) previous: Option<&'a WebhookSecret>,
}

impl Alteration {
    /// Signs a body at a time, in Unix seconds, and alters the result.
    pub(super) fn apply(&self, body: &Map<String, Value>, secrets: Secrets<'_>, now: i64) -> SignedDelivery {
        let now = now - i64::from(self.age.unwrap_or_default());
        let signed = Value::from(body.clone()).to_string();
        let timestamp = now.to_string();
        let mut headers = HeaderMap::new();
        let text = |name: &str| match &body[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut insert = |name: HeaderName, other: &Option<HeaderText>, text: String| {
            let text = other.as_ref().map_or(text, |other| other.0.clone());
            // An event type may have been fired with letters that no header carries.
            headers.insert(name, HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("?")));
        };
        insert(EVENT_ID, &self.event_id, text("event_id"));
        insert(EVENT_TYPE, &self.event_type, text("event_type"));
        insert(SCHEMA_VERSION, &self.schema_version, text("schema_version"));
        if let Some(timestamp) = self.timestamp_text(now) {
            headers.insert(TIMESTAMP, timestamp);
        }
        if let Some(signature) = self.signature_text(secrets, &timestamp, signed.as_bytes()) {
            headers.insert(SIGNATURE, signature);
        }
        let slow_headers = self.slow_headers.map_or(Duration::ZERO, |SlowTime(time)| time);
        SignedDelivery { headers, body: self.changed_body(body, signed), chunked: self.chunked, slow_headers }
    }

    fn timestamp_text(&self, now: i64) -> Option<HeaderValue> {
        match self.timestamp {
            None => Some(HeaderValue::from(now)),
            Some(WrongTimestamp::Missing) => None,
            Some(WrongTimestamp::NotANumber) => Some(HeaderValue::from_static("now")),
            Some(WrongTimestamp::Changed) => Some(HeaderValue::from(now + 1)),
        }
    }

    fn signature_text(&self, secrets: Secrets<'_>, timestamp: &str, body: &[u8]) -> Option<HeaderValue> {
        let secret = secrets.present;
        let right = sign(secret, timestamp, body);
        // A wrong signature is alone, or the one of the previous secret would still be right.
        let text = match self.signature {
            None => match secrets.previous {
                Some(previous) => format!("{right},{}", sign(previous, timestamp, body)),
                None => right,
            },
            Some(WrongSignature::Missing) => return None,
            Some(WrongSignature::Empty) => String::new(),
            Some(WrongSignature::OtherSecret) => {
                sign(&WebhookSecret::new(format!("{} ", secret.reveal())), timestamp, body)
            }
            Some(WrongSignature::OneDigit) => right[..4].to_owned(),
            Some(WrongSignature::Short) => right[..right.len() - 1].to_owned(),
            Some(WrongSignature::Long) => right + "0",
            Some(WrongSignature::Multibyte) => format!("v1={}\u{e9}", &right[3..right.len() - 1]),
            Some(WrongSignature::BodyAlone) => sign_body_alone(secret, body),
        };
        HeaderValue::from_bytes(text.as_bytes()).ok()
    }

    fn changed_body(&self, body: &Map<String, Value>, signed: String) -> Vec<u8> {
        match self.body {
            None => signed.into_bytes(),
            Some(ChangedBody::Value) => {
                let mut changed = body.clone();
                changed.insert("occurred_at".into(), "2000-01-01T00:00:00Z".into());
                Value::from(changed).to_string().into_bytes()
            }
            Some(ChangedBody::Blanks) => spaced(body),
        }
    }
}

/// Writes an object with a blank after each comma and colon of its top level, as Python's `json.dumps` does.
fn spaced(body: &Map<String, Value>) -> Vec<u8> {
    let fields: Vec<_> = body.iter().map(|(name, value)| format!("{}: {value}", Value::from(name.as_str()))).collect();
    format!("{{{}}}", fields.join(", ")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Map<String, Value> {
        let text = r#"{"schema_version":1,"event_id":"evt_1","event_type":"crew.document.processed",
            "occurred_at":"2026-06-08T10:00:00Z","data":{"a":[1,2]}}"#;
        serde_json::from_str(text).unwrap()
    }

    fn altered(alteration: &str) -> SignedDelivery {
        let alteration: Alteration = serde_json::from_str(alteration).unwrap();
        alteration.apply(&body(), Secrets { present: &WebhookSecret::new("s"), previous: None }, 1_000)
    }

    fn header<'d>(delivery: &'d SignedDelivery, name: &str) -> Option<&'d [u8]> {
        delivery.headers.get(name).map(HeaderValue::as_bytes)
    }

    /// Returns true if a right receiver accepts the delivery.
    fn verifies(delivery: &SignedDelivery) -> bool {
        let text = |name| header(delivery, name).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let timestamp = text("x-crewpass-timestamp").unwrap_or_default();
        text("x-crewpass-signature") == Some(sign(&WebhookSecret::new("s"), &timestamp, &delivery.body))
    }

    #[test]
    fn without_an_alteration_a_delivery_verifies() {
        let delivery = altered("{}");
        assert!(verifies(&delivery) && !delivery.chunked);
        assert_eq!(header(&delivery, "x-crewpass-event-id"), Some(&b"evt_1"[..]));
        assert_eq!(header(&delivery, "x-crewpass-schema-version"), Some(&b"1"[..]));
        assert_eq!(header(&delivery, "x-crewpass-timestamp"), Some(&b"1000"[..]));
    }

    #[test]
    fn each_wrong_signature_timestamp_and_body_is_refused() {
        for alteration in [
            r#"{"signature": "other_secret"}"#,
            r#"{"signature": "missing"}"#,
            r#"{"signature": "empty"}"#,
            r#"{"signature": "one_digit"}"#,
            r#"{"signature": "short"}"#,
            r#"{"signature": "long"}"#,
            r#"{"signature": "multibyte"}"#,
            r#"{"signature": "body_alone"}"#,
            r#"{"timestamp": "missing"}"#,
            r#"{"timestamp": "not_a_number"}"#,
            r#"{"timestamp": "changed"}"#,
            r#"{"body": "value"}"#,
            r#"{"body": "blanks"}"#,
        ] {
            assert!(!verifies(&altered(alteration)), "{alteration}");
        }
    }

    #[test]
    fn changed_blanks_keep_every_value() {
        let read: Map<String, Value> = serde_json::from_slice(&altered(r#"{"body": "blanks"}"#).body).unwrap();
        assert_eq!(read, body());
    }

    #[test]
    fn headers_and_age_can_be_others_under_a_right_signature() {
        let delivery = altered(r#"{"event_id": "evt_2", "event_type": "x", "schema_version": "2", "age": 600}"#);
        assert!(verifies(&delivery));
        assert_eq!(header(&delivery, "x-crewpass-event-id"), Some(&b"evt_2"[..]));
        assert_eq!(header(&delivery, "x-crewpass-timestamp"), Some(&b"400"[..]));
        assert!(serde_json::from_str::<Alteration>(r#"{"event_id": "a\nb"}"#).is_err());
    }
}
