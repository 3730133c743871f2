//! Escaping of foreign text at the border: what a client, a server or a file name holds is shown harmless and bounded.
//!
//! Every function here shows control characters as escapes such as `\r` or `\u{1b}`, cuts a long text with a visible
//! `…`, and takes the power from commands of CI runners: `::error::` at the start of a line, `##[` anywhere.
//!
//! Rationale: a backslash stays as it is. A text that is escaped twice is the same as one escaped once, so that a report
//! may escape what a judge has escaped; that `\r` may also be two characters of the text misleads nobody.

use std::borrow::Cow;

/// The mark where a text was cut.
const CUT: char = '…';

/// Makes one line of at most `most` characters: line ends and tabs are shown as escapes, too.
pub fn line(text: &str, most: usize) -> Cow<'_, str> {
    escape(text, most, |c| is_harmful(c) || matches!(c, '\n' | '\t'))
}

/// Makes lines of at most `most` characters in all; line ends and tabs stay.
pub fn block(text: &str, most: usize) -> Cow<'_, str> {
    escape(text, most, is_harmful)
}

/// Shows the control characters of a piece of text but line ends and tabs, for a place where it begins no line.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) { shown.extend(escaped(c)) } else { shown.push(c) }
    }
    shown
}

/// Makes text for an element of XML or HTML, before the encoder: lines without tabs, which readers take differently.
pub fn markup(text: &str, most: usize) -> Cow<'_, str> {
    escape(text, most, |c| is_harmful(c) || c == '\t')
}

/// Makes a cell of a table in Markdown: no HTML, no link, no end of the cell.
///
/// A bar is written as an entity: behind a backslash of the text, a backslash would not escape it.
pub fn markdown_cell(text: &str, most: usize) -> String {
    let text = line(text, most);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "&#124;").replace("](", "]&#40;")
}

/// Makes the message of a workflow command of GitHub, which may have more than one line.
pub fn github_message(text: &str, most: usize) -> String {
    block(text, most).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Makes the value of a property of a workflow command of GitHub.
pub fn github_property(text: &str, most: usize) -> String {
    github_message(&line(text, most), most).replace(':', "%3A").replace(',', "%2C")
}

/// Returns true if a terminal, a log or an XML reader would obey, hide or refuse the character.
fn is_harmful(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Direction marks reorder what a reader sees; joiners and fillers hide; separators end a line.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        // Code points that are no characters; XML can't hold them.
        c => c.is_control() || u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c),
    }
}

/// Returns the escape of a character, such as `\r` or `\u{1b}`.
fn escaped(c: char) -> impl Iterator<Item = char> {
    // `escape_default` knows short forms for `\t`, `\r` and `\n`; the characters asked about are never quotes.
    c.escape_default()
}

/// Escapes and cuts. A text that needs neither is returned as it is.
fn escape(text: &str, most: usize, is_shown_as_escape: impl Fn(char) -> bool) -> Cow<'_, str> {
    let mut out = Output::new(text.len().min(most.saturating_mul(4)), most);
    let mut command = Command::LineStart;
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next();
        let disarmed = command.is_completed_by(c, next);
        command = command.after(c);
        let whole = if is_shown_as_escape(c) {
            out.push(escaped(c))
        } else if disarmed {
            out.push(['\\', c].into_iter())
        } else {
            out.push(std::iter::once(c))
        };
        if !whole {
            break;
        }
    }
    if out.text == text { Cow::Borrowed(text) } else { Cow::Owned(out.text) }
}

/// The state of a search for commands of CI runners.
#[derive(Clone, Copy)]
enum Command {
    /// Nothing but white space is before.
    LineStart,
    /// One `#` is before.
    Hash,
    /// `##` is before, or `##` and a name such as `vso`.
    Hashes,
    /// Any other text is before.
    Text,
}

impl Command {
    /// Returns true if a backslash before the character keeps a runner from reading a command.
    ///
    /// GitHub's runner finds `::` behind white space at the start of a line, and `##[` anywhere in one. A space in a
    /// text may become the start of a line where the text is wrapped, so every word is taken for the start of one.
    fn is_completed_by(self, c: char, next: Option<char>) -> bool {
        match self {
            Self::LineStart => c == ':' && next == Some(':'),
            Self::Hashes => c == '[',
            Self::Hash | Self::Text => false,
        }
    }

    /// Returns the state behind the character.
    fn after(self, c: char) -> Self {
        match (self, c) {
            (_, c) if c.is_whitespace() => Self::LineStart,
            (Self::Hash | Self::Hashes, '#') => Self::Hashes,
            (Self::Hashes, c) if c.is_ascii_alphabetic() => Self::Hashes,
            (_, '#') => Self::Hash,
            _ => Self::Text,
        }
    }
}

/// A text of at most `most` characters.
struct Output {
    text: String,
    count: usize,
    most: usize,
    /// The bytes of the text that leave room for the mark of a cut.
    cut_at: usize,
}

impl Output {
    fn new(capacity: usize, most: usize) -> Self {
        Self { text: String::with_capacity(capacity), count: 0, most, cut_at: 0 }
    }

    /// Adds a unit that is never cut; returns false if the text is full and was cut.
    fn push(&mut self, unit: impl Iterator<Item = char>) -> bool {
        for c in unit {
            self.text.push(c);
            self.count += 1;
        }
        if self.count > self.most {
            self.text.truncate(self.cut_at);
            self.text.extend((self.most > 0).then_some(CUT));
            return false;
        }
        if self.count < self.most {
            self.cut_at = self.text.len();
        }
        true
    }
}

#[cfg(test)]
mod tests;
