//! Plays one scenario, from the start of its receiver to its end.

use std::sync::Arc;

use super::fake::Fake;
use super::run_all::Options;
use super::scenario_run::ScenarioRun;
use super::{script, script_forms, script_order};
use crate::client::run::HarnessError;
use crate::receiver::facts::ScenarioFacts;
use crate::receiver::scenario::Scenario;

/// Plays a scenario, and returns its facts.
pub(super) async fn play(
    fake: Arc<Fake>,
    scenario: Scenario,
    options: &Options,
) -> Result<ScenarioFacts, HarnessError> {
    let mut run = ScenarioRun::set_up(fake, scenario, options).await?;
    if run.is_ready() {
        deliver(&mut run, scenario).await?;
    }
    run.finish().await
}

async fn deliver(run: &mut ScenarioRun, scenario: Scenario) -> Result<(), HarnessError> {
    // Without it, a receiver that loses the only event would look like one that saves nothing.
    if matches!(scenario, Scenario::Large | Scenario::Outage | Scenario::Killed) {
        run.control().await;
    }
    match scenario {
        Scenario::Valid => script::valid(run).await?,
        Scenario::Signatures => script::signatures(run).await,
        Scenario::ChangedValue => script::changed_value(run).await,
        Scenario::ChangedBlanks => script::changed_blanks(run).await,
        Scenario::NotDeliveries => script::not_deliveries(run).await,
        Scenario::Headers => script::headers(run).await,
        Scenario::SecretUnset | Scenario::SecretEmpty => script::empty_key(run).await,
        Scenario::JsonForms => script_forms::json_forms(run).await,
        Scenario::Large => script_forms::large(run).await,
        Scenario::Ages => script_forms::ages(run).await,
        Scenario::Unknown => script_forms::unknown(run).await,
        Scenario::Connection => script_forms::connection(run).await,
        Scenario::Twice => script_order::twice(run).await,
        Scenario::Order => script_order::order(run).await?,
        Scenario::Burst => script_order::burst(run).await,
        Scenario::Outage => script_order::outage(run).await,
        Scenario::Killed => script_order::killed(run).await?,
    }
    Ok(())
}
