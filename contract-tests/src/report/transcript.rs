//! The transcript of a case: the exchanges, the files that changed, and the process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::time::Duration;

use crewpass_diagnostics::escape;
use serde::{Deserialize, Serialize};

use super::exchange_text::{ExchangeText, LONGEST_NAME, listener_name};
use super::normalizer::Normalizer;
use crate::client::case::{Case, Run};
use crate::client::witness::{End, Entry, Kind, Process, Tree};

/// The most characters of a client's output that are shown.
const SHOWN_OUTPUT: usize = 2_000;

/// The longest last line of a client's output, in characters.
const LAST_LINE: usize = 300;

/// The transcript of one case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transcript {
    /// Its runs, in order.
    pub runs: Vec<RunTranscript>,
}

/// The transcript of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunTranscript {
    /// The exchanges.
    pub wire: Vec<ExchangeText>,
    /// The TLS connections without a request.
    pub handshakes: Vec<String>,
    /// The entries of the sandbox that changed: `+` new, `~` other than before, `-` gone.
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
            run.wire.iter().try_for_each(|one| write!(f, "{one}"))?;
            run.handshakes.iter().chain(&run.files).try_for_each(|line| writeln!(f, "  {line}"))?;
            run.printed.lines().try_for_each(|line| writeln!(f, "  | {line}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for ExchangeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.line)?;
        self.request.iter().try_for_each(|header| writeln!(f, "     > {header}"))?;
        self.answer.iter().try_for_each(|header| writeln!(f, "     < {header}"))?;
        if self.body.is_empty() { Ok(()) } else { writeln!(f, "     < {}", self.body) }
    }
}

impl RunTranscript {
    fn new(run: &Run, documents: &Documents<'_>, normalizer: &Normalizer) -> Self {
        let shakes = run.handshakes.iter().map(|shake| {
            let verdict = if shake.completed { "accepted" } else { "refused" };
            format!("TLS {} certificate {verdict}, no request", listener_name(&shake.listener))
        });
        Self {
            wire: run.wire.iter().map(|one| ExchangeText::of(one, normalizer)).collect(),
            handshakes: shakes.collect(),
            files: changes(&run.before, &run.after, documents, normalizer),
            end: ended(&run.process),
            printed: printed(&run.process, normalizer),
        }
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

/// Returns a line for each entry that differs between two trees, in the order of the paths.
fn changes(before: &Tree, after: &Tree, documents: &Documents<'_>, normalizer: &Normalizer) -> Vec<String> {
    let shown = |path: &Path| escape::line(&normalizer.text(&path.to_string_lossy()), LONGEST_NAME).into_owned();
    let about = |path: &Path, entry: &Entry| match &entry.kind {
        Kind::File { len, sha256, .. } => format!("{} {}", shown(path), documents.held_in(*len, sha256)),
        Kind::Folder => format!("{}/", shown(path)),
        Kind::Symlink(to) => format!("{} -> {}", shown(path), shown(to)),
        Kind::Special => format!("{} (socket, pipe or device)", shown(path)),
    };
    let paths: BTreeSet<_> = before.entries.keys().chain(after.entries.keys()).collect();
    let line = |path: &std::path::PathBuf| match (before.entries.get(path), after.entries.get(path)) {
        (None, Some(new)) => Some(format!("+ {}", about(path, new))),
        (Some(old), Some(new)) if old != new => Some(format!("~ {}", about(path, new))),
        (Some(old), None) => Some(format!("- {}", about(path, old))),
        _ => None,
    };
    paths.into_iter().filter_map(line).collect()
}

pub(super) fn ended(process: &Process) -> String {
    match process.end {
        End::Exit(code) => format!("exit {code}"),
        End::Gone(code) => format!("exit {code} without an answer"),
        End::Signal(signal) => format!("ended by signal {signal}"),
        End::Unseen => "its end was not observed".to_owned(),
        End::Deadline => "still running at the deadline".to_owned(),
        End::Flood => "ended after too many requests or connections".to_owned(),
        End::Terminated(Some(code)) => format!("stopped by SIGTERM; exit {code}"),
        End::Terminated(None) => "did not stop on SIGTERM; killed".to_owned(),
    }
}

fn printed(process: &Process, normalizer: &Normalizer) -> String {
    let both = [process.stdout.as_slice(), process.stderr.as_slice()].concat();
    let text = normalizer.text(&String::from_utf8_lossy(&both));
    escape::block(&text, SHOWN_OUTPUT).into_owned()
}

/// Returns the last line that a process printed: on its error stream, if there is one.
pub(super) fn last_line(process: &Process, normalizer: &Normalizer) -> String {
    let last = |stream: &[u8]| {
        let text = String::from_utf8_lossy(stream);
        text.lines().rfind(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned())
    };
    let line = last(&process.stderr).or_else(|| last(&process.stdout)).unwrap_or_default();
    escape::line(&normalizer.text(&line), LAST_LINE).into_owned()
}

/// Returns the duration of all runs of a case.
pub(super) fn took(case: &Case) -> Duration {
    case.runs.iter().map(|run| run.process.took).sum()
}
