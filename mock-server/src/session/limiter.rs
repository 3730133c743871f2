//! The documented rate limits: per partner and scope, 60 reads a second and 1,000 a minute (P,
//! /rate-limits).
//!
//! Rationale: a limiter crate takes a token from one bucket before it checks the other, so a
//! refused request would still cost a token. Here both buckets are checked first and charged
//! together, on the session's clock.

use hashbrown::HashMap;
use jiff::Timestamp;

/// The unit that is limited: a partner and scope, or an address without a valid key (D).
type Caller = String;

/// The capacity and the window in seconds of the two buckets.
const BUCKETS: [(f64, f64); 2] = [(60.0, 1.0), (1_000.0, 60.0)];

/// The number of callers at which those with full buckets are removed.
const MAX_CALLERS: usize = 10_000;

#[derive(Clone, Debug)]
struct TokenBuckets {
    tokens: [f64; 2],
    at: Timestamp,
}

/// The buckets of every caller of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limiter {
    callers: HashMap<Caller, TokenBuckets>,
}

impl Limiter {
    /// Takes a token from each bucket. Returns the seconds to wait if one of them is empty.
    pub(crate) fn take_token(&mut self, caller: &str, now: Timestamp) -> Result<(), f64> {
        if self.callers.len() >= MAX_CALLERS {
            self.callers.retain(|_, buckets| !buckets.is_full(now));
        }
        let buckets = self.callers.entry_ref(caller).or_insert_with(|| TokenBuckets::full(now));
        buckets.tokens = buckets.refilled(now);
        buckets.at = now;
        let wait = buckets.wait();
        if wait > 0.0 {
            return Err(wait);
        }
        buckets.tokens.iter_mut().for_each(|tokens| *tokens -= 1.0);
        Ok(())
    }
}

impl TokenBuckets {
    fn full(at: Timestamp) -> Self {
        Self { tokens: BUCKETS.map(|(capacity, _)| capacity), at }
    }

    fn is_full(&self, now: Timestamp) -> bool {
        self.refilled(now).iter().zip(BUCKETS).all(|(level, (capacity, _))| *level >= capacity)
    }

    fn refilled(&self, now: Timestamp) -> [f64; 2] {
        // A clock that was set back refills nothing.
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        let mut tokens = self.tokens;
        for (level, (capacity, window)) in tokens.iter_mut().zip(BUCKETS) {
            *level = (*level + passed * capacity / window).min(capacity);
        }
        tokens
    }

    fn wait(&self) -> f64 {
        let waits =
            self.tokens.iter().zip(BUCKETS).map(
                |(tokens, (capacity, window))| if *tokens >= 1.0 { 0.0 } else { (1.0 - tokens) * window / capacity },
            );
        let longest = waits.fold(0.0, f64::max);
        // Rounded up to the millisecond: a caller that waits this long passes.
        (longest * 1_000.0).ceil() / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_780_912_800_000 + milliseconds).unwrap()
    }

    #[test]
    fn sixty_pass_in_a_second_and_the_next_waits() {
        let mut limiter = Limiter::default();
        for _ in 0..60 {
            assert_eq!(limiter.take_token("prt_123 read", at(0)), Ok(()));
        }
        assert_eq!(limiter.take_token("prt_123 read", at(0)), Err(0.017));
        assert_eq!(limiter.take_token("prt_456 read", at(0)), Ok(()));
        assert_eq!(limiter.take_token("prt_123 read", at(16)), Err(0.001));
        assert_eq!(limiter.take_token("prt_123 read", at(17)), Ok(()));
    }

    #[test]
    fn a_thousand_pass_in_a_minute() {
        let mut limiter = Limiter::default();
        let passed = (0..6_000).filter(|tick| limiter.take_token("a", at(tick * 10)).is_ok()).count();
        // A full bucket of 1,000 and the refill during the minute.
        assert!((1_990..=2_000).contains(&passed), "{passed}");
    }

    #[test]
    fn a_caller_without_tokens_waits_for_its_bucket() {
        let spent = TokenBuckets { tokens: [60.0, 0.0], at: at(0) };
        assert_eq!(format!("{:.3}", spent.wait()), "0.060");
    }

    #[test]
    fn no_caller_is_removed_below_the_maximum() {
        let mut limiter = Limiter::default();
        limiter.take_token("one", at(0)).unwrap();
        limiter.take_token("two", at(120_000)).unwrap();
        assert_eq!(limiter.callers.len(), 2);
    }

    #[test]
    fn at_the_maximum_only_callers_with_full_buckets_are_removed() {
        let mut limiter = Limiter::default();
        (0..60).for_each(|_| limiter.take_token("spent", at(0)).unwrap());
        (1..MAX_CALLERS).for_each(|caller| limiter.take_token(&caller.to_string(), at(0)).unwrap());
        assert_eq!(limiter.callers.len(), MAX_CALLERS);
        limiter.take_token("new", at(500)).unwrap();
        assert_eq!(limiter.callers.len(), 2);
        // Half a second refills thirty.
        (0..30).for_each(|_| limiter.take_token("spent", at(500)).unwrap());
        limiter.take_token("spent", at(500)).unwrap_err();
    }
}
