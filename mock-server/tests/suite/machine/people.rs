//! What the fake should say of people: lookup, profile, photo and compliance, thought out from the contract.

use serde_json::{Value, json};

use super::answers::{Body, Expected, about_scope, fine, not_found};
use super::model::State;
use super::parts::{Person, PersonField};
use super::world::{CREW, PARTNERS, VESSELS};

/// The bits of the scopes.
pub(crate) const FLEET: usize = 2;
pub(crate) const STATUS: usize = 3;
pub(crate) const PROFILE: usize = 4;
pub(crate) const FULL: usize = 5;
pub(crate) const COMPLIANCE: usize = 6;

/// What a role requires: the key, the title, and the type of document that meets it; the title if there is none.
type Requirement = (&'static str, &'static str, Option<&'static str>);

const ROLES: [(&str, &[Requirement]); 2] = [
    ("Chef", &[("stcw", "Any STCW", Some("STCW")), ("fresh", "Fresh", None)]),
    ("Bosun", &[("two", "Title of a_two", None)]),
];

/// The roles of the world, as the file has them.
pub(crate) fn roles() -> Value {
    let requirement = |(key, title, kind): &Requirement| match kind {
        Some(kind) => json!({"key": key, "title": title, "document": {"type": kind}}),
        None => json!({"key": key, "title": title}),
    };
    let role = |(name, requires): &(&str, &[Requirement])| json!({"name": name, "requires": requires.iter().map(requirement).collect::<Vec<_>>()});
    ROLES.iter().map(role).collect()
}

impl State {
    pub(crate) fn me(&mut self, key: Option<usize>) -> Expected {
        // No scope is needed, so the limiter counts it by itself.
        let partner = match self.limited_admission(key, None) {
            Ok(partner) => partner,
            Err(refusal) => return refusal,
        };
        let granted = self.granted[partner] & self.keys[key.unwrap()].narrowed;
        fine(Body::Json(json!({
            "partner_id": PARTNERS[partner], "partner_type": "customer", "mode": "test", "display_name": null,
            "status": "active", "subscription_plan": null, "granted_scopes": super::model::scopes(granted),
        })))
    }

    pub(crate) fn vessels(&mut self, key: Option<usize>) -> Expected {
        match self.limited_admission(key, Some(FLEET)) {
            Ok(partner) => {
                let name = ["One", "Two"][partner];
                let items = json!([{"vessel_id": VESSELS[partner], "name": name}]);
                fine(Body::Json(json!({"items": items, "next_cursor": null})))
            }
            Err(refusal) => refusal,
        }
    }

    pub(crate) fn lookup(&mut self, key: Option<usize>, email: &str) -> Expected {
        let partner = match self.limited_admission(key, Some(STATUS)) {
            Ok(partner) => partner,
            Err(refusal) => return refusal,
        };
        let wanted = email.trim().to_lowercase();
        let is_it = |person: &Person| person.email.is_some_and(|own| own.to_lowercase() == wanted);
        let found = self.crew.iter().position(is_it).filter(|crew| self.on_fleet(*crew, partner));
        let Some(crew) = found else { return not_found() };
        if self.crew[crew].consent[partner] & (1 << STATUS) == 0 {
            return match self.policy("lookup_without_consent") {
                "404" => not_found(),
                _ => about_scope("scope_not_consented", "scope is not consented for this crew member", STATUS),
            };
        }
        fine(Body::Json(json!({"crew_unique_id": CREW[crew], "name": self.crew[crew].name})))
    }

    pub(crate) fn profile(&mut self, key: Option<usize>, crew: usize) -> Expected {
        let partner = match self.person(key, crew, PROFILE) {
            Ok(partner) => partner,
            Err(refusal) => return refusal,
        };
        let person = &self.crew[crew];
        let granted = self.granted[partner] & self.keys[key.unwrap()].narrowed;
        let is_full = granted & person.consent[partner] & (1 << FULL) != 0;
        let photo = format!("http://HOST/api/v2/employers/me/crew/{}/photo", CREW[crew]);
        let mut profile = json!({
            "crew_unique_id": CREW[crew], "name": person.name, "rank": person.rank, "nationality": null,
            "languages": [], "skills": [], "years_experience": null, "bio": person.bio, "email": person.email,
            "phone": null, "profile_photo_url": if person.has_photo { json!(photo) } else { Value::Null },
            "full_profile": is_full,
        });
        if is_full || self.policy("full_block_without_consent") == "null" {
            for field in ["employment_history", "date_of_birth", "address", "passport", "visas"] {
                profile[field] = Value::Null;
            }
        }
        if is_full {
            profile["date_of_birth"] = person.born.into();
        }
        fine(Body::Json(profile))
    }

    pub(crate) fn photo(&mut self, key: Option<usize>, crew: usize) -> Expected {
        if let Err(refusal) = self.person(key, crew, PROFILE) {
            return refusal;
        }
        if !self.crew[crew].has_photo {
            return not_found();
        }
        let bytes = super::world::PHOTO.as_bytes().to_vec();
        fine(Body::File { bytes, content_type: "image/png".to_owned(), tagged: None })
    }

    pub(crate) fn compliance(&mut self, key: Option<usize>, crew: usize, vessel: Option<usize>) -> Expected {
        let partner = match self.person(key, crew, COMPLIANCE) {
            Ok(partner) => partner,
            Err(refusal) => return refusal,
        };
        // Vessel n is the only one of partner n.
        if vessel.is_some_and(|vessel| vessel != partner) {
            return not_found();
        }
        let (as_of, person) = self.shown(crew);
        fine(Body::Json(self.check(crew, as_of, person)))
    }

    pub(crate) fn change_person(&mut self, crew: usize, field: &PersonField) {
        let person = &mut self.crew[crew];
        match field {
            PersonField::Name(name) => person.name = *name,
            PersonField::Rank(rank) => person.rank = *rank,
            PersonField::Email(email) => person.email = *email,
            PersonField::Verification(status) => person.verification = status,
            PersonField::BackgroundCheck(status) => person.background_check = *status,
            PersonField::Bio(bio) => person.bio = *bio,
            PersonField::Born(day) => person.born = *day,
            PersonField::NoPhoto => person.has_photo = false,
        }
    }

    /// What a check says of a person at a time.
    pub(crate) fn check(&self, crew: usize, as_of: i64, person: &Person) -> Value {
        let role = person.rank.map(|rank| ROLES.iter().find(|(name, _)| *name == rank).unwrap().1);
        let requirements: Vec<Value> =
            role.unwrap_or_default().iter().map(|one| self.requirement(person, one)).collect();
        let count = |status: &str| requirements.iter().filter(|one| one["status"] == status).count();
        let is_broken = count("expired") + count("missing") > 0;
        let pending = match self.policy("pending_counts_as") {
            "" => "non_compliant",
            value => value,
        };
        let overall = match role {
            None => "no_role",
            Some(_) if is_broken => "non_compliant",
            Some(_) if count("pending") > 0 => pending,
            Some(_) => "compliant",
        };
        json!({
            "crew_unique_id": CREW[crew], "overall_status": overall, "source": "crewpass_mock",
            "as_of": jiff::Timestamp::from_second(as_of).unwrap().to_string(),
            "requirements_total": requirements.len(), "requirements_met": count("met"), "requirements_expiring": 0,
            "requirements_expired": count("expired"), "requirements_missing": count("missing"),
            "requirements_pending": count("pending"), "stcw_completion_percentage": 0.0, "next_expiry_date": null,
            "requirements": requirements, "stcw": {"completion_percentage": 0.0, "modules": []}, "medical": null,
        })
    }

    /// The best of the current documents decides, and of equal ones the first.
    fn requirement(&self, person: &Person, (key, title, kind): &Requirement) -> Value {
        let rejected = if self.policy("rejected_counts_as") == "expired" { "expired" } else { "missing" };
        let fits = |known: &&super::parts::Document| match kind {
            Some(kind) => known.kind == *kind,
            None => known.title == *title,
        };
        let current = person.documents.iter().filter(|known| known.current).filter(fits);
        let judged = current.map(|known| {
            let status = match known.status {
                "verified" => "met",
                "rejected" => rejected,
                other => other,
            };
            let rank = ["met", "pending", "expired", "missing"].iter().position(|name| *name == status);
            (rank, status, &known.id)
        });
        let best = judged.min_by_key(|(rank, ..)| *rank);
        let (status, document) = best.map_or(("missing", Value::Null), |(_, status, id)| (status, json!(id)));
        json!({
            "requirement_key": key, "source": "explicit", "status": status, "title": title, "document_id": document,
            "expiry_date": null, "days_until_expiry": null,
        })
    }
}
