//! The `when` of a rule: the matches at which it fires, by count, by chance, or in a window of the session's clock.

use std::num::NonZeroU64;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::read::Span;
use crate::present::present;
use crate::split_mix64::split_mix64;

/// The conditions on which a matching rule fires; all of them must hold.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// The number of matches that pass first.
    pub skip: u64,
    /// The largest number of firings.
    #[serde(deserialize_with = "present")]
    pub times: Option<NonZeroU64>,
    /// The distance of firings in matches: 3 is the third match, the sixth and so on.
    #[serde(deserialize_with = "present")]
    pub every: Option<NonZeroU64>,
    /// The chance at each match, by the session's seed.
    #[serde(deserialize_with = "present")]
    pub probability: Option<Chance>,
    /// The start of the window, by the session's clock.
    #[serde(deserialize_with = "present")]
    pub from: Option<From>,
    /// The length of the window, from `from` or from the making of the rule.
    #[serde(rename = "for", deserialize_with = "present")]
    pub length: Option<Span>,
}

/// A chance from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(try_from = "f64")]
pub struct Chance(f64);

impl TryFrom<f64> for Chance {
    type Error = String;

    fn try_from(chance: f64) -> Result<Self, String> {
        if (0.0..=1.0).contains(&chance) {
            return Ok(Self(chance));
        }
        Err(format!("{chance} is not a chance: write a number from 0 to 1"))
    }
}

/// The start of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum From {
    /// An instant.
    At(Timestamp),
    /// A time after the rule was made.
    After(Duration),
}

impl TryFrom<String> for From {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let Span(after) = Span::parse(&text).map_err(|_| {
            format!("`{text}` is not a time: write an instant such as 2026-06-08T10:00:00Z, or a duration such as 5m")
        })?;
        Ok(Self::After(after))
    }
}

impl When {
    /// Returns true if a rule that was made at `made` may fire now.
    pub(super) fn is_open(&self, made: Timestamp, now: Timestamp) -> bool {
        let start = match self.from {
            None => made,
            Some(From::At(at)) => at,
            Some(From::After(after)) => add_saturating(made, after),
        };
        let begun = self.from.is_none() || now >= start;
        begun && self.length.is_none_or(|length| now < add_saturating(start, length.0))
    }

    /// Returns true if the rule fires at the match of this number, counted from 1.
    pub(super) fn fires_at(&self, matched: u64, fired: u64, dice: Dice) -> bool {
        let Some(after_skip) = matched.checked_sub(self.skip).filter(|count| *count > 0) else { return false };
        self.times.is_none_or(|times| fired < times.get())
            && self.every.is_none_or(|every| after_skip % every == 0)
            && self.probability.is_none_or(|chance| dice.fraction(matched) < chance.0)
    }
}

fn add_saturating(at: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

const TWO_TO_32: f64 = 4_294_967_296.0;

/// Seeded randomness for one rule of one session; each match has its own, independent of other rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Creates the dice of a rule, by its number.
    pub(super) const fn new(seed: u64, rule: u64) -> Self {
        Self(split_mix64(seed ^ split_mix64(rule ^ 0x6661_756c_7400_0000)))
    }

    /// Returns a number from 0 up to, not including, 1.
    pub(super) fn fraction(self, roll: u64) -> f64 {
        let bits = split_mix64(self.0.wrapping_add(roll.wrapping_mul(0x9e37_79b9_7f4a_7c15))) >> 32;
        f64::from(u32::try_from(bits).unwrap_or(0)) / TWO_TO_32
    }

    /// Creates independent dice for another use of the same rule.
    pub(super) const fn independent(self) -> Self {
        Self(split_mix64(self.0 ^ 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(text: &str) -> When {
        serde_json::from_str(text).unwrap()
    }

    fn firings(when: &When, seed: u64) -> String {
        let mut fired = 0;
        let firings = (1..=12).map(|matched| {
            let is_fired = when.fires_at(matched, fired, Dice::new(seed, 1));
            fired += u64::from(is_fired);
            if is_fired { 'x' } else { '.' }
        });
        firings.collect()
    }

    #[test]
    fn counts_agree_with_each_other() {
        assert_eq!(firings(&when("{}"), 1), "xxxxxxxxxxxx");
        assert_eq!(firings(&when(r#"{"skip": 2}"#), 1), "..xxxxxxxxxx");
        assert_eq!(firings(&when(r#"{"times": 2}"#), 1), "xx..........");
        assert_eq!(firings(&when(r#"{"every": 3}"#), 1), "..x..x..x..x");
        assert_eq!(firings(&when(r#"{"skip": 1, "every": 3, "times": 2}"#), 1), "...x..x.....");
        assert_eq!(firings(&when(r#"{"probability": 0}"#), 1), "............");
        assert_eq!(firings(&when(r#"{"probability": 1}"#), 1), "xxxxxxxxxxxx");
    }

    #[test]
    fn a_chance_is_its_share_and_depends_on_the_seed() {
        let half = when(r#"{"probability": 0.5}"#);
        assert_eq!(firings(&half, 1), firings(&half, 1));
        assert_ne!(firings(&half, 1), firings(&half, 2));
        let of_rule = |rule| -> Vec<_> { (1..=12).map(|roll| half.fires_at(roll, 0, Dice::new(1, rule))).collect() };
        assert_ne!(of_rule(1), of_rule(2), "two rules have independent dice");
        let others: std::collections::BTreeSet<_> = (1..=20).map(|rule| Dice::new(1, rule).independent().0).collect();
        assert_eq!(others.len(), 20);
        let share = (1..=10_000).filter(|roll| half.fires_at(*roll, 0, Dice::new(7, 3))).count();
        assert!((4_800..5_200).contains(&share), "{share}");
    }

    #[test]
    fn a_window_includes_its_start_and_excludes_its_end() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let made = at("2026-06-08T10:00:00Z");
        let open = |when: &When, now: &str| when.is_open(made, at(now));
        let later = when(r#"{"from": "5m", "for": "90s"}"#);
        assert!(!open(&later, "2026-06-08T10:04:59Z") && open(&later, "2026-06-08T10:05:00Z"));
        assert!(open(&later, "2026-06-08T10:06:29Z") && !open(&later, "2026-06-08T10:06:30Z"));
        let absolute = when(r#"{"from": "2026-06-08T11:00:00Z"}"#);
        assert!(!open(&absolute, "2026-06-08T10:59:59Z") && open(&absolute, "2030-01-01T00:00:00Z"));
        let at_once = when(r#"{"for": "1m"}"#);
        assert!(open(&at_once, "2026-06-08T10:00:00Z") && !open(&at_once, "2026-06-08T10:01:00Z"));
    }
}
