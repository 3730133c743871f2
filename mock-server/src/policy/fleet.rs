//! Policies of the fleet and of what requests say in a query: pages, cursors, withheld fields, validation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Choice;

/// The order of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FleetOrder {
    /// By name, then id, then vessel.
    #[default]
    Name,
    /// By id, then vessel.
    Id,
    /// Shuffled by the seed.
    Shuffled,
}

/// What a request with a cursor has to repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CursorQuery {
    /// Nothing: the cursor carries the window and the limit.
    #[default]
    Carried,
    /// The window: another one than before makes the cursor a bad one, and none is the default one.
    Repeat,
}

/// `next_cursor` on the last page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LastCursor {
    /// Null.
    #[default]
    Null,
    /// The field is absent.
    Absent,
}

/// Whether `documents_expiring` counts what has expired already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpiredCount {
    /// It does not.
    #[default]
    No,
    /// It does.
    Yes,
}

/// The form of a status that the person did not consent to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithheldFields {
    /// Null.
    #[default]
    Null,
    /// The field is absent.
    Absent,
}

/// A fleet for a partner who is not granted `crew:status:read`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FleetWithoutStatus {
    /// The two status fields are withheld.
    #[default]
    Withheld,
    /// 403 `scope_not_granted`.
    #[serde(rename = "403")]
    Forbidden,
}

/// Status of a cursor that was changed, is of another partner, or has expired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BadCursor {
    /// 400 `invalid_cursor`.
    #[default]
    #[serde(rename = "400")]
    BadRequest,
    /// 404 `not_found`.
    #[serde(rename = "404")]
    NotFound,
    /// 422, in the form of a bad query value.
    #[serde(rename = "422")]
    Unprocessable,
}

/// The lifetime of a cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CursorTtl {
    /// It never expires.
    #[default]
    Never,
    /// 15 minutes.
    #[serde(rename = "15m")]
    FifteenMinutes,
}

/// What pages show when the fleet changes between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageDrift {
    /// The fleet as it was at the first page.
    #[default]
    Snapshot,
    /// The fleet as it is: a person can appear twice, or be missed.
    Live,
}

/// Pages without rows that are not the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmptyPages {
    /// None.
    #[default]
    Never,
    /// One after each page.
    Sometimes,
}

/// The most rows of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageRows {
    /// As many as `limit` says.
    #[default]
    Limit,
    /// Two, or `limit` if that is less.
    Two,
}

impl PageRows {
    /// Returns the most rows of a page under a limit.
    pub(crate) fn most(self, limit: u16) -> usize {
        match self {
            Self::Limit => usize::from(limit),
            Self::Two => usize::from(limit).min(2),
        }
    }
}

/// A `limit` over the maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitOver {
    /// 422.
    #[default]
    #[serde(rename = "422")]
    Unprocessable,
    /// It counts as the maximum.
    Clamped,
}

/// Query parameters and body fields that the endpoint does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownInput {
    /// Ignored.
    #[default]
    Ignored,
    /// 422.
    #[serde(rename = "422")]
    Unprocessable,
}

/// The position of the validation in the order of the checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValidationPosition {
    /// After the scope.
    #[default]
    AfterScope,
    /// After the key.
    AfterKey,
}

impl CursorTtl {
    /// Returns the lifetime in seconds; `None` if it has no end.
    pub const fn seconds(self) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::FifteenMinutes => Some(900),
        }
    }
}

impl Choice for FleetOrder {}
impl Choice for CursorQuery {}
impl Choice for LastCursor {}
impl Choice for ExpiredCount {}
impl Choice for WithheldFields {}
impl Choice for FleetWithoutStatus {}
impl Choice for BadCursor {}
impl Choice for CursorTtl {}
impl Choice for PageDrift {}
impl Choice for EmptyPages {}
impl Choice for PageRows {}
impl Choice for LimitOver {}
impl Choice for UnknownInput {}
impl Choice for ValidationPosition {}
