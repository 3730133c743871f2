//! The terminal: its width, whether it wants colours, and text wrapped to it.

use std::io::IsTerminal;

use textwrap::{Options, WordSeparator, WordSplitter};

/// The least width that [`width`] returns.
const NARROWEST: usize = 40;

/// Returns the width of the terminal: `COLUMNS` if it is a number, else the size of the terminal, else `default`.
///
/// The result is at least 40.
pub fn width(default: usize) -> usize {
    let variable = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let size = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    variable.or_else(size).unwrap_or(default).max(NARROWEST)
}

/// Returns true if a stream is a terminal and `NO_COLOR` is not set.
pub fn has_color(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Wraps a text. The first line begins with `first`, all others with `rest`.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    disarm(textwrap::fill(text, Options::new(width).initial_indent(first).subsequent_indent(rest)))
}

/// Wraps a text at spaces only, so that ids, options and paths can be searched for and pasted.
pub fn wrap_words(text: &str, width: usize, first: &str, rest: &str) -> String {
    let options = Options::new(width).word_splitter(WordSplitter::NoHyphenation);
    let options = options.word_separator(WordSeparator::AsciiSpace);
    disarm(textwrap::fill(text, options.initial_indent(first).subsequent_indent(rest)))
}

/// Returns a line of at most `width` characters: the rest is cut at the end of a word, with a mark.
pub fn cut_words(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let head: String = line.chars().take(width.saturating_sub(2)).collect();
    let whole =
        head.rfind(' ').filter(|space| !head[..*space].trim().is_empty()).map_or(head.as_str(), |at| &head[..at]);
    format!("{} …", whole.trim_end())
}

/// Puts a backslash before `::` where a break within a word made it the start of a line.
fn disarm(text: String) -> String {
    if !text.lines().any(|line| line.trim_start().starts_with("::")) {
        return text;
    }
    let lines = text.split('\n').map(|line| {
        let command = line.trim_start();
        let indent = &line[..line.len() - command.len()];
        if command.starts_with("::") { format!("{indent}\\{command}") } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_text_has_its_indents() {
        assert_eq!(wrap("one two three", 9, "- ", "  "), "- one two\n  three");
        assert_eq!(wrap_words("--a-b --c-d", 8, "", ""), "--a-b\n--c-d");
    }

    #[test]
    fn a_line_is_cut_at_the_end_of_a_word() {
        assert_eq!(cut_words("one two three", 13), "one two three");
        assert_eq!(cut_words("one two three", 12), "one two …");
        assert_eq!(cut_words("onetwothree", 8), "onetwo …");
    }

    #[test]
    fn no_break_makes_a_command() {
        assert_eq!(wrap("aaaaaa::error::x", 7, "", " "), "aaaaaa\n \\::erro\n r::x");
    }
}
