//! Policies of lookups, profiles, photos, compliance checks, and of bodies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Choice;

/// A lookup of a person who did not consent to `crew:status:read`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LookupWithoutConsent {
    /// 403 `scope_not_consented`.
    #[default]
    #[serde(rename = "403")]
    Forbidden,
    /// 404, as for somebody who is not on the fleet.
    #[serde(rename = "404")]
    NotFound,
}

/// The position at which a body that is not JSON is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnparsableBody {
    /// After the scope.
    #[default]
    AfterScope,
    /// Before the key.
    BeforeKey,
}

/// A compliance check without a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmptyBody {
    /// 422.
    #[default]
    #[serde(rename = "422")]
    Unprocessable,
    /// It counts as an empty object.
    Accepted,
}

/// The vessel of a compliance check that names none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComplianceVessel {
    /// The first one by name.
    #[default]
    First,
    /// The one with the worst result.
    Worst,
    /// 422, if there are several.
    #[serde(rename = "422")]
    Unprocessable,
}

/// What a rejected document is for a requirement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RejectedCountsAs {
    /// A missing one.
    #[default]
    Missing,
    /// An expired one.
    Expired,
}

/// What a pending requirement is for the overall status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PendingCountsAs {
    /// Not compliant.
    #[default]
    NonCompliant,
    /// At risk.
    AtRisk,
    /// Compliant.
    Compliant,
}

/// What a compliance check shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComplianceProjection {
    /// A stored projection: the values of `as_of`.
    #[default]
    Stored,
    /// The values of the moment.
    Live,
}

/// The fields of the full profile without its scope or consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FullBlockWithoutConsent {
    /// Absent.
    #[default]
    Absent,
    /// Null.
    Null,
}

/// `profile_photo_url` of a person without a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhotoUrlWithoutPhoto {
    /// Null.
    #[default]
    Null,
    /// The field is absent.
    Absent,
}

/// `partners/me` for a partner whose plan has no API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeWithoutPlan {
    /// 403 `api_not_enabled`, as for every other request.
    #[default]
    #[serde(rename = "403")]
    Forbidden,
    /// 200.
    #[serde(rename = "200")]
    Served,
}

impl Choice for LookupWithoutConsent {}
impl Choice for UnparsableBody {}
impl Choice for EmptyBody {}
impl Choice for ComplianceVessel {}
impl Choice for RejectedCountsAs {}
impl Choice for PendingCountsAs {}
impl Choice for ComplianceProjection {}
impl Choice for FullBlockWithoutConsent {}
impl Choice for PhotoUrlWithoutPhoto {}
impl Choice for MeWithoutPlan {}
