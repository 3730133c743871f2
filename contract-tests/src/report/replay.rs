//! The line that replays a case, as a shell takes it.

use std::borrow::Cow;

use crewpass_diagnostics::{mask_text, shell_word};

use super::run::Run;

const REPLAY: &str = "crewpass-contract replay";

/// The placeholder for the client's command where it is not known.
const COMMAND: &str = " -- CMD";

/// The placeholders of a command; a shell leaves them as they are.
const PLACEHOLDERS: [&str; 3] = ["{base}", "{crew_id}", "{out_dir}"];

/// Returns the command that replays a case; brackets are quoted for the shell.
pub(super) fn replay_line(case: &str) -> String {
    if case.is_empty() { String::new() } else { format!("{REPLAY} {}{COMMAND}", quoted(case)) }
}

/// Returns a word of a command as a shell takes it; a placeholder needs no quotes.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let rest = PLACEHOLDERS.iter().fold(word.to_owned(), |rest, placeholder| rest.replace(placeholder, "_"));
    match shell_word(&rest) {
        Cow::Borrowed(_) => Cow::Borrowed(word),
        Cow::Owned(_) => shell_word(word),
    }
}

/// Returns a command as a shell takes it, with keys and tokens masked.
pub fn command_line(words: &[String]) -> String {
    let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    mask_text(&line).into_owned()
}

/// Returns a replay line with options and the command.
fn completed(line: &str, options: &str, command: &[String]) -> String {
    let options = if options.is_empty() { String::new() } else { format!(" {options}") };
    let line = line.replacen(REPLAY, &format!("{REPLAY}{options}"), 1);
    match line.strip_suffix(COMMAND).filter(|_| !command.is_empty()) {
        Some(start) => format!("{start} -- {}", command_line(command)),
        None => line,
    }
}

impl Run {
    /// Completes each replay line: with options such as `--tls`, and with the command.
    #[must_use]
    pub fn replayed_with(mut self, options: &str, command: &[String]) -> Self {
        for entry in self.entries.iter_mut().filter(|entry| entry.replay.starts_with(REPLAY)) {
            entry.replay = completed(&entry.replay, options, command);
            entry.make_harmless();
        }
        if let Some(cause) = &mut self.cause {
            cause.replay = completed(&cause.replay, options, command);
        }
        self
    }

    /// Makes each replay line serve the case again, for a client that a person operates.
    #[must_use]
    pub fn observed_again(mut self) -> Self {
        for entry in self.entries.iter_mut().filter(|entry| !entry.scenario.is_empty()) {
            entry.replay = format!("crewpass-contract observe --only {}", quoted(&entry.scenario));
            entry.make_harmless();
        }
        self
    }

    /// Names a file instead of a scenario in each replay line.
    #[must_use]
    pub fn replayed_from(mut self, file: &str) -> Self {
        for entry in self.entries.iter_mut().filter(|entry| !entry.scenario.is_empty()) {
            let case = replay_line(&entry.scenario);
            entry.replay = entry.replay.replacen(&case, &replay_line(file), 1);
            entry.make_harmless();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_needs_it() {
        for plain in ["python3", "./my_client.py", "{crew_id}", "--out={out_dir}/a", "rty/once"] {
            assert_eq!(quoted(plain), plain);
        }
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("rty/once[retry_after=seconds]"), "'rty/once[retry_after=seconds]'");
        assert_eq!(quoted("curl \"$BASE\" 'x'"), r#"'curl "$BASE" '\''x'\'''"#);
        assert_eq!(quoted("{a,b}"), "'{a,b}'");
        assert_eq!(quoted("one\n\\two's"), r"$'one\n\\two\'s'");
    }

    #[test]
    fn a_shell_reads_the_words_again() {
        let words = ["sh", "-c", "printf '%s\\n' \"$0\"\nexit", "ä\u{1b}b", "{out_dir}", "~", ""];
        let line = command_line(&words.map(str::to_owned));
        assert!(!line.contains(char::is_control), "{line}");
        let script = format!("for word in {line}; do printf '%s\\0' \"$word\"; done");
        let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
        let read = String::from_utf8(output.stdout).unwrap();
        assert_eq!(read.split_terminator('\0').collect::<Vec<_>>(), words);
    }
}
