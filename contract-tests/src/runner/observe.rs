//! A scenario that somebody else drives a client through: served until it is over, watched from the wire alone.

use std::sync::Arc;

use super::actions::act;
use super::stage::Stage;
use super::wire::{Mark, Span, exchanges};
use super::{Fake, HarnessError, Options, Sandbox, expected};
use crate::case::{Case, Run};
use crate::scenario::Scenario;
use crate::sight::Sight;
use crate::witness::{End, Process, Tree};

/// What whoever drives the client has to know.
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
    /// Without the key.
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
    let stage = Stage::set(fake, scenario.clone(), options).await?;
    let wrong = HarnessError::in_scenario(&stage.scenario.id);
    for action in stage.scenario.runs.first().into_iter().flat_map(|run| &run.before) {
        act(&stage.session, &stage.scenario.crew_id, action, &stage.places).map_err(&wrong)?;
    }
    let crew_id = stage.scenario.crew_id.clone();
    let current = expected::current(&stage.session, &crew_id).await?;
    let (default, counts) = (fake.server.session(), stage.doors.counts());
    let (mark, from) = (Mark::here(&stage.session, &default), fake.server.uptime());
    tell(&Served { base: stage.base(), key: stage.key.clone(), crew_id: crew_id.clone() });
    over.await;
    let span = Span { from, to: fake.server.uptime() };
    stage.doors.break_off();
    let wire = exchanges(&stage.session, &default, &stage.doors, mark, span, &mut 0);
    let run = Run {
        current,
        wire,
        handshakes: stage.doors.handshakes(&counts),
        before: Tree::default(),
        after: Tree::default(),
        process: Process::ended(End::Unseen),
        report: None,
    };
    Ok(Case {
        scenario: Arc::clone(&stage.scenario),
        variant: None,
        crew_id,
        key: stage.key.clone(),
        base: stage.base(),
        out_dir: Sandbox::out_from_root(),
        deadline: stage.limits.deadline,
        exit_classes: false,
        sight: Sight::Wire,
        runs: vec![run],
    })
}
