//! Faults: rules that make a response fail, and their counters. Pure: the time, the seed and the request are passed in,
//! and `reply::faulty` executes the decision.
//!
//! A rule is `match` (which requests) times `when` (which of them) times `then` (what happens). `rule` is the whole;
//! `when`, `effect`, `effect_values`, `status`, `json` and `template` are its parts; `engine` counts, `report` has the
//! counts. `file` reads rules from a file, and is the only part that is not pure.

mod effect;
mod effect_values;
mod engine;
mod file;
mod json;
mod loopback;
mod read;
mod report;
mod rule;
mod status;
mod template;
mod when;

pub use effect::{Effect, EffectName, PreCheckEffect, ResponseEffect, ResponseShape, Then};
pub use effect_values::{
    Announced, Cut, CutHow, Destination, Drip, Gzip, HeaderChange, Latency, OtherBody, OtherRange, Redirect,
};
pub use engine::{Faults, Hop, Plan, PreCheckPlan};
pub use file::read_faults;
pub use json::JsonChange;
pub use read::{LONGEST, Span};
pub use report::{FaultReport, NotConsumed};
pub use rule::{BadFault, Fault, Match, RequestFacts, Verb};
pub(crate) use status::has_no_body;
pub use status::{FaultBody, RetryAfterForm, StatusFault};
pub use template::{Filling, Template};
pub use when::{Chance, From, When};
