//! What the fake should send, and when, thought out from the contract.

use serde_json::{Map, Value, json};

use super::super::answers::{Body, Expected, fine, refused};
use super::super::model::State;
use super::super::world::CREW;
use super::parts::{Alteration, Callback, Delivery, Disturbance, Event, Fire, ReceiverAnswer, Standing};
use super::steps::HookStep;

/// The number of attempts, the first included.
const ATTEMPTS: usize = 8;

/// The seconds from the first attempt to the second one; they double with each further one.
const BACKOFF: i64 = 30;

impl State {
    /// What a step of webhooks changes, and what should be answered.
    pub(crate) fn hook(&mut self, step: &HookStep) -> Expected {
        match step {
            HookStep::Add(callback) => {
                self.hooks.add(callback.clone());
                fine(Body::Any).with(201)
            }
            HookStep::Clear => {
                self.hooks.callbacks.clear();
                fine(Body::Json(json!({"cleared": true})))
            }
            HookStep::Answer { path, answer } => {
                self.hooks.answers[*path] = *answer;
                fine(Body::Any)
            }
            HookStep::Alter { by, times } => {
                self.hooks.disturbances.push_back((*by, *times));
                fine(Body::Any)
            }
            HookStep::Fire(fire) => self.fire(fire),
            HookStep::Redeliver { delivery } => self.redeliver(*delivery),
        }
    }

    /// An event by hand goes to all callbacks of a partner, whatever they want and whatever the partner may know.
    fn fire(&mut self, fire: &Fire) -> Expected {
        let partner = fire.partner.unwrap_or(0);
        let is_meant = |known: &&Callback| known.is_of(partner) && fire.path.is_none_or(|path| known.path == path);
        let callbacks: Vec<Callback> = self.hooks.callbacks.iter().filter(is_meant).cloned().collect();
        if callbacks.is_empty() {
            return fine(Body::Any).with(409);
        }
        let mut data = Map::new();
        if let Some(crew) = fire.crew {
            data.insert("crew_unique_id".into(), CREW[crew].into());
        }
        if let Some(document) = fire.document {
            data.insert("document_id".into(), document.into());
        }
        let first = self.hooks.deliveries.len() + 1;
        self.hooks.events.push(Event { kind: fire.kind, partner, occurred: self.now, data });
        for callback in callbacks {
            self.hooks.deliver(&callback, fire.by, self.now);
        }
        let numbers: Vec<usize> = (first..=self.hooks.deliveries.len()).collect();
        fine(Body::Json(json!({"deliveries": numbers}))).with(202)
    }

    /// Dead and refused deliveries are made again, or one that is settled.
    fn redeliver(&mut self, number: Option<usize>) -> Expected {
        let now = self.now;
        let mut count = 0;
        for (at, delivery) in self.hooks.deliveries.iter_mut().enumerate() {
            let is_meant = match number {
                Some(number) => at + 1 == number && !matches!(delivery.standing, Standing::Waiting(_)),
                None => matches!(delivery.standing, Standing::Dead | Standing::Refused),
            };
            if is_meant {
                delivery.standing = Standing::Waiting(now);
                delivery.earlier = delivery.attempts.len();
                count += 1;
            }
        }
        match number {
            Some(number) if count == 0 => refused(404, "not_found", &format!("there is no delivery {number}")),
            _ => fine(Body::Json(json!({"redelivered": count}))),
        }
    }

    /// An event for a partner, delivered to each of its callbacks that wants it.
    pub(crate) fn emit(&mut self, kind: &'static str, partner: usize, data: Map<String, Value>, at: i64) {
        let wanting = self.hooks.callbacks.iter().filter(|known| known.wants(partner, kind));
        let wanting: Vec<Callback> = wanting.cloned().collect();
        if wanting.is_empty() {
            return;
        }
        self.hooks.events.push(Event { kind, partner, occurred: at, data });
        for callback in wanting {
            let by = self.hooks.next_disturbance();
            self.hooks.deliver(&callback, by, at);
        }
    }

    /// All attempts that are due by now, one after another.
    pub(crate) fn run_due(&mut self) {
        let (now, honours) = (self.now, self.policy("webhook_retry_after") == "honoured");
        let answers = self.hooks.answers;
        for (at, delivery) in self.hooks.deliveries.iter_mut().enumerate() {
            while let Standing::Waiting(due) = delivery.standing
                && due <= now
            {
                let answer = answers[delivery.callback.path];
                delivery.attempts.push((now, answer));
                let earliest = answer.retry_after.filter(|_| honours).map_or(due, |wait| now + wait);
                delivery.standing = next_standing(delivery.attempts.len() - delivery.earlier, answer, due, earliest);
                self.hooks.attempted.push((at, due));
            }
        }
    }
}

/// How a delivery stands after so many attempts, of which the last one was due then.
fn next_standing(attempts: usize, answer: ReceiverAnswer, due: i64, earliest: i64) -> Standing {
    match answer.status {
        Some(200..=299) => return Standing::Delivered,
        Some(408 | 429) | None => {}
        Some(400..=499) => return Standing::Refused,
        Some(_) => {}
    }
    match attempts {
        ATTEMPTS.. => Standing::Dead,
        failed => Standing::Waiting((due + (BACKOFF << (failed - 1))).max(earliest)),
    }
}

impl super::parts::Hooks {
    /// A new callback, or another one at the address of an older one.
    pub(crate) fn add(&mut self, mut callback: Callback) {
        let Some(older) = self.callbacks.iter_mut().find(|known| known.path == callback.path) else {
            self.callbacks.push(callback);
            return;
        };
        let has_rotated = older.secret != callback.secret;
        callback.previous = if has_rotated { Some(older.secret) } else { older.previous };
        *older = callback;
    }

    /// Deliveries of the last event to a callback.
    fn deliver(&mut self, callback: &Callback, by: Disturbance, at: i64) {
        let delivery = Delivery {
            event: self.events.len() - 1,
            callback: callback.clone(),
            alteration: by.alteration,
            standing: Standing::Waiting(at + by.delay),
            attempts: Vec::new(),
            earlier: 0,
        };
        self.deliveries.extend(std::iter::repeat_n(delivery, by.copies));
    }

    fn next_disturbance(&mut self) -> Disturbance {
        let Some((by, left)) = self.disturbances.front_mut() else {
            return Disturbance { alteration: Alteration::Nothing, copies: 1, delay: 0 };
        };
        let by = *by;
        *left -= 1;
        if *left == 0 {
            self.disturbances.pop_front();
        }
        by
    }
}
