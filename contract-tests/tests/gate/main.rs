//! The gate from outside: its fixtures, its binary, and what its reports look like.

mod commands;
mod generated;
mod outcomes;
mod recorded;
mod reports;
mod scenarios;
mod shards;
