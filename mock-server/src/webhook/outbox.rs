//! The outbox of a session: its callbacks, and the deliveries to them. Pure; behind the session's lock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::alteration::Alteration;
use super::callback::Callback;
use super::delivery::{Delivery, Outcome, State};
use super::event::{Event, EventType, NewEvent};
use super::queue::startable;
use super::worker::Waker;
use crate::policy::WebhookRetryAfter;
use crate::session::Charge;
use crate::split_mix64::split_mix64;

/// The number of deliveries that an outbox keeps; the oldest settled ones are dropped first.
const MAX_DELIVERIES: usize = 2_000;

/// The number of callbacks of a session.
const MAX_CALLBACKS: usize = 100;

/// The number of alterations that wait for deliveries.
const MAX_DISTURBANCES: usize = 1_000;

/// The callbacks of a session and its deliveries.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    callbacks: Vec<Arc<Callback>>,
    deliveries: VecDeque<Delivery>,
    /// The alterations of the next deliveries, each with its remaining count.
    disturbances: VecDeque<(Disturbance, u32)>,
    /// Which life of which session this is; the ids of its events begin with it.
    life: u64,
    events: u64,
    /// The number of the last delivery.
    last: u64,
    dropped: u64,
    waker: Option<Waker>,
}

/// What is done to a delivery that a change causes.
#[derive(Clone, Debug)]
pub(crate) struct Disturbance {
    pub(crate) alteration: Arc<Alteration>,
    /// The number of copies, sent at once.
    pub(crate) copies: u32,
    /// The wait before it on the session's clock.
    pub(crate) delay: Duration,
}

impl Default for Disturbance {
    fn default() -> Self {
        Self { alteration: Arc::default(), copies: 1, delay: Duration::ZERO }
    }
}

/// What a test fires by hand.
#[derive(Debug)]
pub(crate) struct Firing {
    pub(crate) event: NewEvent,
    /// The callback, if it is not for all of the partner's.
    pub(crate) url: Option<Box<str>>,
    /// The number of deliveries to each callback.
    pub(crate) copies: u32,
    pub(crate) alteration: Alteration,
    pub(crate) due: Timestamp,
    /// The part of its texts in the budget, for as long as one of its deliveries is kept.
    pub(crate) charge: Option<Charge>,
}

/// The reason why an order about webhooks can't be followed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum FireError {
    #[error(
        "no callback of `{partner}` would get it: name one in the world, or add one with POST /__mock/webhooks/callbacks"
    )]
    NoCallback { partner: Box<str> },
    #[error("the outbox is full: {MAX_DELIVERIES} deliveries are still to be made")]
    Full,
    #[error("a session can have {MAX_CALLBACKS} callbacks")]
    TooManyCallbacks,
    #[error("{MAX_DISTURBANCES} alterations wait for deliveries: reset the session, or cause some")]
    TooManyAlterations,
    #[error("there is no delivery {0}")]
    UnknownDelivery(u64),
}

/// An attempt that is due.
#[derive(Debug)]
pub(super) struct DueAttempt {
    pub(super) life: u64,
    pub(super) delivery: u64,
    pub(super) callback: Arc<Callback>,
    pub(super) body: Map<String, Value>,
    pub(super) alteration: Arc<Alteration>,
}

impl Outbox {
    /// Creates the outbox of one life of a session.
    pub(crate) fn new(callbacks: &[Callback], seed: u64, session: u64, resets: u32) -> Self {
        let life = split_mix64(seed ^ 0x5be0_cd19_137e_2179 ^ (session << 32 | u64::from(resets)));
        let mut outbox = Self { life, ..Self::default() };
        outbox.set_callbacks(callbacks);
        outbox
    }

    /// Returns the waker, for the next life.
    pub(crate) fn waker(&self) -> Option<Waker> {
        self.waker.clone()
    }

    /// Sets the waker.
    pub(crate) fn set_waker(&mut self, waker: Option<Waker>) {
        self.waker = waker;
        if !self.callbacks.is_empty() {
            // The next day can change a compliance answer.
            self.wake_worker();
        }
    }

    /// Replaces the callbacks by those of a world. Deliveries that exist are made.
    pub(crate) fn set_callbacks(&mut self, callbacks: &[Callback]) {
        self.callbacks = callbacks.iter().cloned().map(Arc::new).collect();
    }

    /// Adds a callback, or replaces the one with the same URL, whose secret is the previous one then.
    pub(crate) fn add_callback(&mut self, mut callback: Callback) -> Result<(), FireError> {
        match self.callbacks.iter().position(|known| known.url == callback.url) {
            Some(known) => {
                let older = &self.callbacks[known];
                if callback.previous_secret.is_none() {
                    let is_new = older.secret != callback.secret;
                    callback.previous_secret =
                        if is_new { Some(older.secret.clone()) } else { older.previous_secret.clone() };
                }
                self.callbacks[known] = callback.into();
            }
            None if self.callbacks.len() >= MAX_CALLBACKS => return Err(FireError::TooManyCallbacks),
            None => self.callbacks.push(callback.into()),
        }
        // The next day can change a compliance answer.
        self.wake_worker();
        Ok(())
    }

    /// Returns the current callback with this URL, so that an older delivery is signed with the new secret.
    pub(super) fn present_callback(&self, callback: &Arc<Callback>) -> Arc<Callback> {
        let present = self.callbacks.iter().find(|known| known.url == callback.url);
        Arc::clone(present.unwrap_or(callback))
    }

    /// Returns true if a callback gets events of that type.
    pub(crate) fn wants(&self, kind: EventType) -> bool {
        self.callbacks.iter().any(|callback| callback.wants(kind))
    }

    /// Disturbs the next deliveries, `count` of them.
    pub(crate) fn disturb_next(&mut self, disturbance: Disturbance, count: u32) -> Result<(), FireError> {
        if self.disturbances.len() >= MAX_DISTURBANCES {
            return Err(FireError::TooManyAlterations);
        }
        self.disturbances.push_back((disturbance, count));
        Ok(())
    }

    /// Creates the deliveries of an event to the callbacks of its partner that want it.
    pub(crate) fn emit(
        &mut self,
        kind: EventType,
        partner: &str,
        first_partner: &str,
        data: Map<String, Value>,
        now: Timestamp,
    ) {
        let wanting: Vec<_> =
            self.callbacks_of(partner, first_partner).filter(|callback| callback.wants(kind)).cloned().collect();
        if wanting.is_empty() || self.make_room(wanting.len()).is_err() {
            return;
        }
        let event = self.new_event(NewEvent::new(kind, partner, data), None, now);
        for callback in wanting {
            let Disturbance { alteration, copies, delay } = self.next_disturbance();
            let due = now.checked_add(delay).unwrap_or(Timestamp::MAX);
            for copy in 0..copies {
                // There is room for the first one already.
                if copy > 0 && self.make_room(1).is_err() {
                    break;
                }
                self.push(Arc::clone(&callback), &event, Arc::clone(&alteration), due);
            }
        }
        self.wake();
    }

    /// Creates the deliveries that a test fires. Returns the id of the event and the numbers of its deliveries.
    pub(crate) fn fire(&mut self, firing: Firing, first_partner: &str, now: Timestamp) -> Result<Value, FireError> {
        let partner = firing.event.partner.clone();
        let is_meant =
            |callback: &&Arc<Callback>| firing.url.as_ref().is_none_or(|url| callback.url.to_string() == **url);
        let callbacks: Vec<_> = self.callbacks_of(&partner, first_partner).filter(is_meant).cloned().collect();
        if callbacks.is_empty() {
            return Err(FireError::NoCallback { partner });
        }
        self.make_room(callbacks.len() * firing.copies as usize)?;
        let event = self.new_event(firing.event, firing.charge, now);
        let alteration = Arc::new(firing.alteration);
        let first = self.last + 1;
        for callback in callbacks {
            for _ in 0..firing.copies {
                self.push(Arc::clone(&callback), &event, Arc::clone(&alteration), firing.due);
            }
        }
        self.wake();
        Ok(json!({"event_id": event.id, "deliveries": (first..=self.last).collect::<Vec<_>>()}))
    }

    /// Sends dead and refused deliveries again, or a delivery that is named. Returns their number.
    pub(crate) fn redeliver(&mut self, number: Option<u64>, now: Timestamp) -> Result<usize, FireError> {
        let mut count = 0;
        for delivery in &mut self.deliveries {
            let is_meant = match number {
                Some(number) => delivery.number == number && delivery.state.is_settled(),
                None => matches!(delivery.state, State::Dead | State::Refused),
            };
            if is_meant {
                delivery.begin_again(now);
                count += 1;
            }
        }
        match number {
            Some(number) if count == 0 => Err(FireError::UnknownDelivery(number)),
            _ => {
                self.wake();
                Ok(count)
            }
        }
    }

    /// Starts the attempts that are due and may start, in the order in which they became due. `acquire` takes a permit,
    /// if there is one; each attempt comes with the permit that it took.
    pub(super) fn take_due<P>(
        &mut self,
        now: Timestamp,
        acquire: impl FnMut() -> Option<P>,
    ) -> Vec<(DueAttempt, Option<P>)> {
        let mut started = Vec::new();
        for (place, permit) in startable(&self.deliveries, now, acquire) {
            let delivery = &mut self.deliveries[place];
            if let State::Waiting(due) = delivery.state {
                delivery.state = State::Sending { due, since: now };
            }
            let attempt = DueAttempt {
                life: self.life,
                delivery: delivery.number,
                callback: Arc::clone(&delivery.callback),
                body: delivery.event.body(),
                alteration: Arc::clone(&delivery.alteration),
            };
            started.push((attempt, permit));
        }
        started
    }

    /// Returns the time after now at which the next attempt is due. What is due already waits for the end of an attempt.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let waiting = self.deliveries.iter().filter_map(|delivery| match delivery.state {
            State::Waiting(at) if at > now => Some(at),
            _ => None,
        });
        waiting.min()
    }

    /// Records the outcome of an attempt. Returns the journal's detail, or `None` for an attempt of an earlier life.
    pub(super) fn finish(
        &mut self,
        attempt: &DueAttempt,
        outcome: Outcome,
        now: Timestamp,
        policy: WebhookRetryAfter,
    ) -> Option<Value> {
        if attempt.life != self.life {
            return None;
        }
        let delivery = self.deliveries.iter_mut().find(|delivery| delivery.number == attempt.delivery)?;
        delivery.finish(outcome, now, policy);
        Some(delivery.last_attempt_json())
    }

    /// Wakes the worker, after a change of the clock or of the deliveries.
    pub(crate) fn wake(&self) {
        if !self.deliveries.is_empty() {
            self.wake_worker();
        }
    }

    /// Wakes the worker, after a change of what a session has to do at a time.
    pub(crate) fn wake_worker(&self) {
        if let Some(waker) = &self.waker {
            waker.wake();
        }
    }

    /// Returns the callbacks and the deliveries as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let callbacks: Vec<_> = self.callbacks.iter().map(|callback| callback_json(callback)).collect();
        let deliveries: Vec<_> = self.deliveries.iter().map(Delivery::to_json).collect();
        json!({"callbacks": callbacks, "deliveries": deliveries, "dropped": self.dropped})
    }

    /// Returns the numbers of the deliveries that did not arrive, each with its state.
    pub(crate) fn missing(&self) -> Vec<String> {
        let missing = self.deliveries.iter().filter(|delivery| delivery.state != State::Delivered);
        missing.map(|delivery| format!("{} ({})", delivery.number, delivery.state.name())).collect()
    }

    fn callbacks_of<'o>(&'o self, partner: &'o str, first_partner: &'o str) -> impl Iterator<Item = &'o Arc<Callback>> {
        self.callbacks.iter().filter(move |callback| callback.partner.as_deref().unwrap_or(first_partner) == partner)
    }

    fn new_event(&mut self, content: NewEvent, charge: Option<Charge>, now: Timestamp) -> Arc<Event> {
        self.events += 1;
        let id = format!("evt_{:016x}{:016x}", self.life, split_mix64(self.life ^ split_mix64(self.events)));
        Arc::new(Event { id: id.into(), occurred_at: now, content, _charge: charge })
    }

    fn next_disturbance(&mut self) -> Disturbance {
        let Some((disturbance, left)) = self.disturbances.front_mut() else { return Disturbance::default() };
        let disturbance = disturbance.clone();
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.disturbances.pop_front();
        }
        disturbance
    }

    fn push(&mut self, callback: Arc<Callback>, event: &Arc<Event>, alteration: Arc<Alteration>, due: Timestamp) {
        self.last += 1;
        let (event, number, state) = (Arc::clone(event), self.last, State::Waiting(due));
        let attempts = Vec::new();
        self.deliveries.push_back(Delivery { number, callback, event, alteration, state, attempts, earlier: 0 });
    }

    /// Drops the oldest settled deliveries until `count` more fit.
    fn make_room(&mut self, count: usize) -> Result<(), FireError> {
        while self.deliveries.len() + count > MAX_DELIVERIES {
            let Some(oldest) = self.deliveries.iter().position(|delivery| delivery.state.is_settled()) else {
                return Err(FireError::Full);
            };
            self.deliveries.remove(oldest);
            self.dropped += 1;
        }
        Ok(())
    }
}

fn callback_json(callback: &Callback) -> Value {
    json!({
        "url": callback.url,
        "secret": callback.secret.to_string(),
        "previous_secret": callback.previous_secret.as_ref().map(ToString::to_string),
        "events": callback.events,
        "partner": callback.partner,
    })
}
