//! The variants of the reference client, as it lists them itself.

use std::process::Command;

use crewpass_contract::requirement::Catalogue;
use serde::Deserialize;

/// The reference client.
pub(crate) const CLIENT: &str = env!("REFERENCE_CLIENT");

/// Seeds by which the rare ones come soon. By any other they are found, too, after up to some hundreds of cases.
const SOONER: &[(u64, &[&str])] = &[
    (6, &["restarts-for-ever"]),
    (8, &["remembers-ids", "caches-links-coded", "follows-cursors-for-ever"]),
    (12, &["leaks-key-after-refusal", "reuses-dead-link"]),
    (13, &["no-host-check"]),
    (14, &["denied-is-empty", "retries-403"]),
    (16, &["broken-list-is-empty"]),
    (17, &["denied-link-is-fine", "once-retried-always"]),
    (18, &["dies-by-signal"]),
    (25, &["hot-loop"]),
    (26, &["no-tls-verify"]),
    (27, &["normalises-link", "drops-link-query"]),
    (36, &["ignores-status"]),
    (37, &["null-link-becomes-text"]),
    (43, &["follows-cross-origin-with-key", "saves-redirect-body"]),
    (50, &["missing-link-is-fine"]),
    (51, &["resolves-relative-links"]),
    (62, &["never-decodes"]),
    (65, &["retries-401"]),
    (75, &["follows-file-links"]),
    (76, &["refuses-unknown-fields"]),
];

/// One of them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Variant {
    /// What `--bug` takes.
    pub(crate) name: String,
    /// The obligations that must catch it.
    pub(crate) caught_by: Vec<String>,
    /// Those that may fail with them; `*` is any.
    along_with: Vec<String>,
    /// The reason why property mode does not find it, if it does not: its own, or that of its obligations.
    pub(crate) not_drawn: Option<String>,
}

impl Variant {
    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let output = Command::new(CLIENT).arg("--list-bugs").output().unwrap();
        let listed: Vec<Self> = serde_json::from_slice(&output.stdout).unwrap();
        let catalogue = Catalogue::built_in().unwrap();
        listed.into_iter().map(|variant| variant.with_reason_of_obligations(&catalogue)).collect()
    }

    /// Returns it with the reason of its obligations, if none of them is ever shown broken by property mode.
    fn with_reason_of_obligations(mut self, catalogue: &Catalogue) -> Self {
        let reason = |id: &String| catalogue.find(id).unwrap().obligation().and_then(|facts| facts.not_drawn.clone());
        let reasons: Option<Vec<String>> = self.caught_by.iter().map(reason).collect();
        self.not_drawn = self.not_drawn.or_else(|| reasons?.into_iter().next());
        self
    }

    /// What its cases are drawn from.
    pub(crate) fn seed(&self) -> u64 {
        let sooner = SOONER.iter().find(|(_, names)| names.contains(&self.name.as_str()));
        sooner.map_or(0, |(seed, _)| *seed)
    }

    /// Whether its row allows this obligation to fail.
    pub(crate) fn allows(&self, id: &str) -> bool {
        self.caught_by.iter().chain(&self.along_with).any(|named| named == id || named == "*")
    }
}
