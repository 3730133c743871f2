//! Policies that are one of a few named values, the default first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Choice;

/// Status of a link that is expired, tampered with or unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeadLink {
    /// 404 `not_found`.
    #[default]
    #[serde(rename = "404")]
    NotFound,
    /// 403 `link_expired`.
    #[serde(rename = "403")]
    Forbidden,
    /// 410 `link_expired`.
    #[serde(rename = "410")]
    Gone,
}

/// The number of times that a link works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkUse {
    /// Until it expires.
    #[default]
    Many,
    /// Once: reserved when a GET begins, spent when its last byte is sent, free again when it breaks off.
    Once,
}

/// The steps at which an unavailable store is visible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreDownAt {
    /// At both steps.
    #[default]
    Both,
    /// Link requests fail; existing links still work.
    Link,
    /// Link requests succeed, and the links answer 503.
    File,
}

/// The body of the 503.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoreDownBody {
    /// The error envelope.
    #[default]
    Envelope,
    /// No body.
    Empty,
    /// An HTML page.
    Html,
    /// A line of text.
    Text,
}

/// `Retry-After` on 503 and 429.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// No such header.
    #[default]
    Absent,
    /// In seconds.
    Seconds,
    /// As an HTTP date.
    HttpDate,
}

/// The response to a link request for a superseded version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupersededDocument {
    /// 404.
    #[default]
    #[serde(rename = "404")]
    NotFound,
    /// A link to the current version.
    Current,
}

/// The state of a link whose version is superseded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkAfterReupload {
    /// It still returns the bytes of that version.
    #[default]
    Works,
    /// It is dead.
    Dead,
}

/// The recheck of scope, consent and fleet when a link is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecheckOnFollow {
    /// No recheck: the link is the credential.
    #[default]
    Works,
    /// A recheck; a link that fails it is dead.
    Dead,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentOrder {
    /// The newest upload first.
    #[default]
    Newest,
    /// By document id.
    Id,
    /// Shuffled by the seed.
    Shuffled,
}

/// The form of an unknown `content_type` or `file_name`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptionalFields {
    /// Null.
    #[default]
    Null,
    /// The field is absent.
    Absent,
}

/// Undocumented fields in responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownFields {
    /// None.
    #[default]
    None,
    /// Extra fields in responses, items and links.
    Extra,
}

/// Undocumented values of types and statuses, in lists and fleet pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownValues {
    /// None.
    #[default]
    None,
    /// The first item has a new `type`, the last a new `verification_status`.
    New,
}

/// The source of the status `expired`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusByDate {
    /// The fixture.
    #[default]
    Fixture,
    /// The clock: `verified` past its `expiry_date` becomes `expired`.
    Clock,
}

/// The headers of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileHeaders {
    /// Content-Length and Content-Disposition.
    #[default]
    Full,
    /// Chunked, without a length.
    Chunked,
    /// No Content-Disposition.
    NoDisposition,
}

/// Range requests on files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ranges {
    /// Ignored: 200 and the whole body.
    #[default]
    Ignored,
    /// 206 and 416 (RFC 9110 section 14).
    Honoured,
}

/// An API key sent to the file step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyOnFile {
    /// Accepted, and marked as a leak in the journal.
    #[default]
    Accepted,
    /// 400.
    Refused,
}

/// Both key headers, with different keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BothKeys {
    /// The Bearer key decides.
    #[default]
    Bearer,
    /// 401.
    Refused,
}

/// The position of the rate limiter in the order of the checks (two pages contradict each other).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimiterPosition {
    /// Before the key.
    #[default]
    BeforeKey,
    /// After the scope.
    AfterScope,
}

/// The documented rate limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateLimits {
    /// Off.
    #[default]
    Off,
    /// 60 a second and 1,000 a minute, per partner and scope.
    On,
}

impl Choice for DeadLink {}
impl Choice for LinkUse {}
impl Choice for StoreDownAt {}
impl Choice for StoreDownBody {}
impl Choice for RetryAfter {}
impl Choice for SupersededDocument {}
impl Choice for LinkAfterReupload {}
impl Choice for RecheckOnFollow {}
impl Choice for DocumentOrder {}
impl Choice for OptionalFields {}
impl Choice for UnknownFields {}
impl Choice for UnknownValues {}
impl Choice for StatusByDate {}
impl Choice for FileHeaders {}
impl Choice for Ranges {}
impl Choice for KeyOnFile {}
impl Choice for BothKeys {}
impl Choice for LimiterPosition {}
impl Choice for RateLimits {}
