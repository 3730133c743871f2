//! The worker that makes the deliveries of all sessions: it sleeps until one is due, or until a session wakes it.
//!
//! It takes nothing from a request but the wake-up, which never waits.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::alteration::{Secrets, SignedDelivery};
use super::outbox::DueAttempt;
use super::resolve::AllowedTargets;
use super::sender::send;
use crate::app_state::AppState;
use crate::policy::{WebhookRotation, WebhookTimestamp};
use crate::session::{Session, SessionState};

/// The number of permits: of attempts at once beside the first one at each callback, which needs none.
const PERMITS: usize = 256;

/// Wakes the worker for one session.
#[derive(Clone, Debug)]
pub(crate) struct Waker {
    session: Arc<str>,
    sender: UnboundedSender<Arc<str>>,
}

impl Waker {
    /// Creates the waker of a session.
    pub(crate) fn new(session: &str, sender: UnboundedSender<Arc<str>>) -> Self {
        Self { session: session.into(), sender }
    }

    /// Wakes the worker. Without one, as in a session by itself, nothing happens.
    pub(super) fn wake(&self) {
        let _ = self.sender.send(Arc::clone(&self.session));
    }
}

/// The wake-ups of all sessions.
pub(crate) type Wakes = UnboundedReceiver<Arc<str>>;

/// Creates the channel on which sessions wake the worker.
pub(crate) fn wake_channel() -> (UnboundedSender<Arc<str>>, Wakes) {
    unbounded_channel()
}

/// Makes deliveries until the server is gone.
pub(crate) async fn deliver_for(app: Weak<AppState>, mut wakes: Wakes) {
    // When the next delivery of a session is due, in real time. A session with a frozen clock has none.
    let mut alarms: HashMap<Arc<str>, Instant> = HashMap::new();
    let permits = Arc::new(Semaphore::new(PERMITS));
    loop {
        let next = alarms.values().min().copied();
        let id = tokio::select! {
            woken = wakes.recv() => woken,
            () = async { sleep_until(next.unwrap_or_else(Instant::now)).await }, if next.is_some() => {
                alarms.iter().find(|(_, at)| Some(**at) == next).map(|(id, _)| Arc::clone(id))
            }
        };
        let Some((app, id)) = app.upgrade().zip(id) else { return };
        alarms.remove(&id);
        // A session that was closed makes no more deliveries.
        let Some(session) = app.sessions.find(&id) else { continue };
        if let Some(at) = send_due(&app, &session, &permits) {
            alarms.insert(id, at);
        }
    }
}

/// Starts the attempts that are due, and returns when to look again.
fn send_due(app: &Arc<AppState>, session: &Arc<Session>, permits: &Arc<Semaphore>) -> Option<Instant> {
    let real = Timestamp::now();
    let (attempts, next) = {
        let mut state = session.lock();
        let now = state.clock.now(real);
        state.update_projections(now);
        let attempts = state.outbox.take_due(now, || Arc::clone(permits).try_acquire_owned().ok());
        let next = state.outbox.next_due(now).into_iter().chain(state.next_projection(now)).min();
        let next = next.filter(|_| !state.clock.is_frozen());
        (attempts, next.map(|at| at.duration_since(now)))
    };
    for (attempt, permit) in attempts {
        let (session, allowed) = (Arc::clone(session), Arc::clone(&app.callback_targets));
        tokio::spawn(async move { attempt_delivery(&session, attempt, permit, &allowed).await });
    }
    let wait = std::time::Duration::try_from(next?).unwrap_or_default();
    // A far future is looked at again after a day.
    Some(Instant::now() + wait.min(std::time::Duration::from_hours(24)))
}

/// Makes one attempt and records its outcome.
async fn attempt_delivery(
    session: &Session,
    attempt: DueAttempt,
    permit: Option<OwnedSemaphorePermit>,
    allowed: &AllowedTargets,
) {
    let signed = sign_delivery(&session.lock(), &attempt, Timestamp::now());
    let outcome = send(&attempt.callback.url, signed, allowed).await;
    // It is free before the session is woken, which may need it.
    drop(permit);
    let real = Timestamp::now();
    let mut state = session.lock();
    let now = state.clock.now(real);
    let policy = state.policies.webhook_retry_after;
    if let Some(detail) = state.outbox.finish(&attempt, outcome, now, policy) {
        state.record_change(real, "webhook", detail);
        state.outbox.wake();
    }
}

/// Signs a delivery as it is sent: with the present secret, and with the time that the policies want.
fn sign_delivery(state: &SessionState, attempt: &DueAttempt, real: Timestamp) -> SignedDelivery {
    let callback = state.outbox.present_callback(&attempt.callback);
    let previous = callback.previous_secret.as_ref();
    let secrets = Secrets {
        present: &callback.secret,
        previous: previous.filter(|_| state.policies.webhook_rotation == WebhookRotation::Both),
    };
    let at = match state.policies.webhook_timestamp {
        WebhookTimestamp::Real => real,
        WebhookTimestamp::Session => state.clock.now(real),
    };
    attempt.alteration.apply(&attempt.body, secrets, at.as_second())
}
