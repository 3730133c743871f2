//! The events of a session: what a change tells the partners that may know of it (P, /webhooks).

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::state::SessionState;
use crate::clock::Clock;
use crate::webhook::EventType;
use crate::world::Status;

impl SessionState {
    /// Changes the clock. Deliveries that are due now are made.
    pub(crate) fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
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
    pub(crate) fn emit_crew_event(
        &mut self,
        position: u32,
        kind: EventType,
        mut data: Map<String, Value>,
        now: Timestamp,
    ) {
        if !self.outbox.has_callbacks() {
            return;
        }
        let person = self.crew(position);
        data.insert("crew_unique_id".into(), person.id.as_str().into());
        let is_told = |partner: &&crate::world::Partner| {
            partner.api_enabled
                && partner.granted_scopes.contains(kind.scope())
                && person.on_fleet_of(self.world(), &partner.id)
                && person.consents(&partner.id, kind.scope())
        };
        let partners: Vec<_> = self.partners.iter().filter(is_told).map(|partner| partner.id.clone()).collect();
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
