//! One run of the binary, and apps for it to be run against.

use std::process::{Command, Output};

use axum::Router;

use crate::server::harness::expectation;

/// Runs the gate beside an expectation, off the runtime's threads.
pub(crate) async fn run(base: &str, more: &[&str]) -> Output {
    run_with(base, more, &[]).await
}

/// The same with variables of the environment.
pub(crate) async fn run_with(base: &str, more: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("expect.yaml"), expectation()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.args(["server", "--base", base, "--expect", "expect.yaml", "--rate", "10000"]).args(more);
    command.current_dir(folder.path()).env_remove("GITHUB_WORKFLOW_REF").envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || (command.output().unwrap(), folder));
    output.await.unwrap().0
}

/// What was printed on standard output.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What was printed on the error stream, without the port.
pub(crate) fn err(output: &Output, base: &str) -> String {
    String::from_utf8(output.stderr.clone()).unwrap().replace(base, "{base}")
}

/// Serves an app; the base URL.
pub(crate) async fn listen(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    base
}
