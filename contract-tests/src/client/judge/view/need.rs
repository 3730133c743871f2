//! The needs of a scenario: facts without which nothing in a case counts.

use crewpass_diagnostics::escape;

use super::case_view::{CaseView, describe_end};
use super::client_output::printed_text;
use crate::client::scenario::{Need, StepName};

/// The most characters shown of the last line that a client printed.
const LAST_LINE_LENGTH: usize = 160;

impl CaseView<'_> {
    /// Returns the first missing fact of the scenario, in words.
    pub(super) fn first_missing_fact(&self) -> Option<String> {
        self.case.scenario.met.iter().find_map(|need| self.missing_fact(need))
    }

    fn missing_fact(&self, need: &Need) -> Option<String> {
        match need {
            Need::Fault(name) => {
                let fired = self.all_requests().any(|request| request.exchange.fault.as_deref() == Some(name));
                (!fired).then(|| format!("the client never reached the fault `{name}`"))
            }
            Need::Asked { step, times } => {
                let asked = self.all_requests().filter(|request| match step {
                    StepName::Fleet => request.is_fleet(),
                    StepName::List => request.is_list(),
                    StepName::Link => request.is_link(),
                    StepName::File => request.is_file(),
                });
                let (asked, step) = (asked.count(), step_name(*step));
                (asked < *times).then(|| {
                    format!("{step} was requested {asked} times, not {times}; {}", self.describe_end_of_client())
                })
            }
            Need::Connected => (!self.has_connected())
                .then(|| format!("the client never tried to connect{}", self.describe_last_line())),
        }
    }

    /// Describes how the client ended, for a reader who wonders why it asked for no more.
    fn describe_end_of_client(&self) -> String {
        let end = self.runs.last().map(|run_view| describe_end(run_view.run.process.end));
        let end = end.map_or_else(|| "the client was never started".to_owned(), |end| format!("the client: {end}"));
        format!("{end}{}", self.describe_last_line())
    }

    /// Describes the last line that an idle client printed, such as an error about a missing
    /// module.
    fn describe_last_line(&self) -> String {
        let output = self.runs.last().filter(|_| !self.has_connected()).map(|run_view| printed_text(run_view.run));
        let output = output.unwrap_or_default().replace(&self.case.key, "{key}");
        let Some(last) = output.lines().map(str::trim).rfind(|line| !line.is_empty()) else { return String::new() };
        format!("; the last line that it printed: `{}`", escape::line(last, LAST_LINE_LENGTH))
    }
}

const fn step_name(step: StepName) -> &'static str {
    match step {
        StepName::Fleet => "the fleet",
        StepName::List => "the list",
        StepName::Link => "a link",
        StepName::File => "a file",
    }
}
