//! The runner, with real clients: what it sees of them, and that nothing of them is left.

mod ends;
mod leftovers;
mod stage;
mod start;
mod steps;
mod tls;
mod transcript;
