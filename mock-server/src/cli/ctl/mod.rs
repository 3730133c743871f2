//! `ctl`: the control API of a running fake, from the command line.

mod args;
mod compliance;
mod crew;
mod fake;
mod http;
mod journal;
mod orders;
mod table;
mod vessel;
mod webhooks;

pub(crate) use args::{Address, Ctl};
pub(super) use fake::Fake;
pub(crate) use orders::run;
