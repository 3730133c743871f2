//! The environment variables of `serve`: which of them count beside a command line.

use std::env;
use std::ffi::{OsStr, OsString};

use clap::builder::{FalseyValueParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// The separator of the values of a repeatable option.
const SEPARATOR: char = ';';

/// Parses a command line with the environment.
///
/// clap takes a variable as if its option were written on the command line. So variables are left out that are empty,
/// that only say that a switch is off, or whose option conflicts with one that is written: the command line wins.
pub(super) fn parse(command: Command, line: &[OsString]) -> Result<ArgMatches, clap::Error> {
    let written = written_options(&command, line);
    let command = command.mut_subcommand("serve", |serve| {
        let whole = serve.clone();
        serve.mut_args(|option| {
            // An option without a value of its variable keeps the name of the variable, for the help.
            let Some(value) = option.get_env().and_then(env::var_os) else { return option };
            let is_written = written.iter().any(|id| *id == option.get_id().as_str());
            match option.get_action() {
                _ if is_written || value.is_empty() || conflicts(&whole, &option, &written) => without(option),
                ArgAction::SetTrue if is_off(&value) => without(option),
                // On the command line such an option is repeated instead.
                ArgAction::Append => option.value_delimiter(SEPARATOR),
                _ => option,
            }
        })
    });
    command.try_get_matches_from(line)
}

/// Returns the ids of the options of `serve` that are on the command line.
fn written_options(command: &Command, line: &[OsString]) -> Vec<String> {
    let plain = command.clone().ignore_errors(true);
    let plain = plain.mut_subcommand("serve", |serve| serve.mut_args(without));
    // An error is found again, and reported, when the line is parsed with its environment.
    let Ok(matches) = plain.try_get_matches_from(line) else { return Vec::new() };
    let Some(serve) = matches.subcommand_matches("serve") else { return Vec::new() };
    let is_written = |id: &&str| serve.value_source(id) == Some(ValueSource::CommandLine);
    serve.ids().map(clap::Id::as_str).filter(is_written).map(str::to_owned).collect()
}

/// Removes the variable of an option.
fn without(option: Arg) -> Arg {
    option.env(None::<&'static str>)
}

/// Returns true if the value of a switch says that it is off.
fn is_off(value: &OsStr) -> bool {
    // It refuses nothing: what is neither true nor false is refused when the line is parsed.
    !FalseyValueParser::new().parse_ref(&Command::new(""), None, value).unwrap_or(true)
}

/// Returns true if one of the options conflicts with this one.
fn conflicts(command: &Command, option: &Arg, written: &[String]) -> bool {
    let by_id = |id: &String| command.get_arguments().find(|known| known.get_id() == id.as_str());
    written.iter().filter_map(by_id).any(|known| {
        let of = |a, b: &Arg| command.get_arg_conflicts_with(a).iter().any(|other| other.get_id() == b.get_id());
        of(known, option) || of(option, known)
    })
}
