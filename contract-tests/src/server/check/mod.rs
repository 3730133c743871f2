//! The checks of the server's clauses: answers in, findings out.

mod access;
mod error;
mod file;
mod link;
mod list;
mod more;
mod order;
mod register;

pub use register::check_of;
