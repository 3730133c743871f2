//! Webhooks: the form of a delivery, who gets which event, retries on the session's clock, and alterations.

mod deliveries;
mod events;
mod hostile;
mod receiver;
mod retries;
