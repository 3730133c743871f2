//! Trying again: a few times, later each time, never before the server asked for it, never past the end of the run.

use std::time::{Duration, Instant};

use crate::bugs::Bug;
use crate::failure::{Again, Failure};
use crate::http::{Http, Step};
use crate::refusal::FAR;

/// Tries of one document and step, whatever the link.
const TRIES: u32 = 5;
/// The pause before the second try; each later one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest wait that a server may ask for.
const LONGEST: Duration = Duration::from_mins(1);

/// The tries of one document and step.
#[derive(Debug)]
pub(crate) struct Tries {
    step: Step,
    made: u32,
    silent: u32,
}

impl Tries {
    /// Creates a counter without tries.
    pub(crate) fn new(step: Step) -> Self {
        Self { step, made: 0, silent: 0 }
    }

    /// Does it until it works, or until another try is of no use.
    pub(crate) async fn run<T>(
        &mut self,
        http: &Http,
        mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        loop {
            self.made += 1;
            let failure = match attempt().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            self.silent += u32::from(failure.again == Again::Once);
            let Some(pause) = self.pause(http, &failure) else { return Err(failure) };
            tokio::time::sleep(pause).await;
        }
    }

    /// Returns the wait before the next try; `None` if there is none.
    fn pause(&self, http: &Http, failure: &Failure) -> Option<Duration> {
        if http.has(Bug::InfiniteRetry) && failure.again != Again::No {
            return Some(Duration::from_millis(300));
        }
        if http.has(Bug::HotLoop) && failure.again == Again::Soon {
            return Some(failure.wait).filter(|_| self.made < 8);
        }
        if let Some((most, pause)) = hasty(http, failure) {
            return Some(pause).filter(|_| self.made < most);
        }
        let waits_far = http.has(Bug::WaitsAfterOverflow) || http.has(Bug::WaitsForFarDate);
        if http.has(Bug::WaitsAnyTime) && failure.wait > LONGEST || waits_far && failure.wait >= FAR {
            return Some(failure.wait.min(FAR));
        }
        if !self.is_worth_it(http, failure) || self.made >= TRIES || failure.wait > LONGEST {
            return None;
        }
        let pause = failure.wait.max(PAUSE * 2u32.pow(self.made - 1));
        let in_time = http.config.until.is_none_or(|until| Instant::now() + pause < until);
        in_time.then_some(pause)
    }

    fn is_worth_it(&self, http: &Http, failure: &Failure) -> bool {
        let missed = match (self.step, failure.status) {
            (Step::Api, Some(503)) => http.has(Bug::NoRetryOn503),
            (Step::File, Some(503)) => http.has(Bug::NoRetryOfFile),
            (_, None) => http.has(Bug::NoRetryAfterReset),
            _ => false,
        };
        if missed || http.has(Bug::NeverRetries) {
            return false;
        }
        let wrongly = match failure.status {
            Some(401) => http.has(Bug::Retries401),
            Some(403) => http.has(Bug::Retries403),
            Some(404) => http.has(Bug::Retries404),
            _ => false,
        };
        if wrongly && self.step == Step::Api
            || http.has(Bug::OnceRetriedAlways) && self.step == Step::Api && self.made > 1
        {
            return true;
        }
        match failure.again {
            Again::No => false,
            Again::Soon | Again::AtOnce => true,
            Again::Once => self.silent < 2,
        }
    }
}

/// The tries and the pause of variants that try too often or too soon after some failures.
fn hasty(http: &Http, failure: &Failure) -> Option<(u32, Duration)> {
    const OFTEN: (u32, Duration) = (12, Duration::from_millis(250));
    const HOT: (u32, Duration) = (8, Duration::ZERO);
    match (http.config.bug?, failure.status) {
        (Bug::TooOftenAfterGateway, Some(502 | 504)) => Some(OFTEN),
        (Bug::TooOftenAfterLimit, Some(429)) if failure.wait.is_zero() => Some(OFTEN),
        (Bug::HotAfterReset, None) if failure.again == Again::Soon => Some(HOT),
        (Bug::HotAfterLimit, Some(429)) if failure.wait.is_zero() => Some(HOT),
        (Bug::HotWithoutWait, _) if failure.again == Again::AtOnce => Some(HOT),
        _ => None,
    }
}
