//! What a person's documents say about the requirements of a role, on a day. The values are documented (P); how they
//! follow from documents is ours (D).

use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::{PendingCountsAs, Policies, RejectedCountsAs};
use crate::world::{CrewMember, Document, GivenCompliance, Requirement, RequirementSource, Role, Status, Text, World};

/// The days within which a document expires soon (P).
const SOON: i32 = 90;

/// The state of a requirement, the best one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequirementStatus {
    /// Met, and not expiring soon.
    Met,
    /// Met, and expiring soon.
    Expiring,
    /// Not checked yet.
    Pending,
    /// Expired.
    Expired,
    /// Not there.
    Missing,
}

/// The state of a person in a role, the worst one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverallStatus {
    /// Something is missing, expired or rejected.
    NonCompliant,
    /// All is met, and something expires soon.
    AtRisk,
    /// There is no role.
    NoRole,
    /// All is met.
    Compliant,
}

/// A requirement with the document that decides about it.
#[derive(Debug)]
pub(crate) struct Assessed<'a> {
    pub(crate) requirement: &'a Requirement,
    pub(crate) status: RequirementStatus,
    pub(crate) document: Option<&'a Document>,
    /// The day on which the document expires.
    pub(crate) expiry: Option<i32>,
}

/// The assessment of a person in a role.
#[derive(Debug)]
pub(crate) struct Assessment<'a> {
    pub(crate) overall: OverallStatus,
    pub(crate) requirements: Vec<Assessed<'a>>,
}

impl RequirementStatus {
    /// Returns the name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Expiring => "expiring",
            Self::Pending => "pending",
            Self::Expired => "expired",
            Self::Missing => "missing",
        }
    }
}

impl OverallStatus {
    /// Returns the name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NonCompliant => "non_compliant",
            Self::AtRisk => "at_risk",
            Self::NoRole => "no_role",
            Self::Compliant => "compliant",
        }
    }
}

/// A day, with what is needed to read the days of a world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Today {
    /// The day.
    pub(crate) day: i32,
    /// The day from which relative days count.
    pub(crate) first_day: i32,
}

impl<'a> Assessment<'a> {
    /// Returns the assessment of a person without a role.
    pub(crate) const fn without_role() -> Self {
        Self { overall: OverallStatus::NoRole, requirements: Vec::new() }
    }

    /// Assesses a person in a role; one that the world does not define requires nothing.
    pub(crate) fn new(person: &'a CrewMember, role: Option<&'a Role>, today: Today, policies: &Policies) -> Self {
        let requirements = role.map_or(&[][..], |role| &role.requires);
        let requirements: Vec<_> =
            requirements.iter().map(|requirement| assess(person, requirement, today, policies)).collect();
        Self { overall: overall(&requirements, policies.pending_counts_as), requirements }
    }

    /// Counts the requirements with a status.
    pub(crate) fn count(&self, status: RequirementStatus) -> usize {
        self.requirements.iter().filter(|known| known.status == status).count()
    }

    /// Returns the requirements of a source.
    pub(crate) fn of_source(&self, source: RequirementSource) -> impl Iterator<Item = &Assessed<'a>> {
        self.requirements.iter().filter(move |known| known.requirement.source == source)
    }

    /// Returns the first day from `today` on at which a document of these expires.
    pub(crate) fn next_expiry(&self, today: Today) -> Option<i32> {
        self.requirements.iter().filter_map(|known| known.expiry).filter(|day| *day >= today.day).min()
    }
}

/// Assesses a person in their role on a vessel.
pub(crate) fn assess_on<'a>(
    world: &'a World,
    person: &'a CrewMember,
    vessel: usize,
    today: Today,
    policies: &Policies,
) -> Assessment<'a> {
    match person.role_on(&world.vessels[vessel].id) {
        Some(name) => Assessment::new(person, world.role(name), today, policies),
        None => Assessment::without_role(),
    }
}

/// What a check says, but for the days that are left: between two that are equal, nothing has changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    overall: &'static str,
    requirements: Vec<AnsweredRequirement>,
    fit_category: Option<Text>,
    given: Option<Box<GivenCompliance>>,
}

/// What a check says of a requirement.
#[derive(Clone, Debug, PartialEq)]
struct AnsweredRequirement {
    key: Text,
    status: RequirementStatus,
    document: Option<CompactString>,
    expiry: Option<i32>,
}

impl Answer {
    /// Takes what a check says from an assessment of a person.
    pub(crate) fn new(person: &CrewMember, assessment: &Assessment<'_>) -> Self {
        let requirements = assessment.requirements.iter().map(|known| AnsweredRequirement {
            key: known.requirement.key.clone(),
            status: known.status,
            document: known.document.map(|document| document.id.clone()),
            expiry: known.expiry,
        });
        let details = person.details.as_ref();
        Self {
            overall: assessment.overall.name(),
            requirements: requirements.collect(),
            fit_category: details.and_then(|details| details.fit_category.clone()),
            given: details.and_then(|details| details.compliance.clone()),
        }
    }

    /// Returns the overall status: as the world gives it, or as it follows from the documents.
    pub(crate) fn overall_status(&self) -> &'static str {
        let given = self.given.as_ref().and_then(|given| given.overall_status);
        given.map_or(self.overall, OverallStatus::name)
    }
}

/// Assesses a requirement by the best of its current documents.
fn assess<'a>(person: &'a CrewMember, requirement: &'a Requirement, today: Today, policies: &Policies) -> Assessed<'a> {
    let current = person.documents.iter().filter(|document| document.current && requirement.is_for(document));
    let assessed = current.map(|document| {
        let expiry = document.expiry_date.map(|day| day.resolve(today.first_day));
        (status_of(document, expiry, today.day, policies), document, expiry)
    });
    match assessed.min_by_key(|(status, ..)| *status) {
        Some((status, document, expiry)) => Assessed { requirement, status, document: Some(document), expiry },
        None => Assessed { requirement, status: RequirementStatus::Missing, document: None, expiry: None },
    }
}

fn status_of(document: &Document, expiry: Option<i32>, today: i32, policies: &Policies) -> RequirementStatus {
    let is_over = expiry.is_some_and(|day| day < today);
    match document.verification_status {
        Status::Rejected => match policies.rejected_counts_as {
            RejectedCountsAs::Missing => RequirementStatus::Missing,
            RejectedCountsAs::Expired => RequirementStatus::Expired,
        },
        Status::Expired => RequirementStatus::Expired,
        Status::Verified | Status::Pending if is_over => RequirementStatus::Expired,
        Status::Pending => RequirementStatus::Pending,
        Status::Verified if expiry.is_some_and(|day| day.saturating_sub(today) <= SOON) => RequirementStatus::Expiring,
        Status::Verified => RequirementStatus::Met,
    }
}

fn overall(requirements: &[Assessed<'_>], pending: PendingCountsAs) -> OverallStatus {
    let of_one = |known: &Assessed<'_>| match known.status {
        RequirementStatus::Met => OverallStatus::Compliant,
        RequirementStatus::Expiring => OverallStatus::AtRisk,
        RequirementStatus::Expired | RequirementStatus::Missing => OverallStatus::NonCompliant,
        RequirementStatus::Pending => match pending {
            PendingCountsAs::NonCompliant => OverallStatus::NonCompliant,
            PendingCountsAs::AtRisk => OverallStatus::AtRisk,
            PendingCountsAs::Compliant => OverallStatus::Compliant,
        },
    };
    requirements.iter().map(of_one).min().unwrap_or(OverallStatus::Compliant)
}
