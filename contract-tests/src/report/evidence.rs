//! The facts of a case behind a finding: the one answer that the case is about, and what the client did.

use std::path::Path;

use super::answer_text::AnswerText;
use super::entry::Evidence;
use super::exchange_text::exchange_line;
use super::normalizer::Normalizer;
use super::transcript::{ended, last_line};
use crate::client::case::{Case, Run};
use crate::client::judge::Finding;
use crate::client::witness::{End, Exchange, Kind, Step};

impl Evidence {
    /// Collects the facts of a case; those of a finding, if there is one.
    pub(super) fn of(case: &Case, finding: Option<&Finding>, normalizer: &Normalizer) -> Self {
        let title = case.scenario.title.clone();
        let run = finding.map_or(case.last(), |found| case.runs.get(found.run));
        let Some(run) = run else { return Self { title, ..Self::default() } };
        let about = finding.and_then(|found| run.wire.iter().find(|one| Some(one.seq) == found.exchange));
        let file = finding.and_then(|found| found.file.as_deref());
        let named = finding.and_then(|found| run.wire.iter().find(|one| Some(one.seq) == found.answer));
        let decisive = named.or_else(|| decisive(run, about)).or_else(|| link_of(run, file?));
        let answer = AnswerText { case, run, normalizer };
        Self {
            title,
            answer: decisive.map(|one| answer.in_full(one)).unwrap_or_default(),
            brief: decisive.map(|one| answer.in_brief(one)).unwrap_or_default(),
            request: about.map(|one| exchange_line(one, normalizer)).unwrap_or_default(),
            file: file.map(|path| describe_file(run, path, normalizer)).unwrap_or_default(),
            end: if run.process.end == End::Unseen { String::new() } else { ended(&run.process) },
            printed: last_line(&run.process, normalizer),
            mend: finding.and_then(|found| found.mend).unwrap_or_default().to_owned(),
            broken_twin: String::new(),
        }
    }
}

/// Returns the answer that a case is about: one that a fault of the scenario changed, or a refusal.
///
/// Among several, one for the same target as the finding's request comes first. The order of parallel requests differs
/// from run to run, so it decides only between requests with one target.
fn decisive<'a>(run: &'a Run, about: Option<&'a Exchange>) -> Option<&'a Exchange> {
    let faulty = |one: &&Exchange| one.fault.is_some();
    // A path outside the API is the client's own doing, and the point only of a finding about it.
    let is_apart = |one: &Exchange| matches!(one.step(), Step::Other) && about.is_none_or(|about| about.seq != one.seq);
    let refused = |one: &&Exchange| !(200..300).contains(&one.status) && !is_apart(one);
    let before = |one: &&Exchange| about.is_none_or(|about| one.seq <= about.seq);
    let first = |which: &dyn Fn(&&Exchange) -> bool| {
        let candidates = run.wire.iter().filter(|one| which(one) && before(one));
        let key = |one: &'a Exchange| (!is_for(one, about), rank(one), sortable_target(one), one.seq);
        candidates.min_by(|one, other| key(one).cmp(&key(other)))
    };
    first(&faulty).or_else(|| first(&refused))
}

/// Returns true if a request has the target of the finding's request.
fn is_for(one: &Exchange, about: Option<&Exchange>) -> bool {
    about.is_some_and(|about| about.target == one.target)
}

/// Returns the place of a request's step in the task.
fn rank(one: &Exchange) -> usize {
    match one.step() {
        Step::Fleet { .. } => 0,
        Step::List { .. } => 1,
        Step::Link { .. } => 2,
        Step::File { .. } => 3,
        Step::Partner { .. } | Step::Person { .. } | Step::Other => 4,
    }
}

/// Returns the target; tokens differ in each run.
fn sortable_target(one: &Exchange) -> &str {
    if matches!(one.step(), Step::File { .. }) { "" } else { &one.target }
}

/// Returns the answer that gave the link to the document that a file has the bytes of.
fn link_of<'a>(run: &'a Run, path: &Path) -> Option<&'a Exchange> {
    let Kind::File { sha256, .. } = &run.after.entries.get(path)?.kind else { return None };
    let document = run.current.iter().find(|one| one.sha256 == *sha256)?;
    let is_link = |one: &&Exchange| match one.step() {
        Step::Link { document: id, .. } => crate::operation::decoded(&id) == document.id && one.status == 200,
        _ => false,
    };
    run.wire.iter().filter(is_link).min_by_key(|one| one.seq)
}

fn describe_file(run: &Run, path: &Path, normalizer: &Normalizer) -> String {
    let shown = normalizer.text(&path.to_string_lossy());
    match run.after.entries.get(path).map(|entry| &entry.kind) {
        Some(Kind::File { len, .. }) => format!("{shown} ({len} bytes)"),
        _ => shown,
    }
}
