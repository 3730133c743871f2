//! The default transport: a command that starts once per run.

use std::collections::BTreeMap;

/// A client that is a command.
#[derive(Clone, Debug, Default)]
pub struct Exec {
    /// The command and its arguments; `{crew_id}`, `{out_dir}` and `{base}` are replaced. No shell
    /// reads it.
    pub argv: Vec<String>,
    /// Variables of the real environment that the client gets in addition to the standard ones.
    pub keep_env: Vec<String>,
    /// Further variables from the manifest; the standard ones take precedence.
    pub env: BTreeMap<String, String>,
}
