//! What a gate does now: a moving line on a terminal, and a line now and then in a log.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::steps::Steps;
use indicatif::{ProgressBar, ProgressDrawTarget};

use super::console::note;
use super::progress::{TICK, style};

/// The least time between two lines of a log.
const BETWEEN: Duration = Duration::from_secs(20);

/// The moving line. It disappears when this is dropped.
pub(super) struct Waiting {
    line: ProgressBar,
}

impl Waiting {
    /// Creates the line. It is shown from the first step on.
    pub(super) fn begin() -> Self {
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        line.set_style(style("  {spinner} {elapsed:>4} {wide_msg}"));
        Self { line }
    }

    /// Returns the steps that the line shows.
    pub(super) fn steps(&self) -> Steps {
        if io::stderr().is_terminal() {
            let line = self.line.clone();
            return Steps::new(move |what| {
                line.set_message(what.to_owned());
                line.enable_steady_tick(TICK);
            });
        }
        let started = Instant::now();
        let last_line = Mutex::new(started);
        Steps::new(move |what| {
            let mut last_line = last_line.lock().unwrap_or_else(PoisonError::into_inner);
            if last_line.elapsed() >= BETWEEN {
                *last_line = Instant::now();
                note(&format!("after {} s: {what}\n", started.elapsed().as_secs()));
            }
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
