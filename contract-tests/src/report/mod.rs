//! Reports: pure functions of the results, one file a format.

mod aside;
mod badge;
mod format;
mod github;
mod html;
mod human;
mod json;
mod junit;
mod merge;
mod normal;
mod run;
mod snapshot;
mod tally;
mod told;
mod transcript;

pub use format::Format;
pub use json::{BadReport, JsonEntry, JsonReport, schema_text};
pub use merge::merge;
pub use run::{Anchor, Entry, Played, Run};
pub use snapshot::snapshot;
pub(crate) use told::told;
pub use transcript::Transcript;
