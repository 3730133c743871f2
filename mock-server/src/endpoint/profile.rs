//! The profile of a person: the base always, the full block where its scope is granted and consented (P,
//! /guides/profiles).

use jiff::Timestamp;
use serde::Serialize;

use super::path_of;
use crate::check::CrewMember;
use crate::error::Refusal;
use crate::policy::{FullBlockWithoutConsent, PhotoUrlWithoutPhoto, Policies};
use crate::reply::{Optional, Rendered, Reply, extra, to_json};
use crate::request::RequestContext;
use crate::scope::Scope;
use crate::session::SessionState;
use crate::world::{self, Address, Day, Language, Profile, Text, WrittenDay};

/// The profile, on the wire.
#[derive(Serialize)]
struct Shown<'a> {
    crew_unique_id: &'a str,
    name: Option<&'a str>,
    rank: Option<&'a str>,
    nationality: Option<&'a str>,
    languages: &'a [Language],
    skills: &'a [Text],
    years_experience: Option<&'a str>,
    bio: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Optional::is_left_out")]
    profile_photo_url: Optional<String>,
    full_profile: bool,
    #[serde(skip_serializing_if = "Optional::is_left_out")]
    employment_history: Optional<Vec<Employment<'a>>>,
    #[serde(skip_serializing_if = "Optional::is_left_out")]
    date_of_birth: Optional<WrittenDay>,
    #[serde(skip_serializing_if = "Optional::is_left_out")]
    address: Optional<&'a Address>,
    #[serde(skip_serializing_if = "Optional::is_left_out")]
    passport: Optional<Passport<'a>>,
    #[serde(skip_serializing_if = "Optional::is_left_out")]
    visas: Optional<Vec<Visa<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pronouns: Option<&'static str>,
}

/// An employment, on the wire.
#[derive(Serialize)]
struct Employment<'a> {
    vessel_name: Option<&'a str>,
    role: Option<&'a str>,
    started_at: Option<WrittenDay>,
    ended_at: Option<WrittenDay>,
    source: Option<&'a str>,
}

/// A passport, on the wire.
#[derive(Serialize)]
struct Passport<'a> {
    nationality: Option<&'a str>,
    number: Option<&'a str>,
    expiry: Option<WrittenDay>,
}

/// A visa, on the wire.
#[derive(Serialize)]
struct Visa<'a> {
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    country: Option<&'a str>,
    expiry: Option<WrittenDay>,
}

/// Gives the profile of a person.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub(super) fn handle(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    crew: CrewMember,
    _: Timestamp,
) -> Result<Reply, Refusal> {
    let caller = crew.authorized.caller;
    let person = state.crew(crew.position).without_documents();
    let partner = &*state.partners[caller.partner].id;
    let is_full = caller.granted.contains(Scope::ProfileFullRead) && person.consents(partner, Scope::ProfileFullRead);
    let (policies, first_day) = (state.policies.clone(), state.first_day);
    Ok(Reply::Rendered(Rendered::new(move |origin| {
        let writer = Writer { person: &person, is_full, policies: &policies, first_day };
        to_json(&writer.shown(origin))
    })))
}

/// Returns the profile of a person as it is described to a tester: without what depends on the request.
#[cfg(feature = "cli")]
pub(crate) fn described(person: &world::CrewMember, is_full: bool, first_day: i32) -> serde_json::Value {
    let writer = Writer { person, is_full, policies: &Policies::default(), first_day };
    let mut value = serde_json::to_value(writer.shown(&mut String::new)).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        for field in ["crew_unique_id", "profile_photo_url", "full_profile"] {
            fields.remove(field);
        }
    }
    value
}

/// Writes the profile of a person.
struct Writer<'a> {
    person: &'a world::CrewMember,
    /// Is true if the full block is shown.
    is_full: bool,
    policies: &'a Policies,
    first_day: i32,
}

impl<'a> Writer<'a> {
    fn shown(&self, origin: &mut dyn FnMut() -> String) -> Shown<'a> {
        static NONE: Profile = Profile::EMPTY;
        let details = self.person.details.as_deref();
        let profile = details.and_then(|details| details.profile.as_deref()).unwrap_or(&NONE);
        let has_photo = details.is_some_and(|details| details.photo.is_some());
        let photo_url = has_photo.then(|| format!("{}{}", origin(), path_of("photo", &self.person.id)));
        Shown {
            crew_unique_id: &self.person.id,
            name: self.person.name.as_deref(),
            rank: self.person.rank.as_deref(),
            nationality: profile.nationality.as_deref(),
            languages: &profile.languages,
            skills: &profile.skills,
            years_experience: profile.years_experience.as_deref(),
            bio: profile.bio.as_deref(),
            email: details.and_then(|details| details.email.as_deref()),
            phone: profile.phone.as_deref(),
            profile_photo_url: Optional::new(
                photo_url,
                self.policies.photo_url_without_photo == PhotoUrlWithoutPhoto::Absent,
            ),
            full_profile: self.is_full,
            employment_history: self.of_full(profile.employment_history.as_ref().map(|all| self.employments(all))),
            date_of_birth: self.of_full(self.day(profile.date_of_birth)),
            address: self.of_full(profile.address.as_ref()),
            passport: self.of_full(profile.passport.as_ref().map(|passport| Passport {
                nationality: passport.nationality.as_deref(),
                number: passport.number.as_deref(),
                expiry: self.day(passport.expiry),
            })),
            visas: self.of_full(profile.visas.as_ref().map(|visas| self.visas(visas))),
            pronouns: extra(self.policies),
        }
    }

    /// Returns a field of the full block. Where the block is not shown, policy `full_block_without_consent` leaves the
    /// field out, or makes it null (D: the pages contradict each other).
    fn of_full<T>(&self, value: Option<T>) -> Optional<T> {
        match (self.is_full, self.policies.full_block_without_consent) {
            (true, _) => Optional::Value(value),
            (false, FullBlockWithoutConsent::Null) => Optional::Value(None),
            (false, FullBlockWithoutConsent::Absent) => Optional::LeftOut,
        }
    }

    fn employments(&self, all: &'a [world::Employment]) -> Vec<Employment<'a>> {
        let shown = all.iter().map(|known| Employment {
            vessel_name: known.vessel_name.as_deref(),
            role: known.role.as_deref(),
            started_at: self.day(known.started_at),
            ended_at: self.day(known.ended_at),
            source: known.source.as_deref(),
        });
        shown.collect()
    }

    fn visas(&self, all: &'a [world::Visa]) -> Vec<Visa<'a>> {
        let shown = all.iter().map(|visa| Visa {
            kind: visa.kind.as_deref(),
            country: visa.country.as_deref(),
            expiry: self.day(visa.expiry),
        });
        shown.collect()
    }

    fn day(&self, day: Option<Day>) -> Option<WrittenDay> {
        day.map(|day| WrittenDay::from_days(day.resolve(self.first_day)))
    }
}
