//! Odd clients, each through the binary: none is green, none hangs the gate, nothing is left of any.
mod clients;
mod disk;
mod doctor;
mod excess;
pub(crate) mod gate;
mod good_clients;
mod reach;
mod standstill;
mod stop;
mod terminal;
