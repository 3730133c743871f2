//! The events of a session: what a change tells the partners that may know of it (P, /webhooks).

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::people::present_status;
use super::state::SessionState;
use crate::clock::Clock;
use crate::scope::Scope;
use crate::webhook::EventType;
use crate::world::{Document, Partner, Status};

impl SessionState {
    /// Changes the clock. Projections that are due now are made, and so are deliveries.
    pub(crate) fn set_clock(&mut self, clock: Clock, real: Timestamp) {
        self.clock = clock;
        let now = self.clock.now(real);
        self.update_projections(now);
        self.outbox.wake();
    }

    /// Emits the event of a document whose status has changed. `before` is its earlier status; an upload has none.
    ///
    /// It is `crew.document.processed` when the status becomes final for the first time, and `crew.document.updated`
    /// for any later change (P).
    pub(crate) fn emit_document_event(&mut self, position: u32, at: usize, before: Option<Status>, now: Timestamp) {
        let document = &self.crew(position).documents[at];
        let (id, status, data) = (document.id.clone(), document.verification_status, document_data(document));
        if before.is_some_and(is_final) {
            self.processed.insert(id.clone());
        }
        let kind = match before {
            Some(before) if before == status => return,
            _ if is_final(status) && self.processed.insert(id.clone()) => EventType::DocumentProcessed,
            Some(_) => EventType::DocumentUpdated,
            None => return,
        };
        self.emit_crew_event(position, kind, data, now);
    }

    /// Emits an event about a crew member to each partner that has the person on its fleet, is granted the scope of the
    /// event, and has the person's consent (P).
    pub(crate) fn emit_crew_event(&mut self, position: u32, kind: EventType, data: Map<String, Value>, now: Timestamp) {
        let is_on_fleet =
            |state: &Self, partner: &Partner| state.crew(position).on_fleet_of(state.world(), &partner.id);
        self.emit_event(position, kind, data, now, is_on_fleet);
    }

    /// Emits an event about a crew member on a vessel, as [`Self::emit_crew_event`] does, to the partners that manage
    /// the vessel.
    pub(super) fn emit_vessel_event(
        &mut self,
        position: u32,
        vessel: usize,
        kind: EventType,
        data: Map<String, Value>,
        now: Timestamp,
    ) {
        let manages = |state: &Self, partner: &Partner| {
            state.world().vessels[vessel].partners.iter().any(|manager| manager.as_str() == &*partner.id)
        };
        self.emit_event(position, kind, data, now, manages);
    }

    /// Emits an event about a crew member to the partners of [`Self::emit_crew_event`] that are also granted another
    /// scope, with the person's consent.
    pub(super) fn emit_narrowed_event(&mut self, position: u32, kind: EventType, scope: Scope, now: Timestamp) {
        let is_recipient = |state: &Self, partner: &Partner| {
            state.may_read(position, partner, scope) && state.crew(position).on_fleet_of(state.world(), &partner.id)
        };
        self.emit_event(position, kind, Map::new(), now, is_recipient);
    }

    fn emit_event(
        &mut self,
        position: u32,
        kind: EventType,
        mut data: Map<String, Value>,
        now: Timestamp,
        is_on_fleet: impl Fn(&Self, &Partner) -> bool,
    ) {
        if !self.outbox.wants(kind) {
            return;
        }
        data.insert("crew_unique_id".into(), self.crew(position).id.as_str().into());
        let is_recipient = |partner: &&Partner| {
            partner.api_enabled && is_on_fleet(self, partner) && self.may_read(position, partner, kind.scope())
        };
        let partners: Vec<_> = self.partners.iter().filter(is_recipient).map(|partner| partner.id.clone()).collect();
        let first = self.first_partner();
        for partner in partners {
            self.outbox.emit(kind, &partner, &first, data.clone(), now);
        }
    }

    /// Returns true if a partner is granted a scope, and the crew member consents to it.
    fn may_read(&self, position: u32, partner: &Partner, scope: Scope) -> bool {
        partner.granted_scopes.contains(scope) && self.crew(position).consents(&partner.id, scope)
    }

    /// Returns the `data` of an event about a crew member as they are now: what a change would tell of them.
    ///
    /// An event about a document is about the one at `document`, or else about the first that is current.
    pub(crate) fn present_data(
        &self,
        position: u32,
        kind: EventType,
        document: Option<usize>,
        now: Timestamp,
    ) -> Map<String, Value> {
        let person = self.crew(position);
        let mut data = match kind {
            EventType::DocumentProcessed | EventType::DocumentUpdated => {
                let current = || person.documents.iter().find(|known| known.current);
                let shown = document.and_then(|at| person.documents.get(at)).or_else(current);
                shown.map(document_data).unwrap_or_default()
            }
            EventType::ComplianceChanged => {
                let mut answers = self.compliance_summary(position, now);
                let mut first =
                    answers.get_mut(0).and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
                first.remove("as_of");
                first
            }
            EventType::StatusChanged => present_status(person),
            EventType::ProfileChanged => Map::new(),
        };
        data.insert("crew_unique_id".into(), person.id.as_str().into());
        data
    }

    /// Returns the position of the crew member who has a document, in any version.
    pub(crate) fn crew_with_document(&self, id: &str) -> Option<u32> {
        let has_document = |position: &u32| self.crew(*position).documents.iter().any(|known| *known.id == *id);
        self.crew_positions().find(has_document)
    }

    fn crew_positions(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.world().crew.len()).unwrap_or(u32::MAX)
    }

    /// Returns the position of the crew member whom an event is about if it names none: the first on the fleet of a
    /// partner, or else the first of all.
    pub(crate) fn usual_crew(&self, partner: &str) -> Option<u32> {
        let world = self.world();
        let is_on_fleet = |position: &u32| self.crew(*position).on_fleet_of(world, partner);
        self.crew_positions().find(is_on_fleet).or_else(|| self.crew_positions().next())
    }

    /// Returns the id of the first partner, whose callbacks name none.
    pub(crate) fn first_partner(&self) -> Box<str> {
        self.partners.first().map(|partner| partner.id.clone()).unwrap_or_default()
    }
}

/// Returns what an event says of a document.
fn document_data(document: &Document) -> Map<String, Value> {
    let fields = [("document_id", document.id.as_str()), ("verification_status", document.verification_status.name())];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// Returns true if nobody has to check the document any more.
const fn is_final(status: Status) -> bool {
    !matches!(status, Status::Pending)
}
