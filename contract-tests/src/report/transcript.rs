//! The transcript of a case: one line per exchange, the files at the end, and the process.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crewpass_diagnostics::escape;

use super::normalizer::Normalizer;
use crate::client::case::{Case, Run};
use crate::client::witness::{End, Exchange, Kind, Listener, Process, Step, Tree};

/// The longest target or path that is shown, in characters.
const LONGEST_NAME: usize = 4_000;

/// The most characters of a client's output that are shown.
const SHOWN_OUTPUT: usize = 2_000;

/// The transcript of one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Its runs, in order.
    pub runs: Vec<RunTranscript>,
}

/// The transcript of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunTranscript {
    /// The exchanges, one per line.
    pub wire: Vec<String>,
    /// The file tree after the run; new or changed entries have a plus sign.
    pub files: Vec<String>,
    /// The end of the process.
    pub end: String,
    /// The output of the process, both streams.
    pub printed: String,
}

impl Transcript {
    /// Returns the transcript of a case, with secrets replaced.
    pub fn of_case(case: &Case) -> Self {
        Self::new(case, &Normalizer::new(case))
    }

    pub(super) fn new(case: &Case, normalizer: &Normalizer) -> Self {
        let documents = Documents::new(case);
        Self { runs: case.runs.iter().map(|run| RunTranscript::new(run, &documents, normalizer)).collect() }
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, run) in self.runs.iter().enumerate() {
            writeln!(f, "run {}: {}", n + 1, run.end)?;
            run.wire.iter().chain(&run.files).try_for_each(|line| writeln!(f, "  {line}"))?;
            run.printed.lines().try_for_each(|line| writeln!(f, "  | {line}"))?;
        }
        Ok(())
    }
}

impl RunTranscript {
    fn new(run: &Run, documents: &Documents<'_>, normalizer: &Normalizer) -> Self {
        let shakes = run.handshakes.iter().map(|shake| {
            let verdict = if shake.completed { "accepted" } else { "refused" };
            format!("TLS {} certificate {verdict}, no request", listener(&shake.listener))
        });
        Self {
            wire: run.wire.iter().map(|one| exchange(one, normalizer)).chain(shakes).collect(),
            files: files(&run.before, &run.after, documents, normalizer),
            end: ended(&run.process),
            printed: printed(&run.process, normalizer),
        }
    }
}

/// Formats an exchange, such as `#3 t+0.2s GET /api/… -> 503 (18 bytes) fault once`.
pub(super) fn exchange(one: &Exchange, normalizer: &Normalizer) -> String {
    let at = one.started.as_secs_f64();
    let status = if one.status == 0 { "no answer".to_owned() } else { one.status.to_string() };
    let target = match one.step() {
        // A token that was never issued is still a secret.
        Step::File { .. } => crate::operation::masked_file_path(),
        _ => normalizer.text(&one.target),
    };
    let target = escape::line(&target, LONGEST_NAME);
    let cut = if one.whole { "" } else { ", cut" };
    // The length of a link depends on ports and on parallel cases.
    let size = if gives_link(one) { "a link".to_owned() } else { format!("{} bytes", one.bytes) };
    let mut line = format!("#{} t+{at:.1}s {} {target} -> {status} ({size}{cut})", one.seq, one.method);
    if one.listener != Listener::Base {
        line.extend([" at the ", listener(&one.listener), " origin"]);
    }
    if let Some(fault) = &one.fault {
        line.extend([", fault ", fault]);
    }
    line
}

fn gives_link(one: &Exchange) -> bool {
    one.answer().is_some_and(|answer| answer.get("download_url").is_some_and(serde_json::Value::is_string))
}

const fn listener(listener: &Listener) -> &'static str {
    match listener {
        Listener::Base => "base",
        Listener::Second => "second",
        Listener::Foreign => "foreign",
    }
}

/// The ids of a case's documents, by the SHA-256 of their bytes.
struct Documents<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Documents<'a> {
    fn new(case: &'a Case) -> Self {
        let current = case.runs.iter().flat_map(|run| &run.current);
        Self(current.map(|one| (one.sha256.as_str(), one.id.as_str())).collect())
    }

    /// Describes a file by its length, and by its document if it is one. Other bytes may differ in
    /// each run, so they get no name.
    fn held_in(&self, len: u64, sha256: &str) -> String {
        let held = self.0.get(sha256).map_or_else(String::new, |id| format!(", {}", escape::line(id, LONGEST_NAME)));
        format!("({len} bytes{held})")
    }
}

fn files(before: &Tree, after: &Tree, documents: &Documents<'_>, normalizer: &Normalizer) -> Vec<String> {
    let line = |(path, entry): (&std::path::PathBuf, &crate::client::witness::Entry)| {
        let path_shown = normalizer.text(&path.to_string_lossy());
        let path_shown = escape::line(&path_shown, LONGEST_NAME);
        let mark = if before.entries.get(path) == Some(entry) { ' ' } else { '+' };
        match &entry.kind {
            Kind::File { len, sha256, .. } => {
                format!("{mark} {path_shown} {}", documents.held_in(*len, sha256))
            }
            Kind::Folder => format!("{mark} {path_shown}/"),
            Kind::Symlink(to) => {
                format!(
                    "{mark} {path_shown} -> {}",
                    escape::line(&normalizer.text(&to.to_string_lossy()), LONGEST_NAME)
                )
            }
            Kind::Special => format!("{mark} {path_shown} (socket, pipe or device)"),
        }
    };
    after.entries.iter().map(line).collect()
}

pub(super) fn ended(process: &Process) -> String {
    match process.end {
        End::Exit(code) => format!("exit {code}"),
        End::Gone(code) => format!("exit {code} without an answer"),
        End::Signal(signal) => format!("ended by signal {signal}"),
        End::Unseen => "its end was not observed".to_owned(),
        End::Deadline => "still running at the deadline".to_owned(),
        End::Flood => "ended after too many requests".to_owned(),
        End::Terminated(Some(code)) => format!("stopped by SIGTERM; exit {code}"),
        End::Terminated(None) => "did not stop on SIGTERM; killed".to_owned(),
    }
}

fn printed(process: &Process, normalizer: &Normalizer) -> String {
    let both = [process.stdout.as_slice(), process.stderr.as_slice()].concat();
    let text = normalizer.text(&String::from_utf8_lossy(&both));
    escape::block(&text, SHOWN_OUTPUT).into_owned()
}

/// Returns the duration of all runs of a case.
pub(super) fn took(case: &Case) -> Duration {
    case.runs.iter().map(|run| run.process.took).sum()
}
