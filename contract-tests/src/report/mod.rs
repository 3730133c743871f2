//! Reports: pure functions of the results, one file per format.

mod badge;
mod format;
mod github;
mod html;
mod human;
mod join_findings;
mod json;
mod junit;
mod merge;
mod normalizer;
mod run;
mod snapshot;
mod tally;
mod transcript;
mod unsettled;

pub use format::Format;
pub(crate) use join_findings::join_findings;
pub use json::{BadReport, JsonEntry, JsonReport, schema_text};
pub use merge::merge;
pub use run::{Anchor, Entry, Played, Run};
pub use snapshot::snapshot;
pub use transcript::Transcript;
