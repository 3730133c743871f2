//! Plays the cases of a plan, several at once, and returns them in the plan's order. The caller
//! decides what plays a case.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

pub use super::at_once::AtOnce;
use super::queue::Queue;

use crate::client::case::Case;
use crate::client::plan::{Plan, PlannedCase, plain_scenarios};
use crate::client::run::PlainHost;
use crate::client::scenario::RightExit;
use crate::client::transport::Patience;
use crate::doctor::{HindranceKind, lasting_hindrance};

/// The number of trial cases. A client that the same thing keeps from its work in all of these is
/// kept from it in the others, too.
pub(super) const TRIALS: usize = 4;

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
    /// The same, if the caller has asked for it.
    pub bound: Option<Duration>,
    /// The limits of a run that goes on while the client does something, if not the usual ones.
    pub patience: Option<Patience>,
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
    /// Not played to its end, since a signal stopped the gate.
    #[error("not played: the gate was stopped by a signal")]
    Stopped,
    /// Skipped, since the same thing keeps the client from its work in every case.
    #[error(
        "skipped, since the client {} in the first {TRIALS} cases; try `crewpass-contract doctor`", .0.describe()
    )]
    Hindered(HindranceKind),
}

impl Unplayed {
    /// Returns true if the case was left out on purpose, and nothing is wrong with the gate or the command.
    pub const fn is_spared(&self) -> bool {
        matches!(self, Self::LeftOut | Self::Stopped | Self::Hindered(_))
    }
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

    /// Plays a case again, while no other is played. It lost this much time before, which is added to its deadlines.
    fn play_alone(&self, case: PlannedCase, lost: Duration) -> impl Future<Output = Result<Case, Unplayed>> + Send {
        let _ = lost;
        self.play(case)
    }

    /// Returns true if a case should be played again alone, since the machine took time from it and a verdict is in
    /// doubt.
    fn is_in_doubt(&self, one: &Played) -> bool {
        let _ = one;
        false
    }
}

/// Progress of a plan that is being played.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A case begins.
    Began(&'a PlannedCase),
    /// A case has ended.
    Ended(&'a Played),
}

/// The most cases in a row that are played again in vain; then the machine is given up.
const IN_VAIN: usize = 3;

/// A client that hangs in so many cases also when it is alone hangs in the others by itself: they are not played again,
/// since each of them takes a minute or two.
const HANGS: usize = 2;

/// Plays a plan, several cases at once, those that may take long first. `watch` receives each event
/// and returns false to stop. The result has every case of the plan; skipped ones have a reason. A
/// client that ends alike in all trials, before it gets anything from the server, is spared the others. The trials follow
/// from the plan alone.
///
/// A case that is in doubt since the machine was busy is played again at the end, alone. It ends
/// for `watch` when that is done.
pub async fn play_all(
    plan: &Plan,
    player: Arc<impl PlayCase>,
    at_once: impl Into<AtOnce>,
    watch: impl FnMut(Event<'_>) -> bool,
) -> Vec<Played> {
    play_until(plan, player, at_once, std::future::pending(), watch).await
}

/// Plays a plan until `stop` resolves. Cases that have not ended by then are not awaited any more.
pub async fn play_until(
    plan: &Plan,
    player: Arc<impl PlayCase>,
    at_once: impl Into<AtOnce>,
    stop: impl Future<Output = ()>,
    mut watch: impl FnMut(Event<'_>) -> bool,
) -> Vec<Played> {
    let trials = trials(plan);
    let friendly = plain_scenarios(&plan.cases);
    let mut cases = Playing {
        plan,
        has_plain_trial: trials.iter().any(|place| friendly.contains(plan.cases[*place].scenario.id.as_str())),
        player,
        queue: Queue::new(plan, &trials, at_once.into()),
        running: JoinSet::new(),
        done: plan.cases.iter().map(|_| None).collect(),
        in_doubt: Vec::new(),
        missing: Unplayed::LeftOut,
        goes_on: true,
        hindrance: None,
    };
    cases.start(&mut watch);
    let mut stop = pin!(stop);
    let stopped = tokio::select! {
        biased;
        () = &mut stop => true,
        () = cases.play(&trials, &mut watch) => false,
    };
    if stopped {
        cases.stop();
    }
    cases.into_whole()
}

/// A plan while it is played.
struct Playing<'a, P> {
    plan: &'a Plan,
    has_plain_trial: bool,
    player: Arc<P>,
    queue: Queue,
    running: JoinSet<(usize, bool, Played)>,
    done: Vec<Option<Played>>,
    /// The cases that are to be played again.
    in_doubt: Vec<usize>,
    /// What kept the client from its work in the trials that have ended.
    hindrance: Option<HindranceKind>,
    /// The reason for cases that were not played.
    missing: Unplayed,
    goes_on: bool,
}

impl<P: PlayCase> Playing<'_, P> {
    /// Plays everything.
    async fn play(&mut self, trials: &[usize], watch: &mut impl FnMut(Event<'_>) -> bool) {
        // A panic of one case must not hide the results of the others.
        while let Some(joined) = self.running.join_next().await {
            self.ended(joined.ok(), watch);
            let is_over = !self.queue.is_open() && trials.iter().all(|place| self.done[*place].is_some());
            match self.hindrance.filter(|_| is_over) {
                Some(hindrance) => self.missing = Unplayed::Hindered(hindrance),
                None => self.start(watch),
            }
        }
        self.again(watch).await;
    }

    /// Leaves the rest. What was in doubt has no verdict, since it is not played again.
    fn stop(&mut self) {
        self.missing = Unplayed::Stopped;
        self.running.abort_all();
        let player = Arc::clone(&self.player);
        for one in self.done.iter_mut().flatten().filter(|one| player.is_in_doubt(one)) {
            one.case = Err(Unplayed::Stopped);
        }
    }

    /// Starts as many cases as there is room for.
    fn start(&mut self, watch: &mut impl FnMut(Event<'_>) -> bool) {
        while self.goes_on
            && let Some((place, waits)) = self.queue.next()
        {
            let (player, planned) = (Arc::clone(&self.player), self.plan.cases[place].clone());
            self.goes_on = watch(Event::Began(&planned));
            self.running.spawn(async move {
                let case = player.play(planned.clone()).await;
                (place, waits, Played { planned, case })
            });
        }
    }

    /// Takes the result of a case; `None` if the gate broke over it.
    fn ended(&mut self, joined: Option<(usize, bool, Played)>, watch: &mut impl FnMut(Event<'_>) -> bool) {
        let Some((place, waits, one)) = joined else {
            self.queue.open();
            self.missing = Unplayed::Broken("the gate broke while it played this case".to_owned());
            return;
        };
        self.queue.ended(waits, one.case.as_ref().map(Case::strain).unwrap_or_default());
        self.try_hindrance(&one);
        if self.player.is_in_doubt(&one) {
            self.in_doubt.push(place);
        } else {
            self.goes_on &= watch(Event::Ended(&one));
        }
        self.done[place] = Some(one);
    }

    /// Lets the other cases begin if a case ends otherwise than those before it. A cause that only cases with a difficulty
    /// show may lie in the difficulty, unless no request came at all.
    fn try_hindrance(&mut self, one: &Played) {
        let found = one.case.as_ref().ok().and_then(lasting_hindrance);
        let is_telling = |kind: HindranceKind| {
            let is_same = self.hindrance.is_none_or(|known| known == kind);
            is_same && (kind == HindranceKind::NoRequest || self.has_plain_trial)
        };
        match found.filter(|kind| is_telling(*kind)) {
            Some(kind) => self.hindrance = Some(kind),
            None => self.queue.open(),
        }
    }

    /// Plays the cases in doubt again, one after the other, until the machine turns out to be too busy even for that.
    async fn again(&mut self, watch: &mut impl FnMut(Event<'_>) -> bool) {
        let hangs = |one: &Played| one.case.as_ref().is_ok_and(Case::has_overrun);
        let (mut in_vain, mut alone) = (0, 0);
        for place in std::mem::take(&mut self.in_doubt) {
            let Some(one) = &mut self.done[place] else { continue };
            if self.goes_on && in_vain < IN_VAIN && (alone < HANGS || !hangs(one)) {
                let lost = one.case.as_ref().map(|case| case.strain().lost).unwrap_or_default();
                // A task, whose end a stop does not wait for.
                let (player, planned) = (Arc::clone(&self.player), one.planned.clone());
                let again = async move {
                    let case = player.play_alone(planned.clone(), lost).await;
                    (place, false, Played { planned, case })
                };
                self.running.spawn(again);
                if let Some(Ok((_, _, again))) = self.running.join_next().await {
                    *one = again;
                }
                in_vain = if self.player.is_in_doubt(one) { in_vain + 1 } else { 0 };
                alone += usize::from(in_vain == 0 && hangs(one));
            }
            self.goes_on &= watch(Event::Ended(one));
        }
    }

    fn into_whole(self) -> Vec<Played> {
        let missing = self.missing;
        let whole = self.plan.cases.iter().zip(self.done);
        whole
            .map(|(planned, one)| {
                one.unwrap_or_else(|| Played { planned: planned.clone(), case: Err(missing.clone()) })
            })
            .collect()
    }
}

/// Returns the positions of the trials: cases in which any client has something to save, those without a difficulty first.
fn trials(plan: &Plan) -> Vec<usize> {
    let friendly = plain_scenarios(&plan.cases);
    let saves = |place: &usize| plan.cases[*place].scenario.right_exit == RightExit::Saved;
    let mut places: Vec<_> = (0..plan.cases.len()).filter(saves).collect();
    places.sort_by_key(|place| !friendly.contains(plan.cases[*place].scenario.id.as_str()));
    places.truncate(TRIALS);
    places
}
