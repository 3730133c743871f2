//! The checks of a receiver's obligations. Pure: no file, no clock, no network.

mod accepted;
mod refused;
mod register;
mod repeated;
mod steps;

pub use register::check_of;
pub(super) use register::rows;
