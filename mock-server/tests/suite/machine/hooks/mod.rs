//! Webhooks in the model: who is due which event, what is sent, and a receiver that takes it.

pub(crate) mod arrivals;
pub(crate) mod driver;
pub(crate) mod events;
pub(crate) mod outbox;
pub(crate) mod parts;
pub(crate) mod receiver;
pub(crate) mod steps;
