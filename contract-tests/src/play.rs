//! Playing a plan: several cases at once, their order kept. Who plays a case is not known here.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::case::Case;
use crate::plan::{Plan, PlannedCase};
use crate::scenario::RightExit;

/// A client that asks nothing in so many cases that only want documents saved asks nothing in the others either.
const TRIALS: usize = 4;

/// The client, and how it is played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The command and its arguments; `{crew_id}`, `{out_dir}` and `{base}` are replaced.
    pub command: Vec<String>,
    /// More of the environment.
    pub env: BTreeMap<String, String>,
    /// Variables of the gate's own environment that the client sees.
    pub keep_env: Vec<String>,
    /// How long a run may take.
    pub deadline: Duration,
    /// Exit codes follow the optional classes.
    pub exit_classes: bool,
    /// Every scenario is played over TLS.
    pub tls: bool,
    /// The command stays, and takes its jobs as lines of JSON.
    pub session: bool,
    /// The seed of the run.
    pub seed: u64,
}

/// Why a case was not played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unplayed {
    /// The command under test can't be started: the caller's mistake, not the client's.
    #[error("the command can't be started: {0}")]
    CannotStart(String),
    /// The gate itself broke.
    #[error("{0}")]
    Broken(String),
    /// It was left out, since an earlier case had failed and the caller wanted to stop there.
    #[error("left out, since an earlier case had failed")]
    LeftOut,
    /// It was left out, since the client does nothing.
    #[error("left out, since the client asked nothing in the first {TRIALS} cases; try `crewpass-contract doctor`")]
    Idle,
}

/// A planned case, and what became of it.
#[derive(Clone, Debug)]
pub struct Played {
    /// The plan of it.
    pub planned: PlannedCase,
    /// What the witnesses saw.
    pub case: Result<Case, Unplayed>,
}

/// Plays one case to the client.
pub trait Player: Send + Sync + 'static {
    /// Plays it.
    fn play(&self, case: PlannedCase) -> impl Future<Output = Result<Case, Unplayed>> + Send;
}

/// What happens while a plan is played.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A case begins.
    Began(&'a PlannedCase),
    /// A case is over.
    Ended(&'a Played),
}

/// Plays a plan, at most `jobs` cases at once, those first that may take long. `watch` is told of each case, and
/// says whether to go on; what is left out then is in the answer all the same. So is what a client that does nothing is spared: which cases these are
/// follows from the plan alone.
pub async fn play_all(
    plan: &Plan,
    player: Arc<impl Player>,
    jobs: usize,
    mut watch: impl FnMut(Event<'_>) -> bool,
) -> Vec<Played> {
    let mut order: Vec<_> = plan.cases.iter().cloned().enumerate().collect();
    let trials = trials(plan);
    order.sort_by_key(|(place, planned)| (!trials.contains(place), !planned.may_take_long()));
    let mut waiting = order.into_iter();
    let mut running = JoinSet::new();
    let mut start = |running: &mut JoinSet<(usize, Played)>, watch: &mut dyn FnMut(Event<'_>) -> bool| {
        let Some((place, planned)) = waiting.next() else { return true };
        let player = Arc::clone(&player);
        let go_on = watch(Event::Began(&planned));
        running.spawn(async move {
            let case = player.play(planned.clone()).await;
            (place, Played { planned, case })
        });
        go_on
    };
    // Nothing but the trials begins before one of them asks, so that a report of a client that asks nothing is the same
    // each time.
    let all = plan.cases.len();
    let mut allowed = if trials.len() == TRIALS { TRIALS } else { all };
    let (mut begun, mut go_on) = (0, true);
    let mut done: Vec<Option<Played>> = plan.cases.iter().map(|_| None).collect();
    let mut missing = Unplayed::LeftOut;
    loop {
        while go_on && begun < allowed && running.len() < jobs.max(1) {
            go_on = start(&mut running, &mut watch);
            begun += 1;
        }
        let Some(joined) = running.join_next().await else { break };
        if let Ok((place, one)) = joined {
            if !asked_nothing(&one) {
                allowed = all;
            }
            go_on &= watch(Event::Ended(&one));
            done[place] = Some(one);
        } else {
            allowed = all;
            missing = Unplayed::Broken("the gate broke while it played this case".to_owned());
        }
        if trials.iter().all(|place| done[*place].as_ref().is_some_and(asked_nothing)) && trials.len() == TRIALS {
            running.shutdown().await;
            allowed = 0;
            missing = Unplayed::Idle;
        }
    }
    let whole = plan.cases.iter().zip(done);
    whole
        .map(|(planned, one)| one.unwrap_or_else(|| Played { planned: planned.clone(), case: Err(missing.clone()) }))
        .collect()
}

/// The places of the first cases in which any client has something to ask.
fn trials(plan: &Plan) -> Vec<usize> {
    let asks = |case: &PlannedCase| case.scenario.right_exit == RightExit::Saved;
    let places = plan.cases.iter().enumerate().filter(|(_, case)| asks(case)).map(|(place, _)| place);
    places.take(TRIALS).collect()
}

/// Whether a client did not even connect.
fn asked_nothing(one: &Played) -> bool {
    let idle = |run: &crate::case::Run| run.wire.is_empty() && run.handshakes.is_empty();
    one.case.as_ref().is_ok_and(|case| case.runs.iter().all(idle))
}
