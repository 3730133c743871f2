//! The stored projections behind compliance checks (P): a check shows a person as the last projection has them.
//!
//! A projection is made when the session begins, `projection_lag` after each change of the person, at the beginning of
//! each day, and when a test asks for it (D). Each one that changes an answer is an event. Only what is not the present
//! state is stored: of a person without a change that is still to come there is no copy.

use std::sync::Arc;

use hashbrown::HashMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::state::{SessionState, day_of};
use crate::compliance::{Answer, Today, assess_on};
use crate::policy::ComplianceProjection;
use crate::time_format::rfc3339;
use crate::webhook::EventType;
use crate::world::{CrewMember, Shared, Text};

/// The seconds of a day.
const DAY: i64 = 86_400;

/// The projections of a session.
#[derive(Debug)]
pub(super) struct Projections {
    /// When the projections of people without a change were made.
    begun: Timestamp,
    /// The day of the last update.
    day: i32,
    people: HashMap<u32, Projection>,
    /// The people who changed since the last update.
    changed: Vec<Changed>,
    /// The projections that are still to come, in the order of their times.
    waiting: Vec<Waiting>,
}

/// A person who changed since the last update.
#[derive(Debug)]
struct Changed {
    position: u32,
    /// The vessels before.
    vessels: Shared<Box<[Text]>>,
    /// The state before, if somebody needs it.
    person: Option<Arc<CrewMember>>,
}

/// The projection of a person who changed.
#[derive(Debug)]
struct Projection {
    made: Timestamp,
    /// The person as shown; `None` for the present state.
    person: Option<Arc<CrewMember>>,
}

/// A projection that is still to come.
#[derive(Debug)]
struct Waiting {
    due: Timestamp,
    position: u32,
    person: Arc<CrewMember>,
}

impl Projections {
    /// Creates the projections of a session that begins then.
    pub(super) fn new(begun: Timestamp) -> Self {
        Self { begun, day: day_of(begun), people: HashMap::new(), changed: Vec::new(), waiting: Vec::new() }
    }

    fn shown(&self, position: u32) -> Option<&CrewMember> {
        self.people.get(&position)?.person.as_deref()
    }

    /// Puts a projection among those that are still to come. One that was to come later is of an older state.
    fn wait(&mut self, new: Waiting) {
        self.waiting.retain(|known| known.position != new.position || known.due <= new.due);
        let at = self.waiting.partition_point(|known| known.due <= new.due);
        self.waiting.insert(at, new);
    }

    fn take_due(&mut self, now: Timestamp) -> Option<Waiting> {
        (self.waiting.first()?.due <= now).then(|| self.waiting.remove(0))
    }
}

impl SessionState {
    /// Notes that a person is about to change.
    pub(super) fn note_change(&mut self, position: u32) {
        if self.projections.changed.iter().any(|known| known.position == position) {
            return;
        }
        let is_stale = self.projections.shown(position).is_some();
        let is_needed = self.projection_lag().is_positive() || self.outbox.wants(EventType::ComplianceChanged);
        let is_needed = is_needed && !is_stale;
        let before = self.crew(position);
        let (vessels, person) = (before.vessels.clone(), is_needed.then(|| Arc::new(before.clone())));
        self.projections.changed.push(Changed { position, vessels, person });
    }

    /// Makes the projections that are due by then. Each change of an answer is an event.
    pub(crate) fn update_projections(&mut self, now: Timestamp) {
        self.settle_changes(now);
        while let Some(Waiting { due, position, person }) = self.projections.take_due(now) {
            self.begin_day(due);
            let is_last = !self.projections.waiting.iter().any(|known| known.position == position);
            // Without a further change, the person is still the same.
            self.make_projection(position, Some(person).filter(|_| !is_last), None, due);
        }
        self.begin_day(now);
    }

    /// Makes the projections of a person, or of everybody, without waiting.
    pub(crate) fn refresh_projections(&mut self, position: Option<u32>, now: Timestamp) {
        self.update_projections(now);
        let mut stale: Vec<u32> = self.projections.waiting.iter().map(|known| known.position).collect();
        stale.retain(|known| position.is_none_or(|position| position == *known));
        stale.dedup();
        self.projections.waiting.retain(|known| position.is_some_and(|position| position != known.position));
        for known in stale {
            self.make_projection(known, None, None, now);
        }
        if let Some(position) = position {
            self.projections.people.insert(position, Projection { made: now, person: None });
        } else {
            self.projections.people.clear();
            self.projections.begun = now;
        }
    }

    /// Returns a person as a compliance check shows them, with the time of the projection.
    pub(crate) fn projection(&self, position: u32, now: Timestamp) -> (Timestamp, &CrewMember) {
        let Projections { begun, people, .. } = &self.projections;
        if self.policies.compliance_projection == ComplianceProjection::Live {
            return (now, self.crew(position));
        }
        let made = people.get(&position).map_or(*begun, |known| known.made);
        // The clock may have been moved back.
        let as_of = made.max(start_of_day(now)).min(now);
        (as_of, self.projections.shown(position).unwrap_or_else(|| self.crew(position)))
    }

    /// Returns the time at which the projections change next.
    pub(crate) fn next_projection(&self, now: Timestamp) -> Option<Timestamp> {
        let tomorrow = self.outbox.wants(EventType::ComplianceChanged).then(|| next_day(now));
        self.projections.waiting.first().map(|known| known.due).into_iter().chain(tomorrow).min()
    }

    /// Returns the projections that are still to come, as JSON.
    pub(crate) fn waiting_projections(&self) -> Value {
        let waiting =
            self.projections.waiting.iter().map(
                |known| json!({"crew": self.crew(known.position).id.as_str(), "due": rfc3339(known.due.as_second())}),
            );
        waiting.collect()
    }

    /// Returns what a check says now about each vessel of a person, as JSON.
    pub(crate) fn compliance_summary(&self, position: u32, now: Timestamp) -> Value {
        let (as_of, _) = self.projection(position, now);
        let summary = |(vessel, answer): (usize, Answer)| {
            json!({
                "vessel_id": self.world().vessels[vessel].id,
                "overall_status": answer.overall_status(),
                "as_of": rfc3339(as_of.as_second()),
            })
        };
        self.answers(position, day_of(as_of)).into_iter().map(summary).collect()
    }

    /// Returns the wait from a change to its projection.
    fn projection_lag(&self) -> SignedDuration {
        match self.policies.compliance_projection {
            ComplianceProjection::Stored => SignedDuration::from_secs(self.policies.projection_lag.seconds()),
            ComplianceProjection::Live => SignedDuration::ZERO,
        }
    }

    /// Makes the projections of people who changed, or puts them among those that are still to come.
    fn settle_changes(&mut self, now: Timestamp) {
        let lag = self.projection_lag();
        for Changed { position, vessels, person: before } in std::mem::take(&mut self.projections.changed) {
            let begun = self.projections.begun;
            let known = self.projections.people.entry(position).or_insert(Projection { made: begun, person: None });
            known.person = known.person.take().or(before);
            if lag.is_zero() {
                self.projections.waiting.retain(|known| known.position != position);
                self.make_projection(position, None, Some(&vessels), now);
            } else {
                let due = now.checked_add(lag).unwrap_or(Timestamp::MAX);
                let person = Arc::new(self.crew(position).clone());
                self.projections.wait(Waiting { due, position, person });
                self.outbox.wake_worker();
            }
        }
    }

    /// Makes the projection of a person. Each vessel whose answer is another one than before is an event. A person who
    /// changes at this time may have been on other `vessels` before, and one that is new had no answer.
    fn make_projection(
        &mut self,
        position: u32,
        person: Option<Arc<CrewMember>>,
        vessels: Option<&[Text]>,
        at: Timestamp,
    ) {
        let day = day_of(at);
        let is_wanted = self.outbox.wants(EventType::ComplianceChanged);
        let mut before = if is_wanted { Some(self.answers(position, day)) } else { None };
        if let (Some(before), Some(vessels)) = (&mut before, vessels) {
            before.retain(|(vessel, _)| vessels.iter().any(|id| **id == *self.world().vessels[*vessel].id));
        }
        self.projections.people.insert(position, Projection { made: at, person });
        if let Some(before) = before {
            self.emit_compliance_events(position, &before, day, at);
        }
    }

    /// Lets a day begin, or an earlier one if the clock was moved back.
    fn begin_day(&mut self, at: Timestamp) {
        let (earlier, day) = (self.projections.day, day_of(at));
        self.projections.day = day;
        if earlier == day || !self.outbox.wants(EventType::ComplianceChanged) {
            return;
        }
        for position in 0..u32::try_from(self.world().crew.len()).unwrap_or(u32::MAX) {
            let before = self.answers(position, earlier);
            self.emit_compliance_events(position, &before, day, at);
        }
    }

    /// Returns what a check would say on a day about each vessel of a person, by the vessel's position. A check shows the
    /// person as the last projection has them, and takes place on the vessels of the present.
    fn answers(&self, position: u32, day: i32) -> Vec<(usize, Answer)> {
        let present = self.crew(position);
        let shown = self.projections.shown(position).unwrap_or(present);
        let today = Today { day, first_day: self.first_day };
        let mut answers: Vec<(usize, Answer)> = Vec::new();
        for vessel in present.vessels.iter() {
            let Some(vessel) = self.world().vessel_position(vessel) else { continue };
            if answers.iter().all(|(known, _)| *known != vessel) {
                let assessment = assess_on(self.world(), shown, vessel, today, &self.policies);
                answers.push((vessel, Answer::new(shown, &assessment)));
            }
        }
        answers
    }

    fn emit_compliance_events(&mut self, position: u32, before: &[(usize, Answer)], day: i32, at: Timestamp) {
        for (vessel, answer) in self.answers(position, day) {
            if before.iter().any(|(known, earlier)| *known == vessel && *earlier != answer) {
                let mut data = Map::new();
                data.insert("vessel_id".into(), (*self.world().vessels[vessel].id).into());
                data.insert("overall_status".into(), answer.overall_status().into());
                self.emit_vessel_event(position, vessel, EventType::ComplianceChanged, data, at);
            }
        }
    }
}

fn start_of_day(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(DAY)).unwrap_or(at)
}

fn next_day(at: Timestamp) -> Timestamp {
    start_of_day(at).checked_add(SignedDuration::from_secs(DAY)).unwrap_or(Timestamp::MAX)
}
