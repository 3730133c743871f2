//! Plays the cases in which the downloads of a receiver are judged.

use std::path::Path;
use std::sync::Arc;

use crate::client::judge::judge_of;
use crate::client::plan::Plan;
use crate::client::play::{Event, Played, Unplayed, play_until};
use crate::client::scenario::Scenarios;
use crate::client::transport::Prompted;
use crate::outcome::{ObligationResult, Outcome, judged};
use crate::receiver::{ByDelivery, Options, plan};
use crate::requirement::{Catalogue, Requirement};

use super::client::unplayed;
use super::error::CliError;
use super::player::CommandPlayer;
use super::stop::Stop;

/// The cases of downloads, and what they came to.
pub(super) struct Downloads {
    pub(super) played: Vec<Played>,
    pub(super) results: Vec<ObligationResult>,
}

/// Plays and judges what is wanted of the downloads; `None` if nothing is. Cases that have not ended at a stop are not
/// played.
pub(super) async fn play_downloads(
    options: &Options,
    wanted: &[Requirement],
    stop: &Stop,
) -> Result<Option<Downloads>, CliError> {
    let clients = Catalogue::built_in()?;
    let scenarios = Scenarios::load(&clients, &[] as &[&Path])?;
    let Some(plan) = plan(&clients, &scenarios, wanted)? else { return Ok(None) };
    let played = match stop.now() {
        Some(_) => unplayed(&plan),
        None => play(options, &plan, &scenarios, &clients, stop).await?,
    };
    if let Some(why @ Unplayed::CannotStart(_)) = played.iter().find_map(|one| one.case.as_ref().err()) {
        return Err(CliError::Usage(why.to_string()));
    }
    let mut results = judged(&plan, &played, &clients, judge_of);
    if !has_saved(&played) {
        for result in results.iter_mut().filter(|result| result.outcome == Outcome::NotExercised) {
            result.outcome = Outcome::NotObservable;
            result.note = Some("the receiver saved nothing in OUT_DIR".to_owned());
        }
    }
    Ok(Some(Downloads { played, results }))
}

async fn play(
    options: &Options,
    plan: &Plan,
    scenarios: &Scenarios,
    clients: &Catalogue,
    stop: &Stop,
) -> Result<Vec<Played>, CliError> {
    let service = Prompted::new(options.exec.clone(), ByDelivery);
    let player = Arc::new(CommandPlayer::serving(service, scenarios, clients, options.jobs).await?);
    let watch = |event: Event<'_>| match event {
        Event::Began(case) => {
            options.steps.begin(&case.name());
            true
        }
        Event::Ended(one) => !matches!(one.case, Err(Unplayed::CannotStart(_))),
    };
    let stopped = async {
        stop.wait().await;
    };
    Ok(play_until(plan, player, options.jobs, stopped, watch).await)
}

/// Returns true if a receiver saved any document in any case.
fn has_saved(played: &[Played]) -> bool {
    let runs = played.iter().filter_map(|one| one.case.as_ref().ok()).flat_map(|case| case.runs.iter());
    runs.into_iter().any(|run| {
        let hashes: Vec<&str> = run.current.iter().map(|document| document.sha256.as_str()).collect();
        run.after.files().any(|(_, _, hash)| hashes.contains(&hash))
    })
}
