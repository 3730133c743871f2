//! Faults: rules that make an answer fail, and their counters. Pure: the time, the seed and the request are passed in,
//! and what was decided is put on the wire by `reply::faulty`.
//!
//! A rule is `match` (which requests) times `when` (which of them) times `then` (what happens). `rule` is the whole,
//! `when`, `effect`, `status`, `json` and `template` are its parts, `live` counts, `report` tells what became of it,
//! `file` reads many from a file, which is the one thing here that is not pure.

mod effect;
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

pub use effect::{
    Cut, CutHow, Destination, Drip, Effect, Gzip, Latency, PreCheckEffect, Redirect, ResponseEffect, Then,
};
pub use engine::{Faults, Hop, Plan, PreCheckPlan, ResponseShape};
pub use file::read_faults;
pub use json::JsonChange;
pub use read::LONGEST;
pub use report::{FaultReport, NotConsumed};
pub use rule::{BadFault, Fault, Match, RequestFacts, Verb};
pub use status::{FaultBody, RetryAfterForm, StatusFault};
pub use template::{Filling, Template};
pub use when::{Chance, From, Length, When};
