//! What a person reads: lines without control bytes, keys or links.

use std::io::{self, Write};

use crate::bugs::Bug;
use crate::config::Config;

/// Returns true if a character may change how a terminal shows a line.
pub(crate) fn is_odd(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns a text of the server as one harmless line of limited length.
pub(crate) fn plain(text: &str) -> String {
    text.chars().take(200).map(|character| if is_odd(character) { '\u{fffd}' } else { character }).collect()
}

/// Prints a line about what was done.
pub(crate) fn done(config: &Config, line: &str) {
    // In a session, standard output is the protocol's, whose result says the same.
    if !config.session {
        tell(&mut io::stdout(), config, line);
    } else if config.bug.is_some() {
        tell(&mut io::stderr(), config, line);
    }
}

/// Prints a line about what went wrong.
pub(crate) fn wrong(config: &Config, line: &str) {
    tell(&mut io::stderr(), config, line);
}

fn tell(to: &mut dyn Write, config: &Config, line: &str) {
    if config.has(Bug::Mute) {
        return;
    }
    // A server may say the key back, as a name or an id.
    let key = if config.has(Bug::LogsKey) { "\0" } else { &config.key.0 };
    let line = line.replace(key, "(key)");
    let raw = [Bug::PrintsRawNames, Bug::PrintsHeaderNames, Bug::PrintsRawTitles];
    let is_raw = raw.iter().any(|bug| config.has(*bug));
    let line = if is_raw { line } else { line.chars().filter(|c| !is_odd(*c)).collect() };
    // Nothing can be said about a stream that can't be written.
    let _ = writeln!(to, "{line}");
}
