//! The session way: jobs as lines of JSON on standard input, results as lines on standard output.

use std::fs;
use std::io::{self, BufRead, Write};

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::bugs::Bug;
use crate::config::{Config, JobInputs};
use crate::download::Outcome;
use crate::failure::{Class, FailedStep, Failure};
use crate::{PARTIAL, code, once};

/// Jobs that are done at once.
const AT_ONCE: usize = 4;

/// What the gate says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    Hello,
    Job {
        id: String,
        #[serde(flatten)]
        inputs: Box<JobInputs>,
    },
    Bye,
}

/// Serves jobs until the end of the input, or a goodbye.
pub(crate) fn serve(bug: Option<Bug>) -> Result<(), Failure> {
    let (to, mut lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let read = io::stdin().lock().lines().map_while(Result::ok);
        // When nobody takes them any more, all is over.
        read.take_while(|line| to.send(line.clone()).is_ok()).for_each(drop);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    let jobs = async {
        let mut terminated = signal(SignalKind::terminate())?;
        let mut running = tokio::task::JoinSet::new();
        loop {
            let line = tokio::select! {
                line = lines.recv() => line,
                _ = terminated.recv(), if bug != Some(Bug::IgnoresSigterm) => return Err(Failure::local("terminated")),
            };
            match line.as_deref().map(serde_json::from_str) {
                Some(Ok(Line::Hello)) => say(&json!({
                    "type": "ready",
                    "client": {"name": "crewpass-reference-client", "version": env!("CARGO_PKG_VERSION"), "language": "Rust"},
                    "max_inflight": AT_ONCE,
                    "exit_classes": true,
                }))?,
                Some(Ok(Line::Job { id, inputs })) => {
                    running.spawn_local(async move { say(&job(&id, inputs, bug).await) });
                }
                Some(Ok(Line::Bye)) | None => break,
                // A line that is not known is of a later protocol.
                Some(Err(_)) => {}
            }
        }
        while running.join_next().await.is_some() {}
        Ok(())
    };
    local.block_on(&runtime, jobs)
}

fn say(line: &Value) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

async fn job(id: &str, inputs: Box<JobInputs>, bug: Option<Bug>) -> Value {
    let config = match Config::from_job(*inputs, bug) {
        Ok(config) => config,
        Err(failure) => return json!({"type": "adapter_error", "id": id, "message": failure.message}),
    };
    let outcome = once(&config).await.unwrap_or_else(Outcome::failed);
    json!({
        "type": "result",
        "id": id,
        "outcome": class(code(&config, &outcome)),
        "items": outcome.items,
        "files": outcome.files.iter().map(|(document, name)| file(&config, document, name)).collect::<Vec<_>>(),
        "errors": outcome.failures.iter().map(error).collect::<Vec<_>>(),
    })
}

fn file(config: &Config, document: &str, name: &str) -> Value {
    let path = config.out_dir.join(name);
    let sha256 = fs::read(&path).ok().map(|bytes| hexadecimal(&Sha256::digest(&bytes)));
    json!({"document_id": document, "path": path, "sha256": sha256})
}

fn error(failure: &Failure) -> Value {
    // The protocol has no step for the fleet.
    let step = failure.step.filter(|step| *step != FailedStep::Fleet).map(FailedStep::name);
    json!({
        "document_id": failure.document,
        "step": step,
        "http_status": failure.status,
        "message": failure.message,
    })
}

const fn class(code: u8) -> &'static str {
    const DENIED: u8 = Class::Denied as u8;
    const NOT_FOUND: u8 = Class::NotFound as u8;
    const UNAVAILABLE: u8 = Class::Unavailable as u8;
    const BROKEN_CONTRACT: u8 = Class::BrokenContract as u8;
    match code {
        0 => "ok",
        PARTIAL => "partial",
        DENIED => "denied",
        NOT_FOUND => "not_found",
        UNAVAILABLE => "unavailable",
        BROKEN_CONTRACT => "contract_error",
        _ => "local_error",
    }
}

/// Returns bytes as hexadecimal digits.
fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
}
