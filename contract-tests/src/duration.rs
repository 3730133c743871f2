//! Durations as people write them: `90s`, `16m`, `1h30m`, `250ms`, `2d`.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::SpanRelativeTo;
use jiff::fmt::friendly::SpanParser;

/// The longest duration that is taken: a hundred years.
const LONGEST: Duration = Duration::from_hours(100 * 366 * 24);

/// A duration that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration: write it like 90s, 16m, 1h30m or 2d")]
pub struct InvalidDuration(String);

/// Parses a duration that is not negative; a day has 24 hours.
///
/// # Errors
/// Any other text, and a duration of more than a hundred years.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let bad = || InvalidDuration(text.to_owned());
    let span = SpanParser::new().parse_span(text).map_err(|_| bad())?;
    let length: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| bad())?;
    let length = Duration::try_from(length).map_err(|_| bad())?;
    if length > LONGEST { Err(bad()) } else { Ok(length) }
}

/// Returns a duration in seconds, with at most one decimal.
pub(crate) fn in_seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(parse_duration("1h30m").unwrap(), Duration::from_mins(90));
        assert_eq!(parse_duration("250ms").unwrap(), Duration::from_millis(250));
        assert_eq!(parse_duration("2d").unwrap(), Duration::from_hours(48));
        for text in ["", "12", "s", "soon", "-5s", "5 parsecs", "40000d", "1mo"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn seconds_have_at_most_one_decimal() {
        assert_eq!(in_seconds(Duration::from_nanos(22_709_530_457)).to_string(), "22.7");
        assert_eq!(in_seconds(Duration::from_secs(20)).to_string(), "20");
    }
}
