//! The reference client and its variants against scripted servers.

mod client;
mod examples;
mod harness;
mod plays;
mod situations;
