//! A fixture-driven, offline fake of the CrewPass documents API.

pub mod clock;
pub mod policy;
pub mod scope;
pub mod secret;
pub mod wire;
pub mod world;
