//! Webhooks: the form of a delivery, who gets which event, retries on the session's clock, and alterations.

mod compliance;
mod deliveries;
mod events;
mod fired;
mod hostile;
mod people;
pub(crate) mod policies;
mod receiver;
mod retries;
mod tls;
