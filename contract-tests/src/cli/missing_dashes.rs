//! Advice for a command under test that was written without `--` before it, or where none is taken.

use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::args::{Args, Command};
use crate::report::quoted;

/// The scenario that the advice names if the caller names none.
const EXAMPLE: &str = "plain/three-documents";

/// Returns advice for a refused command line, if it seems to have a command without `--` before it.
pub(super) fn advice(line: &[String], refused: &clap::Error) -> Option<String> {
    let may_lack_dashes = matches!(
        refused.kind(),
        ErrorKind::UnknownArgument | ErrorKind::MissingRequiredArgument | ErrorKind::InvalidSubcommand
    );
    if !may_lack_dashes || line.iter().any(|word| word == "--") {
        return None;
    }
    let name = line.get(1)?;
    let mut places = (2..line.len()).filter(|place| !line[*place].starts_with('-'));
    let Some(mended) = places.find_map(|place| with_dashes(line, place)) else {
        return needs_no_command(name, refused);
    };
    let words: Vec<_> = mended.iter().skip(1).map(|word| quoted(word)).collect();
    Some(format!("write `--` before the command:\n  crewpass-contract {}\n", words.join(" ")))
}

/// Returns the words with `--` before one of them, if the command line takes that.
fn with_dashes(line: &[String], place: usize) -> Option<Vec<String>> {
    let mut mended = line.to_vec();
    mended.insert(place, "--".to_owned());
    let args = Args::try_parse_from(&mended).ok()?;
    // What is taken for the scenario of `replay` may be the first word of the command.
    if let Command::Replay(replay) = args.command
        && !is_scenario(&replay.what)
    {
        let at = line.iter().position(|word| *word == replay.what)?;
        mended = line.to_vec();
        mended.splice(at..at, [EXAMPLE.to_owned(), "--".to_owned()]);
    }
    Some(mended)
}

/// Returns true if a text looks like the name of a scenario or case, or like its file.
fn is_scenario(text: &str) -> bool {
    let name = text.split('[').next().unwrap_or_default();
    let is_name = name.contains('/') && !name.starts_with(['/', '.']) && !name.contains('.');
    is_name || Path::new(name).extension().is_some_and(|kind| kind == "yaml" || kind == "yml")
}

/// Returns advice for a command where none is taken: what is under test runs already.
fn needs_no_command(name: &str, refused: &clap::Error) -> Option<String> {
    let is_word =
        refused.get(clap::error::ContextKind::InvalidArg).is_some_and(|word| !word.to_string().starts_with('-'));
    let takes_none = Args::command().find_subcommand(name)?.get_arguments().all(|arg| !arg.is_last_set());
    let advice = match name {
        "server" => "start the server yourself, and name its address with --base",
        "hooks" => "start the sender yourself, and give it the address of --callback",
        "observe" => "a person operates the client, with the settings that are printed",
        _ => return None,
    };
    (is_word && takes_none).then(|| format!("`{name}` takes no command: {advice}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advised(line: &str) -> Option<String> {
        let line: Vec<String> = line.split(' ').map(str::to_owned).collect();
        advice(&line, &Args::try_parse_from(&line).err()?)
    }

    #[test]
    fn the_line_that_works_is_printed() {
        for (wrong, right) in [
            ("client python3 client.py {crew_id}", "client -- python3 client.py {crew_id}"),
            ("client --only RTY --tls node c.js", "client --only RTY --tls -- node c.js"),
            ("client --only client client", "client --only client -- client"),
            ("doctor ./client --out {out_dir}", "doctor -- ./client --out {out_dir}"),
            ("receiver python3 app.py", "receiver -- python3 app.py"),
            ("property --cases 5 python3 -m app", "property --cases 5 -- python3 -m app"),
            ("replay rty/retry-after python3 c.py", "replay rty/retry-after -- python3 c.py"),
            ("replay link/all-dead[dead_link=410] ./c x", "replay 'link/all-dead[dead_link=410]' -- ./c x"),
            ("replay python3 c.py", "replay plain/three-documents -- python3 c.py"),
            ("replay --tls ./c x", "replay --tls plain/three-documents -- ./c x"),
        ] {
            let expected = format!("write `--` before the command:\n  crewpass-contract {right}\n");
            assert_eq!(advised(&format!("crewpass-contract {wrong}")), Some(expected), "{wrong}");
        }
    }

    #[test]
    fn a_command_where_none_is_taken_is_refused_in_words() {
        for (line, says) in [
            ("server python3 app.py", "`server` takes no command: start the server yourself"),
            ("hooks python3 app.py", "`hooks` takes no command: start the sender yourself"),
        ] {
            let advice = advised(&format!("crewpass-contract {line}")).unwrap();
            assert!(advice.starts_with(says), "{advice}");
        }
    }

    #[test]
    fn other_mistakes_get_no_such_advice() {
        for line in
            ["client --onyl RTY", "client --onyl RTY -- ./c", "client --fail-on x", "replay", "receiver", "list x y"]
        {
            assert_eq!(advised(&format!("crewpass-contract {line}")), None, "{line}");
        }
    }
}
