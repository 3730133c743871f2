//! Puts the steps of webhooks to the fake, and compares what arrives and what the control API shows with the model.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::http::{Answer, Connection};
use super::super::model::State;
use super::super::world::{CREW, PARTNERS};
use super::arrivals::{self, Moment};
use super::parts::{AGE, Alteration, Callback, Delivery, Disturbance, Fire, PATHS, ReceiverAnswer, SECRETS, Standing};
use super::receiver::{Received, Receiver};
use super::steps::HookStep;

/// How long the attempts of a step may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the first look at the control API waits for what should arrive.
const FIRST_LOOK: Duration = Duration::from_millis(200);

/// The webhooks of one sequence: what is known of the fake's events.
pub(crate) struct Driver {
    /// Is in the address of each callback: nothing that an earlier sequence left behind is taken for this one's.
    case: u64,
    /// The ids of the events since the last reset, as far as they are known.
    ids: BTreeMap<usize, String>,
    /// The ids of all events.
    known: BTreeSet<String>,
    epoch: u64,
    begun: i64,
}

impl Driver {
    /// Begins a sequence, with the callbacks that the model begins with.
    pub(crate) fn new(state: &State, connection: &mut Connection) -> Self {
        static CASES: AtomicU64 = AtomicU64::new(0);
        let case = CASES.fetch_add(1, Ordering::Relaxed);
        let driver = Self { case, ids: BTreeMap::new(), known: BTreeSet::new(), epoch: 0, begun: now() };
        Receiver::get().set_answers(state.hooks.answers);
        for callback in &state.hooks.callbacks {
            assert_eq!(driver.add(callback, connection).status, 201);
        }
        driver
    }

    /// Notes that a step begins.
    pub(crate) fn begin(&mut self) {
        self.begun = now();
    }

    /// Makes a step.
    pub(crate) fn send(&mut self, state: &State, step: &HookStep, connection: &mut Connection) -> Answer {
        let mut control = |method: &str, path: &str, body: &Value| {
            connection.send(method, &format!("/__mock/webhooks/{path}"), None, body.to_string().as_bytes())
        };
        match step {
            HookStep::Add(callback) => self.add(callback, connection),
            HookStep::Clear => control("DELETE", "callbacks", &json!({})),
            HookStep::Answer { .. } => {
                Receiver::get().set_answers(state.hooks.answers);
                Answer { status: 200, ..Answer::default() }
            }
            HookStep::Fire(fire) => {
                let mut answer = control("POST", "fire", &self.fire_json(fire));
                if answer.status == 202 {
                    let mut fired: Value = serde_json::from_slice(&answer.body).unwrap();
                    let id = fired.as_object_mut().unwrap().remove("event_id");
                    self.note_id(state.hooks.events.len() - 1, id.unwrap().as_str().unwrap());
                    answer.body = fired.to_string().into_bytes();
                }
                answer
            }
            HookStep::Redeliver { delivery } => {
                let body = delivery.map_or_else(|| json!({}), |number| json!({"delivery": number}));
                control("POST", "redeliver", &body)
            }
            HookStep::Alter { by, times } => {
                let Disturbance { alteration, copies, delay } = by;
                let body =
                    json!({"alter": alteration.json(), "copies": copies, "after": format!("{delay}s"), "times": times});
                control("POST", "alter", &body)
            }
        }
    }

    fn add(&self, callback: &Callback, connection: &mut Connection) -> Answer {
        let (shown, mut body) = (self.callback_json(callback), self.callback_json(callback));
        body["secret"] = SECRETS[callback.secret].into();
        let path = "/__mock/webhooks/callbacks";
        let answer = connection.send("POST", path, None, body.to_string().as_bytes());
        assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap(), shown);
        answer
    }

    fn fire_json(&self, fire: &Fire) -> Value {
        let Fire { kind, partner, path, crew, document, by } = fire;
        let mut body = json!({
            "event_type": kind, "data": {}, "unknown": true, "copies": by.copies, "after": format!("{}s", by.delay), "alter": by.alteration.json(),
        });
        let given = [
            ("partner", partner.map(|at| PARTNERS[at].to_owned())),
            ("url", path.map(|at| self.url(at))),
            ("crew", crew.map(|at| CREW[at].to_owned())),
            ("document", document.map(str::to_owned)),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        body
    }

    fn url(&self, path: usize) -> String {
        format!("http://{}/{}/{}", Receiver::get().address, self.case, PATHS[path])
    }

    fn callback_json(&self, callback: &Callback) -> Value {
        let partner = callback.partner.map(|partner| PARTNERS[partner]);
        json!({"url": self.url(callback.path), "partner": partner, "events": callback.types})
    }

    /// Compares the webhooks after a step with the model.
    pub(crate) fn compare(&mut self, state: &State, connection: &mut Connection) {
        if self.epoch != state.epoch {
            self.epoch = state.epoch;
            self.ids.clear();
        }
        if !state.hooks.is_changed {
            // A question causes nothing.
            self.compare_arrived(state, self.next(Duration::ZERO).into_iter().collect());
            return;
        }
        let mut arrived = self.wait_for(state.hooks.attempted.len());
        let (text, shown) = settled(state, connection);
        // What is settled has arrived.
        arrived.extend(std::iter::from_fn(|| self.next(Duration::ZERO)));
        self.compare_shown(state, shown);
        compare_verified(state, &text, connection);
        self.compare_arrived(state, arrived);
    }

    /// Returns what arrives, up to a number. That it is all of it follows from the control API.
    fn wait_for(&self, count: usize) -> Vec<Received> {
        let until = Instant::now() + FIRST_LOOK;
        let mut arrived = Vec::new();
        while arrived.len() < count {
            let Some(next) = self.next(until.saturating_duration_since(Instant::now())) else { break };
            arrived.push(next);
        }
        arrived
    }

    /// Returns the next request of this sequence, if one arrives in that time.
    fn next(&self, wait: Duration) -> Option<Received> {
        let is_own = |received: &Received| received.target.starts_with(&format!("/{}/", self.case));
        std::iter::from_fn(|| Receiver::get().next(wait)).find(is_own)
    }

    fn note_id(&mut self, event: usize, id: &str) {
        if let Some(known) = self.ids.get(&event) {
            assert_eq!(known, id, "one event has two ids");
            return;
        }
        assert!(self.known.insert(id.to_owned()), "two events have the id {id}");
        self.ids.insert(event, id.to_owned());
    }

    fn compare_shown(&mut self, state: &State, mut shown: Value) {
        let hooks = &state.hooks;
        for callback in shown["callbacks"].as_array_mut().unwrap() {
            let masked: Vec<_> = ["secret", "previous_secret"].map(|name| callback[name].take()).into();
            let is_shown = |secret: &&str| masked.iter().any(|masked| masked == *secret);
            assert_eq!(SECRETS.iter().find(|secret| is_shown(secret)), None);
            let callback = callback.as_object_mut().unwrap();
            callback.retain(|name, _| !name.ends_with("secret"));
        }
        let callbacks: Vec<_> = hooks.callbacks.iter().map(|callback| self.callback_json(callback)).collect();
        assert_eq!(shown["callbacks"], json!(callbacks));
        assert_eq!(shown["dropped"], 0);
        let shown = shown["deliveries"].as_array_mut().unwrap();
        for (delivery, shown) in hooks.deliveries.iter().zip(shown.iter()) {
            self.note_id(delivery.event, shown["event_id"].as_str().unwrap());
        }
        for attempt in shown.iter_mut().flat_map(|delivery| delivery["attempts"].as_array_mut().unwrap()) {
            let error = attempt.as_object_mut().unwrap().remove("error");
            assert_eq!(error.is_some(), attempt["status"].is_null(), "{attempt}");
        }
        let wanted = hooks.deliveries.iter().enumerate();
        let wanted: Vec<_> = wanted.map(|(at, delivery)| self.delivery_json(state, at, delivery)).collect();
        assert_eq!(*shown, wanted);
    }

    fn delivery_json(&self, state: &State, at: usize, delivery: &Delivery) -> Value {
        let event = &state.hooks.events[delivery.event];
        let due = match delivery.standing {
            Standing::Waiting(due) => Some(time(due)),
            _ => None,
        };
        json!({
            "delivery": at + 1, "event_id": self.ids.get(&delivery.event), "event_type": event.kind,
            "occurred_at": time(event.occurred), "partner_id": PARTNERS[event.partner], "data": event.data,
            "url": self.url(delivery.callback.path), "state": delivery.standing.name(), "due": due,
            "attempts": delivery.attempts.iter().map(attempt_json).collect::<Vec<_>>(),
            "altered": delivery.alteration != Alteration::Nothing,
        })
    }

    /// Compares what arrived: at each callback, the attempts in the order of their due times.
    fn compare_arrived(&self, state: &State, arrived: Vec<Received>) {
        let hooks = &state.hooks;
        let moment = Moment { begun: self.begun, ended: now() };
        // The attempts of each event at each path by their due times, and a delivery that they are of.
        let mut due: BTreeMap<(String, String), (VecDeque<i64>, &Delivery)> = BTreeMap::new();
        for (delivery, at) in hooks.attempted.iter().map(|(delivery, at)| (&hooks.deliveries[*delivery], *at)) {
            let key = (self.url(delivery.callback.path), self.ids[&delivery.event].clone());
            due.entry(key).or_insert((VecDeque::new(), delivery)).0.push_back(at);
        }
        for (times, _) in due.values_mut() {
            times.make_contiguous().sort_unstable();
        }
        let mut last: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for received in arrived {
            let url = format!("http://{}{}", Receiver::get().address, received.target);
            let key = (url, received.header("x-crewpass-event-id").unwrap_or_default().to_owned());
            let attempt = due.get_mut(&key).and_then(|(times, delivery)| Some((times.pop_front()?, *delivery)));
            let Some((at, delivery)) = attempt else { panic!("{received:?} was not due") };
            let timestamp = arrivals::check(state, delivery, &key.1, moment, &received);
            let age = if delivery.alteration == Alteration::Old { AGE } else { 0 };
            let present = (at, timestamp + age);
            let (earlier, signed) = last.insert(key.0, present).unwrap_or(present);
            // Those of one due time come together.
            let is_in_order = earlier == at || (earlier < at && signed <= present.1);
            assert!(is_in_order, "{received:?} was due before one that came earlier");
        }
        due.retain(|_, (times, _)| !times.is_empty());
        assert!(due.is_empty(), "{due:?} did not arrive");
    }
}

/// Returns what the control API shows once nothing is in flight, as it came and read.
fn settled(state: &State, connection: &mut Connection) -> (Vec<u8>, Value) {
    let until = Instant::now() + PATIENCE;
    let now = time(state.now);
    loop {
        let answer = connection.send("GET", "/__mock/webhooks", None, b"");
        let shown: Value = serde_json::from_slice(&answer.body).unwrap();
        let is_in_flight = |delivery: &Value| match delivery["state"].as_str().unwrap() {
            // Both times are written alike.
            "waiting" => delivery["due"].as_str().unwrap() <= &*now,
            state => state == "sending",
        };
        if !shown["deliveries"].as_array().unwrap().iter().any(is_in_flight) {
            return (answer.body, shown);
        }
        assert!(Instant::now() < until, "{shown} is in flight for ever");
    }
}

/// Compares the answer of `verify`, which is what is shown if all is delivered.
fn compare_verified(state: &State, shown: &[u8], connection: &mut Connection) {
    let answer = connection.send("GET", "/__mock/webhooks/verify", None, b"");
    let deliveries = state.hooks.deliveries.iter().enumerate();
    let missing = deliveries.filter(|(_, delivery)| delivery.standing != Standing::Delivered);
    let missing: Vec<_> = missing.map(|(at, delivery)| format!("{} ({})", at + 1, delivery.standing.name())).collect();
    if missing.is_empty() {
        assert_eq!((answer.status, &*answer.body), (200, shown));
        return;
    }
    let said: Value = serde_json::from_slice(&answer.body).unwrap();
    let message = format!("deliveries that have not arrived: {}", missing.join(", "));
    assert_eq!(answer.status, 409);
    assert_eq!(
        (&said["error"]["code"], &said["error"]["message"]),
        (&json!("webhooks_not_delivered"), &json!(message))
    );
}

fn attempt_json((at, answer): &(i64, ReceiverAnswer)) -> Value {
    let mut attempt = json!({"at": time(*at)});
    if let Some(status) = answer.status {
        attempt["status"] = status.into();
    }
    if let Some(wait) = answer.retry_after {
        attempt["retry_after"] = wait.into();
    }
    attempt
}

fn time(at: i64) -> String {
    Timestamp::from_second(at).unwrap().to_string()
}

fn now() -> i64 {
    Timestamp::now().as_second()
}
