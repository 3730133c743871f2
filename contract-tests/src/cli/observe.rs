//! The command `observe`: serves a client that a person operates, and prints its base URL and key.

use std::future::pending;
use std::time::Duration;

use crate::client::case::Case;
use crate::client::judge::judge_of;
use crate::client::plan::{Plan, PlannedCase};
use crate::client::play::Played;
use crate::client::run::{Fake, HarnessError, Options, Served, observe as serve};
use crate::client::task::Task;
use crate::client::transport::Exec;
use crate::outcome::judged;
use crate::report::Run;
use clap::Args as ClapArgs;
use crewpass_diagnostics::parse_duration;

use super::client_args::{Asked, DEFAULT_SEED};
use super::console::{note, say};
use super::error::CliError;
use super::reports;
use super::run_inputs::RunInputs;
use super::shared_args::EXIT_CODES;

/// The default scenario.
const PLAIN: &str = "plain/three-documents";

/// The arguments of `observe`.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Observe {
    /// The time that each scenario is served [default: until Ctrl-C]
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    long: Option<Duration>,
    #[command(flatten)]
    asked: Asked,
}

/// Runs `observe`: serves the selected scenarios one after another, and judges the requests.
pub(crate) fn observe(args: &Observe) -> Result<u8, CliError> {
    let asked = match args.asked.only.as_slice() {
        [] => Asked { only: vec![PLAIN.to_owned()], ..args.asked.clone() },
        _ => args.asked.clone(),
    };
    let inputs = RunInputs::open(&asked)?;
    let plan = Plan::new(&inputs.catalogue, &inputs.scenarios, &asked.selection(Task::Documents, None))?;
    if let Some(case) = plan.cases.iter().find(|case| case.scenario.runs.len() > 1) {
        return Err(CliError::Usage(format!(
            "{} needs several runs of the client, which `observe` can't distinguish",
            case.name()
        )));
    }
    let options = Options { worlds: inputs.scenarios.world_texts(), ..Options::new(Exec::default()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let played = runtime.block_on(async {
        let (fake, mut played) = (Fake::start().await?, Vec::new());
        for planned in &plan.cases {
            played.push(Played {
                planned: planned.clone(),
                case: Ok(serve_case(&fake, planned, &options, args.long).await?),
            });
        }
        Ok::<_, HarnessError>(played)
    })?;
    let results = inputs.rules(&plan).apply(judged(&plan, &played, &inputs.catalogue, judge_of));
    let run = Run::new(&results, &played, &inputs.catalogue, DEFAULT_SEED, asked.fail_on.into());
    let run = run.observed_again();
    reports::write(&run, asked.wanted(None))?;
    Ok(run.exit.code())
}

async fn serve_case(
    fake: &Fake,
    planned: &PlannedCase,
    options: &Options,
    long: Option<Duration>,
) -> Result<Case, HarnessError> {
    let end = async {
        let time = async {
            match long {
                Some(long) => tokio::time::sleep(long).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = time => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    let case = serve(fake, &planned.scenario, options, |served| print_access(planned, served), end).await?;
    note(&format!("received {} requests\n", case.runs.iter().map(|run| run.wire.len()).sum::<usize>()));
    Ok(Case { variant: planned.variant.clone(), ..case })
}

/// Prints the address and the key. The key is valid for this scenario and this run only.
fn print_access(planned: &PlannedCase, served: &Served) {
    let Served { base, key, crew_id } = served;
    let name = planned.name();
    // If it can't be printed, nobody operates a client.
    let _ = say(&format!("{name}: {}\nBASE={base} CPK_KEY={key} CREW_ID={crew_id}\n", planned.scenario.title));
}
