//! Calendar days of a world: absolute, or counted from the start of the clock so that a world does not rot.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A day as it is written in a world: `2028-03-01`, or `+20d`, `-3w`, `+2y` from the day on which the clock started.
///
/// A week is 7 days and a year 365; eight bytes, since a large world holds millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// A fixed day, counted from 1970-01-01.
    On(i32),
    /// Days after the clock's start; negative is before.
    In(i32),
}

impl Day {
    /// Returns the days since 1970-01-01; `start` is the day of the clock's start, counted the same way.
    pub const fn resolve(self, start: i32) -> i32 {
        match self {
            Self::On(day) => day,
            Self::In(days) => start.saturating_add(days),
        }
    }
}

/// A text that can't be parsed as a day.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a day: write YYYY-MM-DD, or a distance from the clock's start such as +20d, -3w or +2y")]
pub struct BadDay(String);

/// Returns the days since 1970-01-01 of a date.
pub fn days_since_epoch(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    // Every date that jiff can hold is within some four million days of the epoch.
    date.since(epoch).map_or(0, |span| span.get_days())
}

/// A date as it is written in a response, `YYYY-MM-DD`, within the years 0001 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenDay([u8; 10]);

impl WrittenDay {
    /// Formats the date this number of days after 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        let (year, month, day) = civil(days.clamp(-719_162, 2_932_896));
        let mut text = *b"0000-00-00";
        let mut put = |from: usize, to: usize, mut number: u32| {
            for digit in text[from..to].iter_mut().rev() {
                *digit = b"0123456789"[(number % 10) as usize];
                number /= 10;
            }
        };
        put(0, 4, year.unsigned_abs());
        put(5, 7, month);
        put(8, 10, day);
        Self(text)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        // Digits and hyphens are UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Serialize for WrittenDay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Returns year, month and day, by Howard Hinnant's `civil_from_days`.
///
/// It is faster than the library, and a list of fifty documents has a hundred dates.
const fn civil(days: i32) -> (i32, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month.unsigned_abs(), day.unsigned_abs())
}

impl FromStr for Day {
    type Err = BadDay;

    fn from_str(text: &str) -> Result<Self, BadDay> {
        let bad = || BadDay(text.to_owned());
        if !text.starts_with(['+', '-']) {
            let whole = text.len() == 10 && text.is_ascii();
            let date: Date = if whole { text.parse().map_err(|_| bad())? } else { return Err(bad()) };
            return if date.year() >= 1 { Ok(Self::On(days_since_epoch(date))) } else { Err(bad()) };
        }
        let unit = text.chars().last().ok_or_else(bad)?;
        let scale = match unit {
            'd' => 1,
            'w' => 7,
            'y' => 365,
            _ => return Err(bad()),
        };
        let digits = &text[1..text.len() - 1];
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let count: i32 = digits.parse().map_err(|_| bad())?;
        let days = count.checked_mul(scale).filter(|days| *days <= 3_650_000).ok_or_else(bad)?;
        Ok(Self::In(if text.starts_with('-') { -days } else { days }))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::On(days) => f.write_str(WrittenDay::from_days(days).as_str()),
            Self::In(days) => write!(f, "{days:+}d"),
        }
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Day {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "YYYY-MM-DD, or a distance from the day on which the clock started: +20d, -3w, +2y.",
            "type": "string",
            "pattern": r"^(\d{4}-\d{2}-\d{2}|[+-]\d+[dwy])$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_parsed_and_formatted() {
        for text in ["1970-01-01", "2028-02-29", "0001-01-01", "9999-12-31", "+20d", "-21d"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        assert_eq!("+3w".parse::<Day>().unwrap(), Day::In(21));
        assert_eq!("-1y".parse::<Day>().unwrap(), Day::In(-365));
    }

    #[test]
    fn an_invalid_day_is_refused() {
        for text in [
            "",
            "+",
            "+d",
            "20d",
            "+20",
            "2028-02-30",
            "2028-2-3",
            "+2.5d",
            "++2d",
            "+99999999y",
            "tomorrow",
            "20280229",
            "2028-02-29T10:00:00",
            "２028-02-2",
            "２０２８-01-01",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_quick_calendar_agrees_with_the_library() {
        let leap_days = [2_000, 2_400].map(|year| days_since_epoch(jiff::civil::date(year, 2, 29)));
        for days in (-719_162..2_932_896).step_by(997).chain(leap_days) {
            let text = WrittenDay::from_days(days);
            assert_eq!(days_since_epoch(text.as_str().parse().unwrap()), days, "{text:?}");
        }
    }
}
