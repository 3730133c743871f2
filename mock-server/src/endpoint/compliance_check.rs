//! Whether a person's documents meet what their role on a vessel requires (P, /guides/compliance).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::check::Assignment;
use crate::compliance::{Assessed, Assessment, RequirementStatus, Today, assess_on};
use crate::error::Refusal;
use crate::reply::{Reply, extra, to_json};
use crate::request::RequestContext;
use crate::session::{SessionState, day_of};
use crate::time_format::rfc3339;
#[cfg(feature = "cli")]
use crate::world::World;
use crate::world::{CrewMember, GivenCompliance, RequirementSource, WrittenDay};

/// What the values come from; the page of the endpoint names a field, and none of its values.
const SOURCE: &str = "crewpass_mock";

/// The check, on the wire.
#[derive(Serialize)]
struct Check<'a> {
    crew_unique_id: &'a str,
    overall_status: &'static str,
    source: &'static str,
    as_of: String,
    requirements_total: usize,
    requirements_met: usize,
    requirements_expiring: usize,
    requirements_expired: usize,
    requirements_missing: usize,
    requirements_pending: usize,
    stcw_completion_percentage: f64,
    next_expiry_date: Option<WrittenDay>,
    requirements: Vec<Requirement<'a>>,
    stcw: Stcw<'a>,
    medical: Option<Medical<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_by: Option<&'static str>,
}

/// A requirement, on the wire.
#[derive(Serialize)]
struct Requirement<'a> {
    #[serde(rename = "requirement_key")]
    key: &'a str,
    source: RequirementSource,
    status: &'static str,
    title: &'a str,
    document_id: Option<&'a str>,
    expiry_date: Option<WrittenDay>,
    days_until_expiry: Option<i32>,
}

/// The part about STCW, on the wire.
#[derive(Serialize)]
struct Stcw<'a> {
    completion_percentage: f64,
    modules: Vec<Module<'a>>,
}

/// A module of STCW, on the wire.
#[derive(Serialize)]
struct Module<'a> {
    code: Option<&'a str>,
    name: &'a str,
    status: &'static str,
    expiry_date: Option<WrittenDay>,
}

/// The medical part, on the wire. It never names a doctor or a clinic (P).
#[derive(Serialize)]
struct Medical<'a> {
    status: &'static str,
    expiry_date: Option<WrittenDay>,
    fit_category: Option<&'a str>,
}

/// Gives the check of a person: on the vessel that was chosen, or on the worst one.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub(super) fn handle(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    Assignment { crew, vessels }: Assignment,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    state.update_projections(now);
    let partner = &*state.partners[crew.authorized.caller.partner].id;
    // Who is on which vessel is never stored: the checks before this one look at the present state, too.
    let positions = vessels.positions(state, state.crew(crew.position), partner);
    let (as_of, person) = state.projection(crew.position, now);
    let today = Today { day: day_of(as_of), first_day: state.first_day };
    let assess = |vessel: usize| assess_on(state.world(), person, vessel, today, &state.policies);
    // The first of equal ones.
    let assessment = positions.into_iter().map(assess).min_by_key(|assessment| assessment.overall);
    let assessment = assessment.unwrap_or_else(Assessment::without_role);
    let check = written(person, &assessment, today, as_of, extra(&state.policies));
    Ok(match given_by_world(person) {
        Some(given) => Reply::Json(to_json(&with_given(&check, &given.served(today.first_day)))),
        None => Reply::json(&check),
    })
}

/// Returns the fields of the check that the world gives itself.
fn given_by_world(person: &CrewMember) -> Option<&GivenCompliance> {
    person.details.as_ref()?.compliance.as_deref()
}

/// Returns the check with what the world says in the place of what follows from the documents.
fn with_given(check: &Check<'_>, given: &GivenCompliance) -> Value {
    let mut value = serde_json::to_value(check).unwrap_or_default();
    if let (Value::Object(fields), Ok(Value::Object(given))) = (&mut value, serde_json::to_value(given)) {
        fields.extend(given);
    }
    value
}

/// Returns the check of a person on a vessel as it is described to a tester: without what changes by the day or by the
/// request.
#[cfg(feature = "cli")]
pub(crate) fn described(world: &World, person: &CrewMember, vessel: &str, first_day: i32) -> Value {
    let today = Today { day: first_day, first_day };
    let assessment = match person.role_on(vessel) {
        Some(name) => Assessment::new(person, world.role(name), today, &world.policies),
        None => Assessment::without_role(),
    };
    let check = written(person, &assessment, today, Timestamp::UNIX_EPOCH, None);
    let given = given_by_world(person).map(|given| given.served(first_day)).unwrap_or_default();
    let mut value = with_given(&check, &given);
    if let Some(fields) = value.as_object_mut() {
        for field in ["crew_unique_id", "source", "as_of"] {
            fields.remove(field);
        }
        let requirements = fields.get_mut("requirements").and_then(Value::as_array_mut);
        for requirement in requirements.into_iter().flatten().filter_map(Value::as_object_mut) {
            requirement.remove("days_until_expiry");
        }
    }
    value
}

fn written<'a>(
    person: &'a CrewMember,
    assessment: &Assessment<'a>,
    today: Today,
    as_of: Timestamp,
    reviewed_by: Option<&'static str>,
) -> Check<'a> {
    let count = |status| assessment.count(status);
    let percentage = stcw_percentage(assessment);
    let modules = assessment.of_source(RequirementSource::Stcw).map(|known| Module {
        code: known.requirement.code.as_deref(),
        name: &known.requirement.title,
        status: known.status.name(),
        expiry_date: known.expiry.map(WrittenDay::from_days),
    });
    let medical = assessment.of_source(RequirementSource::Medical).next().map(|known| Medical {
        status: known.status.name(),
        expiry_date: known.expiry.map(WrittenDay::from_days),
        fit_category: person.details.as_ref().and_then(|details| details.fit_category.as_deref()),
    });
    Check {
        crew_unique_id: &person.id,
        overall_status: assessment.overall.name(),
        source: SOURCE,
        as_of: rfc3339(as_of.as_second()),
        requirements_total: assessment.requirements.len(),
        requirements_met: count(RequirementStatus::Met),
        requirements_expiring: count(RequirementStatus::Expiring),
        requirements_expired: count(RequirementStatus::Expired),
        requirements_missing: count(RequirementStatus::Missing),
        requirements_pending: count(RequirementStatus::Pending),
        stcw_completion_percentage: percentage,
        next_expiry_date: assessment.next_expiry(today).map(WrittenDay::from_days),
        requirements: assessment.requirements.iter().map(|known| requirement(known, today)).collect(),
        stcw: Stcw { completion_percentage: percentage, modules: modules.collect() },
        medical,
        reviewed_by,
    }
}

fn requirement<'a>(known: &Assessed<'a>, today: Today) -> Requirement<'a> {
    Requirement {
        key: &known.requirement.key,
        source: known.requirement.source,
        status: known.status.name(),
        title: &known.requirement.title,
        // It is filled for the certificates of the role (P), and for the others too (D).
        document_id: known.document.map(|document| &*document.id),
        expiry_date: known.expiry.map(WrittenDay::from_days),
        days_until_expiry: known.expiry.map(|day| day.saturating_sub(today.day)),
    }
}

/// Returns the share of the STCW modules that are met, in percent; 0 where there is none (D).
fn stcw_percentage(assessment: &Assessment<'_>) -> f64 {
    let modules = || assessment.of_source(RequirementSource::Stcw);
    let is_met = |known: &&Assessed<'_>| matches!(known.status, RequirementStatus::Met | RequirementStatus::Expiring);
    let (met, all) = (modules().filter(is_met).count(), modules().count());
    let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    if all == 0 { 0.0 } else { (number(met) * 1_000.0 / number(all)).round() / 10.0 }
}
