//! How a report for people looks: its width, its colours, and how much it says.

use crewpass_diagnostics::escape;
use crewpass_diagnostics::terminal::wrap_words;

use super::tally::word;
use crate::outcome::Outcome;

/// The longest text of one field, in characters.
const MOST: usize = 16_000;

/// The look of a report for people. A number alone is a width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is independent of the others")]
pub struct Look {
    /// The width of a line.
    pub width: usize,
    /// Is true on a terminal that shows colours.
    pub color: bool,
    /// Is true if every case is shown, not one for each obligation.
    pub verbose: bool,
    /// Is true if the run is saved, so that `show` finds it.
    pub is_saved: bool,
    /// Is true if nothing is cut, as in a file or a pipe. A terminal gets two screens.
    pub whole: bool,
}

impl From<usize> for Look {
    fn from(width: usize) -> Self {
        Self { width, color: false, verbose: false, is_saved: false, whole: false }
    }
}

/// A style of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Kept.
    Good,
    /// Broken, or stale.
    Bad,
    /// Neither.
    Doubtful,
    /// A heading.
    Heading,
    /// What matters less.
    Dim,
}

impl Style {
    /// Returns the style of an outcome.
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Good,
            Outcome::Fail | Outcome::Stale | Outcome::HarnessError | Outcome::NotJudged => Self::Bad,
            Outcome::NotExercised | Outcome::NotObservable => Self::Doubtful,
            Outcome::Unsupported | Outcome::KnownFailure => Self::Dim,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Bad => "31",
            Self::Doubtful => "33",
            Self::Heading => "1",
            Self::Dim => "2",
        }
    }

    /// Returns a text in this style, if the reader wants colours.
    pub fn paint(self, text: &str, color: bool) -> String {
        if color && !text.is_empty() { format!("\u{1b}[{}m{text}\u{1b}[0m", self.code()) } else { text.to_owned() }
    }
}

impl Look {
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        style.paint(text, self.color)
    }

    /// Paints the numbers of outcomes in a text such as `12 kept, 2 broken`.
    pub(super) fn paint_counts(self, text: &str) -> String {
        let part = |part: &str| {
            let outcomes =
                [Outcome::Pass, Outcome::Fail, Outcome::Stale, Outcome::NotExercised, Outcome::NotObservable];
            let found = outcomes
                .into_iter()
                .find(|outcome| part.split_once(' ').is_some_and(|(_, name)| name == word(*outcome)));
            found.map_or_else(|| part.to_owned(), |outcome| self.paint(Style::of(outcome), part))
        };
        text.split(", ").map(part).collect::<Vec<_>>().join(", ")
    }

    /// Escapes and wraps a text; ids, options and paths stay in one piece. Of more than `most` lines, the rest is cut
    /// with a mark, unless nothing is cut.
    pub(super) fn fill(self, text: &str, most: usize, first: &str, rest: &str) -> String {
        let text = escape::line(text, MOST);
        let whole = wrap_words(&text, self.width, first, rest);
        let mut lines: Vec<&str> = whole.lines().collect();
        if self.whole || lines.len() <= most.max(1) {
            return whole;
        }
        lines.truncate(most.max(1));
        let last = lines.pop().unwrap_or_default();
        let cut = format!("{} …", cut(last, self.width.saturating_sub(2)));
        lines.push(&cut);
        lines.join("\n")
    }
}

/// Returns the beginning of a line that is no longer than `width`, up to the end of a word.
fn cut(line: &str, width: usize) -> &str {
    let Some((at, _)) = line.char_indices().nth(width) else { return line };
    let head = &line[..at];
    head.rfind(' ').filter(|space| !head[..*space].trim().is_empty()).map_or(head, |space| &head[..space])
}
