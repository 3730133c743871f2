//! The events of a session: what a change tells the partners that may know of it (P, /webhooks).

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::state::SessionState;
use crate::clock::Clock;
use crate::scope::Scope;
use crate::webhook::EventType;
use crate::world::{Partner, Status};

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
        let (id, status) = (document.id.clone(), document.verification_status);
        if before.is_some_and(is_final) {
            self.processed.insert(id.clone());
        }
        let kind = match before {
            Some(before) if before == status => return,
            _ if is_final(status) && self.processed.insert(id.clone()) => EventType::DocumentProcessed,
            Some(_) => EventType::DocumentUpdated,
            None => return,
        };
        let mut data = Map::new();
        data.insert("document_id".into(), id.as_str().into());
        data.insert("verification_status".into(), status.name().into());
        self.emit_crew_event(position, kind, data, now);
    }

    /// Emits an event about a crew member to each partner that has the person on its fleet, is granted the scope of the
    /// event, and has the person's consent (P).
    pub(crate) fn emit_crew_event(&mut self, position: u32, kind: EventType, data: Map<String, Value>, now: Timestamp) {
        let is_on_fleet = |state: &Self, partner: &str| state.crew(position).on_fleet_of(state.world(), partner);
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
        let manages = |state: &Self, partner: &str| {
            state.world().vessels[vessel].partners.iter().any(|manager| manager.as_str() == partner)
        };
        self.emit_event(position, kind, data, now, manages);
    }

    /// Emits an event about a crew member to the partners of [`Self::emit_crew_event`] that are also granted another
    /// scope, with the person's consent.
    pub(super) fn emit_narrowed_event(&mut self, position: u32, kind: EventType, scope: Scope, now: Timestamp) {
        let is_recipient = |state: &Self, partner: &str| {
            let is_granted = |known: &Partner| *known.id == *partner && known.granted_scopes.contains(scope);
            let person = state.crew(position);
            state.partners.iter().any(is_granted)
                && person.consents(partner, scope)
                && person.on_fleet_of(state.world(), partner)
        };
        self.emit_event(position, kind, Map::new(), now, is_recipient);
    }

    fn emit_event(
        &mut self,
        position: u32,
        kind: EventType,
        mut data: Map<String, Value>,
        now: Timestamp,
        is_on_fleet: impl Fn(&Self, &str) -> bool,
    ) {
        if !self.outbox.wants(kind) {
            return;
        }
        let person = self.crew(position);
        data.insert("crew_unique_id".into(), person.id.as_str().into());
        let is_recipient = |partner: &&Partner| {
            partner.api_enabled
                && partner.granted_scopes.contains(kind.scope())
                && is_on_fleet(self, &partner.id)
                && person.consents(&partner.id, kind.scope())
        };
        let partners: Vec<_> = self.partners.iter().filter(is_recipient).map(|partner| partner.id.clone()).collect();
        let first = self.first_partner();
        for partner in partners {
            self.outbox.emit(kind, &partner, &first, data.clone(), now);
        }
    }

    /// Returns the id of the first partner, whose callbacks name none.
    pub(crate) fn first_partner(&self) -> Box<str> {
        self.partners.first().map(|partner| partner.id.clone()).unwrap_or_default()
    }
}

/// Returns true if nobody has to check the document any more.
const fn is_final(status: Status) -> bool {
    !matches!(status, Status::Pending)
}
