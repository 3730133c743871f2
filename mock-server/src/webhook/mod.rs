//! Webhooks: events of a session, signed and delivered at least once (P, /webhooks).
//!
//! `outbox` and `delivery` are pure: which deliveries exist, which are due, and what an answer means. `worker` signs and
//! sends what is due; `sender` connects to this machine, or to the one private host that is allowed.

mod alteration;
mod callback;
mod delivery;
mod event;
mod outbox;
mod queue;
mod resolve;
mod sender;
mod signature;
mod slow_stream;
mod tls;
mod worker;

#[cfg(feature = "cli")]
pub(crate) use callback::CallbackUrl;
pub use callback::{Callback, WebhookSecret};

pub(crate) use alteration::Alteration;
pub(crate) use event::{EventType, NewEvent};
pub(crate) use outbox::{Disturbance, FireError, Firing, Outbox};
pub(crate) use resolve::AllowedTargets;
pub(crate) use tls::CallbackTrust;
pub(crate) use worker::{Waker, Wakes, deliver_for, wake_channel};
