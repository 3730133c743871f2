//! What changes at run time hold of the budget: as many bytes as their JSON has.

use serde::Serialize;

use super::budget::Charge;
use super::state::SessionState;
use super::uploads::ChangeError;

/// A part of the world that was changed in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ChangedPart {
    /// The crew member at a position.
    Person(u32),
    /// The vessel at a position.
    Vessel(u32),
}

impl SessionState {
    /// Takes bytes from the budget for as long as the charge lives.
    ///
    /// # Errors
    /// Fails if all sessions together would hold too much.
    pub(crate) fn reserve(&self, bytes: u64) -> Result<Charge, ChangeError> {
        self.budget.charge(0, bytes).ok_or(ChangeError::NoRoom)
    }

    /// Charges a crew member as it is after a change.
    pub(crate) fn charge_person(&mut self, position: u32) {
        let bytes = json_len(&self.crew(position).without_documents());
        self.set_charge(ChangedPart::Person(position), bytes);
    }

    /// Charges a part as large as it is after a change. The caller has reserved what the change adds.
    pub(super) fn set_charge(&mut self, part: ChangedPart, bytes: u64) {
        let nothing = || self.budget.charge(0, 0);
        let known = self.change_charges.remove(&part).or_else(nothing);
        if let Some(mut charge) = known {
            charge.set_bytes(bytes);
            self.change_charges.insert(part, charge);
        }
    }
}

/// Returns the length of a value as JSON.
pub(super) fn json_len(value: &impl Serialize) -> u64 {
    let mut counter = Counter(0);
    // Nothing in a world fails to serialise, and a counter takes everything.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

struct Counter(u64);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::super::budget::{Budget, MAX_BYTES};
    use super::super::{Session, SessionSpec, VesselChange};
    use crate::world::World;

    fn session() -> Session {
        Session::new_default(SessionSpec::new(World::starter()), Timestamp::UNIX_EPOCH)
    }

    /// Returns the bytes that are held in the budget.
    fn held(budget: &std::sync::Arc<Budget>) -> u64 {
        (0..=20_000).find(|held| budget.charge(0, MAX_BYTES - held).is_some()).unwrap()
    }

    #[test]
    fn what_changes_people_and_vessels_is_held_until_a_reset() {
        let session = session();
        let budget = std::sync::Arc::clone(&session.lock().budget);
        let before = held(&budget);
        for length in [2_000, 1_000] {
            let mut state = session.lock();
            let id = state.world().vessels[0].id.to_string();
            let change: VesselChange = serde_json::from_value(json!({"name": "x".repeat(length)})).unwrap();
            state.change_vessel(&id, change).unwrap();
            state.crew_mut(0).name = Some("x".repeat(length).into());
            state.charge_person(0);
            let more = held(&budget) - before;
            assert!((2 * length as u64..2 * length as u64 + 2_000).contains(&more), "{more}");
        }
        session.reset(Timestamp::UNIX_EPOCH);
        assert_eq!(held(&budget), before);
    }

    #[test]
    fn rules_hold_their_part_until_the_last_of_them_goes() {
        let session = session();
        let budget = std::sync::Arc::clone(&session.lock().budget);
        let mut state = session.lock();
        let before = held(&budget);
        let rules = ["one", "two"].map(|name| format!("{{name: {name}, then: {{status: 503}}}}").parse().unwrap());
        state.faults.add(rules.to_vec(), Timestamp::UNIX_EPOCH).unwrap();
        let charge = state.reserve(5_000).unwrap();
        state.faults.charge_last(2, charge);
        for (name, left) in [("one", 5_000), ("two", 0)] {
            assert!(state.faults.remove(name));
            assert_eq!(held(&budget) - before, left);
        }
        assert!(state.reserve(MAX_BYTES + 1).is_err());
    }
}
