//! A step of the doctor, and its text form.

use crewpass_diagnostics::escape;
use crewpass_diagnostics::terminal::wrap_words;

/// The longest text of a step, in characters.
const MOST: usize = 4_000;

/// Something that a command must do, with the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// True if the command did it.
    pub done: bool,
    /// The observation.
    pub seen: String,
    /// Advice on what to change, if the step failed; each is a sentence or two.
    pub advice: Vec<String>,
}

/// Formats the steps, one per line with advice below, wrapped at `width`.
pub fn format_steps(steps: &[Step], width: usize) -> String {
    let mut text = String::new();
    for step in steps {
        let mark = if step.done { "✓ " } else { "✗ " };
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
