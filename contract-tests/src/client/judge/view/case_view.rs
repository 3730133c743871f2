//! The path to a verdict: first the needs of the scenario, then the judge's own conditions, then
//! its findings.

use std::path::Path;

use super::issued_link::IssuedLink;
use super::run_view::{Paths, RequestView, RunView};
use super::secret::mask_secrets;
use crate::client::case::Case;
use crate::client::judge::{Finding, Verdict};
use crate::client::scenario::RightExit;
use crate::client::witness::End;

/// A verdict; the error is one that was clear before everything was looked at.
pub(in crate::client::judge) type JudgeResult = Result<Verdict, Verdict>;

/// Says when the findings of a judge count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client::judge) enum FindingsCount {
    /// They count if the needs of the scenario are met.
    IfMet,
    /// They always count: a client may break the obligation before it gets to what the scenario is about.
    Always,
}

/// Judges a case. Without the needs of its scenario nothing is kept, and few obligations can be broken.
pub(in crate::client::judge) fn judged(
    case: &Case,
    id: &str,
    count: FindingsCount,
    judge: fn(&CaseView<'_>) -> JudgeResult,
) -> Verdict {
    if let Some(why) = case.observability.unobservable_reason(id) {
        return Verdict::NotObservable(why.to_owned());
    }
    let view = CaseView::new(case, is_about_end(id));
    let verdict = || match judge(&view).unwrap_or_else(|early| early) {
        Verdict::Pass(_) if case.has_overrun() && !view.is_about_end => Verdict::NotExercised(OVERRUN.to_owned()),
        verdict => verdict,
    };
    match view.first_missing_fact() {
        None => verdict(),
        Some(why) if count == FindingsCount::IfMet => Verdict::NotExercised(why),
        Some(why) => match verdict() {
            broken @ Verdict::Fail(_) => broken,
            _ => Verdict::NotExercised(why),
        },
    }
}

/// Returns true if an obligation is about the end of a client, so that an overrun breaks it.
pub fn is_about_end(id: &str) -> bool {
    ABOUT_END.contains(&id)
}

/// The obligations that are about the end of a client: `time` of their entries, written here by the build script.
const ABOUT_END: &[&str] = include!(concat!(env!("OUT_DIR"), "/judges_end.rs"));

/// The reason why a case with an overrun does not show that an obligation is kept.
const OVERRUN: &str = "the client did not end by itself, and the gate ended it at its time limit before it showed this: \
    give the client a timeout";

/// A case prepared for reading.
#[derive(Debug)]
pub(in crate::client::judge) struct CaseView<'a> {
    pub(in crate::client::judge) case: &'a Case,
    pub(in crate::client::judge) runs: Vec<RunView<'a>>,
    /// Is true if the obligation is about the end of the client, so that an overrun breaks it.
    is_about_end: bool,
}

impl<'a> CaseView<'a> {
    pub(in crate::client::judge) fn new(case: &'a Case, is_about_end: bool) -> Self {
        let mut paths = Paths::new();
        let runs =
            case.runs.iter().enumerate().map(|(number, run)| RunView::new(case, number, run, &mut paths)).collect();
        Self { case, runs, is_about_end }
    }

    /// Returns true if the gate ended the run at its deadline. What the client left undone by then is not a finding of
    /// this obligation: the overrun is one already.
    pub(in crate::client::judge) fn is_cut(&self, run_view: &RunView<'_>) -> bool {
        run_view.run.process.end.is_overrun() && !self.is_about_end
    }

    /// Returns the last run.
    pub(in crate::client::judge) fn last(&self) -> Result<&RunView<'a>, Verdict> {
        self.runs.last().ok_or_else(|| Verdict::NotExercised("the client was never started".to_owned()))
    }

    /// Returns the first and the last run of a case with at least two.
    pub(in crate::client::judge) fn first_and_last(&self) -> Result<(&RunView<'a>, &RunView<'a>), Verdict> {
        match self.runs.as_slice() {
            [first, .., last] => Ok((first, last)),
            _ => Err(Verdict::NotExercised("the client was not run twice".to_owned())),
        }
    }

    /// Returns every request of every run.
    pub(in crate::client::judge) fn all_requests(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.runs.iter().flat_map(|run_view| &run_view.requests)
    }

    /// Returns true if the client connected to any listener of the gate.
    pub(in crate::client::judge) fn has_connected(&self) -> bool {
        self.runs.iter().any(|run_view| !run_view.run.wire.is_empty() || !run_view.run.handshakes.is_empty())
    }

    /// Returns the folder to save into.
    pub(in crate::client::judge) fn out_dir(&self) -> &'a Path {
        &self.case.out_dir
    }

    /// Begins a finding in a run. Secrets in `observed` are masked.
    pub(in crate::client::judge) fn finding(
        &self,
        run_view: &RunView<'_>,
        expected: &str,
        observed: impl AsRef<str>,
    ) -> FindingBuilder {
        let tokens = self.runs.iter().flat_map(|run_view| &run_view.issued_links).filter_map(IssuedLink::token);
        FindingBuilder(Finding {
            expected: expected.to_owned(),
            observed: mask_secrets(&self.case.key, tokens, observed.as_ref()),
            run: run_view.number,
            ..Finding::default()
        })
    }

    /// Returns `NotExercised` unless `met`.
    pub(in crate::client::judge) fn require_exercised(met: bool, otherwise: &str) -> Result<(), Verdict> {
        if met { Ok(()) } else { Err(Verdict::NotExercised(otherwise.to_owned())) }
    }

    /// Returns a finding unless the run ended with a refusal.
    pub(in crate::client::judge) fn require_refusal(&self, run_view: &RunView<'_>, why: &str) -> Option<Finding> {
        let is_right = is_refusal(run_view.run.process.end) || self.has_passed_over(run_view);
        (!is_right && !self.is_cut(run_view)).then(|| {
            self.finding(run_view, &format!("{REFUSAL}: {why}"), run_view.describe_end(self.case.deadline)).build()
        })
    }

    /// Returns true if the run ended with exit 0 although the one person on the fleet did not consent, or is gone: that
    /// does not justify another exit code in the task `fleet`.
    pub(in crate::client::judge) fn has_passed_over(&self, run_view: &RunView<'_>) -> bool {
        let is_withheld = || !run_view.withheld_people().is_empty();
        self.case.scenario.is_adapted && run_view.run.process.end.is_success() && is_withheld()
    }

    /// Returns a finding unless the run ended with exit 0.
    pub(in crate::client::judge) fn require_success(&self, run_view: &RunView<'_>, why: &str) -> Option<Finding> {
        (!run_view.run.process.end.is_success() && !self.is_cut(run_view)).then(|| {
            let end = run_view.describe_end(self.case.deadline);
            let found = self.finding(run_view, &format!("exit 0: {why}"), end);
            // It may have said the truth: what kept it from saving is its fault, and not its exit.
            let is_honest = is_refusal(run_view.run.process.end) && run_view.missing(self.out_dir()).next().is_some();
            if is_honest { found.mend(GAVE_UP).build() } else { found.build() }
        })
    }

    /// Returns a finding unless the run ended as the scenario expects.
    pub(in crate::client::judge) fn require_expected_exit(&self, run_view: &RunView<'_>) -> Option<Finding> {
        let end = run_view.run.process.end;
        match self.case.scenario.right_exit {
            RightExit::Saved => self.require_success(run_view, "every document can be downloaded"),
            RightExit::Refused => self.require_refusal(run_view, "not every document can be downloaded"),
            // A client that does not end breaks an obligation about time.
            RightExit::Either if end.is_success() || is_refusal(end) || end.is_overrun() => None,
            RightExit::Either => {
                let observed = run_view.describe_end(self.case.deadline);
                Some(self.finding(run_view, &format!("exit 0, or {REFUSAL}"), observed).build())
            }
        }
    }

    /// Returns a note if a run took longer than `CPK_DEADLINE_S`, and ended by itself.
    pub(in crate::client::judge) fn lateness(&self) -> Option<String> {
        let deadline = self.case.client_deadline;
        let own = self.runs.iter().filter(|run_view| !run_view.run.process.end.is_overrun());
        let took = own.map(|run_view| run_view.run.process.took).max().filter(|took| *took > deadline)?;
        Some(format!("it gave up after {} s, and CPK_DEADLINE_S was {}", took.as_secs(), deadline.as_secs()))
    }

    /// Returns a finding for each current document that is not on disk.
    pub(in crate::client::judge) fn require_all_saved(&self, run_view: &RunView<'_>) -> Vec<Finding> {
        let missing = run_view.missing(self.out_dir()).filter(|_| !self.is_cut(run_view));
        let expected = "the exact bytes of every current document below OUT_DIR";
        missing
            .map(|one| self.finding(run_view, expected, format!("the bytes of `{}` are not there", one.id)).build())
            .collect()
    }
}

/// Returns true if a process refused in an orderly way, also after SIGTERM.
pub(in crate::client::judge) const fn is_refusal(end: End) -> bool {
    end.is_refusal() || matches!(end, End::Terminated(Some(code)) if code != 0)
}

/// Advice for a client that saved less than it could, and says so.
const GAVE_UP: &str = "Find out why the client gave up: its last line and the replay show it. What else is broken in this case may \
                       be the reason, such as a missing retry.";

/// The exit of a client that did not save every document.
const REFUSAL: &str = "an exit that is not 0 and not a crash";

/// Describes how a process ended.
pub(in crate::client::judge) fn describe_end(end: End) -> String {
    match end {
        End::Exit(code) if end.is_crash() => format!("exit {code}, which is a crash"),
        End::Exit(code) => format!("exit {code}"),
        End::Gone(code) => format!("a crash: exit {code} without an answer"),
        End::Signal(signal) => format!("a crash by signal {signal}"),
        End::Unseen => "an end that was not observed".to_owned(),
        End::Deadline => "still running at the deadline".to_owned(),
        End::Flood => "ended by the gate after too many requests or connections".to_owned(),
        End::Terminated(Some(code)) => format!("exit {code} after SIGTERM"),
        End::Terminated(None) => "still running 5 s after SIGTERM".to_owned(),
    }
}

/// A finding under construction.
#[derive(Debug)]
#[must_use = "call `build`"]
pub(in crate::client::judge) struct FindingBuilder(Finding);

impl FindingBuilder {
    /// Sets the request that the finding belongs to.
    pub(in crate::client::judge) fn at(mut self, request: &RequestView<'_>) -> Self {
        self.0.exchange = Some(request.exchange.seq);
        self
    }

    /// Sets the request whose answer the finding is about.
    pub(in crate::client::judge) fn answered(mut self, request: &RequestView<'_>) -> Self {
        self.0.answer = Some(request.exchange.seq);
        self
    }

    /// Sets advice for this finding, in the place of that of the obligation.
    pub(in crate::client::judge) fn mend(mut self, advice: &'static str) -> Self {
        self.0.mend = Some(advice);
        self
    }

    /// Sets the file that the finding belongs to.
    pub(in crate::client::judge) fn in_file(mut self, path: &Path) -> Self {
        self.0.file = Some(path.to_path_buf());
        self
    }

    /// Returns the finding.
    pub(in crate::client::judge) fn build(self) -> Finding {
        self.0
    }
}
