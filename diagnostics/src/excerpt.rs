//! The lines of a text that a message shows: masked, harmless, and a long line cropped around the place.

use std::ops::Range;

use crate::escape;
use crate::secret::{mask_keys, mask_span};

/// A longer line is cropped: a JSON file may be one line of many megabytes.
const LONGEST_LINE: usize = 240;

/// The bytes of a cropped line that are shown on either side.
const AROUND: usize = 80;

/// Some lines of a file with a place in them.
#[derive(Clone, Debug)]
pub struct Excerpt {
    text: String,
    span: Range<usize>,
    first_line: usize,
    column: usize,
}

impl Excerpt {
    /// Takes the line at `range` of a text, with one line before and after it; `first_line` is its number from 0.
    ///
    /// A range of a `secret` is masked whatever its form.
    pub fn new(whole: &str, first_line: usize, range: Range<usize>, secret: bool) -> Self {
        let range = floor(whole, range.start)..floor(whole, range.end.max(range.start));
        let line = line_around(whole, range.start);
        let within = range.start - line.start..range.end.min(line.end).max(range.start) - line.start;
        let shown = &whole[line.clone()];
        let hidden = if secret { mask_span(shown, within.clone()) } else { shown.to_owned() };
        let masked = mask_keys(&hidden);
        let column = shown[..within.start].chars().count();
        let (cropped, span) = crop(&masked, widen(&masked, within));
        let (cropped, span) = harmless(&cropped, span);
        let before = line.start.checked_sub(1).map(|end| mask_line(&whole[line_around(whole, end)]));
        let after = whole.get(line.end + 1..).filter(|rest| !rest.is_empty());
        let after = after.map(|_| mask_line(&whole[line_around(whole, line.end + 1)]));
        let mut excerpt = Self { text: String::new(), span, first_line, column };
        excerpt.lay_out(before, &cropped, after);
        excerpt
    }

    fn lay_out(&mut self, before: Option<String>, line: &str, after: Option<String>) {
        if let Some(before) = before {
            self.first_line = self.first_line.saturating_sub(1);
            self.span = self.span.start + before.len() + 1..self.span.end + before.len() + 1;
            self.text = before + "\n";
        }
        self.text.push_str(line);
        if let Some(after) = after {
            self.text.push('\n');
            self.text.push_str(&after);
        }
    }

    /// Returns the line of the place, and in characters what is before the marks and how long they are.
    #[cfg(not(feature = "render"))]
    pub(crate) fn marked_line(&self) -> (&str, usize, usize) {
        let line = line_around(&self.text, self.span.start);
        let before = self.text[line.start..self.span.start].chars().count();
        (&self.text[line], before, self.text[self.span.clone()].chars().count())
    }

    /// Returns the marked bytes of the excerpt.
    #[cfg(feature = "render")]
    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Returns the lines.
    #[cfg(feature = "render")]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the number of the first line, from 0.
    #[cfg(feature = "render")]
    pub(crate) fn first_line(&self) -> usize {
        self.first_line
    }

    /// Returns the column of the place in its file, from 0.
    #[cfg(feature = "render")]
    pub(crate) fn column(&self) -> usize {
        self.column
    }

    /// Returns line and column, from 1, in the file.
    pub(crate) fn place(&self) -> (usize, usize) {
        let before = self.text[..self.span.start].bytes().filter(|byte| *byte == b'\n').count();
        (self.first_line + before + 1, self.column + 1)
    }
}

/// Returns the line that holds the byte, without its line end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    start..end
}

fn mask_line(line: &str) -> String {
    harmless(&crop(&mask_keys(line), 0..0).0, 0..0).0
}

/// Widens an empty span to the word at its place.
fn widen(line: &str, span: Range<usize>) -> Range<usize> {
    if !span.is_empty() {
        return span;
    }
    let rest = &line[span.start..];
    let word = rest.find([' ', ',', ':', '}', ']', '\t', '\r']).unwrap_or(rest.len());
    let one = rest.chars().next().map_or(0, char::len_utf8);
    span.start..span.start + word.max(one)
}

/// Escapes the control characters of a line but tabs, which a renderer expands; the span moves with its text.
fn harmless(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let part = |range: Range<usize>| escape::visible(&line[range]);
    let (before, marked, after) = (part(0..span.start), part(span.clone()), part(span.end..line.len()));
    let start = before.len();
    let end = start + marked.len();
    ([before, marked, after].concat(), start..end)
}

/// Cuts a long line to the surroundings of the span.
fn crop(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let line = line.trim_end_matches('\r');
    let span = span.start.min(line.len())..span.end.min(line.len());
    if line.len() <= LONGEST_LINE {
        return (line.to_owned(), span);
    }
    let start = floor(line, span.start.saturating_sub(AROUND));
    let shown_end = floor(line, span.end.min(span.start + AROUND));
    let end = floor(line, shown_end + AROUND);
    let lead = if start > 0 { "…" } else { "" };
    let tail = if end < line.len() { "…" } else { "" };
    let moved = |at: usize| at - start + lead.len();
    (format!("{lead}{}{tail}", &line[start..end]), moved(span.start)..moved(shown_end))
}

/// Returns the nearest character boundary at or below an offset.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_that_of_the_file() {
        let text = "a: 1\nbé: 22\nc: 3\n";
        let at = text.find("22").unwrap();
        let excerpt = Excerpt::new(text, 1, at..at + 2, false);
        assert_eq!(excerpt.place(), (2, 5));
        assert_eq!(excerpt.text, "a: 1\nbé: 22\nc: 3");
        assert_eq!(&excerpt.text[excerpt.span.clone()], "22");
        let last = Excerpt::new(text, 2, text.len() - 2..text.len() - 1, false);
        assert_eq!((&*last.text, last.place()), ("bé: 22\nc: 3", (3, 4)), "no line follows the last one");
    }

    #[test]
    fn a_long_line_is_cropped_around_the_place() {
        let text = format!("{}needle{}", "ä".repeat(5_000), "x".repeat(5_000));
        let excerpt = Excerpt::new(&text, 0, 10_000..10_006, false);
        assert!(excerpt.text.len() < 300, "{}", excerpt.text.len());
        assert_eq!(&excerpt.text[excerpt.span.clone()], "needle");
        assert_eq!(excerpt.place(), (1, 5_001));
    }

    #[test]
    fn a_cut_is_marked_and_a_long_span_is_cut_too() {
        let line = "abcdefghij".repeat(1_000);
        let at = |range| Excerpt::new(&line, 0, range, false);
        let (begin, middle, end) = (at(0..3), at(5_000..9_000), at(9_990..10_000));
        let hints = |excerpt: &Excerpt| (excerpt.text.starts_with('…'), excerpt.text.ends_with('…'));
        assert_eq!([hints(&begin), hints(&middle), hints(&end)], [(false, true), (true, true), (true, false)]);
        assert_eq!(middle.span.len(), AROUND);
        assert_eq!(middle.text.len(), "…".len() + 3 * AROUND + "…".len());
        let short = "a".repeat(LONGEST_LINE);
        assert_eq!(Excerpt::new(&short, 0, 0..1, false).text, short);
    }

    #[test]
    fn any_place_of_any_text_can_be_shown() {
        for text in ["", "\n", "é", "a\r\nb", "\n\n\n"] {
            for start in 0..=text.len() + 1 {
                for end in 0..=text.len() + 2 {
                    let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count();
                    let excerpt = Excerpt::new(text, line, start..end, false);
                    assert!(excerpt.text.get(excerpt.span.clone()).is_some(), "{text:?} {start} {end}");
                }
            }
        }
    }
}
