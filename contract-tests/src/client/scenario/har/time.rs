//! The clock of a capture: whether the server's was off, and how long its user waited between two runs.

use jiff::{SignedDuration, Timestamp};

use super::seen::Seen;
use crate::client::scenario::{Action, Clock, RunPlan, StepName};

/// Dates are whole seconds and answers take time: less than this does not count as a difference.
const OFF: SignedDuration = SignedDuration::from_secs(120);

/// So long without a request ends a run, where the next one asks for the list.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// Returns the server's clock against the one that dated the entries: the median of all differences.
pub(super) fn clock(all: &[Seen]) -> Clock {
    let mut off: Vec<_> = all.iter().filter_map(Seen::ahead).collect();
    off.sort();
    match off.get(off.len() / 2) {
        Some(by) if *by > OFF => Clock::Ahead(seconds(*by)),
        Some(by) if *by < -OFF => Clock::Behind(seconds(-*by)),
        _ => Clock::Real,
    }
}

/// Returns the runs, with the time and the removals between them.
pub(super) fn runs(all: &[Seen]) -> Vec<RunPlan> {
    let mut runs = vec![RunPlan::default()];
    let (mut last, mut listed) = (None::<Timestamp>, Vec::<String>::new());
    for seen in all {
        let pause = last.zip(seen.at).map(|(last, at)| at.duration_since(last));
        let pause = pause.filter(|pause| *pause >= PAUSE && seen.step == StepName::List);
        let now = super::documents::ids(seen);
        if let Some(pause) = pause {
            let gone = listed.iter().filter(|id| now.as_ref().is_some_and(|now| !now.contains(id)));
            let removed = gone.map(|id| Action::Remove { document: id.clone() });
            let before = std::iter::once(Action::Advance(seconds(pause))).chain(removed).collect();
            runs.push(RunPlan { before, ..RunPlan::default() });
        }
        listed = now.unwrap_or(listed);
        last = seen.at.or(last);
    }
    runs
}

fn seconds(span: SignedDuration) -> String {
    format!("{}s", span.as_secs())
}
