//! Playing a plan: several cases at once, their order kept. Who plays a case is not known here.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::case::Case;
use crate::plan::{Plan, PlannedCase};

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

/// Plays a plan, at most `jobs` cases at once, those first that may take long. Each case is shown to `watch` when it is done, which says whether to go
/// on; what is left out then is in the answer all the same.
pub async fn play_all(
    plan: &Plan,
    player: Arc<impl Player>,
    jobs: usize,
    mut watch: impl FnMut(&Played) -> bool,
) -> Vec<Played> {
    let mut order: Vec<_> = plan.cases.iter().cloned().enumerate().collect();
    order.sort_by_key(|(_, planned)| !planned.may_take_long());
    let mut waiting = order.into_iter();
    let mut running = JoinSet::new();
    let mut start = |running: &mut JoinSet<(usize, Played)>| {
        if let Some((place, planned)) = waiting.next() {
            let player = Arc::clone(&player);
            running.spawn(async move {
                let case = player.play(planned.clone()).await;
                (place, Played { planned, case })
            });
        }
    };
    (0..jobs.max(1)).for_each(|_| start(&mut running));
    let mut done: Vec<Option<Played>> = plan.cases.iter().map(|_| None).collect();
    let (mut go_on, mut broke) = (true, false);
    while let Some(joined) = running.join_next().await {
        match joined {
            Ok((place, one)) => {
                go_on &= watch(&one);
                done[place] = Some(one);
            }
            Err(_) => broke = true,
        }
        if go_on {
            start(&mut running);
        }
    }
    let missing =
        if broke { Unplayed::Broken("the gate broke while it played this case".to_owned()) } else { Unplayed::LeftOut };
    let whole = plan.cases.iter().zip(done);
    whole
        .map(|(planned, one)| one.unwrap_or_else(|| Played { planned: planned.clone(), case: Err(missing.clone()) }))
        .collect()
}
