//! Plays the cases of a plan, several at once, and returns them in the plan's order. The caller
//! decides what plays a case.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::client::case::Case;
use crate::client::plan::{Plan, PlannedCase};
use crate::client::run::PlainHost;
use crate::client::scenario::RightExit;

/// The number of trial cases. A client that sends no request in these does not send one in the
/// others either.
const TRIALS: usize = 4;

/// The client under test, and the options of its runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The command and its arguments; `{crew_id}`, `{out_dir}` and `{base}` are replaced.
    pub command: Vec<String>,
    /// Further environment variables.
    pub env: BTreeMap<String, String>,
    /// Variables of the gate's own environment that the client sees.
    pub keep_env: Vec<String>,
    /// The time limit of a run.
    pub deadline: Duration,
    /// Exit codes follow the optional classes.
    pub exit_classes: bool,
    /// Every scenario is played over TLS.
    pub tls: bool,
    /// The host name of `BASE` in scenarios that need one.
    pub plain_http_host: Option<PlainHost>,
    /// The command keeps running, and takes its jobs as lines of JSON.
    pub session: bool,
    /// The seed of the run.
    pub seed: u64,
}

/// The reason why a case was not played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unplayed {
    /// The command under test can't be started: a mistake of the caller, not of the client.
    #[error("the command can't be started: {0}")]
    CannotStart(String),
    /// The gate itself broke.
    #[error("{0}")]
    Broken(String),
    /// Skipped, since an earlier case had failed and the caller wanted to stop there.
    #[error("skipped, since an earlier case failed")]
    LeftOut,
    /// Skipped, since the client sends no requests.
    #[error("skipped, since the client sent no request in the first {TRIALS} cases; try `crewpass-contract doctor`")]
    Idle,
}

/// A planned case with its result.
#[derive(Clone, Debug)]
pub struct Played {
    /// The planned case.
    pub planned: PlannedCase,
    /// The observations of the witnesses.
    pub case: Result<Case, Unplayed>,
}

/// Plays single cases to the client.
pub trait PlayCase: Send + Sync + 'static {
    /// Plays one case.
    fn play(&self, case: PlannedCase) -> impl Future<Output = Result<Case, Unplayed>> + Send;
}

/// Progress of a plan that is being played.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A case begins.
    Began(&'a PlannedCase),
    /// A case has ended.
    Ended(&'a Played),
}

/// The limits on cases that are played at once. A client that waits needs almost no processor time,
/// so many of those fit beside the few busy ones. Too many busy clients would stretch each other's
/// waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// The most cases in total.
    pub total: usize,
    /// The most cases in which a client is busy from start to end.
    pub busy: usize,
    /// The most cases in which a client may wait.
    pub waiting: usize,
}

impl AtOnce {
    /// Returns the limits for a machine with this many cores: two busy cases per core, and eight
    /// that wait.
    pub const fn for_cores(cores: usize) -> Self {
        Self { total: 10 * cores, busy: 2 * cores, waiting: 8 * cores }
    }

    /// Lowers every limit to `most`.
    #[must_use]
    pub fn within(self, most: usize) -> Self {
        let most = most.max(1);
        Self { total: self.total.min(most), busy: self.busy.min(most), waiting: self.waiting.min(most) }
    }
}

impl From<usize> for AtOnce {
    /// Returns limits of `most` for each kind of case.
    fn from(most: usize) -> Self {
        let most = most.max(1);
        Self { total: most, busy: most, waiting: most }
    }
}

/// The cases that are still to be played, by their position in the plan.
struct Queue {
    /// The trial cases, and then the other busy cases.
    busy: VecDeque<usize>,
    waiting: VecDeque<usize>,
    /// The number of trials that have not begun.
    first: usize,
    /// True if other cases may begin beside the trials.
    open: bool,
    at_once: AtOnce,
    /// The number of cases that are being played: busy, waiting.
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

    /// Returns the next case that there is room for: the trials, then cases that may take long,
    /// then the others. Until one of the trials sends a request, no other case begins, so that two
    /// reports of an idle client are equal.
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

/// Plays a plan, several cases at once, those that may take long first. `watch` receives each event
/// and returns false to stop. The result has every case of the plan; skipped ones have a reason. An
/// idle client is spared all but the trials, which follow from the plan alone.
pub async fn play_all(
    plan: &Plan,
    player: Arc<impl PlayCase>,
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
    // A panic of one case must not hide the results of the others.
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

/// Returns the positions of the first cases in which any client has something to request.
fn trials(plan: &Plan) -> Vec<usize> {
    let asks = |case: &PlannedCase| case.scenario.right_exit == RightExit::Saved;
    let places = plan.cases.iter().enumerate().filter(|(_, case)| asks(case)).map(|(place, _)| place);
    places.take(TRIALS).collect()
}

/// Returns true if a client did not even connect.
fn asked_nothing(one: &Played) -> bool {
    let idle = |run: &crate::client::case::Run| run.wire.is_empty() && run.handshakes.is_empty();
    one.case.as_ref().is_ok_and(|case| case.runs.iter().all(idle))
}
