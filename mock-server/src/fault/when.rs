//! When a rule fires: which of its matches by count, by chance, or in a window of the session's clock.

use std::num::NonZeroU64;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize, Deserializer, Error};

use super::read::{Span, span};
use crate::split_mix64::split_mix64;

/// When a rule fires; all of it must agree.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// So many matches pass first.
    pub skip: u64,
    /// Then it fires so often at most.
    pub times: Option<NonZeroU64>,
    /// Of the matches, only each such one: 3 is the third, the sixth and so on.
    pub every: Option<NonZeroU64>,
    /// With this chance, from 0 to 1, by the session's seed.
    pub probability: Option<Chance>,
    /// From this time of the session's clock on.
    pub from: Option<From>,
    /// For so long: from `from`, or from when the rule was made.
    #[serde(rename = "for")]
    pub length: Option<Length>,
}

/// A chance from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance(f64);

/// How long a window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(Duration);

/// When a window begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// At an instant.
    At(Timestamp),
    /// So long after the rule was made.
    After(Duration),
}

impl<'de> Deserialize<'de> for Chance {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let chance = f64::deserialize(from)?;
        if (0.0..=1.0).contains(&chance) {
            return Ok(Self(chance));
        }
        Err(D::Error::custom(format!("{chance} is no chance: write a number from 0 to 1")))
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Span::deserialize(from).map(|span| Self(span.0))
    }
}

impl<'de> Deserialize<'de> for From {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let after = span(&text).map_err(|_| {
            D::Error::custom(format!("`{text}` is no time: write an instant such as 2026-06-08T10:00:00Z, or 5m"))
        })?;
        Ok(Self::After(after))
    }
}

impl When {
    /// Whether a rule that was made at `made` may fire now.
    pub(super) fn is_open(&self, made: Timestamp, now: Timestamp) -> bool {
        let start = match self.from {
            None => made,
            Some(From::At(at)) => at,
            Some(From::After(after)) => later(made, after),
        };
        let begun = self.from.is_none() || now >= start;
        begun && self.length.is_none_or(|length| now < later(start, length.0))
    }

    /// Whether the match of that number, from 1, is one to fire at.
    pub(super) fn takes(&self, matched: u64, fired: u64, dice: Dice) -> bool {
        let Some(after_skip) = matched.checked_sub(self.skip).filter(|count| *count > 0) else { return false };
        self.times.is_none_or(|times| fired < times.get())
            && self.every.is_none_or(|every| after_skip % every == 0)
            && self.probability.is_none_or(|chance| dice.fraction(matched) < chance.0)
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

const TWO_TO_32: f64 = 4_294_967_296.0;

/// The luck of one rule of one session; each match has its own, whatever other rules do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn of(seed: u64, rule: u64) -> Self {
        Self(split_mix64(seed ^ split_mix64(rule ^ 0x6661_756c_7400_0000)))
    }

    /// A number from 0 up to, not including, 1.
    pub(super) fn fraction(self, roll: u64) -> f64 {
        let bits = split_mix64(self.0.wrapping_add(roll.wrapping_mul(0x9e37_79b9_7f4a_7c15))) >> 32;
        f64::from(u32::try_from(bits).unwrap_or(0)) / TWO_TO_32
    }

    /// Dice for something else of the same rule.
    pub(super) const fn other(self) -> Self {
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
        let takes = (1..=12).map(|matched| {
            let takes = when.takes(matched, fired, Dice::of(seed, 1));
            fired += u64::from(takes);
            if takes { 'x' } else { '.' }
        });
        takes.collect()
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
    fn a_chance_is_its_share_and_the_seeds_own() {
        let half = when(r#"{"probability": 0.5}"#);
        assert_eq!(firings(&half, 1), firings(&half, 1));
        assert_ne!(firings(&half, 1), firings(&half, 2));
        let of_rule = |rule| -> Vec<_> { (1..=12).map(|roll| half.takes(roll, 0, Dice::of(1, rule))).collect() };
        assert_ne!(of_rule(1), of_rule(2), "two rules have two lucks");
        let others: std::collections::BTreeSet<_> = (1..=20).map(|rule| Dice::of(1, rule).other().0).collect();
        assert_eq!(others.len(), 20);
        let share = (1..=10_000).filter(|roll| half.takes(*roll, 0, Dice::of(7, 3))).count();
        assert!((4_800..5_200).contains(&share), "{share}");
    }

    #[test]
    fn a_window_is_open_from_its_first_instant_to_before_its_last() {
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
