//! Broken servers, each with one bug.

mod all;
mod alone;
mod asking;
mod burst;
mod fleet;
mod people;
mod posts;
mod usual;

pub(crate) use all::{FULL, bug, bugs};
pub(crate) use burst::BURSTS;
pub(crate) use posts::without_checks;
