//! The session's clock. Every time in the contract reads it. Nothing here reads the real time,
//! which is passed in.

use crewpass_diagnostics::{InvalidDuration, parse_duration};
use jiff::fmt::temporal::Pieces;
use jiff::{SignedDuration, Timestamp};

/// A clock that can be frozen, set, advanced and run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Real time plus an offset.
    Running(SignedDuration),
    /// A fixed instant.
    Frozen(Timestamp),
}

/// The error for a time before 1970 or after 9999-12-30T22:00:00Z.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a clock can only be set from 1970-01-01T00:00:00Z to 9999-12-30T22:00:00Z")]
pub struct OutOfRange;

impl Clock {
    /// Creates a running clock with the real time.
    pub const fn real() -> Self {
        Self { state: State::Running(SignedDuration::ZERO) }
    }

    /// Creates a clock that is frozen at `at`.
    pub const fn frozen(at: Timestamp) -> Self {
        Self { state: State::Frozen(at) }
    }

    /// Returns the clock's time when the real time is `real`.
    pub fn now(&self, real: Timestamp) -> Timestamp {
        match self.state {
            State::Running(offset) => real.checked_add(offset).unwrap_or(Timestamp::MAX),
            State::Frozen(at) => at,
        }
    }

    /// Returns true if the clock is frozen.
    pub const fn is_frozen(&self) -> bool {
        matches!(self.state, State::Frozen(_))
    }

    /// Freezes the clock at its present time.
    pub fn freeze(&mut self, real: Timestamp) {
        self.state = State::Frozen(self.now(real));
    }

    /// Lets the clock run on from its present time.
    pub fn run(&mut self, real: Timestamp) {
        self.state = State::Running(self.now(real).duration_since(real));
    }

    /// Sets the clock. A running clock runs on from there.
    ///
    /// # Errors
    /// An instant outside the calendar of HTTP dates.
    pub fn set(&mut self, to: Timestamp, real: Timestamp) -> Result<(), OutOfRange> {
        check_range(to)?;
        self.state = match self.state {
            State::Running(_) => State::Running(to.duration_since(real)),
            State::Frozen(_) => State::Frozen(to),
        };
        Ok(())
    }

    /// Advances the clock by a step; a negative step moves it back.
    ///
    /// # Errors
    /// A step to before 1970 or after 9999-12-30T22:00:00Z.
    pub fn advance(&mut self, by: SignedDuration, real: Timestamp) -> Result<(), OutOfRange> {
        let to = self.now(real).checked_add(by).map_err(|_| OutOfRange)?;
        self.set(to, real)
    }
}

/// Checks that a clock can have a time. The range is that of Unix time, RFC 3339 and HTTP dates.
///
/// # Errors
/// A time before 1970 or after 9999-12-30T22:00:00Z.
pub(crate) fn check_range(at: Timestamp) -> Result<(), OutOfRange> {
    // No later time can be parsed: the last one is late in the calendar of every time zone.
    if at >= Timestamp::UNIX_EPOCH { Ok(()) } else { Err(OutOfRange) }
}

/// Parses the time of a clock, such as `2026-01-15T09:00:00Z`.
///
/// # Errors
/// Any other text, and a time before 1970 or after 9999-12-30T22:00:00Z.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let at: Timestamp = text.parse().map_err(|_| {
        if is_whole_time(text) {
            OutOfRange.to_string()
        } else {
            format!("`{text}` is not a time: write it like 2026-01-31T09:30:00Z")
        }
    })?;
    check_range(at).map(|()| at).map_err(|error| error.to_string())
}

/// Returns true for a date with a time and an offset, also if it is too late or too early for a clock.
pub(crate) fn is_whole_time(text: &str) -> bool {
    Pieces::parse(text).is_ok_and(|parts| parts.time().is_some() && parts.offset().is_some())
}

/// Deserializes the time of a clock that may be left out, but is not null.
pub(crate) fn time_field<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text: std::borrow::Cow<'de, str> = serde::Deserialize::deserialize(from)?;
    parse_time(&text).map(Some).map_err(serde::de::Error::custom)
}

/// Parses a duration with an optional sign, for moving a clock back.
///
/// # Errors
/// As for [`parse_duration`].
pub fn parse_step(text: &str) -> Result<SignedDuration, InvalidDuration> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let length = parse_duration(rest).map_err(|_| InvalidDuration::new(text))?;
    SignedDuration::try_from(length).map(|length| length * sign).map_err(|_| InvalidDuration::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_running_clock_follows_the_real_time() {
        let mut clock = Clock::real();
        let real = at("2026-06-08T10:00:00Z");
        clock.advance(parse_step("16m").unwrap(), real).unwrap();
        assert_eq!(clock.now(at("2026-06-08T10:00:05Z")), at("2026-06-08T10:16:05Z"));
        clock.freeze(at("2026-06-08T10:00:10Z"));
        assert_eq!(clock.now(at("2030-01-01T00:00:00Z")), at("2026-06-08T10:16:10Z"));
        clock.run(at("2026-06-08T11:00:00Z"));
        assert_eq!(clock.now(at("2026-06-08T11:00:01Z")), at("2026-06-08T10:16:11Z"));
    }

    #[test]
    fn a_clock_stays_in_the_calendar() {
        let mut clock = Clock::frozen(at("9999-12-30T00:00:00Z"));
        assert_eq!(clock.advance(parse_step("3d").unwrap(), at("2026-01-01T00:00:00Z")), Err(OutOfRange));
        assert_eq!(clock.now(at("2026-01-01T00:00:00Z")), at("9999-12-30T00:00:00Z"));
        assert_eq!(clock.set(at("1969-12-31T23:59:59.999Z"), Timestamp::UNIX_EPOCH), Err(OutOfRange));
        clock.set(Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(clock.advance(parse_step("-1s").unwrap(), Timestamp::UNIX_EPOCH), Err(OutOfRange));
    }

    #[test]
    fn the_last_time_of_the_calendar_is_told() {
        assert_eq!(parse_time("9999-12-30T22:00:00Z").unwrap().as_second(), Timestamp::MAX.as_second());
        for text in
            ["9999-12-30T22:00:01Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59+02:00", "1969-12-31T23:59:59Z"]
        {
            assert!(parse_time(text).unwrap_err().ends_with("to 9999-12-30T22:00:00Z"), "{text}");
        }
        for text in ["9999-12-31", "tomorrow", "9999-12-31T23:59:59", "2026-02-30T00:00:00Z", ""] {
            assert!(parse_time(text).unwrap_err().contains("is not a time"), "{text}");
        }
    }

    #[test]
    fn a_step_has_a_sign() {
        assert_eq!(parse_step("-16m").unwrap(), SignedDuration::from_secs(-960));
        assert_eq!(parse_step("+1h30m").unwrap(), SignedDuration::from_secs(5400));
        assert_eq!(parse_step("--16m"), Err(InvalidDuration::new("--16m")));
    }
}
