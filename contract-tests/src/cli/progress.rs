//! Progress output: a line for each obligation when its last case has ended. A terminal also shows
//! a bar and the running cases, which disappear at the end. Without one, a line says now and then how many cases of how
//! many have ended.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal};
use std::time::Duration;

use crate::client::plan::{Plan, PlannedCase};
use crate::outcome::{ObligationResult, Outcome, gravest};
use crate::report::Style;
use crate::requirement::Catalogue;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::{is_colored, note};

/// The interval at which the line of a running case moves.
pub(super) const TICK: Duration = Duration::from_millis(120);

/// The number of cases from which a log gets lines with the number of cases that have ended.
const MANY: usize = 20;

/// The most of these lines.
const LINES: usize = 10;

/// The number of open cases of each obligation, and the outcomes of those that have ended.
pub(crate) struct Progress<'a> {
    catalogue: &'a Catalogue,
    open: BTreeMap<String, (usize, BTreeSet<Outcome>)>,
    screen: Screen,
}

/// The moving lines. Without a terminal, indicatif draws nothing.
struct Screen {
    lines: MultiProgress,
    whole: ProgressBar,
    running: BTreeMap<String, ProgressBar>,
    /// The number of cases that have ended, and of all.
    count: (usize, usize),
    is_terminal: bool,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(plan: &Plan, catalogue: &'a Catalogue) -> Self {
        let mut open: BTreeMap<String, (usize, BTreeSet<Outcome>)> = BTreeMap::new();
        for id in plan.cases.iter().filter(|case| !case.control).flat_map(|case| &case.judged) {
            open.entry(id.clone()).or_default().0 += 1;
        }
        Self { catalogue, open, screen: Screen::for_cases(plan.cases.len()) }
    }

    /// Records the start of a case.
    pub(crate) fn began(&mut self, case: &PlannedCase) {
        self.screen.began(case.name());
    }

    /// Records the results of one case, before twins and known failures are considered.
    pub(crate) fn ended(&mut self, case: &PlannedCase, results: &[ObligationResult]) {
        self.screen.ended(&case.name());
        for result in results {
            let Some((left, outcomes)) = self.open.get_mut(&result.id) else { continue };
            *left = left.saturating_sub(1);
            outcomes.insert(result.outcome);
            if *left == 0
                && let Some(outcome) = gravest(outcomes.iter().copied())
            {
                let title = self.catalogue.find(&result.id).map_or("", |known| &known.title);
                let outcome = Style::of(outcome).paint(&format!("{:<14}", outcome.name()), is_colored());
                let line = format!("{outcome} {:<13} {title}\n", result.id);
                // The moving lines make room for the new one.
                self.screen.lines.suspend(|| note(&line));
            }
        }
    }
}

impl Screen {
    fn for_cases(count: usize) -> Self {
        let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let whole = lines.add(ProgressBar::new(count as u64).with_style(style("[{bar:24}] {pos} of {len} cases")));
        whole.tick();
        let is_terminal = io::stderr().is_terminal();
        Self { lines, whole, running: BTreeMap::new(), count: (0, count), is_terminal }
    }

    fn began(&mut self, name: String) {
        let line = self.lines.insert_before(&self.whole, ProgressBar::new_spinner());
        line.set_style(style("  {spinner} {elapsed:>4} {wide_msg}"));
        line.set_message(name.clone());
        line.enable_steady_tick(TICK);
        self.running.insert(name, line);
    }

    fn ended(&mut self, name: &str) {
        if let Some(line) = self.running.remove(name) {
            line.finish_and_clear();
            self.lines.remove(&line);
        }
        self.whole.inc(1);
        let (ended, all) = (self.count.0 + 1, self.count.1);
        self.count.0 = ended;
        if !self.is_terminal && is_milestone(ended, all) {
            note(&format!("{ended} of {all} cases\n"));
        }
    }
}

/// Returns true if a log reports this number of ended cases: ten times in a run of many cases.
const fn is_milestone(ended: usize, all: usize) -> bool {
    all >= MANY && ended * LINES / all > (ended - 1) * LINES / all
}

impl Drop for Screen {
    /// Removes the moving lines, so that the report does not mix with them.
    fn drop(&mut self) {
        self.running.values().for_each(ProgressBar::finish_and_clear);
        self.whole.finish_and_clear();
    }
}

/// Returns the style of a line, or the default one if the template is wrong, which a test would
/// show.
pub(super) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_says_ten_times_how_far_a_long_run_is() {
        let said = |all: usize| (1..=all).filter(|ended| is_milestone(*ended, all)).collect::<Vec<_>>();
        assert_eq!(said(180), [18, 36, 54, 72, 90, 108, 126, 144, 162, 180]);
        assert_eq!((said(20).len(), said(604).len(), said(604).last()), (10, 10, Some(&604)));
        assert!(said(19).is_empty() && said(1).is_empty());
    }
}
