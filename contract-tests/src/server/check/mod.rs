//! The checks of the server's clauses: answers in, findings out.

mod access;
mod body;
mod compliance;
mod error;
mod file;
mod link;
mod list;
mod lookup;
mod more;
mod order;
mod page;
mod partner;
mod photo;
mod profile;
mod register;
mod row;
mod values;

pub use register::check_of;
