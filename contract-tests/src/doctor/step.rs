//! A step of the doctor, and its text form.

use crewpass_diagnostics::escape;
use crewpass_diagnostics::terminal::wrap_words;

/// The longest text of a step, in characters.
const MOST: usize = 4_000;

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The command did it.
    Done,
    /// The command can be tested without it, and will break or miss an obligation.
    Warning,
    /// The command can't be tested without it.
    Failed,
}

/// Something that a command must do, with the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The result.
    pub mark: Mark,
    /// The observation.
    pub seen: String,
    /// Advice on what to change, if the step was not done; each is a sentence or two.
    pub advice: Vec<String>,
}

impl Step {
    pub(super) const fn done(seen: String) -> Self {
        Self { mark: Mark::Done, seen, advice: Vec::new() }
    }

    pub(super) const fn warning(seen: String, advice: Vec<String>) -> Self {
        Self { mark: Mark::Warning, seen, advice }
    }
}

/// Formats the steps, one per line with advice below, wrapped at `width`.
pub fn format_steps(steps: &[Step], width: usize) -> String {
    let mut text = String::new();
    for step in steps {
        let mark = match step.mark {
            Mark::Done => "✓ ",
            Mark::Warning => "! ",
            Mark::Failed => "✗ ",
        };
        text += &block(&step.seen, mark, "  ", width);
        for advice in &step.advice {
            text += &block(advice, "  → ", "    ", width);
        }
    }
    text
}

fn block(text: &str, first: &str, rest: &str, width: usize) -> String {
    wrap_words(&escape::line(text, MOST), width, first, rest) + "\n"
}
