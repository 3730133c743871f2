//! Which events a change causes, and which partners they are for, thought out from the contract.

use serde_json::{Map, Value, json};

use super::super::model::State;
use super::super::parts::Person;
use super::super::people::{COMPLIANCE, FULL, PROFILE, STATUS};
use super::super::world::{CREW, VESSELS};
use super::parts::{COMPLIANCE_CHANGED, PROCESSED, PROFILE_CHANGED, STATUS_CHANGED, UPDATED};

/// The bit of the scope of documents.
const DOCUMENTS: usize = 0;

impl State {
    /// The events of a change of a person, who was another one before; but for those of compliance.
    pub(crate) fn tell_changes(&mut self, crew: usize, before: &Person) {
        let person = self.crew[crew].clone();
        for document in &person.documents {
            let earlier = before.documents.iter().find(|known| known.id == document.id);
            let kind = match earlier {
                Some(earlier) if earlier.status == document.status => continue,
                _ if document.was_final && earlier.is_none_or(|earlier| !earlier.was_final) => PROCESSED,
                Some(_) => UPDATED,
                None => continue,
            };
            let data = json!({"document_id": document.id, "verification_status": document.status});
            self.tell(crew, kind, &[DOCUMENTS], &data);
        }
        let mut moved = json!({});
        if before.verification != person.verification {
            moved["verification_status"] = person.verification.into();
        }
        if before.background_check != person.background_check {
            moved["background_check_status"] = person.background_check.into();
        }
        if moved != json!({}) {
            self.tell(crew, STATUS_CHANGED, &[STATUS], &moved);
        }
        let base = |person: &Person| (person.name, person.rank, person.email, person.bio, person.has_photo);
        if base(before) != base(&person) {
            self.tell(crew, PROFILE_CHANGED, &[PROFILE], &json!({}));
        } else if before.born != person.born {
            // Who does not see the full profile sees no change.
            self.tell(crew, PROFILE_CHANGED, &[PROFILE, FULL], &json!({}));
        }
    }

    /// The event of a compliance answer that changed when a projection was made at that time, for each vessel on which
    /// the person is now and was already when there was the earlier answer.
    pub(crate) fn tell_answer(&mut self, crew: usize, earlier: &Person, present: &Person, was_on: &[bool], at: i64) {
        let (before, after) = (self.check(crew, 0, earlier), self.check(crew, 0, present));
        if before == after {
            return;
        }
        for vessel in 0..VESSELS.len() {
            // Vessel n is the only one of partner n.
            if was_on[vessel] && self.may_know(crew, vessel, &[COMPLIANCE]) {
                let data = json!({"vessel_id": VESSELS[vessel], "overall_status": after["overall_status"]});
                self.emit(COMPLIANCE_CHANGED, vessel, about(crew, &data), at);
            }
        }
    }

    /// An event about a person, for each partner that may know of it.
    fn tell(&mut self, crew: usize, kind: &'static str, scopes: &[usize], data: &Value) {
        for partner in 0..self.granted.len() {
            if self.may_know(crew, partner, scopes) {
                self.emit(kind, partner, about(crew, data), self.now);
            }
        }
    }

    fn may_know(&self, crew: usize, partner: usize, scopes: &[usize]) -> bool {
        let allowed = self.granted[partner] & self.crew[crew].consent[partner];
        self.enabled[partner] && self.on_fleet(crew, partner) && scopes.iter().all(|scope| allowed & (1 << scope) != 0)
    }
}

fn about(crew: usize, data: &Value) -> Map<String, Value> {
    let mut data = data.as_object().cloned().unwrap_or_default();
    data.insert("crew_unique_id".into(), CREW[crew].into());
    data
}
