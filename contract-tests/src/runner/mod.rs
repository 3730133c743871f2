//! The runner.
mod error;
mod sandbox;
pub use error::HarnessError;
pub use sandbox::Sandbox;
