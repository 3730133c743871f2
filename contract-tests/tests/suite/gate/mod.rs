//! The gate from outside: its fixtures, its binary, and what its reports look like.
mod alike;
mod browser;
mod captured;
mod commands;
mod generated;
mod goldens;
mod guide;
mod junit;
mod layout;
pub(crate) mod needs;
mod observed;
mod outcomes;
mod pipelines;
mod recorded;
mod reports;
mod scenarios;
mod shards;
mod snapshots;
