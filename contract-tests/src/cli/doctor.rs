//! The command `doctor`: runs one plain case and explains each step, and then some cases that show more.

use crate::client::case::Case;
use crate::client::plan::{Plan, PlannedCase, Selection};
use crate::client::play::{PlayCase, Unplayed};
use crate::client::task::Task;
use crate::doctor::{Mark, Probe, RunOptions, Step, format_steps, steps};
use crate::report::{Transcript, command_line};

use crewpass_diagnostics::terminal::wrap;

use super::client::subject;
use super::client_args::{Asked, Doctor};
use super::console::{say, width};
use super::error::{CliError, USAGE};
use super::player::CommandPlayer;
use super::preflight;
use super::run_inputs::RunInputs;
use super::stop::until_stopped;

/// A scenario that any working client passes.
const PLAIN: &str = Task::Documents.friendly_scenario();

/// The number of last lines of the client's output that are shown.
const LAST: usize = 10;

/// The heading above the client's output.
const PRINTED: &str = "\nIts last output:\n";

/// Examines a command. Returns 0 if it can be tested, 1 if not, and 2 if it can't be started.
pub(crate) fn doctor(args: &Doctor) -> Result<u8, CliError> {
    let inputs = RunInputs::open(&Asked::for_manifest(None))?;
    let subject = subject(&inputs, &args.how, Task::Documents)?;
    preflight::check([])?;
    let command = command_line(&subject.command);
    let options = RunOptions { tls: args.how.tls };
    let plain = case(&inputs, PLAIN)?;
    let probes = Probe::all(options).map(|probe| Ok((probe, case(&inputs, probe.scenario())?)));
    let probes = probes.collect::<Result<Vec<_>, CliError>>()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let examined = runtime.block_on(until_stopped(async {
        let player = CommandPlayer::open(subject, &inputs.scenarios, &inputs.catalogue, None).await?;
        Ok(examine(&player, plain, probes, options).await)
    }));
    let Examined { played, steps, is_sound } = examined?;
    if let Err(Unplayed::Broken(why)) = &played {
        return Err(CliError::Gate(why.clone()));
    }
    let missed = has_failed(&steps);
    let mut text = format_steps(&steps, width());
    if missed {
        text += &printed(played.as_ref().ok().map(Transcript::of_case));
        let verdict = "This command can't be tested yet. Follow the advice above, and run `doctor` again.";
        text.extend(["\n", &wrap(verdict, width(), "", ""), "\n"]);
    } else if !is_sound {
        text += &printed(played.as_ref().ok().map(Transcript::of_case));
        let verdict = "This command can be tested, but mend this first: many findings would have this one reason.";
        text.extend(["\n", &wrap(verdict, width(), "", ""), "\n  crewpass-contract client -- ", &command, "\n"]);
    } else {
        text.extend(["\nThis command can be tested:\n  crewpass-contract client -- ", &command, "\n"]);
    }
    say(&text)?;
    Ok(match played {
        Err(_) => USAGE,
        Ok(_) => u8::from(missed),
    })
}

/// Returns the first case of a scenario.
fn case(inputs: &RunInputs, scenario: &str) -> Result<PlannedCase, CliError> {
    let selection = Selection { only: vec![scenario.to_owned()], ..Selection::default() };
    let plan = Plan::new(&inputs.catalogue, &inputs.scenarios, &selection)?;
    plan.cases.into_iter().next().ok_or_else(|| CliError::Gate(format!("{scenario} is not there")))
}

/// What the doctor found.
struct Examined {
    played: Result<Case, Unplayed>,
    steps: Vec<Step>,
    /// Is true if the client did all that it has to do in the plain case.
    is_sound: bool,
}

/// Plays the plain case, and the probes if the client works in it.
async fn examine(
    client: &impl PlayCase,
    plain: PlannedCase,
    probes: Vec<(Probe, PlannedCase)>,
    options: RunOptions,
) -> Examined {
    let played = client.play(plain).await;
    let mut steps = steps(&played, options);
    let is_sound = steps.iter().all(|step| step.mark == Mark::Done);
    if is_sound {
        for (probe, planned) in probes {
            // A probe that can't be played says nothing about the client.
            let case = client.play(planned).await.ok();
            steps.extend(case.and_then(|case| probe.step(&case, options)));
        }
    }
    Examined { played, steps, is_sound }
}

fn has_failed(steps: &[Step]) -> bool {
    steps.iter().any(|step| step.mark == Mark::Failed)
}

/// Formats the last lines that the client printed, with secrets masked.
fn printed(transcript: Option<Transcript>) -> String {
    let runs = transcript.map(|transcript| transcript.runs).unwrap_or_default();
    let text = runs.last().map(|run| run.printed.clone()).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LAST)..];
    let shown: String = last.iter().flat_map(|line| ["  | ", line, "\n"]).collect();
    if shown.is_empty() { shown } else { PRINTED.to_owned() + &shown }
}
