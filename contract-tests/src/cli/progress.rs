//! Progress output: a line for each obligation when its last case has ended. A terminal also shows
//! a bar and the running cases, which disappear at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::client::plan::{Plan, PlannedCase};
use crate::outcome::{ObligationResult, Outcome};
use crate::report::Style;
use crate::requirement::Catalogue;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::{is_colored, note};

/// The interval at which the line of a running case moves.
const TICK: Duration = Duration::from_millis(120);

/// The number of open cases of each obligation, and its outcome so far.
pub(crate) struct Progress<'a> {
    catalogue: &'a Catalogue,
    open: BTreeMap<String, (usize, Outcome)>,
    screen: Screen,
}

/// The moving lines. Without a terminal, indicatif draws nothing.
struct Screen {
    lines: MultiProgress,
    whole: ProgressBar,
    running: BTreeMap<String, ProgressBar>,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(plan: &Plan, catalogue: &'a Catalogue) -> Self {
        let mut open: BTreeMap<String, (usize, Outcome)> = BTreeMap::new();
        for id in plan.cases.iter().filter(|case| !case.control).flat_map(|case| &case.judged) {
            open.entry(id.clone()).or_insert((0, Outcome::Pass)).0 += 1;
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
            let Some((left, outcome)) = self.open.get_mut(&result.id) else { continue };
            *left = left.saturating_sub(1);
            *outcome = (*outcome).min(result.outcome);
            if *left == 0 {
                let title = self.catalogue.find(&result.id).map_or("", |known| &known.title);
                let outcome = Style::of(*outcome).paint(&format!("{:<14}", outcome.name()), is_colored());
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
        Self { lines, whole, running: BTreeMap::new() }
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
    }
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
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
