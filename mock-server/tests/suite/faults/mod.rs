//! Faults over real sockets: each knob of a rule has a test that fails where the knob is ignored.

mod answers;
mod broken;
mod control;
mod embedded;
mod front;
mod many;
mod other;
mod refused;
mod when;
mod wire;
