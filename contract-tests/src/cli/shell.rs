//! The commands `completions` and `man`, and the answers to a completion script.

use std::ffi::OsStr;
use std::path::Path;

use clap::Command;
use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter};
use crewpass_diagnostics::shell::{self, beginning_with, candidates, completion_script, write_man_pages};

use crate::client::scenario::Scenarios;
use crate::receiver;
use crate::report::Format;
use crate::requirement::{Catalogue, Requirement};

use super::args::{Completions, Man};
use super::console::say;
use super::error::{CliError, USAGE};

/// Answers a completion script, if one asks. Returns the exit code.
pub(crate) fn complete(command: fn() -> Command) -> Option<u8> {
    match shell::complete(command) {
        Ok(false) => None,
        Ok(true) => Some(0),
        Err(_) => Some(USAGE),
    }
}

/// Runs `completions`: prints a completion script.
pub(crate) fn completions(args: &Completions) -> Result<(), CliError> {
    say(&String::from_utf8_lossy(&completion_script("crewpass-contract", args.shell)?))
}

/// Runs `man`: writes the manual pages.
pub(crate) fn man(args: &Man, command: Command) -> Result<(), CliError> {
    write_man_pages(command, &args.out).map_err(|source| CliError::File { path: args.out.clone(), source })
}

/// Returns the obligations, their areas, and the scenarios.
pub(crate) fn selections() -> Vec<CompletionCandidate> {
    let Ok(catalogue) = Catalogue::built_in() else { return Vec::new() };
    let mut all = ids(catalogue.obligations());
    all.extend(areas());
    all.extend(scenarios());
    // A short id is completed where nothing else fits.
    let short =
        catalogue.obligations().iter().filter_map(|known| Some((short_id(known)?.to_owned(), known.title.clone())));
    all.extend(candidates(short).into_iter().map(|candidate| candidate.hide(true)));
    all
}

/// Returns the clauses of servers and their areas.
pub(crate) fn clauses() -> Vec<CompletionCandidate> {
    let Ok(catalogue) = Catalogue::of_server() else { return Vec::new() };
    let areas = catalogue.areas().into_iter().map(|area| (area.to_owned(), "an area".to_owned()));
    let mut all = ids(catalogue.obligations());
    all.extend(candidates(areas));
    all
}

/// Returns the obligations of receivers.
pub(crate) fn receiver_obligations() -> Vec<CompletionCandidate> {
    receiver::catalogue().map_or_else(|_| Vec::new(), |catalogue| ids(catalogue.obligations()))
}

/// Returns the clauses of senders.
pub(crate) fn sender_clauses() -> Vec<CompletionCandidate> {
    Catalogue::of_sender().map_or_else(|_| Vec::new(), |catalogue| ids(catalogue.obligations()))
}

/// Returns the areas of obligations.
pub(crate) fn areas() -> Vec<CompletionCandidate> {
    let Ok(catalogue) = Catalogue::built_in() else { return Vec::new() };
    candidates(catalogue.areas().into_iter().map(|area| (area.to_owned(), "an area".to_owned())))
}

/// Returns the obligations of clients and receivers, and the clauses of servers and senders.
pub(crate) fn requirements() -> Vec<CompletionCandidate> {
    let of_hooks = [Catalogue::of_receiver(), Catalogue::of_sender()];
    let catalogues = [Catalogue::built_in(), Catalogue::of_server()].into_iter().chain(of_hooks);
    catalogues.flatten().flat_map(|catalogue| ids(catalogue.obligations())).collect()
}

/// Returns the obligations, the clauses of servers and the scenarios.
pub(crate) fn explainable() -> Vec<CompletionCandidate> {
    let mut all = requirements();
    all.extend(scenarios());
    all
}

/// Returns the versions of the catalogue.
pub(crate) fn versions() -> Vec<CompletionCandidate> {
    let newest = Catalogue::built_in().map_or(0, |catalogue| catalogue.version());
    candidates((1..=newest).map(|version| (version.to_string(), String::new())))
}

/// Returns the formats of reports; behind the `=` of one, paths.
pub(crate) fn reports(current: &OsStr) -> Vec<CompletionCandidate> {
    let text = current.to_string_lossy();
    if let Some((format, path)) = text.split_once('=') {
        let paths = PathCompleter::any().stdio().complete(OsStr::new(path));
        return paths.into_iter().map(|path| path.add_prefix(format!("{format}="))).collect();
    }
    beginning_with(current, candidates(Format::ALL.map(|format| (format!("{}=", format.name()), String::new()))))
}

/// Returns the names of scenarios, and paths.
pub(crate) fn scenarios_and_files(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut all = beginning_with(current, scenarios());
    all.extend(PathCompleter::any().complete(current));
    all
}

fn scenarios() -> Vec<CompletionCandidate> {
    let Ok(catalogue) = Catalogue::built_in() else { return Vec::new() };
    let Ok(scenarios) = Scenarios::load(&catalogue, &[] as &[&Path]) else { return Vec::new() };
    candidates(scenarios.of_all_tasks().map(|scenario| (scenario.id.clone(), scenario.title.clone())))
}

/// Returns an id without its first part, as in `FILE-01`.
fn short_id(known: &Requirement) -> Option<&str> {
    known.id.split_once('-').map(|(_, short)| short)
}

fn ids(requirements: &[Requirement]) -> Vec<CompletionCandidate> {
    candidates(requirements.iter().map(|known| (known.id.clone(), known.title.clone())))
}
