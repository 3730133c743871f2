//! The gate for senders of webhooks: it listens as a callback, and judges each delivery and each attempt clause by clause.
//!
//! `listener` receives deliveries and answers them, `run` causes events and moves the clock by levers, `seen` is all that
//! was observed, `check` judges it without any I/O, and `judge` makes results and entries of a report.

mod check;
mod judge;
mod listener;
mod message;
mod options;
mod run;
mod seen;
mod signature;
mod situation;

pub(crate) use check::ATTEMPTS;
pub use check::check_of;
pub use judge::{entries, judged};
pub use options::{Options, SenderError};
pub use run::run;
pub use seen::{Attempt, Event, Seen};
pub use signature::sign;
pub use situation::{Answer, Situation};
