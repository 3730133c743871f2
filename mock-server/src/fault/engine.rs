//! The rules of a session with their counters. Matching, counting and firing are one step, under the session's lock.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::effect::{Effect, PreCheckEffect, ResponseEffect, ResponseShape};
use super::effect_values::Latency;
use super::report::{FaultReport, NotConsumed};
use super::rule::{BadFault, Fault, RequestFacts};
use super::when::Dice;
use crate::session::Charge;

/// The largest number of rules in a session.
const MAX_RULES: usize = 1_000;

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
    /// The part of the request that added it in the budget, for as long as one of its rules is there.
    charge: Option<Arc<Charge>>,
}

/// The decision of the rules for one request.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The rules that fired, by name, in their order.
    pub fired: Vec<Box<str>>,
    /// The effects of the rules that fired, by name, in the same order.
    pub effect_names: Vec<&'static str>,
    /// The wait before the response, in real time.
    pub latency: Duration,
    /// The effects on the response, in the order of execution.
    pub effects: Vec<Arc<ResponseEffect>>,
}

impl Plan {
    /// Returns true if the response is sent unchanged and at once.
    pub(crate) fn is_idle(&self) -> bool {
        self.latency.is_zero() && self.effects.is_empty()
    }

    /// Returns true if the body is not sent as the file's own bytes, so that the effects note its last byte.
    pub(crate) fn rewrites_body(&self) -> bool {
        self.effects.iter().any(|effect| effect.rewrites_body())
    }
}

/// An effect before the checks.
#[derive(Clone, Debug)]
pub enum PreCheckPlan {
    /// The rule's effect.
    Do(Arc<PreCheckEffect>),
    /// A redirect to the next URL of a chain.
    Hop {
        /// The status.
        status: u16,
        /// The hop in the query of the next URL.
        next: Hop,
    },
}

/// A position in a chain of redirects, written in a query as `hop=RULE-COUNT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The rule's number.
    pub rule: u64,
    /// The number of the hop, from 1.
    pub count: u32,
}

impl PreCheckPlan {
    /// Returns the status of the response; `None` if there is no response.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Hop { status, .. } => Some(*status),
            Self::Do(effect) => effect.status(),
        }
    }
}

impl Faults {
    /// Creates the initial rules of a session. Duplicate names were refused before.
    pub(crate) fn new(faults: &[Fault], now: Timestamp) -> Self {
        let mut begun = Self::default();
        // A builder has refused what can't be added.
        let _ = begun.add(faults.to_vec(), now);
        begun
    }

    /// Returns true if there are no rules.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Appends rules, all or none.
    ///
    /// # Errors
    /// Fails if another rule has the same name, or if there are too many rules.
    pub fn add(&mut self, faults: Vec<Fault>, now: Timestamp) -> Result<(), BadFault> {
        if self.rules.len() + faults.len() > MAX_RULES {
            return Err(BadFault(format!("a session has {MAX_RULES} rules at most: delete some")));
        }
        let (mut rules, mut made) = (self.rules.clone(), self.made);
        for fault in faults {
            made += 1;
            let name = fault.name.clone().unwrap_or_else(|| format!("fault_{made}").into());
            if rules.iter().any(|rule| rule.name == name) {
                return Err(BadFault(format!("there is a rule `{name}` already: give each its own `name`")));
            }
            rules.push(Rule { name, fault, number: made, made_at: now, matched: 0, fired: 0, charge: None });
        }
        (self.rules, self.made) = (rules, made);
        Ok(())
    }

    /// Lets the last `count` rules hold a charge together.
    pub(crate) fn charge_last(&mut self, count: usize, charge: Charge) {
        let charge = Arc::new(charge);
        let last = self.rules.iter_mut().rev().take(count);
        last.for_each(|rule| rule.charge = Some(Arc::clone(&charge)));
    }

    /// Removes all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Removes one rule; returns true if it existed.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.rules.len();
        self.rules.retain(|rule| *rule.name != *name);
        self.rules.len() < before
    }

    /// Returns the counts of each rule.
    pub fn reports(&self) -> Vec<FaultReport> {
        self.rules.iter().map(Rule::report).collect()
    }

    /// Checks that every rule was consumed.
    ///
    /// # Errors
    /// Returns the rules that were not consumed.
    pub fn verify(&self) -> Result<Vec<FaultReport>, NotConsumed> {
        let (consumed, rest): (Vec<_>, Vec<_>) = self.reports().into_iter().partition(FaultReport::is_consumed);
        if rest.is_empty() { Ok(consumed) } else { Err(NotConsumed(rest)) }
    }

    /// Decides before the checks: the first rule that fires ends the search; mere waits add up and do not.
    pub(crate) fn decide_before_checks(
        &mut self,
        request: &RequestFacts<'_>,
        seed: u64,
        now: Timestamp,
        plan: &mut Plan,
    ) -> Option<PreCheckPlan> {
        let hop = request.query.and_then(Hop::from_query);
        for rule in &mut self.rules {
            let effect = match &rule.fault.then.effect {
                None => None,
                Some(Effect::PreCheck(effect)) => Some(Arc::clone(effect)),
                Some(Effect::Response(_)) => continue,
            };
            let chain = effect.as_deref().and_then(PreCheckEffect::chain);
            if let (Some((status, length)), Some(hop)) = (chain, hop.filter(|hop| hop.rule == rule.number)) {
                // A hop on the way is not a match by itself: a chain counts once.
                if rule.fired > 0 && hop.count < length {
                    return Some(PreCheckPlan::Hop { status, next: Hop { count: hop.count + 1, ..hop } });
                }
                continue;
            }
            if !rule.fires(request, seed, now, plan) {
                continue;
            }
            let Some(effect) = effect else { continue };
            return Some(match chain {
                Some((status, _)) => PreCheckPlan::Hop { status, next: Hop { rule: rule.number, count: 1 } },
                None => PreCheckPlan::Do(effect),
            });
        }
        None
    }

    /// Collects the effects on a response that the checks let through: every rule that fires changes it.
    pub(crate) fn decide_on_response(
        &mut self,
        request: &RequestFacts<'_>,
        shape: ResponseShape,
        seed: u64,
        now: Timestamp,
        plan: &mut Plan,
    ) {
        for rule in &mut self.rules {
            let Some(Effect::Response(effect)) = &rule.fault.then.effect else { continue };
            let effect = Arc::clone(effect);
            if effect.applies_to(request, shape) && rule.fires(request, seed, now, plan) {
                plan.effects.push(effect);
            }
        }
        plan.effects.sort_by_key(|effect| effect.rank());
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

    /// Matches, counts and fires; returns true if the rule fires.
    fn fires(&mut self, request: &RequestFacts<'_>, seed: u64, now: Timestamp, plan: &mut Plan) -> bool {
        let Fault { on, when, then, .. } = &self.fault;
        if !on.matches(request) || !when.is_open(self.made_at, now) {
            return false;
        }
        self.matched += 1;
        let dice = Dice::new(seed, self.number);
        if !when.fires_at(self.matched, self.fired, dice) {
            return false;
        }
        self.fired += 1;
        plan.fired.push(self.name.clone());
        plan.effect_names.push(self.fault.then.name);
        plan.latency += then.latency.map_or(Duration::ZERO, |latency| latency.pick(dice.independent(), self.fired));
        true
    }
}

impl Latency {
    fn pick(self, dice: Dice, roll: u64) -> Duration {
        self.from + self.to.saturating_sub(self.from).mul_f64(dice.fraction(roll))
    }
}

impl Hop {
    /// Parses the last hop in a query.
    fn from_query(query: &str) -> Option<Self> {
        let written = query.rsplit('&').find_map(|field| field.strip_prefix("hop="))?;
        let (rule, count) = written.split_once('-')?;
        Some(Self { rule: rule.parse().ok()?, count: count.parse().ok()? })
    }

    /// Returns the path with this hop in its query, in place of an earlier one.
    pub fn append_to(self, path: &str) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let others = query.split('&').filter(|field| !field.is_empty() && !field.starts_with("hop="));
        let query: Vec<_> = others.map(str::to_owned).chain([format!("hop={}-{}", self.rule, self.count)]).collect();
        format!("{path}?{}", query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::EndpointName;

    fn waits(seed: u64) -> Vec<Duration> {
        let fault: Fault = "{then: {latency: {from: 100ms, to: 300ms}}}".parse().unwrap();
        let mut faults = Faults::new(&[fault], Timestamp::UNIX_EPOCH);
        let subject = RequestFacts {
            step: EndpointName::named("list"),
            method: &http::Method::GET,
            crew: None,
            document: None,
            query: None,
            takes_gzip: false,
        };
        let wait = |_| {
            let mut plan = Plan::default();
            assert!(faults.decide_before_checks(&subject, seed, Timestamp::UNIX_EPOCH, &mut plan).is_none());
            assert_eq!(plan.fired, ["fault_1".into()]);
            plan.latency
        };
        (0..100).map(wait).collect()
    }

    #[test]
    fn a_hop_replaces_the_one_before() {
        let hop = Hop { rule: 1, count: 2 };
        for path in ["/a?x=1&hop=1-1&y", "/a?x=1&y", "/a?&x=1&y&hop=1-1"] {
            assert_eq!(hop.append_to(path), "/a?x=1&y&hop=1-2", "{path}");
        }
        assert_eq!(hop.append_to("/a"), "/a?hop=1-2");
        assert_eq!(Hop::from_query("x=1&hop=1-2"), Some(hop));
    }

    #[test]
    fn the_number_of_rules_is_bounded() {
        let rule = || -> Fault { "{then: {close: true}}".parse().unwrap() };
        let mut faults = Faults::default();
        faults.add((1..MAX_RULES).map(|_| rule()).collect(), Timestamp::UNIX_EPOCH).unwrap();
        assert!(faults.add(vec![rule(), rule()], Timestamp::UNIX_EPOCH).is_err());
        faults.add(vec![rule()], Timestamp::UNIX_EPOCH).unwrap();
        assert!(faults.add(vec![rule()], Timestamp::UNIX_EPOCH).is_err());
    }

    #[test]
    fn a_hop_counts_only_after_the_chain_has_begun() {
        let chain: Fault = "{then: {redirect: {to: {chain: 3}}}}".parse().unwrap();
        let mut faults = Faults::new(&[chain], Timestamp::UNIX_EPOCH);
        let mut front = |query| {
            let subject = RequestFacts {
                step: EndpointName::named("list"),
                method: &http::Method::GET,
                crew: None,
                document: None,
                query,
                takes_gzip: false,
            };
            faults.decide_before_checks(&subject, 1, Timestamp::UNIX_EPOCH, &mut Plan::default())
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
