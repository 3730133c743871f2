//! A service under test: a command that serves until it is ended, such as a webhook receiver.

use std::ffi::OsStr;
use std::process::Stdio;

use super::environment::{ClientEnv, real_variable};
use super::error::SubjectError;
use super::exec::Exec;
use super::process::{Bounds, follow};
use super::start::started;
use crate::client::witness::Process;

/// Runs a service until it ends by itself, or until `terminate` resolves. A drop ends it. It gets no `CREW_ID`.
pub(crate) async fn run_service(
    exec: &Exec,
    env: &ClientEnv,
    bounds: Bounds,
    terminate: impl Future<Output = ()>,
) -> Result<Process, SubjectError> {
    let watch = bounds.monitor.watch(None);
    let mut environment = env.environment(&exec.keep_env, &real_variable);
    environment.remove(OsStr::new("CREW_ID"));
    let child = started(exec, env, environment, Stdio::null())?;
    follow(child, env, bounds, watch, terminate).await
}
