//! Plays several scenarios at once.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::fake::Fake;
use super::play::play;
use crate::client::run::HarnessError;
use crate::client::transport::Exec;
use crate::receiver::facts::Seen;
use crate::receiver::running::Running;
use crate::receiver::scenario::Scenario;
use crate::steps::Steps;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The command of the receiver.
    pub exec: Exec,
    /// The most scenarios that are played at once.
    pub jobs: usize,
    /// The receiver that runs already, instead of the command. Its scenarios are played one after the other.
    pub running: Option<Running>,
    /// Gets the title of each scenario.
    pub steps: Steps,
}

/// Plays scenarios, and returns what was observed, in their order.
///
/// # Errors
/// The command can't be started, or the gate itself failed.
pub async fn run(scenarios: &[Scenario], options: &Options) -> Result<Seen, HarnessError> {
    run_until(scenarios, options, pending()).await
}

/// Plays scenarios until `stop` resolves. Those that have not ended by then are left out, and their receivers ended.
///
/// # Errors
/// The command can't be started, or the gate itself failed.
pub async fn run_until(
    scenarios: &[Scenario],
    options: &Options,
    stop: impl Future<Output = ()>,
) -> Result<Seen, HarnessError> {
    let fake = match &options.running {
        Some(running) => Fake::start_for(running).await?,
        None => Fake::start().await?,
    };
    if let Some(running) = &options.running {
        let (base, key) = fake.base_and_key();
        (running.announce)(&base, &key);
    }
    let fake = Arc::new(fake);
    let jobs = if options.running.is_some() { 1 } else { options.jobs.max(1) };
    let permits = Arc::new(Semaphore::new(jobs));
    let mut playing = JoinSet::new();
    for &scenario in scenarios {
        let (fake, permits, options) = (Arc::clone(&fake), Arc::clone(&permits), options.clone());
        playing.spawn(async move {
            // The semaphore is never closed.
            let _permit = permits.acquire_owned().await;
            options.steps.begin(scenario.title());
            play(fake, scenario, &options).await
        });
    }
    let mut seen = Seen::default();
    let mut stop = pin!(stop);
    // The first error, and a stop, drop the set, by which every other scenario is ended.
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            played = playing.join_next() => match played {
                Some(played) => seen.scenarios.push(played??),
                None => break,
            },
        }
    }
    seen.scenarios.sort_by_key(|facts| facts.scenario);
    Ok(seen)
}
