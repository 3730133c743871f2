//! How a judge comes to its verdict: the scenario's needs first, then what the judge demands, then its findings.

use std::path::Path;

use super::links::Given;
use super::record::{Paths, Read, Seen};
use super::secret::hidden;
use crate::case::Case;
use crate::judge::{Finding, Verdict};
use crate::scenario::RightExit;
use crate::witness::End;

/// A verdict; the error is one that was clear before all of it was looked at.
pub(in crate::judge) type Ruling = Result<Verdict, Verdict>;

/// Judges a case, if its scenario was met.
pub(in crate::judge) fn judged(case: &Case, id: &str, judge: fn(&Reading<'_>) -> Ruling) -> Verdict {
    if let Some(why) = case.sight.hides(id) {
        return Verdict::NotObservable(why.to_owned());
    }
    let reading = Reading::of(case);
    match reading.unmet() {
        Some(why) => Verdict::NotExercised(why),
        None => judge(&reading).unwrap_or_else(|early| early),
    }
}

/// A case as it is read.
#[derive(Debug)]
pub(in crate::judge) struct Reading<'a> {
    pub(in crate::judge) case: &'a Case,
    pub(in crate::judge) runs: Vec<Read<'a>>,
}

impl<'a> Reading<'a> {
    fn of(case: &'a Case) -> Self {
        let mut paths = Paths::new();
        let runs = case.runs.iter().enumerate().map(|(number, run)| Read::of(case, number, run, &mut paths)).collect();
        Self { case, runs }
    }

    /// The last run.
    pub(in crate::judge) fn last(&self) -> Result<&Read<'a>, Verdict> {
        self.runs.last().ok_or_else(|| Verdict::NotExercised("the client was never started".to_owned()))
    }

    /// The first run and the last, where there are two.
    pub(in crate::judge) fn two(&self) -> Result<(&Read<'a>, &Read<'a>), Verdict> {
        match self.runs.as_slice() {
            [first, .., last] => Ok((first, last)),
            _ => Err(Verdict::NotExercised("the client was not run twice".to_owned())),
        }
    }

    /// Every request of every run.
    pub(in crate::judge) fn all_seen(&self) -> impl Iterator<Item = &Seen<'a>> {
        self.runs.iter().flat_map(|read| &read.seen)
    }

    /// Whether the client connected to anything of ours.
    pub(in crate::judge) fn came_near(&self) -> bool {
        self.runs.iter().any(|read| !read.run.wire.is_empty() || !read.run.handshakes.is_empty())
    }

    /// The folder to save into.
    pub(in crate::judge) fn out(&self) -> &'a Path {
        &self.case.out_dir
    }

    /// A finding in a run.
    pub(in crate::judge) fn found(&self, read: &Read<'_>, expected: &str, observed: impl AsRef<str>) -> Found {
        let tokens = self.runs.iter().flat_map(|read| &read.given).filter_map(Given::token);
        Found(Finding {
            expected: expected.to_owned(),
            observed: hidden(&self.case.key, tokens, observed.as_ref()),
            run: read.number,
            exchange: None,
            file: None,
        })
    }

    /// Not exercised unless `met`.
    pub(in crate::judge) fn demand(met: bool, otherwise: &str) -> Result<(), Verdict> {
        if met { Ok(()) } else { Err(Verdict::NotExercised(otherwise.to_owned())) }
    }

    /// What is wrong with an exit that has to be a refusal.
    pub(in crate::judge) fn must_refuse(&self, read: &Read<'_>, why: &str) -> Option<Finding> {
        (!refuses(read.run.process.end))
            .then(|| self.found(read, &format!("an exit of 1 to 127: {why}"), ended(read.run.process.end)).done())
    }

    /// What is wrong with an exit that has to be 0.
    pub(in crate::judge) fn must_succeed(&self, read: &Read<'_>, why: &str) -> Option<Finding> {
        (!read.run.process.end.is_success())
            .then(|| self.found(read, &format!("exit 0: {why}"), ended(read.run.process.end)).done())
    }

    /// What is wrong with the exit of the last run, by what the scenario says of it.
    pub(in crate::judge) fn must_end_rightly(&self, read: &Read<'_>) -> Option<Finding> {
        let end = read.run.process.end;
        match self.case.scenario.right_exit {
            RightExit::Saved => self.must_succeed(read, "every document can be had"),
            RightExit::Refused => self.must_refuse(read, "not every document can be had"),
            RightExit::Either if end.is_success() || refuses(end) => None,
            RightExit::Either => Some(self.found(read, "exit 0, or an exit of 1 to 127", ended(end)).done()),
        }
    }

    /// A finding for each current document that is not on disk.
    pub(in crate::judge) fn must_have_all(&self, read: &Read<'_>) -> Vec<Finding> {
        let missing = read.run.missing(self.out());
        let expected = "the exact bytes of every current document below OUT_DIR";
        missing
            .map(|one| self.found(read, expected, format!("the bytes of `{}` are nowhere there", one.id)).done())
            .collect()
    }
}

/// Whether a process refused in an orderly way; one that ended when it was told to did.
pub(in crate::judge) const fn refuses(end: End) -> bool {
    end.is_refusal() || matches!(end, End::Terminated(Some(code)) if code != 0)
}

/// How a process ended, in words.
pub(in crate::judge) fn ended(end: End) -> String {
    match end {
        End::Exit(code) if end.is_crash() => format!("exit {code}, which is a crash"),
        End::Exit(code) => format!("exit {code}"),
        End::Gone(code) => format!("a crash: exit {code} without an answer"),
        End::Signal(signal) => format!("a crash by signal {signal}"),
        End::Unseen => "an end that is not seen".to_owned(),
        End::Deadline => "still running at the deadline".to_owned(),
        End::Terminated(Some(code)) => format!("exit {code} after SIGTERM"),
        End::Terminated(None) => "still running 5 s after SIGTERM".to_owned(),
    }
}

/// A finding that is being written.
#[derive(Debug)]
#[must_use = "call `done`"]
pub(in crate::judge) struct Found(Finding);

impl Found {
    /// The request it belongs to.
    pub(in crate::judge) fn at(mut self, seen: &Seen<'_>) -> Self {
        self.0.exchange = Some(seen.exchange.seq);
        self
    }

    /// The file it belongs to.
    pub(in crate::judge) fn in_file(mut self, path: &Path) -> Self {
        self.0.file = Some(path.to_path_buf());
        self
    }

    /// The finding.
    pub(in crate::judge) fn done(self) -> Finding {
        self.0
    }
}
