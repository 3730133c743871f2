//! All that was observed of a sender. Everything from here on is free of I/O.

use serde_json::Value;

use super::situation::{Answer, Situation};
use crate::client::judge::{Finding, Verdict};
use crate::server::{Expectation, SessionTime};
pub(super) use crate::server::{observed, unexercised};

/// The header with the id of the event.
pub(super) const EVENT_ID: &str = "x-crewpass-event-id";
/// The header with the type of the event.
pub(super) const EVENT_TYPE: &str = "x-crewpass-event-type";
/// The header with the time of signing.
pub(super) const TIMESTAMP: &str = "x-crewpass-timestamp";
/// The header with the signature.
pub(super) const SIGNATURE: &str = "x-crewpass-signature";
/// The header with the version of the body.
pub(super) const SCHEMA_VERSION: &str = "x-crewpass-schema-version";
/// The documented headers.
pub(super) const HEADERS: [&str; 5] = [EVENT_ID, EVENT_TYPE, TIMESTAMP, SIGNATURE, SCHEMA_VERSION];

/// The time after which a sender that still makes no further attempt has given up, in seconds.
const GIVEN_UP: f64 = 24.0 * 3_600.0;

/// One request of a sender, with the answer that it got.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// The number, from 1.
    pub seq: u64,
    /// The situation in which it arrived.
    pub during: Situation,
    /// The method.
    pub method: String,
    /// The target.
    pub target: String,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
    /// The reason why it is not whole.
    pub broken: Option<String>,
    /// The real time of its arrival, in Unix seconds.
    pub arrived: i64,
    /// The time on the clock of the sender, in seconds from the start: at least, and at most.
    pub time: (f64, f64),
    /// The answer.
    pub answer: Answer,
    /// The real seconds until the sender gave up, if it got no answer.
    pub gave_up: Option<f64>,
}

impl Attempt {
    /// Returns the values of a header.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// Returns the first value of a header.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.values(name).next()
    }

    /// Returns the body; null if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Returns what distinguishes its event from others: the id in the body, or else in the header.
    pub fn key(&self) -> String {
        match self.json()["event_id"].as_str() {
            Some(id) => id.to_owned(),
            None => String::from_utf8_lossy(self.header(EVENT_ID).unwrap_or_default()).into_owned(),
        }
    }
}

/// An event: its attempts in order. The situation is that of the first.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The attempts; there is at least one.
    pub attempts: Vec<&'a Attempt>,
}

impl<'a> Event<'a> {
    /// Returns the situation in which it came first.
    pub fn situation(&self) -> Situation {
        self.attempts[0].during
    }

    /// Returns the attempts that the sender made by itself: not those of a dead letter that was sent again.
    pub fn own(&self) -> impl Iterator<Item = &'a Attempt> {
        self.attempts.iter().copied().filter(|one| one.during != Situation::Redelivered)
    }

    /// Returns the first attempt that came after time had passed and after an answer of this kind.
    fn later_than(&self, is_last: impl Fn(Answer) -> bool) -> Option<(&'a Attempt, &'a Attempt)> {
        let mut own = self.own();
        let last = own.by_ref().find(|one| is_last(one.answer))?;
        // One that came at once may be the same attempt, made twice.
        own.find(|one| one.during == Situation::Waiting).map(|later| (last, later))
    }
}

/// The observations of a sender.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// The tester's knowledge.
    pub expect: &'a Expectation,
    /// The secret that signs deliveries.
    pub secret: String,
    /// The types of events that the callback is set up for, if they are known.
    pub events: Option<Vec<String>>,
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
    /// The methods of the requests to the target of the redirect.
    pub followed: Vec<String>,
    /// The situations that were caused.
    pub caused: Vec<Situation>,
    /// The person about whom nothing may come for want of consent, and the one off the fleet.
    pub silent_about: [Option<String>; 2],
    /// The time that passed in [`Situation::Waiting`], in seconds on the clock of the sender.
    pub waited: f64,
    /// The part of it that passed after the last attempt of the failing event.
    pub rested: f64,
    /// The event ids of the dead letters: before the last attempt of the failing event, and after it.
    pub dead_letters: Option<[String; 2]>,
    /// Levers that failed, by name, with their errors.
    pub stuck: Vec<(&'static str, String)>,
    /// Is true if more came than can be kept.
    pub is_flooded: bool,
}

impl Seen<'_> {
    /// Returns the events. One that comes under another id while the first is never heard of again is the same one.
    pub fn events(&self) -> Vec<Event<'_>> {
        let mut events: Vec<(String, Event<'_>)> = Vec::new();
        for attempt in &self.attempts {
            let key = attempt.key();
            match events.iter_mut().find(|(known, _)| *known == key) {
                Some((_, event)) => event.attempts.push(attempt),
                None => events.push((key, Event { attempts: vec![attempt] })),
            }
        }
        let mut joined: Vec<Event<'_>> = Vec::new();
        for (_, event) in events {
            match joined.iter_mut().find(|known| is_renamed(known, &event)) {
                Some(known) => known.attempts.extend(event.attempts),
                None => joined.push(event),
            }
        }
        joined
    }

    /// Returns the events that came first in a situation.
    pub fn of(&self, situation: Situation) -> Vec<Event<'_>> {
        self.events().into_iter().filter(|event| event.situation() == situation).collect()
    }

    /// Returns true if a sender that makes no further attempt has given up by now.
    pub fn has_waited_long(&self) -> bool {
        self.waited >= GIVEN_UP
    }

    /// Returns true if attempts that are not final are followed by others within the time that was waited.
    pub fn can_see_retries(&self) -> bool {
        self.has_waited_long() || self.events().iter().any(|event| event.own().nth(1).is_some())
    }

    /// Returns true if timestamps are real time.
    pub fn has_real_time(&self) -> bool {
        self.expect.webhooks.as_ref().and_then(|known| known.timestamp) != Some(SessionTime::Session)
    }

    /// Checks that no attempt follows an answer of a kind, once time has passed.
    pub(super) fn ends_after(&self, what: &str, is_last: impl Fn(Answer) -> bool) -> Verdict {
        let events = self.events();
        let ended = |event: &Event<'_>| {
            let later = event.later_than(&is_last);
            later.map(|(last, one)| finding(one, format!("no attempt after {what}"), again(last)))
        };
        let findings: Vec<_> = events.iter().filter_map(ended).collect();
        let is_exercised = events.iter().flat_map(Event::own).any(|one| is_last(one.answer));
        if !findings.is_empty() || (is_exercised && self.can_see_retries()) {
            Verdict::from_findings(findings)
        } else {
            unexercised()
        }
    }
}

/// Returns true if the second event is the first one under another id: the same content while the gate only waits.
fn is_renamed(first: &Event<'_>, second: &Event<'_>) -> bool {
    let (before, after) = (first.attempts[0], second.attempts[0]);
    let is_lost = first.attempts.len() == 1 && !before.answer.is_success() && !before.answer.is_permanent();
    let content = |attempt: &Attempt| {
        let body = attempt.json();
        ["event_type", "occurred_at", "data"].map(|name| body[name].clone())
    };
    is_lost && after.during == Situation::Waiting && before.json().is_object() && content(before) == content(after)
}

fn again(last: &Attempt) -> String {
    format!("another one, after #{} was answered with {}", last.seq, last.answer.text())
}

/// A check of one clause.
pub(super) type Check = fn(&Seen<'_>) -> Verdict;

/// Creates a finding about an attempt.
pub(super) fn finding(attempt: &Attempt, expected: impl Into<String>, observed: impl Into<String>) -> Finding {
    let (expected, observed) = (expected.into(), observed.into());
    Finding { expected, observed, exchange: Some(attempt.seq), ..Finding::default() }
}

/// Returns `Pass` if every attempt is right, and `NotExercised` without attempts.
pub(super) fn each<'a>(
    attempts: impl IntoIterator<Item = &'a Attempt>,
    wrong: impl Fn(&Attempt) -> Option<(String, String)>,
) -> Verdict {
    let mut attempts = attempts.into_iter().peekable();
    if attempts.peek().is_none() {
        return unexercised();
    }
    let found = attempts.filter_map(|one| wrong(one).map(|(expected, observed)| finding(one, expected, observed)));
    Verdict::from_findings(found.collect())
}
