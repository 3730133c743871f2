//! Diagnostics of the fake and the gate: strict reading with places, durations, suggestions, masking, escaping,
//! shell words, the terminal.
//!
//! Rationale: both crates read files that people write, and both show texts that they did not write. What makes such a
//! message helpful or harmless is decided here, once. The features `render`, `shell`, `terminal` and `toml` are for command
//! lines; an embedder of the fake builds none of them.

// docs.rs shows the feature that an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod duration;
pub mod escape;
mod excerpt;
#[cfg(feature = "render")]
mod graphical;
mod message;
mod path;
mod places;
mod problem;
mod recover;
mod render;
mod secret;
mod secret_finder;
mod secret_search;
#[cfg(feature = "shell")]
pub mod shell;
mod shell_word;
mod source;
pub mod strict_json;
mod suggest;
#[cfg(feature = "terminal")]
pub mod terminal;

pub use duration::{InvalidDuration, in_seconds, parse_duration};
pub use excerpt::Excerpt;
pub use message::Noun;
pub use path::{Path, Step};
pub use places::Places;
pub use problem::{Problem, Problems};
pub use recover::{Recovered, Rest};
pub use secret::{mask_keys, mask_secret, mask_span};
pub use secret_finder::{SecretFinder, to_hex};
pub use secret_search::{SecretKind, has_secret, mask_text};
pub use shell_word::shell_word;
#[cfg(feature = "toml")]
pub use source::read_toml;
pub use source::{Source, read_yaml};
pub use suggest::{did_you_mean, nearest};
