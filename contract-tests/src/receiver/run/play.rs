//! Plays one scenario, from the start of its receiver to its end.

use std::sync::Arc;

use super::fake::Fake;
use super::run_all::Options;
use super::stage::Stage;
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
    let mut stage = Stage::set_up(fake, scenario, options).await?;
    if stage.is_ready() {
        deliver(&mut stage, scenario).await?;
    }
    stage.finish().await
}

async fn deliver(stage: &mut Stage, scenario: Scenario) -> Result<(), HarnessError> {
    // Without it, a receiver that loses the only event would look like one that saves nothing.
    if matches!(scenario, Scenario::Large | Scenario::Outage | Scenario::Killed) {
        stage.control().await;
    }
    match scenario {
        Scenario::Valid => script::valid(stage).await?,
        Scenario::Signatures => script::signatures(stage).await,
        Scenario::ChangedValue => script::changed_value(stage).await,
        Scenario::ChangedBlanks => script::changed_blanks(stage).await,
        Scenario::NotDeliveries => script::not_deliveries(stage).await,
        Scenario::Headers => script::headers(stage).await,
        Scenario::SecretUnset | Scenario::SecretEmpty => script::empty_key(stage).await,
        Scenario::JsonForms => script_forms::json_forms(stage).await,
        Scenario::Large => script_forms::large(stage).await,
        Scenario::Ages => script_forms::ages(stage).await,
        Scenario::Unknown => script_forms::unknown(stage).await,
        Scenario::Connection => script_forms::connection(stage).await,
        Scenario::Twice => script_order::twice(stage).await,
        Scenario::Order => script_order::order(stage).await?,
        Scenario::Burst => script_order::burst(stage).await,
        Scenario::Outage => script_order::outage(stage).await,
        Scenario::Killed => script_order::killed(stage).await?,
    }
    Ok(())
}
