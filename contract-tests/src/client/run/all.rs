//! Many cases, several at once, with word of each as it begins and ends.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::play::{Variant, play};
use super::{Fake, HarnessError, Options};
use crate::client::case::Case;
use crate::client::scenario::Scenario;
use crate::client::transport::SubjectError;

/// A case to be played.
#[derive(Clone, Debug)]
pub struct Job {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// The policy that is varied, if one is.
    pub variant: Option<Variant>,
}

impl Job {
    /// Returns the cases of a scenario: itself, and one for each value of each policy that it varies.
    pub fn from_scenario(scenario: &Arc<Scenario>) -> Vec<Self> {
        let one = |variant| Self { scenario: Arc::clone(scenario), variant };
        let varied = scenario.vary.iter().flat_map(|(policy, values)| values.iter().map(move |value| (policy, value)));
        let varied = varied.map(|(policy, value)| one(Some(Variant { policy: policy.clone(), value: value.clone() })));
        std::iter::once(one(None)).chain(varied).collect()
    }
}

/// What happens while cases are played.
#[derive(Clone, Debug)]
pub enum Event {
    /// A case begins.
    Began(Job),
    /// A case is over; whether it could be played.
    Ended(Job, bool),
}

/// A case that was played, or why it could not be.
#[derive(Debug)]
pub struct Played {
    /// What was to be played.
    pub job: Job,
    /// What was seen.
    pub case: Result<Case, HarnessError>,
}

/// Plays cases, as many at once as the options say, and gives them in their order. Dropped, it ends all of them.
///
/// # Errors
/// A command that can't be started: that is so for every case, and none is judged.
pub async fn play_all(
    fake: &Arc<Fake>,
    jobs: Vec<Job>,
    options: &Arc<Options>,
    events: &mpsc::UnboundedSender<Event>,
) -> Result<Vec<Played>, HarnessError> {
    let room = Arc::new(Semaphore::new(options.jobs.max(1)));
    let mut playing = JoinSet::new();
    for (place, job) in jobs.into_iter().enumerate() {
        let (fake, options) = (Arc::clone(fake), Arc::clone(options));
        let (room, events) = (Arc::clone(&room), events.clone());
        playing.spawn(async move {
            // It is never closed.
            let _room = room.acquire_owned().await;
            // Nobody has to listen.
            let _ = events.send(Event::Began(job.clone()));
            let case = play(&fake, &job.scenario, job.variant.as_ref(), &options).await;
            let _ = events.send(Event::Ended(job.clone(), case.is_ok()));
            (place, Played { job, case })
        });
    }
    let mut played = Vec::new();
    while let Some(done) = playing.join_next().await {
        match done? {
            (_, Played { case: Err(error @ HarnessError::Subject(SubjectError::Start(_))), .. }) => return Err(error),
            done => played.push(done),
        }
    }
    played.sort_by_key(|(place, _)| *place);
    Ok(played.into_iter().map(|(_, played)| played).collect())
}
