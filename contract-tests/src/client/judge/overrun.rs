//! The finding of an overrun: the gate had to end the client at its deadline. It is reported once, with the last exchange,
//! who waited for whom, and how long.

use std::time::Duration;

use super::Finding;
use super::view::{CaseView, RunView};
use crate::client::case::Case;
use crate::client::witness::End;
use crewpass_diagnostics::in_seconds;

/// A run is longer than its deadline by this, or it ended there.
const ROUND: Duration = Duration::from_secs(1);

/// A client that was heard of within this time was not waiting.
const RECENT: Duration = Duration::from_secs(2);

/// Returns the finding of a case in which a run had to be ended, if the client had sent anything.
pub fn overrun(case: &Case) -> Option<Finding> {
    let view = CaseView::new(case, true);
    let run_view = view.runs.iter().find(|run_view| run_view.run.process.end.is_overrun())?;
    let is_flood = run_view.run.process.end == End::Flood;
    let connected = is_flood || !run_view.run.wire.is_empty() || !run_view.run.handshakes.is_empty();
    let expected = "the client ends by itself before its deadline";
    let found = view.finding(run_view, expected, run_view.describe_end(case.deadline));
    connected.then(|| match run_view.requests.last() {
        Some(last) => found.at(last).build(),
        None => found.build(),
    })
}

impl RunView<'_> {
    /// Describes the end of the run, and for an overrun who waited for whom.
    pub(super) fn describe_end(&self, deadline: Duration) -> String {
        let end = super::view::describe_end(self.run.process.end);
        if self.run.process.end == End::Flood {
            return format!("{end} in {:.0} s: {}", self.run.process.took.as_secs_f64().ceil(), self.last_sent());
        }
        if self.run.process.end != End::Deadline {
            return end;
        }
        let took = self.run.process.took;
        // Where a client may wait, it goes on while it does something.
        if took >= deadline + ROUND {
            return format!("still running after {} s: {}", took.as_secs(), self.who_waited());
        }
        format!("{end} of {} s: {}", in_seconds(deadline), self.who_waited())
    }

    fn last_sent(&self) -> String {
        let Some(last) = self.requests.last() else { return "it had sent no request".to_owned() };
        format!("the last of {} requests was for {}", self.requests.len(), last.subject.describe())
    }

    fn who_waited(&self) -> String {
        let over = self.run.process.took;
        let seconds = |since: Duration| format!("{:.0} s", over.saturating_sub(since).as_secs_f64());
        let Some(last) = self.requests.last() else { return "it had sent no request".to_owned() };
        let (exchange, what) = (last.exchange, last.subject.describe());
        let number = self.requests.len();
        match exchange.ended {
            _ if exchange.status == 0 || !exchange.whole && exchange.ended.is_none() => {
                format!("it had waited {} for the answer to request {number}, {what}", seconds(exchange.started))
            }
            Some(ended) if over.saturating_sub(ended) > RECENT => {
                format!("request {number}, {what}, was answered, and no other came for {}", seconds(ended))
            }
            _ => format!("it was still sending requests, the last of {number} for {what}"),
        }
    }
}
