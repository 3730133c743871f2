//! A scenario from a capture: what a server answered once, as a world and faults to play again.

mod answer;
mod capture;
mod documents;
mod make;
mod order;
mod redirects;
mod secrets;
mod seen;
mod standing;
mod time;

pub use make::{Made, from_har};
