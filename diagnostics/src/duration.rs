//! Durations as people write them: `90s`, `16m`, `1h30m`, `250ms`, `2d`. The documents of the fake publish this form.

use std::fmt;
use std::time::Duration;

/// The longest duration that is taken: a hundred years.
const LONGEST: Duration = Duration::from_hours(100 * 366 * 24);

/// The error for a text that is not a duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDuration(String);

impl InvalidDuration {
    /// Creates the error for this text.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for InvalidDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a duration: write it like 90s, 16m, 1h30m or 2d", self.0)
    }
}

impl std::error::Error for InvalidDuration {}

/// Parses numbers with the units `ms`, `s`, `m`, `h` and `d`, without blanks; a day has 24 hours.
///
/// # Errors
/// Any other text, and a duration above a hundred years.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let total = sum(text).filter(|total| !text.is_empty() && *total <= LONGEST);
    total.ok_or_else(|| InvalidDuration::new(text))
}

/// Returns the sum of the parts of a text; `None` if one of them is not a number with a unit, or is too long.
fn sum(text: &str) -> Option<Duration> {
    let (mut rest, mut total) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u32 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match &rest[..letters] {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            "d" => Duration::from_hours(24),
            _ => return None,
        };
        rest = &rest[letters..];
        total = total.checked_add(unit.checked_mul(count)?)?;
    }
    Some(total)
}

/// Returns a duration in seconds, with at most one decimal.
pub fn in_seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(parse_duration("1h30m").unwrap(), Duration::from_mins(90));
        assert_eq!(parse_duration("30m1h").unwrap(), Duration::from_mins(90));
        assert_eq!(parse_duration("250ms").unwrap(), Duration::from_millis(250));
        assert_eq!(parse_duration("2d").unwrap(), Duration::from_hours(48));
    }

    #[test]
    fn other_texts_are_refused() {
        let texts =
            ["", "16", "m", "soon", "1.5h", "16 m", "-16m", "99999999999d", "40000d", "1x", "1mo", "5 parsecs", "é"];
        for text in texts {
            assert_eq!(parse_duration(text), Err(InvalidDuration::new(text)));
        }
    }

    #[test]
    fn seconds_have_at_most_one_decimal() {
        assert_eq!(in_seconds(Duration::from_nanos(22_709_530_457)).to_string(), "22.7");
        assert_eq!(in_seconds(Duration::from_secs(20)).to_string(), "20");
    }
}
