//! A compliance check as the world gives it itself: fields that take the place of what follows from the documents. Each
//! may be left out; null is a value only where the API has it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Day, RequirementSource, Text};
use crate::compliance::{OverallStatus, RequirementStatus};
use crate::present::present;

/// Fields of a compliance check that take the place of what follows from the documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenCompliance {
    /// The result.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OverallStatus")]
    pub overall_status: Option<OverallStatus>,
    /// What the values come from.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Text")]
    pub source: Option<Text>,
    /// The moment of the check.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub as_of: Option<Timestamp>,
    /// The number of requirements.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub requirements_total: Option<u32>,
    /// Those that are met.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub requirements_met: Option<u32>,
    /// Those whose document expires soon.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub requirements_expiring: Option<u32>,
    /// Those whose document is expired.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub requirements_expired: Option<u32>,
    /// Those without a document.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub requirements_missing: Option<u32>,
    /// Those whose document is not checked yet.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub requirements_pending: Option<u32>,
    /// The share of the STCW modules that are met.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Percentage")]
    pub stcw_completion_percentage: Option<Percentage>,
    /// The first day on which a document expires, or null.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Day>")]
    pub next_expiry_date: Nullable<Day>,
    /// Every requirement.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<GivenRequirement>")]
    pub requirements: Option<Vec<GivenRequirement>>,
    /// The part about STCW.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "GivenStcw")]
    pub stcw: Option<GivenStcw>,
    /// The medical part, or null.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<GivenMedical>")]
    pub medical: Nullable<GivenMedical>,
}

/// A field that may be left out, and for which null is a value.
type Nullable<T> = Option<Option<T>>;

/// A requirement as the world gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenRequirement {
    /// Its key.
    pub requirement_key: Text,
    /// Where it comes from.
    pub source: RequirementSource,
    /// Its state.
    pub status: RequirementStatus,
    /// The title of what it asks for.
    pub title: Text,
    /// The document that decides; null if left out.
    #[serde(default)]
    pub document_id: Option<Text>,
    /// The day on which that document expires; null if left out.
    #[serde(default)]
    pub expiry_date: Option<Day>,
    /// The days until then; null if left out.
    #[serde(default)]
    pub days_until_expiry: Option<i32>,
}

/// The part about STCW as the world gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenStcw {
    /// The share of the modules that are met.
    pub completion_percentage: Percentage,
    /// The modules.
    pub modules: Vec<GivenModule>,
}

/// A module of STCW as the world gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenModule {
    /// Its code; null if left out.
    #[serde(default)]
    pub code: Option<Text>,
    /// Its name.
    pub name: Text,
    /// Its state.
    pub status: RequirementStatus,
    /// The day on which its document expires; null if left out.
    #[serde(default)]
    pub expiry_date: Option<Day>,
}

/// The medical part as the world gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenMedical {
    /// Its state.
    pub status: RequirementStatus,
    /// The day on which the document expires; null if left out.
    #[serde(default)]
    pub expiry_date: Option<Day>,
    /// What the person is fit for; null if left out.
    #[serde(default)]
    pub fit_category: Option<Text>,
}

/// A share, from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64")]
#[schemars(extend("minimum" = 0, "maximum" = 100))]
pub struct Percentage(f64);

impl TryFrom<f64> for Percentage {
    type Error = &'static str;

    fn try_from(share: f64) -> Result<Self, Self::Error> {
        if (0.0..=100.0).contains(&share) { Ok(Self(share)) } else { Err("a percentage is from 0 to 100") }
    }
}

impl GivenCompliance {
    /// Returns the fields as they are served: days that count from the start of the clock are dates, and the moment has
    /// whole seconds.
    pub(crate) fn served(&self, first_day: i32) -> Self {
        let fixed = |day: Option<Day>| day.map(|day| Day::On(day.resolve(first_day)));
        let mut served = self.clone();
        served.as_of = self.as_of.map(|at| Timestamp::from_second(at.as_second()).unwrap_or(at));
        served.next_expiry_date = self.next_expiry_date.map(fixed);
        for requirement in served.requirements.iter_mut().flatten() {
            requirement.expiry_date = fixed(requirement.expiry_date);
        }
        for module in served.stcw.iter_mut().flat_map(|stcw| &mut stcw.modules) {
            module.expiry_date = fixed(module.expiry_date);
        }
        if let Some(Some(medical)) = &mut served.medical {
            medical.expiry_date = fixed(medical.expiry_date);
        }
        served
    }
}
