//! The situations that a client is put in, and what a correct one makes of each.

pub(crate) mod file;
pub(crate) mod fleet;
pub(crate) mod key;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod name;
pub(crate) mod outcome;
pub(crate) mod refusal;
pub(crate) mod resume;
pub(crate) mod retry;
mod situation;

pub(crate) use situation::{Situation, all, documents_of_one};
