//! The changes of this fake that a gate causes by commands, and the callback of its tester.

use serde::Serialize;

use crate::policy::WebhookTimestamp;
use crate::webhook::EventType;
use crate::world::World;

use super::describe::Tester;

/// The types of events that the callback of a tester gets. A change of a profile is not among them, so that a sender that
/// sends it anyway shows.
const EVENTS: [EventType; 3] = [EventType::DocumentProcessed, EventType::DocumentUpdated, EventType::StatusChanged];

/// Commands that change the fake at `$BASE`.
#[derive(Serialize)]
pub(super) struct Levers {
    clock: &'static str,
    store_down: &'static str,
    store_up: &'static str,
    reupload: &'static str,
    event: &'static str,
    person_event: &'static str,
    callback: String,
    dead_letters: &'static str,
    redeliver: &'static str,
}

/// What is known of the callback.
#[derive(Serialize)]
pub(super) struct ExpectedWebhooks {
    events: [EventType; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'static str>,
}

impl Levers {
    /// Returns every lever. The callback belongs to the partner of the tester; its secret is `$WEBHOOK_SECRET`.
    pub(super) fn for_tester(world: &World, tester: &Tester<'_>) -> Self {
        let events = EVENTS.map(|event| format!(" --event {}", event.name())).concat();
        let is_first = world.partners.first().is_some_and(|first| first.id == tester.partner.id);
        let partner = if is_first { String::new() } else { format!(" --partner '{}'", tester.partner.id) };
        Self {
            clock: "crewpass-mock ctl clock advance {duration}",
            store_down: "crewpass-mock ctl store down",
            store_up: "crewpass-mock ctl store up",
            reupload: "crewpass-mock ctl upload {crew_id} {document_id} {path}",
            event: "crewpass-mock ctl status {crew_id} {document_id} {status}",
            person_event: "crewpass-mock ctl crew {crew_id} --background-check in-progress \
                           --details '{\"profile\": {\"bio\": \"Changed.\"}}'",
            callback: format!("crewpass-mock ctl webhooks add {{url}}{partner}{events}"),
            dead_letters: "crewpass-mock ctl webhooks show --state dead",
            redeliver: "crewpass-mock ctl webhooks redeliver",
        }
    }
}

impl ExpectedWebhooks {
    /// Returns what a sender that serves this world delivers to the callback of the levers.
    pub(super) fn of(world: &World) -> Self {
        let is_of_session = world.policies.webhook_timestamp == WebhookTimestamp::Session;
        Self { events: EVENTS, timestamp: is_of_session.then_some("session") }
    }
}
