//! The default way: a command that is started anew for every run.

use std::collections::BTreeMap;
use std::future::Future;

use super::environment::Told;
use super::error::SubjectError;
use super::process::{Bounds, follow};
use super::start::start;
use crate::witness::Process;

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

impl Exec {
    /// Runs it once, to its end: its own, the deadline's, or SIGTERM when `terminate` resolves. Dropped, all is ended.
    pub(crate) async fn run(
        &self,
        told: &Told,
        bounds: Bounds,
        terminate: impl Future<Output = ()>,
    ) -> Result<Process, SubjectError> {
        let child = start(self, told)?;
        follow(child, told, bounds, terminate).await
    }
}
