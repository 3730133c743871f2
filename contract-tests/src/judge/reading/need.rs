//! Whether a scenario was met: without the facts that it names, nothing that it shows counts.

use super::ruling::{Reading, ended};
use crate::scenario::{Need, StepName};

impl Reading<'_> {
    /// The first fact that is missing, in words.
    pub(super) fn unmet(&self) -> Option<String> {
        self.case.scenario.met.iter().find_map(|need| self.lacks(need))
    }

    fn lacks(&self, need: &Need) -> Option<String> {
        match need {
            Need::Fault(name) => {
                let fired = self.all_seen().any(|seen| seen.exchange.fault.as_deref() == Some(name));
                (!fired).then(|| format!("the client never came to where the fault `{name}` waits"))
            }
            Need::Asked { step, times } => {
                let asked = self.all_seen().filter(|seen| match step {
                    StepName::List => seen.is_list(),
                    StepName::Link => seen.is_link(),
                    StepName::File => seen.is_file(),
                });
                let (asked, step) = (asked.count(), name_of(*step));
                (asked < *times).then(|| format!("{step} was asked for {asked} times, not {times}; {}", self.at_last()))
            }
            Need::Connected => (!self.came_near()).then(|| "the client never tried to connect".to_owned()),
        }
    }

    /// How the client ended, for whoever wonders why it asked for no more.
    fn at_last(&self) -> String {
        let end = self.runs.last().map(|read| ended(read.run.process.end));
        end.map_or_else(|| "the client was never started".to_owned(), |end| format!("the client: {end}"))
    }
}

const fn name_of(step: StepName) -> &'static str {
    match step {
        StepName::List => "the list",
        StepName::Link => "a link",
        StepName::File => "a file",
    }
}
