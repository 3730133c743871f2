//! The few lines of a world that a message shows: masked, and a very long line cropped around what is pointed at.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::mask::{mask_keys, mask_range};

/// A longer line is cropped: a JSON world may be one line of many megabytes.
const LONGEST_LINE: usize = 240;

/// How much of a cropped line is shown on either side.
const AROUND: usize = 80;

/// A piece of a file with its place in it.
#[derive(Clone, Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    span: Range<usize>,
    first_line: usize,
    column: usize,
}

impl Excerpt {
    /// The line at `range` of a text, with one line before and after it; `first_line` is its number from 0. Where the
    /// range is that of a secret, it is masked whatever it looks like.
    pub(super) fn of(name: &str, whole: &str, first_line: usize, range: Range<usize>, secret: bool) -> Self {
        let range = floor(whole, range.start)..floor(whole, range.end.max(range.start));
        let line = line_around(whole, range.start);
        let within = range.start - line.start..range.end.min(line.end).max(range.start) - line.start;
        let shown = &whole[line.clone()];
        let hidden = if secret { mask_range(shown, within.clone()) } else { shown.to_owned() };
        let masked = mask_keys(&hidden);
        let column = shown[..within.start].chars().count();
        let (cropped, span) = crop(&masked, widen(&masked, within));
        let before = line.start.checked_sub(1).map(|end| mask_line(&whole[line_around(whole, end)]));
        let after = whole.get(line.end + 1..).filter(|rest| !rest.is_empty());
        let after = after.map(|_| mask_line(&whole[line_around(whole, line.end + 1)]));
        let mut excerpt = Self { name: name.to_owned(), text: String::new(), span, first_line, column };
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

    /// What the message points at, in bytes of the excerpt.
    pub(super) fn span(&self) -> SourceSpan {
        (self.span.start, self.span.len()).into()
    }

    /// Line and column, from 1, in the file.
    pub(super) fn place(&self) -> (usize, usize) {
        let before = self.text[..self.span.start].bytes().filter(|byte| *byte == b'\n').count();
        (self.first_line + before + 1, self.column + 1)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let part = self.text.read_span(span, before, after)?;
        // Only the header asks for the place alone; there the column is the file's, not the cropped line's.
        let column = if before == 0 { self.column } else { part.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            part.data(),
            *part.span(),
            part.line() + self.first_line,
            column,
            part.line_count(),
        )))
    }
}

/// The line that holds the byte, without its line end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    start..end
}

fn mask_line(line: &str) -> String {
    crop(&mask_keys(line), 0..0).0
}

/// Points at a whole word where an error names a place without a length.
fn widen(line: &str, span: Range<usize>) -> Range<usize> {
    if !span.is_empty() {
        return span;
    }
    let rest = &line[span.start..];
    let word = rest.find([' ', ',', ':', '}', ']', '\t', '\r']).unwrap_or(rest.len());
    let one = rest.chars().next().map_or(0, char::len_utf8);
    span.start..span.start + word.max(one)
}

/// Cuts a line that is too long to the surroundings of the span.
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

/// The nearest character boundary at or below an offset.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_the_files() {
        let text = "a: 1\nbé: 22\nc: 3\n";
        let at = text.find("22").unwrap();
        let excerpt = Excerpt::of("w.yaml", text, 1, at..at + 2, false);
        assert_eq!(excerpt.place(), (2, 5));
        assert_eq!(excerpt.text, "a: 1\nbé: 22\nc: 3");
        assert_eq!(&excerpt.text[excerpt.span.clone()], "22");
        let last = Excerpt::of("w.yaml", text, 2, text.len() - 2..text.len() - 1, false);
        assert_eq!((&*last.text, last.place()), ("bé: 22\nc: 3", (3, 4)), "no line follows the last one");
    }

    #[test]
    fn a_long_line_is_cropped_around_the_place() {
        let text = format!("{}needle{}", "ä".repeat(5_000), "x".repeat(5_000));
        let excerpt = Excerpt::of("w.json", &text, 0, 10_000..10_006, false);
        assert!(excerpt.text.len() < 300, "{}", excerpt.text.len());
        assert_eq!(&excerpt.text[excerpt.span.clone()], "needle");
        assert_eq!(excerpt.place(), (1, 5_001));
    }

    #[test]
    fn what_is_cut_off_is_hinted_at_and_a_long_span_is_cut_too() {
        let line = "abcdefghij".repeat(1_000);
        let of = |range| Excerpt::of("w.json", &line, 0, range, false);
        let (begin, middle, end) = (of(0..3), of(5_000..9_000), of(9_990..10_000));
        let hints = |excerpt: &Excerpt| (excerpt.text.starts_with('…'), excerpt.text.ends_with('…'));
        assert_eq!([hints(&begin), hints(&middle), hints(&end)], [(false, true), (true, true), (true, false)]);
        assert_eq!(middle.span.len(), AROUND);
        assert_eq!(middle.text.len(), "…".len() + 3 * AROUND + "…".len());
        let short = "a".repeat(LONGEST_LINE);
        assert_eq!(Excerpt::of("w.json", &short, 0, 0..1, false).text, short);
    }

    #[test]
    fn any_place_of_any_text_can_be_shown() {
        for text in ["", "\n", "é", "a\r\nb", "\n\n\n"] {
            for start in 0..=text.len() + 1 {
                for end in 0..=text.len() + 2 {
                    let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count();
                    let excerpt = Excerpt::of("w", text, line, start..end, false);
                    assert!(excerpt.text.get(excerpt.span.clone()).is_some(), "{text:?} {start} {end}");
                }
            }
        }
    }
}
