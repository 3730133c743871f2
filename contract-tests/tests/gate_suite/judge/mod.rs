//! Judges, each put to cases that it must pass, must fail and must not count.

mod adapted;
mod auth_and_list;
mod edges;
mod fleet;
mod link_and_file;
mod name_and_out;
mod refusals_and_retries;
pub(crate) mod scenarios;
mod verdicts;
