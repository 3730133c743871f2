//! A status in place of the response, with any body that a failing service might send.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Deserializer};

use super::loopback::{foreign_host, foreign_host_within};
use super::read::{Scalar, scalar_or_fields};
use super::template::off_loopback;
use crate::error::{self, Code};
use crate::present::present;
use crate::scope::Scope;

/// A status with its body and headers.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusFault {
    /// The status.
    pub status: StatusCode,
    /// The error code of the envelope, if it is not the default of the status.
    pub code: Option<&'static Code>,
    /// The body.
    pub body: FaultBody,
    /// Further headers.
    pub headers: HeaderMap,
    /// `Retry-After`.
    pub retry_after: Option<RetryAfterForm>,
    /// `scope` of the envelope.
    pub scope: Option<Scope>,
    /// `retry_after_seconds` of the envelope.
    pub retry_after_seconds: Option<f64>,
}

/// The body of a status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FaultBody {
    /// The error envelope.
    #[default]
    Envelope,
    /// Nothing.
    Empty,
    /// A page for a browser, as a proxy sends it.
    Html,
    /// Bare text.
    Text,
    /// JSON that is not an object.
    JsonArray,
    /// `application/problem+json` (RFC 9457).
    Problem,
    /// Bytes of the rule.
    Own {
        /// The bytes.
        bytes: Bytes,
        /// Their type.
        content_type: Option<HeaderValue>,
    },
}

/// A form of `Retry-After` (RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfterForm {
    /// A number of seconds.
    Seconds(u32),
    /// The date this number of seconds after the session's now.
    HttpDate(u32),
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    #[serde(deserialize_with = "present")]
    code: Option<u16>,
    #[serde(deserialize_with = "present")]
    error: Option<String>,
    body: FaultBody,
    headers: BTreeMap<String, String>,
    #[serde(deserialize_with = "present")]
    retry_after: Option<RetryAfterForm>,
    #[serde(deserialize_with = "present")]
    scope: Option<Scope>,
    #[serde(deserialize_with = "present")]
    retry_after_seconds: Option<f64>,
}

impl<'de> Deserialize<'de> for StatusFault {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar_or_fields(
            from,
            "a status such as 503, or fields such as `code`",
            |status| {
                let Scalar::Whole(number) = status else { return Err(bad_status(&status.to_string())) };
                let code = number.try_into().map_err(|_| bad_status(&number.to_string()))?;
                Self::from_fields(Fields { code: Some(code), ..Fields::default() })
            },
            Self::from_fields,
        )
    }
}

impl StatusFault {
    fn from_fields(fields: Fields) -> Result<Self, String> {
        let code = match &fields.error {
            Some(name) => Some(find_code(name)?),
            None => None,
        };
        let number = fields.code.or(code.map(|code| code.status.as_u16()));
        let number = number.ok_or("`code` is missing: write a status such as 503")?;
        let status = StatusCode::from_u16(number).ok().filter(|_| (200..=599).contains(&number));
        let status = status.ok_or_else(|| bad_status(&number.to_string()))?;
        let envelope = fields.body == FaultBody::Envelope;
        if !envelope && (code.is_some() || fields.scope.is_some() || fields.retry_after_seconds.is_some()) {
            return Err("`error`, `scope` and `retry_after_seconds` go with the body `envelope`".to_owned());
        }
        let fills_body = !matches!(fields.body, FaultBody::Envelope | FaultBody::Empty)
            || fields.error.is_some()
            || fields.scope.is_some()
            || fields.retry_after_seconds.is_some();
        if has_no_body(status) && fills_body {
            return Err(format!("a response with the status {number} has no body: leave out what goes into it"));
        }
        if fields.retry_after_seconds.is_some_and(|seconds| !seconds.is_finite()) {
            return Err("`retry_after_seconds` is not a number that JSON can hold".to_owned());
        }
        Ok(Self {
            status,
            code,
            body: fields.body,
            headers: parse_headers(&fields.headers)?,
            retry_after: fields.retry_after,
            scope: fields.scope,
            retry_after_seconds: fields.retry_after_seconds,
        })
    }
}

/// Returns true for a status whose response has no body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
pub(crate) fn has_no_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

fn bad_status(text: &str) -> String {
    format!("`{text}` is not a status for a fault: write a number from 200 to 599")
}

/// Finds a code by name; codes of the same name differ in their status alone, which the rule may give.
fn find_code(name: &str) -> Result<&'static Code, String> {
    error::CODES.iter().copied().find(|code| code.name == name).ok_or_else(|| {
        let mut names: Vec<_> = error::CODES.iter().map(|code| code.name).collect();
        names.dedup();
        format!("there is no error code `{name}`; the codes are {}", names.join(", "))
    })
}

/// Headers of framing and connections, which the server itself sets.
const FRAMING: [&str; 6] = ["content-length", "transfer-encoding", "connection", "upgrade", "trailer", "keep-alive"];

/// Parses the name of a header that a rule may set or remove.
pub(super) fn header_name(name: &str) -> Result<HeaderName, String> {
    let key: HeaderName = name.parse().map_err(|_| format!("`{name}` is not the name of a header"))?;
    if FRAMING.contains(&key.as_str()) {
        return Err(format!("`{name}` can't be set: a broken body is made with `cut`, `drip` or `stall`"));
    }
    Ok(key)
}

/// Parses headers that a rule sets.
pub(super) fn parse_headers(given: &BTreeMap<String, String>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let key = header_name(name)?;
        if let Some(host) = foreign_host(value).or_else(|| foreign_host_within(value)) {
            return Err(format!("header `{name}`: {}", off_loopback(&host)));
        }
        let value = HeaderValue::from_str(value).map_err(|_| format!("header `{name}` can't hold `{value}`"))?;
        headers.insert(key, value);
    }
    Ok(headers)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnBody {
    #[serde(default, deserialize_with = "present")]
    text: Option<String>,
    #[serde(default, deserialize_with = "present")]
    base64: Option<String>,
    #[serde(default, deserialize_with = "present")]
    content_type: Option<String>,
}

impl<'de> Deserialize<'de> for FaultBody {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar_or_fields(
            from,
            "the kind of a body, or its `text` or `base64`",
            |kind| Self::from_name(kind.text()?),
            Self::from_own,
        )
    }
}

impl FaultBody {
    fn from_name(word: &str) -> Result<Self, String> {
        Ok(match word {
            "envelope" => Self::Envelope,
            "empty" => Self::Empty,
            "html" => Self::Html,
            "text" => Self::Text,
            "json_array" => Self::JsonArray,
            "problem" => Self::Problem,
            _ => {
                return Err(format!(
                    "there is no body `{word}`; it can be envelope, empty, html, text, json_array, problem, \
                     or fields `text` or `base64` with `content_type`"
                ));
            }
        })
    }

    fn from_own(fields: OwnBody) -> Result<Self, String> {
        let (bytes, plain) = match (fields.text, fields.base64) {
            (Some(text), None) => (text.into_bytes(), true),
            (None, Some(text)) => {
                (STANDARD.decode(&text).map_err(|error| format!("`base64` can't be read: {error}"))?, false)
            }
            _ => return Err("a body has either `text` or `base64`".to_owned()),
        };
        if let Some(host) = std::str::from_utf8(&bytes).ok().and_then(foreign_host_within) {
            return Err(off_loopback(&host));
        }
        let kind = fields.content_type.or_else(|| plain.then(|| "text/plain; charset=utf-8".to_owned()));
        let content_type = kind.map(|kind| header_value(&kind)).transpose()?;
        Ok(Self::Own { bytes: bytes.into(), content_type })
    }
}

/// Parses a content type.
pub(super) fn header_value(kind: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(kind).map_err(|_| format!("a header can't hold the content type `{kind}`"))
}
