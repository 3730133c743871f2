//! A scenario that somebody else drives a client through: served until it is over, watched from the wire alone.

use super::actions::act;
use super::case_env::CaseEnv;
use super::wire::{Mark, Span, exchanges};
use super::{Fake, HarnessError, Options, expected};
use crate::client::case::{Case, Run};
use crate::client::scenario::Scenario;
use crate::client::witness::{End, Process, Tree};

/// The facts that the operator of the client needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Served {
    /// `BASE`.
    pub base: String,
    /// The key.
    pub key: String,
    /// The crew member.
    pub crew_id: String,
}

impl std::fmt::Debug for Served {
    /// Formats everything but the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served").field("base", &self.base).field("crew_id", &self.crew_id).finish_non_exhaustive()
    }
}

/// Serves the first run of a scenario until `over` resolves, and gives what was seen on the wire.
///
/// # Errors
/// The scenario can't be played, or the fake could not be set up.
pub async fn observe(
    fake: &Fake,
    scenario: &Scenario,
    options: &Options,
    tell: impl FnOnce(&Served),
    over: impl Future<Output = ()>,
) -> Result<Case, HarnessError> {
    let case_env = CaseEnv::set_up(fake, scenario.clone(), options).await?;
    let wrong = HarnessError::in_scenario(&case_env.scenario.id);
    for action in case_env.scenario.runs.first().into_iter().flat_map(|run| &run.before) {
        act(&case_env.session, &case_env.scenario.crew_id, action, &case_env.placeholders).map_err(&wrong)?;
    }
    let current = expected::current(&case_env.session, &case_env.scenario).await?;
    let (default, counts) = (fake.server.session(), case_env.listeners.counts());
    let (mark, from) = (Mark::here(&case_env.session, &default), fake.server.uptime());
    tell(&Served { base: case_env.base(), key: case_env.key.clone(), crew_id: case_env.scenario.crew_id.clone() });
    over.await;
    let span = Span { from, to: fake.server.uptime() };
    case_env.listeners.break_off();
    let wire = exchanges(&case_env.session, &default, &case_env.listeners, mark, span, &mut 0);
    let run = Run {
        current,
        wire,
        handshakes: case_env.listeners.handshakes(&counts),
        before: Tree::default(),
        after: Tree::default(),
        process: Process::ended(End::Unseen),
        report: None,
    };
    Ok(case_env.case(vec![run]))
}
