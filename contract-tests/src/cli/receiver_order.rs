//! Property mode of `receiver`: plays drawn orders of deliveries, or one that was saved.

use std::fs;
use std::path::Path;

use crewpass_diagnostics::{Problem, Problems, escape};

use crate::client::transport::adopt_orphans;
use crate::receiver::{Budget, Counterexample, Options, OrderCase, PlayedOrder, Searched, Start, replay, search};
use crate::report::{command_line, quoted};

use super::console::{note, say};
use super::error::CliError;
use super::receiver::never_ready;
use super::receiver_args::{OrderArgs, Receiver};
use super::reports::save;
use super::stop::until_stopped;
use super::{preflight, stop};

/// The longest line of a receiver that is shown.
const LONGEST: usize = 400;

/// Plays drawn orders or a saved one, and prints the result.
pub(crate) fn judge(args: &Receiver, options: &Options) -> Result<u8, CliError> {
    let order = &args.order;
    let saved = order.order.as_deref().map(read).transpose()?;
    preflight::check(order.cases.map(|_| order.save.as_path()))?;
    adopt_orphans()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = if let Some(case) = saved {
        let played = runtime.block_on(until_stopped(async { replay(&case, options).await }));
        played.map_err(CliError::from).and_then(|played| show_replay(&played))
    } else {
        let budget = Budget { cases: order.cases.unwrap_or_default(), seed: order.seed, shrinks: order.shrinks };
        let searched = runtime.block_on(until_stopped(async { search(options, budget, report_progress).await }));
        searched.map_err(CliError::from).and_then(|searched| show_search(args, &searched))
    };
    stop::shut_down(runtime);
    code
}

fn report_progress(played: u32) {
    if played.is_multiple_of(20) {
        note(&format!("{played} orders played\n"));
    }
}

/// Reads a saved order.
fn read(path: &Path) -> Result<OrderCase, CliError> {
    let file = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Problems::from(Problem::unreadable(&file, &error)))?;
    Ok(OrderCase::parse(&file, &text).map_err(Problems::from)?)
}

fn show_search(args: &Receiver, searched: &Searched) -> Result<u8, CliError> {
    match (&searched.counterexample, &searched.unready, searched.has_saved) {
        (Some(found), ..) => show_counterexample(args, found),
        (None, Some((start, printed)), _) => Err(never_ready(*start, printed)),
        (None, None, false) => {
            say("Nothing is broken, but the receiver saved nothing, so no order could be judged\n")?;
            Ok(3)
        }
        (None, None, true) => {
            let (played, seed) = (searched.played, args.order.seed);
            say(&format!("The newest documents were there after each of {played} orders with seed {seed}\n"))?;
            Ok(0)
        }
    }
}

fn show_replay(played: &PlayedOrder) -> Result<u8, CliError> {
    if played.start != Start::Ready {
        return Err(never_ready(played.start, &played.printed));
    }
    say(&text_of(played))?;
    match (played.has_saved, played.wrong.is_empty()) {
        (false, _) => {
            say("the receiver saved nothing, so the order could not be judged\n")?;
            Ok(3)
        }
        (true, true) => {
            say("the newest documents are in OUT_DIR\n")?;
            Ok(0)
        }
        (true, false) => Ok(1),
    }
}

/// Returns the requests, and what is wrong.
fn text_of(played: &PlayedOrder) -> String {
    let lines = played.requests.iter().chain(&played.wrong);
    let mut text: String = lines.map(|line| escape::line(line, LONGEST).into_owned() + "\n").collect();
    if !played.printed.is_empty() && !played.wrong.is_empty() {
        text.extend(["last line: ", &escape::line(&played.printed, LONGEST), "\n"]);
    }
    text
}

fn show_counterexample(args: &Receiver, found: &Counterexample) -> Result<u8, CliError> {
    let OrderArgs { seed, save: path, .. } = &args.order;
    let body = serde_saphyr::to_string(&found.case).map_err(|error| CliError::Gate(error.to_string()))?;
    let comment = format!("# Found by property mode of `receiver`: seed {seed}, order {}.\n", found.number);
    save(path, &(comment + &body))?;
    let (file, command) = (path.display().to_string(), command_line(&args.command));
    let replay = format!("crewpass-contract receiver --order {} -- {command}", quoted(&file));
    let head = format!("order {} fails; shrunk in {} plays:\n{body}", found.number, found.shrinks);
    say(&format!("{head}{}saved; play it again with: {replay}\n", text_of(&found.played)))?;
    Ok(1)
}
