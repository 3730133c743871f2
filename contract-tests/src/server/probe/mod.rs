//! The probe: the requests that are sent, and their order. The responses are judged afterwards.

mod baseline;
mod change;
mod fleet;
mod hostile;
mod limits;
mod options;
mod people;
mod posts;
mod run;
pub(super) mod variation;

pub(super) use fleet::WINDOW;
pub use options::Options;
pub(super) use posts::VESSEL;
pub use run::run;
pub(super) use run::{NOBODY, NOTHING};
