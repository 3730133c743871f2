//! `completions` and `man`, and the answers to a completion script.

use std::process::ExitCode;

use clap::Command;
use clap_complete::engine::CompletionCandidate;
use crewpass_diagnostics::shell::{self, candidates, completion_script, write_man_pages};

use crate::policy::Policies;
use crate::webhook::EventType;
use crate::world::Status;

use super::args::{Completions, Man};
use super::error::{CliError, USAGE};
use super::standard_output::say;

/// The filters of the journal, with what each selects.
const FILTERS: [(&str, &str); 12] = [
    ("kind=", "exchange or change"),
    ("step=", "an endpoint, such as list, link or file"),
    ("status=", "a status such as 404, or a class such as 4xx"),
    ("clause=", "the clause that decided"),
    ("crew=", "the id of the crew member"),
    ("document=", "the id of the document"),
    ("key=", "the end of the key"),
    ("fault=", "the name of a fault rule that fired"),
    ("leaks=", "true or false: whether a secret leaked"),
    ("change=", "the topic of a change"),
    ("since=", "the first sequence number"),
    ("limit=", "the largest number of entries"),
];

/// Answers a completion script, if one asks. Returns the exit code.
pub(crate) fn complete(command: fn() -> Command) -> Option<ExitCode> {
    match shell::complete(command) {
        Ok(false) => None,
        Ok(true) => Some(ExitCode::SUCCESS),
        Err(_) => Some(ExitCode::from(USAGE)),
    }
}

/// Prints a completion script.
pub(crate) fn completions(args: &Completions) -> Result<(), CliError> {
    say(&String::from_utf8_lossy(&completion_script("crewpass-mock", args.shell)?))
}

/// Writes the manual pages.
pub(crate) fn man(args: &Man, command: Command) -> Result<(), CliError> {
    write_man_pages(command, &args.out).map_err(|source| CliError::File { path: args.out.clone(), source })
}

/// Returns each policy with each of its values. One with too many of them has its name only.
pub(crate) fn policies() -> Vec<CompletionCandidate> {
    let listed = Policies::listed_values();
    let settings = Policies::choices().into_iter().flat_map(|(name, choices)| {
        match listed.iter().find(|(known, _)| *known == name) {
            Some((_, values)) => values.iter().map(|value| (format!("{name}={value}"), String::new())).collect(),
            None => vec![(format!("{name}="), choices)],
        }
    });
    candidates(settings)
}

/// Returns the verification statuses of a document.
pub(crate) fn statuses() -> Vec<CompletionCandidate> {
    let all = [Status::Verified, Status::Pending, Status::Rejected, Status::Expired];
    candidates(all.map(|status| (status.name(), String::new())))
}

/// Returns the types of webhook events.
pub(crate) fn event_types() -> Vec<CompletionCandidate> {
    candidates(EventType::ALL.map(|kind| (kind.name(), String::new())))
}

/// Returns the filters of the journal.
pub(crate) fn filters() -> Vec<CompletionCandidate> {
    candidates(FILTERS.map(|(name, help)| (name, help.to_owned())))
}
