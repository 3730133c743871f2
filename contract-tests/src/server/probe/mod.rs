//! The probe: the requests that are sent, and their order. The responses are judged afterwards.

mod baseline;
mod change;
mod hostile;
mod limits;
mod options;
mod run;

pub use options::Options;
pub use run::run;
pub(super) use run::{NOBODY, NOTHING};
