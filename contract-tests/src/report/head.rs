//! The head of a report: what was judged, by what, and where.

use std::thread::available_parallelism;

use crewpass_diagnostics::escape;
use serde::{Deserialize, Serialize};

/// The longest subject, in characters.
const LONGEST: usize = 4_000;

/// What was judged, by what, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Head {
    /// The command of the client, or the address of the server.
    pub subject: String,
    /// The options by which a part was selected, such as `--only LINK --shard 1/2`; empty if everything was judged.
    pub selection: String,
    /// The version of this tool.
    pub version: String,
    /// The version of the catalogue.
    pub catalogue: u32,
    /// The system, the processor and the number of cores.
    pub machine: String,
    /// The time of the run, in UTC and whole minutes; empty if it is not known.
    pub time: String,
}

impl Head {
    /// Returns the head of a run about a subject, which is the command of a client or the address of a server.
    pub fn new(subject: &str, catalogue: u32, now: jiff::Timestamp) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let plural = if cores == 1 { "core" } else { "cores" };
        Self {
            subject: escape::line(subject, LONGEST).into_owned(),
            selection: String::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            catalogue,
            machine: format!("{} {}, {cores} {plural}", std::env::consts::OS, std::env::consts::ARCH),
            time: now.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        }
    }

    /// Returns the head with the options by which a part was selected.
    #[must_use]
    pub fn selected_by(self, selection: &str) -> Self {
        Self { selection: escape::line(selection, LONGEST).into_owned(), ..self }
    }

    /// Returns the facts that fit in a line, such as `crewpass-contract 0.1.0, catalogue 2, seed 1, linux x86_64, 2 cores`.
    pub(super) fn facts(&self, seed: u64) -> String {
        let version = format!("crewpass-contract {}", self.version);
        let catalogue = format!("catalogue {}", self.catalogue);
        let seed = format!("seed {seed}");
        let facts = [version.trim_end(), &catalogue, &seed, &self.machine];
        facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(", ")
    }
}
