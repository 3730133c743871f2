//! A step of the doctor, and how steps are shown.

use crewpass_diagnostics::escape;
use crewpass_diagnostics::terminal::wrap;

/// The longest text of a step, in characters.
const MOST: usize = 4_000;

/// Something that a command has to do, and whether it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whether it did.
    pub done: bool,
    /// What was seen.
    pub seen: String,
    /// What to change, where it did not; each is a sentence or two.
    pub advice: Vec<String>,
}

/// The steps, one a line, with what to change below; wrapped at `width`.
pub fn told(steps: &[Step], width: usize) -> String {
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
    wrap(&escape::line(text, MOST), width, first, rest) + "\n"
}
