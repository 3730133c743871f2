//! Whether a scenario was met: without the facts that it names, nothing that it shows counts.

use super::case_view::{CaseView, ended};
use super::output::prints;
use crate::client::scenario::{Need, StepName};

/// So much is shown of what a client printed last.
const LAST_WORDS: usize = 160;

impl CaseView<'_> {
    /// The first fact that is missing, in words.
    pub(super) fn unmet(&self) -> Option<String> {
        self.case.scenario.met.iter().find_map(|need| self.lacks(need))
    }

    fn lacks(&self, need: &Need) -> Option<String> {
        match need {
            Need::Fault(name) => {
                let fired = self.all_requests().any(|request| request.exchange.fault.as_deref() == Some(name));
                (!fired).then(|| format!("the client never came to where the fault `{name}` waits"))
            }
            Need::Asked { step, times } => {
                let asked = self.all_requests().filter(|request| match step {
                    StepName::List => request.is_list(),
                    StepName::Link => request.is_link(),
                    StepName::File => request.is_file(),
                });
                let (asked, step) = (asked.count(), name_of(*step));
                (asked < *times).then(|| format!("{step} was asked for {asked} times, not {times}; {}", self.at_last()))
            }
            Need::Connected => {
                (!self.came_near()).then(|| format!("the client never tried to connect{}", self.last_words()))
            }
        }
    }

    /// How the client ended, for whoever wonders why it asked for no more.
    fn at_last(&self) -> String {
        let end = self.runs.last().map(|run_view| ended(run_view.run.process.end));
        let end = end.map_or_else(|| "the client was never started".to_owned(), |end| format!("the client: {end}"));
        format!("{end}{}", self.last_words())
    }

    /// What a client printed last that asked for nothing at all, such as that a module is missing.
    fn last_words(&self) -> String {
        let said = self.runs.last().filter(|_| !self.came_near()).map(|run_view| prints(run_view.run));
        let said = said.unwrap_or_default().replace(&self.case.key, "{key}");
        let Some(last) = said.lines().map(str::trim).rfind(|line| !line.is_empty()) else { return String::new() };
        let visible = last.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c });
        let mut words: String = visible.take(LAST_WORDS).collect();
        if words.chars().count() < last.chars().count() {
            words.push('\u{2026}');
        }
        format!(", and at last it printed `{words}`")
    }
}

const fn name_of(step: StepName) -> &'static str {
    match step {
        StepName::List => "the list",
        StepName::Link => "a link",
        StepName::File => "a file",
    }
}
