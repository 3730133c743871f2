//! Which of the deliveries that are due may start. Pure; behind the session's lock.
//!
//! One move of the clock can make many attempts due. A callback gets them in the order of their due times: a later one
//! starts once the outcome of the earlier ones is recorded, and equal ones start together. An attempt that became due
//! after another one had started waits for nothing, so that a callback that answers late is still given what is new.
//!
//! The first attempt at a callback needs no permit. So callbacks that hang can take all permits, and each other
//! callback still gets its deliveries, one after another. The end of an attempt wakes the session, so what was left
//! waiting is looked at again.

use std::collections::{HashMap, VecDeque};

use http::Uri;
use jiff::Timestamp;

use super::delivery::{Delivery, State};

/// The number of attempts at one callback at once; a burst is 50.
const AT_ONCE: usize = 64;

/// The attempts at one callback.
#[derive(Debug, Default)]
struct CallbackQueue {
    /// When each attempt under way was due, and when it started.
    under_way: Vec<(Timestamp, Timestamp)>,
    /// Is true if an attempt that is due was left waiting; later ones wait, too.
    is_held: bool,
}

impl CallbackQueue {
    /// Returns true if an attempt that was due then has to wait.
    fn holds(&self, due: Timestamp) -> bool {
        let is_behind = |(earlier, started): &(Timestamp, Timestamp)| *earlier < due && due <= *started;
        self.is_held || self.under_way.len() >= AT_ONCE || self.under_way.iter().any(is_behind)
    }
}

/// Returns the places of the deliveries that start now, each with the permit that it took. `acquire` takes a permit, if
/// there is one.
pub(super) fn startable<P>(
    deliveries: &VecDeque<Delivery>,
    now: Timestamp,
    mut acquire: impl FnMut() -> Option<P>,
) -> Vec<(usize, Option<P>)> {
    let mut queues: HashMap<&Uri, CallbackQueue> = HashMap::new();
    let mut waiting = Vec::new();
    for (place, delivery) in deliveries.iter().enumerate() {
        match delivery.state {
            State::Waiting(due) if due <= now => waiting.push((due, delivery.number, place)),
            State::Sending { due, since } => {
                queues.entry(delivery.callback.url.uri()).or_default().under_way.push((due, since));
            }
            State::Waiting(_) | State::Delivered | State::Refused | State::Dead => {}
        }
    }
    waiting.sort_unstable();
    let mut started = Vec::new();
    for (due, _, place) in waiting {
        let queue = queues.entry(deliveries[place].callback.url.uri()).or_default();
        let is_first = queue.under_way.is_empty();
        let permit = if queue.holds(due) || is_first { None } else { acquire() };
        if queue.holds(due) || (!is_first && permit.is_none()) {
            queue.is_held = true;
            continue;
        }
        queue.under_way.push((due, now));
        started.push((place, permit));
    }
    started
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Map;

    use super::*;
    use crate::webhook::event::{Event, NewEvent};
    use crate::webhook::{Alteration, Callback, WebhookSecret};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Deliveries to a callback by its name, in these states.
    fn deliveries(states: &[(&str, State)]) -> VecDeque<Delivery> {
        let event = Arc::new(Event {
            id: "evt_1".into(),
            occurred_at: at(0),
            content: NewEvent {
                kind: "crew.profile.changed".into(),
                partner: "prt_1".into(),
                data: Map::new(),
                schema_version: 1,
                fields: Map::new(),
            },
            _charge: None,
        });
        let delivery = |(place, (name, state)): (usize, &(&str, State))| Delivery {
            number: place as u64 + 1,
            callback: Arc::new(Callback {
                url: format!("http://127.0.0.1:9/{name}").parse().unwrap(),
                secret: WebhookSecret::new("whsec_test"),
                previous_secret: None,
                events: None,
                partner: None,
            }),
            event: Arc::clone(&event),
            alteration: Arc::new(Alteration::default()),
            state: *state,
            attempts: Vec::new(),
            earlier: 0,
        };
        states.iter().enumerate().map(delivery).collect()
    }

    /// The places that start at a time, with a number of permits.
    fn started(states: &[(&str, State)], now: i64, permits: usize) -> Vec<usize> {
        let mut left = permits;
        let acquire = || {
            left = left.checked_sub(1)?;
            Some(())
        };
        startable(&deliveries(states), at(now), acquire).into_iter().map(|(place, _)| place).collect()
    }

    #[test]
    fn the_earliest_due_time_of_each_callback_starts() {
        let states = [("a", 30), ("a", 10), ("b", 20), ("a", 10), ("a", 99)].map(|(name, due)| {
            let state = State::Waiting(at(due));
            (name, state)
        });
        assert_eq!(started(&states, 60, 9), [1, 3, 2], "10 twice at a, and 20 at b");
        assert_eq!(started(&states, 60, 0), [1, 2], "each callback has one without a permit");
        assert_eq!(started(&states, 9, 9), [0; 0]);
    }

    #[test]
    fn only_what_was_due_when_an_earlier_one_started_waits_for_it() {
        let under_way = |due, since| ("a", State::Sending { due: at(due), since: at(since) });
        let waiting = |due| ("a", State::Waiting(at(due)));
        assert_eq!(started(&[under_way(10, 60), waiting(20), waiting(61)], 61, 9), [0; 0], "61 is behind 20");
        assert_eq!(started(&[under_way(10, 60), waiting(10), waiting(61)], 61, 9), [1], "61 is behind the second 10");
        assert_eq!(started(&[under_way(10, 60), waiting(61)], 61, 9), [1], "61 was not due then");
        assert_eq!(started(&[under_way(10, 10), waiting(20)], 20, 9), [1], "the first one only answers late");
    }

    #[test]
    fn a_callback_has_a_bounded_number_at_once() {
        let states = [("a", State::Waiting(at(1))); AT_ONCE + 9];
        assert_eq!(started(&states, 1, 1_000).len(), AT_ONCE);
    }
}
