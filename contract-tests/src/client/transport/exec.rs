//! The default way: a command that is started anew for every run.

use std::collections::BTreeMap;

/// A client that is a command.
#[derive(Clone, Debug, Default)]
pub struct Exec {
    /// The command and its arguments; `{crew_id}`, `{out_dir}` and `{base}` are filled in. Never given to a shell.
    pub argv: Vec<String>,
    /// Names of the real environment that the client gets besides those that every client gets.
    pub keep_env: Vec<String>,
    /// More of the environment, by the manifest; what every client is told stands above it.
    pub env: BTreeMap<String, String>,
}
