//! The real executable as a child process: what a person or a script meets, over real sockets, signals and files.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod changes;
mod ctl;
mod expectation;
mod explain;
mod fake;
mod faults;
mod gate;
mod help;
mod large;
mod process;
mod raw;
mod replicas;
mod tls;
mod trickle;
mod watch;
mod withstand;
mod worlds;
