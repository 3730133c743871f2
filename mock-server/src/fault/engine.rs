//! The rules of a session with their counters. Matching, counting and firing are one step, under the session's lock.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::effect::{Destination, Effect, Gzip, Latency, PreCheckEffect, ResponseEffect};
use super::report::{FaultReport, NotConsumed};
use super::rule::{BadFault, Fault, RequestFacts};
use super::when::Dice;
use crate::request::Step;

/// How many rules a session may have.
const RULES_AT_MOST: usize = 1_000;

/// The rules of a session, in the order in which they are tried.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    made: u64,
}

#[derive(Clone, Debug)]
struct Rule {
    name: Box<str>,
    fault: Fault,
    number: u64,
    made_at: Timestamp,
    matched: u64,
    fired: u64,
}

/// What the rules decided for one request.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The rules that fired, by name, in their order.
    pub fired: Vec<Box<str>>,
    /// How long the answer waits, in real time.
    pub latency: Duration,
    /// What happens to the answer.
    pub changes: Vec<Arc<ResponseEffect>>,
}

impl Plan {
    /// Whether the answer goes out as it is, and at once.
    pub(crate) fn is_idle(&self) -> bool {
        self.latency.is_zero() && self.changes.is_empty()
    }
}

/// What happens in front of the checks.
#[derive(Clone, Debug)]
pub enum PreCheckPlan {
    /// As the rule says.
    Do(Arc<PreCheckEffect>),
    /// To the next URL of a chain.
    Hop {
        /// The status.
        status: u16,
        /// What the next URL has in its query.
        next: Hop,
    },
}

/// A place in a chain of redirects, as it stands in a query: `hop=RULE-COUNT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The rule's number.
    pub rule: u64,
    /// Which one it is, from 1.
    pub count: u32,
}

/// What an answer is like, as far as it decides whether a change of it can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseShape {
    /// Whether it is JSON.
    pub json: bool,
    /// Whether bytes of a body will be sent.
    pub body: bool,
    /// Whether it is small enough to be compressed in memory.
    pub small: bool,
}

impl Plan {
    /// Whether other bytes are sent than the file's own as they are, so that its last one is another's to note.
    pub(crate) fn sends_by_itself(&self) -> bool {
        self.changes.iter().any(|change| !matches!(**change, ResponseEffect::ContentType(_)))
    }
}

impl PreCheckPlan {
    /// Whether no answer goes out.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Do(front) if matches!(**front, PreCheckEffect::Reset | PreCheckEffect::Close | PreCheckEffect::Stall))
    }
}

impl Faults {
    /// The rules that a session begins with; a name that is given twice was refused before.
    pub(crate) fn begin(faults: &[Fault], now: Timestamp) -> Self {
        let mut begun = Self::default();
        // A builder has refused what can't be added.
        let _ = begun.add(faults.to_vec(), now);
        begun
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Appends rules, all or none.
    ///
    /// # Errors
    /// A name that another rule has, or too many rules.
    pub fn add(&mut self, faults: Vec<Fault>, now: Timestamp) -> Result<(), BadFault> {
        if self.rules.len() + faults.len() > RULES_AT_MOST {
            return Err(BadFault(format!("a session has {RULES_AT_MOST} rules at most: delete some")));
        }
        let (mut rules, mut made) = (self.rules.clone(), self.made);
        for fault in faults {
            made += 1;
            let name = fault.name.clone().unwrap_or_else(|| format!("fault_{made}").into());
            if rules.iter().any(|rule| rule.name == name) {
                return Err(BadFault(format!("there is a rule `{name}` already: give each its own `name`")));
            }
            rules.push(Rule { name, fault, number: made, made_at: now, matched: 0, fired: 0 });
        }
        (self.rules, self.made) = (rules, made);
        Ok(())
    }

    /// Takes all rules away.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Takes one rule away; tells whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| *rule.name != *name);
        self.rules.len() < before
    }

    /// How often each matched and fired.
    pub fn reports(&self) -> Vec<FaultReport> {
        self.rules.iter().map(Rule::report).collect()
    }

    /// Whether every rule was consumed as told.
    ///
    /// # Errors
    /// Those that were not.
    pub fn verify(&self) -> Result<Vec<FaultReport>, NotConsumed> {
        let (consumed, rest): (Vec<_>, Vec<_>) = self.reports().into_iter().partition(FaultReport::consumed);
        if rest.is_empty() { Ok(consumed) } else { Err(NotConsumed(rest)) }
    }

    /// In front of the checks: the first rule that fires ends the search; mere waits add up and do not.
    pub(crate) fn front(
        &mut self,
        subject: &RequestFacts<'_>,
        seed: u64,
        now: Timestamp,
        plan: &mut Plan,
    ) -> Option<PreCheckPlan> {
        let hop = subject.query.and_then(Hop::of_query);
        for rule in &mut self.rules {
            let front = match &rule.fault.then.effect {
                None => None,
                Some(Effect::PreCheckEffect(front)) => Some(Arc::clone(front)),
                Some(Effect::Answer(_)) => continue,
            };
            let hop = hop.filter(|hop| hop.rule == rule.number);
            if let (Some(PreCheckEffect::Redirect(redirect)), Some(hop)) = (front.as_deref(), hop)
                && let Destination::Chain(length) = redirect.to
            {
                // A hop on the way is no match of its own: a chain counts once.
                if rule.fired > 0 && hop.count < length {
                    let next = Hop { count: hop.count + 1, ..hop };
                    return Some(PreCheckPlan::Hop { status: redirect.status, next });
                }
                continue;
            }
            if !rule.fires(subject, seed, now, plan) {
                continue;
            }
            let Some(front) = front else { continue };
            return Some(match &*front {
                PreCheckEffect::Redirect(redirect) if matches!(redirect.to, Destination::Chain(_)) => {
                    PreCheckPlan::Hop { status: redirect.status, next: Hop { rule: rule.number, count: 1 } }
                }
                _ => PreCheckPlan::Do(front),
            });
        }
        None
    }

    /// On an answer that the checks let through: every rule that fires changes it.
    pub(crate) fn answer(
        &mut self,
        subject: &RequestFacts<'_>,
        shape: ResponseShape,
        seed: u64,
        now: Timestamp,
        plan: &mut Plan,
    ) {
        for rule in &mut self.rules {
            let Some(Effect::Answer(change)) = &rule.fault.then.effect else { continue };
            let change = Arc::clone(change);
            if change.applies_to(subject, shape) && rule.fires(subject, seed, now, plan) {
                plan.changes.push(change);
            }
        }
        // Content before coding before transport, whatever the order of the rules.
        plan.changes.sort_by_key(|change| change.rank());
    }
}

impl Rule {
    fn report(&self) -> FaultReport {
        FaultReport {
            name: self.name.clone(),
            effect: self.fault.effect(),
            times: self.fault.when.times.map(std::num::NonZeroU64::get),
            matched: self.matched,
            fired: self.fired,
        }
    }

    /// Matches, counts and fires.
    fn fires(&mut self, subject: &RequestFacts<'_>, seed: u64, now: Timestamp, plan: &mut Plan) -> bool {
        let Fault { on, when, then, .. } = &self.fault;
        if !on.fits(subject) || !when.is_open(self.made_at, now) {
            return false;
        }
        self.matched += 1;
        let dice = Dice::of(seed, self.number);
        if !when.takes(self.matched, self.fired, dice) {
            return false;
        }
        self.fired += 1;
        plan.fired.push(self.name.clone());
        plan.latency += then.latency.map_or(Duration::ZERO, |latency| latency.of(dice.other(), self.fired));
        true
    }
}

impl Latency {
    fn of(self, dice: Dice, roll: u64) -> Duration {
        self.from + self.to.saturating_sub(self.from).mul_f64(dice.fraction(roll))
    }
}

impl ResponseEffect {
    /// Whether this changes anything that a client can see. What can't be seen is no match, so that no count is lost.
    fn applies_to(&self, subject: &RequestFacts<'_>, shape: ResponseShape) -> bool {
        match self {
            Self::ContentType(_) => shape.json || shape.body,
            Self::Json(_) | Self::Malformed => shape.body && shape.json,
            Self::Link(_) => shape.body && subject.step == Step::Link,
            Self::Gzip(Gzip::Honoured) => shape.body && shape.small && subject.takes_gzip,
            Self::Gzip(Gzip::Always) => shape.body && shape.small,
            Self::Truncated(_) | Self::Drip(_) | Self::StallAfter(_) | Self::Cut(_) => shape.body,
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Link(_) => 0,
            Self::Json(_) => 1,
            Self::Malformed => 2,
            Self::Truncated(_) => 3,
            Self::Gzip(_) => 4,
            Self::ContentType(_) => 5,
            Self::StallAfter(_) => 6,
            Self::Cut(_) => 7,
            Self::Drip(_) => 8,
        }
    }
}

impl Hop {
    /// The last hop in a query.
    fn of_query(query: &str) -> Option<Self> {
        let written = query.rsplit('&').find_map(|field| field.strip_prefix("hop="))?;
        let (rule, count) = written.split_once('-')?;
        Some(Self { rule: rule.parse().ok()?, count: count.parse().ok()? })
    }

    /// A path with this hop in its query, in place of an earlier one.
    pub fn on(self, path: &str) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let others = query.split('&').filter(|field| !field.is_empty() && !field.starts_with("hop="));
        let query: Vec<_> = others.map(str::to_owned).chain([format!("hop={}-{}", self.rule, self.count)]).collect();
        format!("{path}?{}", query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(seed: u64) -> Vec<Duration> {
        let fault: Fault = "{then: {latency: {from: 100ms, to: 300ms}}}".parse().unwrap();
        let mut faults = Faults::begin(&[fault], Timestamp::UNIX_EPOCH);
        let subject = RequestFacts {
            step: Step::List,
            method: &http::Method::GET,
            crew: None,
            document: None,
            query: None,
            takes_gzip: false,
        };
        let wait = |_| {
            let mut plan = Plan::default();
            assert!(faults.front(&subject, seed, Timestamp::UNIX_EPOCH, &mut plan).is_none());
            assert_eq!(plan.fired, ["fault_1".into()]);
            plan.latency
        };
        (0..100).map(wait).collect()
    }

    #[test]
    fn a_hop_takes_the_place_of_the_one_before() {
        let hop = Hop { rule: 1, count: 2 };
        for path in ["/a?x=1&hop=1-1&y", "/a?x=1&y", "/a?&x=1&y&hop=1-1"] {
            assert_eq!(hop.on(path), "/a?x=1&y&hop=1-2", "{path}");
        }
        assert_eq!(hop.on("/a"), "/a?hop=1-2");
        assert_eq!(Hop::of_query("x=1&hop=1-2"), Some(hop));
    }

    #[test]
    fn an_answer_that_is_compressed_whatever_was_asked_has_a_body_that_fits_into_memory() {
        let list = |takes_gzip| RequestFacts {
            step: Step::List,
            method: &http::Method::GET,
            crew: None,
            document: None,
            query: None,
            takes_gzip,
        };
        for (body, small) in [(false, false), (false, true), (true, false), (true, true)] {
            let shape = ResponseShape { json: true, body, small };
            assert_eq!(ResponseEffect::Gzip(Gzip::Always).applies_to(&list(false), shape), body && small, "{shape:?}");
            assert_eq!(ResponseEffect::Gzip(Gzip::Honoured).applies_to(&list(true), shape), body && small, "{shape:?}");
            assert!(!ResponseEffect::Gzip(Gzip::Honoured).applies_to(&list(false), shape), "{shape:?}");
        }
    }

    #[test]
    fn a_session_takes_so_many_rules_and_not_one_more() {
        let rule = || -> Fault { "{then: {close: true}}".parse().unwrap() };
        let mut faults = Faults::default();
        faults.add((1..RULES_AT_MOST).map(|_| rule()).collect(), Timestamp::UNIX_EPOCH).unwrap();
        assert!(faults.add(vec![rule(), rule()], Timestamp::UNIX_EPOCH).is_err());
        faults.add(vec![rule()], Timestamp::UNIX_EPOCH).unwrap();
        assert!(faults.add(vec![rule()], Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn a_hop_that_nobody_was_sent_to_is_none() {
        let chain: Fault = "{then: {redirect: {to: {chain: 3}}}}".parse().unwrap();
        let mut faults = Faults::begin(&[chain], Timestamp::UNIX_EPOCH);
        let mut front = |query| {
            let subject = RequestFacts {
                step: Step::List,
                method: &http::Method::GET,
                crew: None,
                document: None,
                query,
                takes_gzip: false,
            };
            faults.front(&subject, 1, Timestamp::UNIX_EPOCH, &mut Plan::default())
        };
        assert!(front(Some("hop=1-1")).is_none());
        assert!(matches!(front(None), Some(PreCheckPlan::Hop { next: Hop { rule: 1, count: 1 }, .. })));
        assert!(matches!(front(Some("hop=1-1")), Some(PreCheckPlan::Hop { next: Hop { rule: 1, count: 2 }, .. })));
        assert!(front(Some("hop=1-3")).is_none(), "the chain is over");
    }

    #[test]
    fn a_wait_is_spread_over_its_range_by_the_seed() {
        let (waits, others) = (waits(1), waits(2));
        let (least, most) = (waits.iter().min().unwrap().as_millis(), waits.iter().max().unwrap().as_millis());
        assert!((100..120).contains(&least) && (280..=300).contains(&most), "{least} {most}");
        assert_ne!(waits, others);
    }
}
