//! What the endpoints beside the documents show of a person. All of it is optional, and behind one pointer: a large
//! world of documents has none of it.

use std::collections::BTreeMap;

use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CrewMember, Day, FileSpec, GivenCompliance, Text};

/// What fleet, lookup, profile, photo and compliance show of a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Details {
    /// The address by which a lookup finds the person; unique in the world, compared without blanks around it and case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Box<str>>,
    /// `verification_status` of the person; `unverified` if left out.
    #[serde(skip_serializing_if = "Verification::is_unverified")]
    pub verification: Verification,
    /// `background_check_status`; null if there is no check on record (P).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_check: Option<BackgroundCheck>,
    /// The role on each vessel, by vessel id. If left out, the rank is the role on every vessel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<BTreeMap<Text, Text>>,
    /// What the profile shows beside name, rank and e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Box<Profile>>,
    /// The profile photo: a path, or `generate: png` or `jpeg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<Box<FileSpec>>,
    /// Fields of a compliance check that take the place of what follows from the documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compliance: Option<Box<GivenCompliance>>,
    /// `fit_category` of the medical part of a compliance check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit_category: Option<Text>,
}

/// `verification_status` of a person (D: only `verified` is documented).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    /// Checked.
    Verified,
    /// Not checked.
    #[default]
    Unverified,
}

impl Verification {
    /// Returns the name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_unverified(&self) -> bool {
        *self == Self::Unverified
    }
}

/// `background_check_status` (P).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BackgroundCheck {
    /// Asked for.
    Pending,
    /// Waiting for the person.
    Awaiting,
    /// Being done.
    InProgress,
    /// Done.
    Completed,
    /// Declined.
    Declined,
    /// Too old.
    Expired,
}

impl BackgroundCheck {
    /// Returns the name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Awaiting => "awaiting",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
    }
}

/// What a profile shows beside name, rank and e-mail. The last five fields are those of the full profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Such as `Croatian`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Text>,
    /// The languages, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Such as `Diving`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Text>,
    /// A text, such as `"12"` (P, by example).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years_experience: Option<CompactString>,
    /// A few sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bio: Option<Box<str>>,
    /// The telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<CompactString>,
    /// Earlier and present employments, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employment_history: Option<Vec<Employment>>,
    /// The date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<Day>,
    /// The home address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The passport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passport: Option<Passport>,
    /// The visas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visas: Option<Vec<Visa>>,
}

impl Profile {
    /// The profile of a person of whom the world says nothing.
    pub(crate) const EMPTY: Self = Self {
        nationality: None,
        languages: Vec::new(),
        skills: Vec::new(),
        years_experience: None,
        bio: None,
        phone: None,
        employment_history: None,
        date_of_birth: None,
        address: None,
        passport: None,
        visas: None,
    };
}

/// A language of a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Such as `English`.
    pub language: Text,
    /// Such as `fluent`.
    pub proficiency: Text,
}

/// An employment of a profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Employment {
    /// The vessel's name.
    pub vessel_name: Option<Box<str>>,
    /// The role on it.
    pub role: Option<Text>,
    /// The first day.
    pub started_at: Option<Day>,
    /// The last day; null if it goes on.
    pub ended_at: Option<Day>,
    /// Such as `employer_confirmed` (P, by example).
    pub source: Option<Text>,
}

/// A home address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// The first line.
    pub line1: Option<Box<str>>,
    /// The second line.
    pub line2: Option<Box<str>>,
    /// The city.
    pub city: Option<Text>,
    /// The state or county.
    pub state: Option<Text>,
    /// The country.
    pub country: Option<Text>,
    /// The postcode.
    pub postcode: Option<CompactString>,
}

/// A passport.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Passport {
    /// The country that gave it.
    pub nationality: Option<Text>,
    /// Its number.
    pub number: Option<CompactString>,
    /// The day on which it expires.
    pub expiry: Option<Day>,
}

/// A visa.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Visa {
    /// Such as `B1/B2`.
    #[serde(rename = "type")]
    pub kind: Option<Text>,
    /// The country that gave it.
    pub country: Option<Text>,
    /// The day on which it expires.
    pub expiry: Option<Day>,
}

impl CrewMember {
    /// Returns a copy of the person without documents, which are the largest part.
    pub(crate) fn without_documents(&self) -> Self {
        let Self { id, name, rank, vessels, consent, details, documents: _ } = self;
        Self {
            id: id.clone(),
            name: name.clone(),
            rank: rank.clone(),
            vessels: vessels.clone(),
            consent: consent.clone(),
            details: details.clone(),
            documents: Vec::new(),
        }
    }

    /// Returns the person's role on a vessel: as the world gives it, or the rank if it gives no roles.
    pub(crate) fn role_on(&self, vessel: &str) -> Option<&Text> {
        match self.details.as_ref().and_then(|details| details.roles.as_ref()) {
            Some(roles) => roles.get(vessel),
            None => self.rank.as_ref(),
        }
    }
}

/// Returns an address in the form in which two are compared: without blanks around it, in lower case.
pub(crate) fn normalized_email(email: &str) -> String {
    email.trim().to_lowercase()
}
