//! Plays drawn cases, several at once, and shrinks the first that fails.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::case::OrderCase;
use crate::client::run::HarnessError;
use crate::receiver::facts::Start;
use crate::receiver::run::{Fake, Options, PlayedOrder, play_order};

/// The limits of a search.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// The number of cases.
    pub cases: u32,
    /// The seed.
    pub seed: u64,
    /// The most plays for shrinking a counterexample.
    pub shrinks: u32,
}

/// The result of a search.
#[derive(Debug)]
pub struct Searched {
    /// The number of played cases.
    pub played: u32,
    /// Is true if the receiver saved anything in any of them.
    pub has_saved: bool,
    /// The start of the first receiver that was not ready, and the last line that it printed; the search ends with it.
    pub unready: Option<(Start, String)>,
    /// The smallest failing case, if any.
    pub counterexample: Option<Counterexample>,
}

/// A failing case after shrinking.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The case's number, from 0.
    pub number: u32,
    /// The shrunk case.
    pub case: OrderCase,
    /// What the receiver did in it.
    pub played: PlayedOrder,
    /// The number of plays for shrinking.
    pub shrinks: u32,
}

/// Plays one case.
///
/// # Errors
/// The command can't be started, or the gate itself failed.
pub async fn replay(case: &OrderCase, options: &Options) -> Result<PlayedOrder, HarnessError> {
    play_order(Arc::new(Fake::start().await?), case, options, false).await
}

/// Draws and plays cases until one fails or the budget is spent. `watch` gets the number of played cases.
///
/// # Errors
/// The command can't be started, or the gate itself failed.
pub async fn search(options: &Options, budget: Budget, mut watch: impl FnMut(u32)) -> Result<Searched, HarnessError> {
    let fake = Arc::new(Fake::start().await?);
    let mut searched = Searched { played: 0, has_saved: false, unready: None, counterexample: None };
    let mut next = 0;
    while next < budget.cases {
        let many = u32::try_from(options.jobs.max(1)).unwrap_or(1).min(budget.cases - next);
        let cases: Vec<_> = (next..next + many).map(|number| (number, OrderCase::draw(budget.seed, number))).collect();
        next += many;
        let played = play_all(&fake, cases, options, false).await?;
        searched.played += many;
        searched.has_saved |= played.iter().any(|(_, _, played)| played.has_saved);
        watch(searched.played);
        let unready = played.iter().find(|(_, _, played)| played.start != Start::Ready);
        if let Some((_, _, played)) = unready {
            searched.unready = Some((played.start, played.printed.clone()));
            break;
        }
        // A receiver that saves nothing is not judged by its files.
        let failed = played.into_iter().find(|(_, _, played)| is_broken(played));
        if let Some((number, case, played)) = failed.filter(|_| searched.has_saved) {
            searched.counterexample =
                Some(shrink(&fake, options, budget, Counterexample { number, case, played, shrinks: 0 }).await?);
            break;
        }
    }
    Ok(searched)
}

fn is_broken(played: &PlayedOrder) -> bool {
    played.start == Start::Ready && !played.wrong.is_empty()
}

type Played = (u32, OrderCase, PlayedOrder);

/// Plays cases at once, and returns them in the order of their numbers.
async fn play_all(
    fake: &Arc<Fake>,
    cases: Vec<(u32, OrderCase)>,
    options: &Options,
    is_quick: bool,
) -> Result<Vec<Played>, HarnessError> {
    let mut playing = JoinSet::new();
    for (number, case) in cases {
        let (fake, options) = (Arc::clone(fake), options.clone());
        playing.spawn(async move {
            let played = play_order(fake, &case, &options, is_quick).await?;
            Ok::<Played, HarnessError>((number, case, played))
        });
    }
    let mut all = Vec::new();
    while let Some(done) = playing.join_next().await {
        all.push(done??);
    }
    all.sort_by_key(|(number, ..)| *number);
    Ok(all)
}

/// Plays smaller cases while one of them fails, too. Since they are played quickly, the smallest is played once more; if
/// it does not fail then, the first one is the counterexample.
async fn shrink(
    fake: &Arc<Fake>,
    options: &Options,
    budget: Budget,
    first: Counterexample,
) -> Result<Counterexample, HarnessError> {
    let mut least = first.clone();
    let mut candidates = least.case.shrink().into_iter();
    while least.shrinks < budget.shrinks {
        let now: Vec<_> = candidates.by_ref().take(options.jobs.max(1)).map(|case| (least.number, case)).collect();
        if now.is_empty() {
            break;
        }
        least.shrinks += u32::try_from(now.len()).unwrap_or(u32::MAX);
        let wanted: Vec<OrderCase> = now.iter().map(|(_, case)| case.clone()).collect();
        let played = play_all(fake, now, options, true).await?;
        // The first candidate removes most.
        let failing = wanted
            .iter()
            .find_map(|wanted| played.iter().find(|(_, case, played)| case == wanted && is_broken(played)));
        if let Some((_, case, played)) = failing {
            (least.case, least.played) = (case.clone(), played.clone());
            candidates = least.case.shrink().into_iter();
        }
    }
    least.played = play_order(Arc::clone(fake), &least.case, options, false).await?;
    if is_broken(&least.played) { Ok(least) } else { Ok(Counterexample { shrinks: least.shrinks, ..first }) }
}
