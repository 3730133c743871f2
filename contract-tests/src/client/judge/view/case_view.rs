//! How a judge comes to its verdict: the scenario's needs first, then what the judge demands, then its findings.

use std::path::Path;

use super::issued_link::IssuedLink;
use super::run_view::{Paths, RequestView, RunView};
use super::secret::hidden;
use crate::client::case::Case;
use crate::client::judge::{Finding, Verdict};
use crate::client::scenario::RightExit;
use crate::client::witness::End;

/// A verdict; the error is one that was clear before all of it was looked at.
pub(in crate::client::judge) type JudgeResult = Result<Verdict, Verdict>;

/// Judges a case, if its scenario was met.
pub(in crate::client::judge) fn judged(case: &Case, id: &str, judge: fn(&CaseView<'_>) -> JudgeResult) -> Verdict {
    if let Some(why) = case.observability.unobservable_reason(id) {
        return Verdict::NotObservable(why.to_owned());
    }
    let view = CaseView::of(case);
    match view.unmet() {
        Some(why) => Verdict::NotExercised(why),
        None => judge(&view).unwrap_or_else(|early| early),
    }
}

/// A case as it is read.
#[derive(Debug)]
pub(in crate::client::judge) struct CaseView<'a> {
    pub(in crate::client::judge) case: &'a Case,
    pub(in crate::client::judge) runs: Vec<RunView<'a>>,
}

impl<'a> CaseView<'a> {
    fn of(case: &'a Case) -> Self {
        let mut paths = Paths::new();
        let runs =
            case.runs.iter().enumerate().map(|(number, run)| RunView::of(case, number, run, &mut paths)).collect();
        Self { case, runs }
    }

    /// The last run.
    pub(in crate::client::judge) fn last(&self) -> Result<&RunView<'a>, Verdict> {
        self.runs.last().ok_or_else(|| Verdict::NotExercised("the client was never started".to_owned()))
    }

    /// The first run and the last, where there are two.
    pub(in crate::client::judge) fn two(&self) -> Result<(&RunView<'a>, &RunView<'a>), Verdict> {
        match self.runs.as_slice() {
            [first, .., last] => Ok((first, last)),
            _ => Err(Verdict::NotExercised("the client was not run twice".to_owned())),
        }
    }

    /// Every request of every run.
    pub(in crate::client::judge) fn all_requests(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.runs.iter().flat_map(|run_view| &run_view.requests)
    }

    /// Whether the client connected to anything of ours.
    pub(in crate::client::judge) fn came_near(&self) -> bool {
        self.runs.iter().any(|run_view| !run_view.run.wire.is_empty() || !run_view.run.handshakes.is_empty())
    }

    /// The folder to save into.
    pub(in crate::client::judge) fn out(&self) -> &'a Path {
        &self.case.out_dir
    }

    /// A finding in a run.
    pub(in crate::client::judge) fn found(
        &self,
        run_view: &RunView<'_>,
        expected: &str,
        observed: impl AsRef<str>,
    ) -> Found {
        let tokens = self.runs.iter().flat_map(|run_view| &run_view.issued_links).filter_map(IssuedLink::token);
        Found(Finding {
            expected: expected.to_owned(),
            observed: hidden(&self.case.key, tokens, observed.as_ref()),
            run: run_view.number,
            exchange: None,
            file: None,
        })
    }

    /// Not exercised unless `met`.
    pub(in crate::client::judge) fn require_exercised(met: bool, otherwise: &str) -> Result<(), Verdict> {
        if met { Ok(()) } else { Err(Verdict::NotExercised(otherwise.to_owned())) }
    }

    /// What is wrong with an exit that has to be a refusal.
    pub(in crate::client::judge) fn must_refuse(&self, run_view: &RunView<'_>, why: &str) -> Option<Finding> {
        (!refuses(run_view.run.process.end)).then(|| {
            self.found(run_view, &format!("an exit of 1 to 127: {why}"), ended(run_view.run.process.end)).done()
        })
    }

    /// What is wrong with an exit that has to be 0.
    pub(in crate::client::judge) fn must_succeed(&self, run_view: &RunView<'_>, why: &str) -> Option<Finding> {
        (!run_view.run.process.end.is_success())
            .then(|| self.found(run_view, &format!("exit 0: {why}"), ended(run_view.run.process.end)).done())
    }

    /// What is wrong with the exit of the last run, by what the scenario says of it.
    pub(in crate::client::judge) fn must_end_rightly(&self, run_view: &RunView<'_>) -> Option<Finding> {
        let end = run_view.run.process.end;
        match self.case.scenario.right_exit {
            RightExit::Saved => self.must_succeed(run_view, "every document can be had"),
            RightExit::Refused => self.must_refuse(run_view, "not every document can be had"),
            RightExit::Either if end.is_success() || refuses(end) => None,
            RightExit::Either => Some(self.found(run_view, "exit 0, or an exit of 1 to 127", ended(end)).done()),
        }
    }

    /// A finding for each current document that is not on disk.
    pub(in crate::client::judge) fn must_have_all(&self, run_view: &RunView<'_>) -> Vec<Finding> {
        let missing = run_view.run.missing(self.out());
        let expected = "the exact bytes of every current document below OUT_DIR";
        missing
            .map(|one| self.found(run_view, expected, format!("the bytes of `{}` are nowhere there", one.id)).done())
            .collect()
    }
}

/// Whether a process refused in an orderly way; one that ended when it was told to did.
pub(in crate::client::judge) const fn refuses(end: End) -> bool {
    end.is_refusal() || matches!(end, End::Terminated(Some(code)) if code != 0)
}

/// How a process ended, in words.
pub(in crate::client::judge) fn ended(end: End) -> String {
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
pub(in crate::client::judge) struct Found(Finding);

impl Found {
    /// The request it belongs to.
    pub(in crate::client::judge) fn at(mut self, request: &RequestView<'_>) -> Self {
        self.0.exchange = Some(request.exchange.seq);
        self
    }

    /// The file it belongs to.
    pub(in crate::client::judge) fn in_file(mut self, path: &Path) -> Self {
        self.0.file = Some(path.to_path_buf());
        self
    }

    /// The finding.
    pub(in crate::client::judge) fn done(self) -> Finding {
        self.0
    }
}
