//! The variants of the reference client, as it lists them itself.

use std::process::Command;

use serde::Deserialize;

/// The reference client.
pub(crate) const CLIENT: &str = env!("CARGO_BIN_EXE_crewpass-reference-client");

/// One of them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Variant {
    /// What `--bug` takes.
    pub(crate) name: String,
    /// The obligations that must catch it.
    pub(crate) caught_by: Vec<String>,
    /// Those that may fail with them; `*` is any.
    along_with: Vec<String>,
    /// Why property mode does not find it, if it does not.
    pub(crate) not_drawn: Option<String>,
}

impl Variant {
    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let output = Command::new(CLIENT).arg("--list-bugs").output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Whether its row allows this obligation to fail.
    pub(crate) fn allows(&self, id: &str) -> bool {
        self.caught_by.iter().chain(&self.along_with).any(|named| named == id || named == "*")
    }
}
