//! One delivery of an event to a callback, with its attempts.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::alteration::Alteration;
use super::callback::Callback;
use super::event::Event;
use crate::policy::WebhookRetryAfter;
use crate::time_format::rfc3339;

/// The number of attempts, the first included (P).
pub(super) const MAX_ATTEMPTS: usize = 8;

/// The wait after the first attempt; it doubles with each further one (D).
const FIRST_BACKOFF: Duration = Duration::from_secs(30);

/// A delivery.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) number: u64,
    pub(super) callback: Arc<Callback>,
    pub(super) event: Arc<Event>,
    pub(super) alteration: Arc<Alteration>,
    pub(super) state: State,
    pub(super) attempts: Vec<Attempt>,
    /// The number of attempts before it was last sent again by hand.
    pub(super) earlier: usize,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The next attempt is due at a time of the session's clock.
    Waiting(Timestamp),
    /// An attempt that was due then is on its way.
    Sending {
        /// When it was due.
        due: Timestamp,
        /// When it started.
        since: Timestamp,
    },
    /// A 2xx came.
    Delivered,
    /// The callback answered with a final 4xx (P).
    Refused,
    /// All attempts failed: a dead letter (P).
    Dead,
}

impl State {
    /// Returns the name on the wire.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Sending { .. } => "sending",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Dead => "dead",
        }
    }

    /// Returns true if no attempt follows by itself.
    pub(super) const fn is_settled(self) -> bool {
        matches!(self, Self::Delivered | Self::Refused | Self::Dead)
    }
}

/// The outcome of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The callback answered.
    Answered {
        /// The status.
        status: StatusCode,
        /// The wait that it asked for.
        retry_after: Option<Duration>,
    },
    /// The callback did not answer, for this reason.
    Failed(String),
}

/// An attempt.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Attempt {
    /// The time on the session's clock.
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The seconds that the callback asked to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Delivery {
    /// Records the outcome of the attempt that is on its way, and returns the new state.
    ///
    /// A 2xx ends the delivery, and so does a 4xx other than 408 and 429; all else is tried again (P). A redirect is
    /// not followed (D). Where `Retry-After` is honoured, the next attempt is not before it (D).
    pub(super) fn finish(&mut self, outcome: Outcome, now: Timestamp, policy: WebhookRetryAfter) -> State {
        let due = match self.state {
            State::Sending { due, .. } | State::Waiting(due) => due,
            State::Delivered | State::Refused | State::Dead => now,
        };
        let (status, retry_after, error) = match outcome {
            Outcome::Answered { status, retry_after } => (Some(status), retry_after, None),
            Outcome::Failed(reason) => (None, None, Some(reason)),
        };
        self.state = match status {
            Some(status) if status.is_success() => State::Delivered,
            Some(status) if is_final(status) => State::Refused,
            _ => {
                let wait = retry_after.filter(|_| policy == WebhookRetryAfter::Honoured);
                self.next_state(due, wait.map_or(due, |wait| later(now, wait)))
            }
        };
        self.attempts.push(Attempt {
            at: rfc3339(now.as_second()),
            status: status.map(|status| status.as_u16()),
            retry_after: retry_after.map(|wait| wait.as_secs()),
            error,
        });
        self.state
    }

    /// Sends it again by hand: with all its attempts, and the first wait after the first of them.
    pub(super) fn begin_again(&mut self, now: Timestamp) {
        self.earlier = self.attempts.len();
        self.state = State::Waiting(now);
    }

    /// Returns the state after a failed attempt that was due then. The next one is not before `earliest`, where that is
    /// later than the wait that follows from the number of attempts.
    fn next_state(&self, due: Timestamp, earliest: Timestamp) -> State {
        let failed = self.attempts.len() + 1 - self.earlier;
        if failed >= MAX_ATTEMPTS {
            return State::Dead;
        }
        let doublings = u32::try_from(failed - 1).unwrap_or_default();
        State::Waiting(later(due, FIRST_BACKOFF * 2_u32.pow(doublings)).max(earliest))
    }

    /// Returns the delivery as JSON.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let due = match self.state {
            State::Waiting(due) => Some(rfc3339(due.as_second())),
            _ => None,
        };
        serde_json::json!({
            "delivery": self.number,
            "event_id": self.event.id,
            "event_type": self.event.content.kind,
            "occurred_at": rfc3339(self.event.occurred_at.as_second()),
            "partner_id": self.event.content.partner,
            "data": self.event.content.data,
            "url": self.callback.url,
            "state": self.state.name(),
            "due": due,
            "attempts": self.attempts,
            "altered": *self.alteration != Alteration::default(),
        })
    }

    /// Returns the delivery as JSON, with the number of its last attempt since it was sent, and that of the last one.
    pub(super) fn last_attempt_json(&self) -> serde_json::Value {
        let mut json = self.to_json();
        json["attempt"] = (self.attempts.len() - self.earlier).into();
        json["of"] = MAX_ATTEMPTS.into();
        json
    }
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| at.checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}

/// Returns true if the sender gives up after this status (P).
fn is_final(status: StatusCode) -> bool {
    status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT && status != StatusCode::TOO_MANY_REQUESTS
}
