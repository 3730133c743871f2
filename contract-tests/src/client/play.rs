//! Playing a plan: several cases at once, their order kept. Who plays a case is not known here.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::client::case::Case;
use crate::client::plan::{Plan, PlannedCase};
use crate::client::run::PlainHost;
use crate::client::scenario::RightExit;

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
    /// The host name that `BASE` has where a scenario wants one.
    pub plain_http_host: Option<PlainHost>,
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

/// How many cases are played at once. A client that waits needs next to no processor, so that many of those fit beside
/// the few that are busy; and nobody's wait is stretched by a crowd of clients that all begin to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// All together, at most.
    pub total: usize,
    /// Those in which a client is busy from its start to its end.
    pub busy: usize,
    /// Those in which it may wait.
    pub waiting: usize,
}

impl AtOnce {
    /// What suits a machine with so many cores: two busy ones a core, and eight that wait.
    pub const fn for_cores(cores: usize) -> Self {
        Self { total: 10 * cores, busy: 2 * cores, waiting: 8 * cores }
    }

    /// No more than so many.
    #[must_use]
    pub fn within(self, most: usize) -> Self {
        let most = most.max(1);
        Self { total: self.total.min(most), busy: self.busy.min(most), waiting: self.waiting.min(most) }
    }
}

impl From<usize> for AtOnce {
    /// So many, of whatever kind.
    fn from(most: usize) -> Self {
        let most = most.max(1);
        Self { total: most, busy: most, waiting: most }
    }
}

/// The cases that are to come, by their place in the plan.
struct Queue {
    /// Those in front of all, and then those in which a client is busy.
    busy: VecDeque<usize>,
    waiting: VecDeque<usize>,
    /// How many of the trials are still to begin.
    first: usize,
    /// Whether anything may begin beside the trials.
    open: bool,
    at_once: AtOnce,
    /// How many are being played: busy, waiting.
    playing: (usize, usize),
}

impl Queue {
    fn of(plan: &Plan, trials: &[usize], at_once: AtOnce) -> Self {
        let others = (0..plan.cases.len()).filter(|place| !trials.contains(place));
        let (mut waiting, busy): (Vec<usize>, Vec<usize>) =
            others.partition(|place| plan.cases[*place].scenario.may_wait());
        waiting.sort_by_key(|place| plan.cases[*place].scenario.urgency());
        let busy = trials.iter().copied().chain(busy).collect();
        let open = trials.len() < TRIALS;
        Self { busy, waiting: waiting.into(), first: trials.len(), open, at_once, playing: (0, 0) }
    }

    /// The next case that there is room for: the trials, then those that may take long, then the others. Nothing
    /// begins beside the trials before one of them asks, so that two reports of a client that asks nothing are alike.
    fn next(&mut self) -> Option<(usize, bool)> {
        let (busy, waiting) = self.playing;
        let shut = self.first == 0 && !self.open;
        if shut || busy + waiting >= self.at_once.total {
            return None;
        }
        let waits = self.first == 0 && !self.waiting.is_empty() && waiting < self.at_once.waiting;
        if waits {
            self.playing.1 += 1;
            return self.waiting.pop_front().map(|place| (place, true));
        }
        if busy >= self.at_once.busy {
            return None;
        }
        let place = self.busy.pop_front()?;
        self.first = self.first.saturating_sub(1);
        self.playing.0 += 1;
        Some((place, false))
    }

    fn ended(&mut self, waits: bool) {
        *if waits { &mut self.playing.1 } else { &mut self.playing.0 } -= 1;
    }
}

/// Plays a plan, several cases at once, those first that may take long. `watch` is told of each case, and says whether
/// to go on; what is left out then is in the answer all the same. So is what a client that does nothing is spared:
/// which cases these are follows from the plan alone.
pub async fn play_all(
    plan: &Plan,
    player: Arc<impl Player>,
    at_once: impl Into<AtOnce>,
    mut watch: impl FnMut(Event<'_>) -> bool,
) -> Vec<Played> {
    let trials = trials(plan);
    let mut queue = Queue::of(plan, &trials, at_once.into());
    let mut running = JoinSet::new();
    let start =
        |queue: &mut Queue, running: &mut JoinSet<(usize, bool, Played)>, watch: &mut dyn FnMut(Event<'_>) -> bool| {
            let mut go_on = true;
            while go_on && let Some((place, waits)) = queue.next() {
                let (player, planned) = (Arc::clone(&player), plan.cases[place].clone());
                go_on = watch(Event::Began(&planned));
                running.spawn(async move {
                    let case = player.play(planned.clone()).await;
                    (place, waits, Played { planned, case })
                });
            }
            go_on
        };
    let mut go_on = start(&mut queue, &mut running, &mut watch);
    let mut done: Vec<Option<Played>> = plan.cases.iter().map(|_| None).collect();
    let mut missing = Unplayed::LeftOut;
    while let Some(joined) = running.join_next().await {
        if let Ok((place, waits, one)) = joined {
            queue.ended(waits);
            queue.open |= !asked_nothing(&one);
            go_on &= watch(Event::Ended(&one));
            done[place] = Some(one);
        } else {
            queue.open = true;
            missing = Unplayed::Broken("the gate broke while it played this case".to_owned());
        }
        if !queue.open && trials.iter().all(|place| done[*place].is_some()) {
            missing = Unplayed::Idle;
        } else if go_on {
            go_on &= start(&mut queue, &mut running, &mut watch);
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
    let idle = |run: &crate::client::case::Run| run.wire.is_empty() && run.handshakes.is_empty();
    one.case.as_ref().is_ok_and(|case| case.runs.iter().all(idle))
}
