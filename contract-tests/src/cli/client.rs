//! The commands `client` and `replay`.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::client::case::Case;
use crate::client::judge::{Verdict, judge_of};
use crate::client::plan::{Plan, PlannedCase, Selection, TWIN_PASSES_BY};
use crate::client::play::{Event, Played, Subject, Unplayed, play_until};
use crate::client::run::{HarnessError, PlainHost, StopSignal};
use crate::client::scenario::Scenarios;
use crate::client::task::Task;
use crate::client::transport::Patience;
use crate::outcome::{Exit, ObligationResult, Outcome, Rules, judged};
use crate::report::{Head, Run, Transcript, command_line, quoted};
use crate::requirement::Grade;

use jiff::Timestamp;

use super::client_args::{Asked, Client, DEFAULT_SEED, How, Replay};
use super::console::{note, say};
use super::error::CliError;
use super::player::CommandPlayer;
use super::progress::Progress;
use super::reports;
use super::run_inputs::RunInputs;
use super::shared_args::selected;
use super::stop::{Reporting, Stop};
use super::{preflight, snapshot, stop};

/// The default time limit of a run.
const DEADLINE: Duration = Duration::from_secs(20);

/// Runs `client`: tests a client and writes the reports.
pub(crate) fn judge(args: &Client) -> Result<u8, CliError> {
    let inputs = RunInputs::open(&args.asked)?;
    let task = task_of(&inputs, args.task, &args.how);
    let plan = Plan::new(&inputs.catalogue, &inputs.scenarios, &args.asked.selection(task, args.shard))?;
    preflight::check(preflight::paths_of(&args.asked.reports.report).chain(args.write_known_failures.as_deref()))?;
    let fail_on = Grade::from(args.asked.fail_on);
    let command = subject(&inputs, &args.how, task)?.command;
    note_other_tasks(&inputs, &args.how, task);
    let stop_at = args.fail_fast.then_some(fail_on);
    let verdicts = play(&plan, &inputs, &args.how, task, stop_at)?;
    let Verdicts { played, results, deadline, stopped, runtime, reporting: _reporting } = verdicts;
    // What was not played would be missing in the list.
    if let Some(path) = args.write_known_failures.as_ref().filter(|_| stopped.is_none()) {
        reports::save_known(path, &inputs.known.accepting(&results))?;
    }
    let differ = match args.snapshot.as_deref().filter(|_| stopped.is_none()) {
        Some(folder) => snapshot::hold(folder, args.accept, &played)?,
        None => 0,
    };
    let rules = inputs.rules(&plan);
    let rules = Rules { partial: rules.partial || stopped.is_some(), ..rules };
    let run = Run::new(&rules.apply(results), &played, &inputs.catalogue, args.how.seed, fail_on);
    let mut run = run.replayed_with(&replay_options(&args.asked, &args.how), &command);
    run.head = Head::new(&command_line(&command), inputs.catalogue.version(), Timestamp::now()).selected_by(&selected(
        &args.asked.only,
        args.asked.grade.map(Into::into),
        args.shard,
    ));
    run.anchor.clone_from(&inputs.anchor);
    run.deadline = Some(deadline);
    run.shard = args.shard;
    run.exit = stopped.map_or(run.exit, Exit::Stopped);
    let written = reports::write(&run, args.asked.wanted(Some(&args.last_run)));
    stop::shut_down(runtime);
    written?;
    // A changed snapshot fails a run that would otherwise pass.
    Ok(match run.exit.code() {
        0 if differ > 0 => {
            note(&format!("exit 1: {differ} cases differ from their snapshots\n"));
            1
        }
        code => code,
    })
}

/// Returns the options that another run needs to behave like this one.
fn replay_options(asked: &Asked, how: &How) -> String {
    let path = |option: &str, path: &Path| format!("{option} {}", quoted(&path.display().to_string()));
    let folders = asked.scenarios.iter().map(|folder| path("--scenarios", folder));
    let manifest = asked.manifest.iter().map(|file| path("--manifest", file));
    let catalogue = asked.catalogue.map(|version| format!("--catalogue {version}"));
    let tls = how.tls.then(|| "--tls".to_owned());
    let host = how.plain_http_host.iter().map(|host| format!("--plain-http-host {}", quoted(host)));
    let deadline = how.deadline.map(|limit| format!("--deadline {}ms", limit.as_millis()));
    let session = how.session.then(|| "--session".to_owned());
    let seed = (how.seed != DEFAULT_SEED).then(|| format!("--seed {}", how.seed));
    let kept = how.keep_env.iter().map(|name| format!("--keep-env {}", quoted(name)));
    let options = folders.chain(manifest).chain(catalogue).chain(tls).chain(host).chain(deadline);
    options.chain(session).chain(seed).chain(kept).collect::<Vec<_>>().join(" ")
}

/// Runs `replay`: plays one scenario, and prints its transcript.
pub(crate) fn replay(args: &Replay) -> Result<u8, CliError> {
    let mut inputs = RunInputs::open(&args.asked)?;
    let path = Path::new(&args.what);
    let mut only = args.what.clone();
    let is_file = path.is_file();
    if is_file && path.extension().is_some_and(|kind| kind == "har") {
        let name = quoted(&args.what);
        return Err(CliError::Usage(format!(
            "{} is a capture; make a scenario of it first: crewpass-contract scenario from-har {name} --out captured.yaml",
            args.what
        )));
    } else if is_file {
        (inputs.scenarios, only) = Scenarios::with_file(&inputs.catalogue, path)?;
    } else if path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml") {
        return Err(CliError::Usage(no_such_scenario(path)));
    }
    show(&inputs, only, args, is_file)
}

/// Describes a scenario file that is not there, and how to get one.
fn no_such_scenario(path: &Path) -> String {
    let name = path.display();
    format!(
        "there is no file `{name}`. Where one comes from:\n  \
         crewpass-contract scenario from-har FILE.har --out {name}  # from a capture of a browser\n  \
         crewpass-contract property --save {name} -- CMD  # the smallest drawn scenario that fails\n\
         `crewpass-contract list --scenarios` names what is built in; `replay` takes such a name instead of a file."
    )
}

/// Formats the transcripts of what was played. Twins in which the client did its task are only named, unless `verbose`.
fn transcripts(played: &[Played], verbose: bool) -> String {
    let does_task = |case: &Case| judge_of(TWIN_PASSES_BY).is_some_and(|judge| matches!(judge(case), Verdict::Pass(_)));
    let is_named = |one: &&Played| !verbose && one.planned.control && one.case.as_ref().is_ok_and(does_task);
    let (named, shown): (Vec<&Played>, Vec<&Played>) = played.iter().partition(is_named);
    let twins = named.chunk_by(|one, other| one.planned.scenario.id == other.planned.scenario.id);
    shown.into_iter().map(transcript).chain(twins.map(name_of_twin)).collect()
}

fn transcript(one: &Played) -> String {
    let text = one.case.as_ref().map_or_else(ToString::to_string, |case| Transcript::of_case(case).to_string());
    format!("{}\n{text}\n", one.planned.name())
}

/// Formats the line about the cases of a twin.
fn name_of_twin(cases: &[&Played]) -> String {
    let id = cases.first().map_or("", |one| one.planned.scenario.id.as_str());
    let count = if cases.len() == 1 { "1 case".to_owned() } else { format!("{} cases", cases.len()) };
    format!("{id}, without the difficulty: the client did its task in {count} (--verbose shows more)\n\n")
}

fn show(inputs: &RunInputs, only: String, args: &Replay, is_file: bool) -> Result<u8, CliError> {
    let (how, asked) = (&args.how, &args.asked);
    // A scenario says itself what its client does.
    let id = only.split('[').next().unwrap_or_default();
    let task = inputs.scenarios.get(id).map_or(Task::Documents, |scenario| scenario.task);
    let command = subject(inputs, how, task)?.command;
    let selection = Selection { only: vec![only], ..asked.selection(task, None) };
    let plan = Plan::new(&inputs.catalogue, &inputs.scenarios, &selection)?;
    preflight::check(preflight::paths_of(&asked.reports.report))?;
    let Verdicts { played, results, deadline, stopped, runtime, reporting: _reporting } =
        play(&plan, inputs, how, task, None)?;
    say(&transcripts(&played, asked.verbose))?;
    let results = inputs.rules(&plan).apply(results);
    let run = Run::new(&results, &played, &inputs.catalogue, how.seed, asked.fail_on.into());
    let run = if is_file { run.replayed_from(&args.what) } else { run };
    let mut run = run.replayed_with(&replay_options(asked, how), &command);
    run.head = Head::new(&command_line(&command), inputs.catalogue.version(), Timestamp::now());
    run.deadline = Some(deadline);
    run.exit = stopped.map_or(run.exit, Exit::Stopped);
    let written = reports::write(&run, asked.wanted(None));
    stop::shut_down(runtime);
    written?;
    Ok(run.exit.code())
}

/// Plays a plan and judges it. Known failures are not yet applied.
fn play(plan: &Plan, inputs: &RunInputs, how: &How, task: Task, stop_at: Option<Grade>) -> Result<Verdicts, CliError> {
    let subject = subject(inputs, how, task)?;
    let mut progress = Progress::new(plan, &inputs.catalogue);
    let empty_plan = Plan { cases: Vec::new(), unprovoked: Vec::new(), partial: true };
    let watch = |event: Event<'_>| {
        let one = match event {
            Event::Began(case) => {
                progress.began(case);
                return true;
            }
            Event::Ended(one) => one,
        };
        let starts = !matches!(one.case, Err(Unplayed::CannotStart(_)));
        let judged_now = if starts { std::slice::from_ref(one) } else { &[] };
        let results = judged(&empty_plan, judged_now, &inputs.catalogue, judge_of);
        progress.ended(&one.planned, &results);
        let failed = |grade| results.iter().any(|result| result.outcome == Outcome::Fail && result.grade <= grade);
        starts && !stop_at.is_some_and(failed)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let begun = Cell::new(None);
    let played = runtime.block_on(async {
        let stop = Stop::listen()?;
        let open = async {
            let player = CommandPlayer::open(subject, &inputs.scenarios, &inputs.catalogue, how.jobs).await?;
            let player = Arc::new(player.with_pace(&inputs.scenarios, task).await);
            let at_once = player.at_once(how.jobs).await?;
            Ok::<_, HarnessError>((player, at_once))
        };
        let (player, at_once) = tokio::select! {
            biased;
            signal = stop.wait() => return Ok((unplayed(plan), Duration::ZERO, Some(signal))),
            opened = open => opened?,
        };
        let deadline = player.deadline();
        // From now on, the program does not end without the reports.
        let stopped = async {
            stop.wait().await;
            begun.set(Some(Reporting::begin()));
        };
        let cases = play_until(plan, player, at_once, stopped, watch).await;
        Ok::<_, HarnessError>((cases, deadline, stop.now()))
    });
    let reporting = begun.take().unwrap_or_else(Reporting::begin);
    let (played, deadline, stopped) = played?;
    let unstarted =
        played.iter().find_map(|one| one.case.as_ref().err().filter(|why| matches!(why, Unplayed::CannotStart(_))));
    if let Some(why) = unstarted {
        return Err(CliError::Usage(why.to_string()));
    }
    let results = judged(plan, &played, &inputs.catalogue, judge_of);
    Ok(Verdicts { played, results, deadline, stopped, runtime, reporting })
}

/// Returns every case of a plan as stopped.
pub(super) fn unplayed(plan: &Plan) -> Vec<Played> {
    let stopped = |planned: &PlannedCase| Played { planned: planned.clone(), case: Err(Unplayed::Stopped) };
    plan.cases.iter().map(stopped).collect()
}

/// The result of a played plan.
struct Verdicts {
    played: Vec<Played>,
    results: Vec<ObligationResult>,
    /// The time limit of a run of this client.
    deadline: Duration,
    /// The signal that stopped the gate, if one did.
    stopped: Option<StopSignal>,
    /// Ended when the reports are written: until then it may still end clients.
    runtime: tokio::runtime::Runtime,
    /// Dropped when the reports are written and the clients are gone.
    reporting: Reporting,
}

/// Returns the task of a run: the one that is asked for; or, if no command is given, the only one that the manifest has a
/// command for; or else the documents of one person.
pub(super) fn task_of(inputs: &RunInputs, asked: Option<Task>, how: &How) -> Task {
    let from_manifest = || match inputs.manifest.tasks().as_slice() {
        [only] if how.command.is_empty() => *only,
        _ => Task::Documents,
    };
    asked.unwrap_or_else(from_manifest)
}

/// Says which tasks of the manifest this run does not judge.
fn note_other_tasks(inputs: &RunInputs, how: &How, task: Task) {
    let others = inputs.manifest.tasks().into_iter().filter(|other| *other != task && how.command.is_empty());
    for other in others {
        note(&format!("the task `{task}` is judged; for `{other}`, run this again with --task {other}\n"));
    }
}

/// Returns the client under test, with the command for a task.
pub(super) fn subject(inputs: &RunInputs, how: &How, task: Task) -> Result<Subject, CliError> {
    let manifest = &inputs.manifest;
    let command = if how.command.is_empty() { manifest.command_for(task) } else { how.command.as_slice() };
    if command.is_empty() {
        return Err(CliError::Usage(no_command(task).to_owned()));
    }
    if task == Task::Fleet && command.iter().any(|argument| argument.contains("{crew_id}")) {
        let message = "the task `fleet` is about everybody on the fleet: leave `{crew_id}` out of the command";
        return Err(CliError::Usage(message.to_owned()));
    }
    let host = how.plain_http_host.as_deref().map(PlainHost::look_up).transpose();
    let bound = how.deadline.or(manifest.deadline_s.map(Duration::from_secs));
    Ok(Subject {
        command: command.to_vec(),
        env: manifest.env.clone(),
        keep_env: how.keep_env.clone(),
        deadline: bound.unwrap_or(DEADLINE),
        bound,
        patience: how.quiet.map(|quiet| Patience { quiet, most: (quiet * 5).min(Patience::default().most) }),
        exit_classes: manifest.exit_classes,
        tls: how.tls,
        plain_http_host: host.map_err(|bad| CliError::Usage(format!("--plain-http-host: {bad}")))?,
        session: how.session,
        seed: how.seed,
    })
}

/// Says that there is no command, and where to write it.
const fn no_command(task: Task) -> &'static str {
    match task {
        Task::Documents => "no command is given: write it after `--`, or as `command` in the manifest",
        Task::Fleet => "no command is given: write it after `--`, or as `fleet` of `commands` in the manifest",
    }
}
