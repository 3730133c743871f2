//! The checks of a sender's clauses: attempts in, findings out.

mod form;
mod observation;
mod people;
mod register;
mod retry;

pub use register::check_of;
pub(crate) use retry::ATTEMPTS;
