//! The command `show`: prints one obligation of the last run in full, or the whole report again.

use std::fs;
use std::io::ErrorKind;

use clap::Args as ClapArgs;
use clap_complete::engine::ArgValueCandidates;

use crate::report::{Format, Look, Run, read_saved_run, show as shown};
use crate::requirement::Catalogue;

use super::console::{look, note, say};
use super::error::CliError;
use super::reports::whole_run;
use super::shared_args::LastRun;
use super::shell::requirements;

/// The arguments of `show`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Show {
    /// An obligation of a client or receiver, such as CPK-LINK-02 or LINK-02, or a clause of a server or sender
    /// [default: all, as with `--verbose`]
    #[arg(add = ArgValueCandidates::new(requirements))]
    id: Option<String>,
    #[command(flatten)]
    last_run: LastRun,
}

/// Runs `show`.
pub(crate) fn show(args: &Show) -> Result<(), CliError> {
    let run = last_run(&args.last_run)?;
    let Some(given) = &args.id else {
        let look = Look { verbose: true, ..look() };
        let text = Format::Human.render(&run, look).map_err(|error| CliError::Gate(error.to_string()))?;
        return say(&text);
    };
    let first = run.entries.first().map(|entry| entry.id.as_str()).unwrap_or_default();
    let catalogue = Catalogue::with_id(first)?;
    let id = &catalogue.find(given)?.id;
    if let Some(text) = shown(&run, id, look()) {
        return say(&text);
    }
    // A part that was judged again after a mend leaves the rest as it was.
    let whole = fs::read_to_string(whole_run(&args.last_run.last_run)).ok().and_then(|text| read_saved_run(&text).ok());
    match whole.and_then(|whole| shown(&whole, id, look())) {
        Some(text) => {
            note(&format!("{id} was not judged in the last run{}; this is the whole run before it\n", selected(&run)));
            say(&text)
        }
        None => {
            Err(CliError::Usage(format!("{id} was not judged in the last run: {}{}", run.head.subject, selected(&run))))
        }
    }
}

/// Returns what the run was restricted to, if it was.
fn selected(run: &Run) -> String {
    if run.head.selection.is_empty() { String::new() } else { format!(", {}", run.head.selection) }
}

fn last_run(args: &LastRun) -> Result<Run, CliError> {
    let path = &args.last_run;
    let text = fs::read_to_string(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => CliError::Usage(format!(
            "no run is saved in {}: run `crewpass-contract client -- CMD` here first, or name the file with `--last-run`",
            path.display()
        )),
        _ => CliError::File { path: path.clone(), source },
    })?;
    read_saved_run(&text).map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))
}
