//! The command `property`: draws scenarios, and writes the smallest one that the client fails to a
//! file.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::client::case::Case;
use crate::client::scenario::written;
use crate::client::task::Task;
use crate::property::{Budget, Checked, Counterexample, Event, check};
use crate::report::{Cause, Transcript, command_line, quoted};
use crate::requirement::Grade;
use clap::Args as ClapArgs;
use crewpass_diagnostics::parse_duration;

use super::client::{subject, task_of};
use super::client_args::{Asked, How};
use super::console::{note, say};
use super::error::CliError;
use super::player::CommandPlayer;
use super::preflight;
use super::reports::save;
use super::run_inputs::RunInputs;
use super::shared_args::{EXIT_CODES, GradeArg};
use super::stop::until_stopped;

/// The arguments of `property`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Property {
    /// The number of cases
    #[arg(long, default_value_t = 200)]
    cases: u32,
    /// Start no further case after this time
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    time: Option<Duration>,
    /// The most runs for making a counterexample smaller
    #[arg(long, default_value_t = 200)]
    shrinks: u32,
    /// Write a counterexample to this file; `replay` can run it
    #[arg(long, value_name = "FILE", default_value = "crewpass-counterexample.yaml")]
    save: PathBuf,
    /// The lowest grade whose broken obligations count as a counterexample
    #[arg(long, value_enum, default_value = "must")]
    fail_on: GradeArg,
    /// The task of the client: documents or fleet [default: the one that the manifest has a command for, or documents]
    #[arg(long)]
    task: Option<Task>,
    /// The manifest [default: crewpass-contract.toml, if it exists]
    #[arg(long, value_name = "PATH")]
    manifest: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

/// Runs `property`: draws and plays cases, and prints the result.
pub(crate) fn property(args: &Property) -> Result<u8, CliError> {
    let inputs = RunInputs::open(&Asked::for_manifest(args.manifest.clone()))?;
    let task = task_of(&inputs, args.task, &args.how);
    let subject = subject(&inputs, &args.how, task)?;
    let command = command_line(&subject.command);
    preflight::check([args.save.as_path()])?;
    let catalogue = Arc::new(inputs.catalogue.clone());
    let budget = Budget {
        cases: args.cases,
        seed: args.how.seed,
        time: args.time,
        shrinks: args.shrinks,
        fail_on: Grade::from(args.fail_on),
        task,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let checked = runtime.block_on(until_stopped(async {
        let player = CommandPlayer::open(subject, &inputs.scenarios, &inputs.catalogue, args.how.jobs).await?;
        let player = player.in_memory().with_pace(&inputs.scenarios, task).await;
        let (fake, options) = player.parts();
        check(fake, options, &catalogue, budget, |event| report_event(event, budget.cases)).await
    }))?;
    let Checked { played, waiting, took, .. } = checked;
    let seconds = took.as_secs_f64();
    note(&format!("{played} cases with seed {}, {waiting} of them with waits, in {seconds:.1} s\n", args.how.seed));
    match &checked.counterexample {
        Some(found) => {
            show_counterexample(args, &command, found)?;
            Ok(1)
        }
        None if checked.exercised == 0 => {
            say(&why_none_was_judged(checked.unjudged.as_deref(), &command))?;
            Ok(3)
        }
        None => {
            let judged = match budget.fail_on {
                Grade::MUST => "MUST",
                Grade::SHOULD => "MUST and SHOULD",
                Grade::MAY | Grade::OBSERVED => "obligation",
            };
            say(&format!("Every {judged} that could be judged was kept in {played} cases\n"))?;
            Ok(0)
        }
    }
}

/// Says why no case could be judged, as the client showed it.
fn why_none_was_judged(case: Option<&Case>, command: &str) -> String {
    let mut text = "Nothing is broken, but in no case could the exit be judged".to_owned();
    match case.and_then(Cause::in_case) {
        Some(reason) => {
            text.extend([": ", reason.seen.as_str(), "\n"]);
            if !reason.printed.is_empty() {
                text.extend(["  last line  ", reason.printed.as_str(), "\n"]);
            }
        }
        None => text.push('\n'),
    }
    text + &format!("See what to change: crewpass-contract doctor -- {command}\n")
}

/// Prints progress: everything on a terminal, else every 50th case.
fn report_event(event: Event, all: u32) {
    match event {
        Event::Played(many) if many.is_multiple_of(50) || std::io::stderr().is_terminal() => {
            note(&format!("{many} of {all} cases played\n"));
        }
        Event::Played(_) => {}
        Event::Failed(number) => note(&format!("case {number} fails; shrinking it\n")),
        Event::Shrunk(size) => note(&format!("still fails with {size}\n")),
    }
}

fn show_counterexample(args: &Property, command: &str, found: &Counterexample) -> Result<(), CliError> {
    let transcript = Transcript::of_case(&found.case);
    let mut text = format!("{}, shrunk in {} runs\n{transcript}\n", found.scenario.title, found.shrinks);
    let mut comment = format!("Found by property mode: seed {}, case {}.\n", args.how.seed, found.number);
    for (id, findings) in &found.broken {
        for finding in findings {
            text.extend(
                [id, " expected ", &finding.expected, ", observed ", &finding.observed, "\n"].map(String::from),
            );
        }
        comment.extend(["Broken: ", id, "\n"]);
    }
    let file_text = written(&found.scenario, &comment).map_err(CliError::Gate)?;
    save(&args.save, &file_text)?;
    let session = if args.how.session { "--session " } else { "" };
    let path = args.save.display().to_string();
    let path = quoted(&path);
    text.extend([format!("saved; run it again with: crewpass-contract replay {path} {session}-- {command}\n")]);
    say(&text)
}
