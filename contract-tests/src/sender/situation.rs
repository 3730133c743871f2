//! The situations that a sender is put into: what the callback answers to the events that come first in each.

use std::time::Duration;

/// The answer of the callback to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status.
    Status(u16),
    /// None, until the sender gives up.
    Silence,
    /// None, and the connection is reset.
    Reset,
}

impl Answer {
    /// Returns true for a 2xx.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Status(200..=299))
    }

    /// Returns true for a 4xx other than 408 and 429, which is permanent.
    pub const fn is_permanent(self) -> bool {
        matches!(self, Self::Status(400..=407 | 409..=428 | 430..=499))
    }

    /// Returns it in words.
    pub fn text(self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::Silence => "no answer".to_owned(),
            Self::Reset => "a reset".to_owned(),
        }
    }
}

/// A situation. An event belongs to the one in which its first attempt arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// A person event that should bring nothing where its type is not wanted.
    OtherType,
    /// A change about a person without consent, which should bring nothing.
    NoConsent,
    /// A change about a person off the fleet, which should bring nothing.
    OffFleet,
    /// Deliveries are taken.
    Taken,
    /// The first attempt is answered with 410.
    Gone,
    /// Deliveries are taken, after the 410.
    AfterGone,
    /// The first attempt is answered with 400.
    BadRequest,
    /// The first attempt gets no answer.
    Silent,
    /// The first attempt is answered with 503.
    Unavailable,
    /// The first attempt is answered with 408.
    RequestTimeout,
    /// The first attempt is answered with 429 and `Retry-After`.
    TooMany,
    /// The first attempt is answered with 302.
    Redirected,
    /// The connection of the first attempt is reset.
    Broken,
    /// Every attempt is answered with 503.
    Failing,
    /// The gate causes nothing, and lets time pass.
    Waiting,
    /// The dead letters were sent again by hand.
    Redelivered,
}

/// The wait that a 429 asks for.
pub(super) const RETRY_AFTER: Duration = Duration::from_mins(20);

impl Situation {
    /// The situations with one event each that need no time to pass.
    pub(super) const AT_ONCE: [Self; 3] = [Self::Taken, Self::Gone, Self::AfterGone];
    /// The situations with one event each that show nothing unless time passes; the slow one is first.
    pub(super) const WITH_TIME: [Self; 8] = [
        Self::Silent,
        Self::BadRequest,
        Self::Unavailable,
        Self::RequestTimeout,
        Self::TooMany,
        Self::Redirected,
        Self::Broken,
        Self::Failing,
    ];

    /// Returns what happens in it, in a few words.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::OtherType => "a change of a type that is not wanted",
            Self::NoConsent => "a change about a person without consent",
            Self::OffFleet => "a change about a person off the fleet",
            Self::Taken => "an event that is taken",
            Self::Gone => "an event that is answered with 410",
            Self::AfterGone => "an event after the 410",
            Self::BadRequest => "an event that is answered with 400",
            Self::Silent => "an event that gets no answer",
            Self::Unavailable => "an event that is answered with 503 at first",
            Self::RequestTimeout => "an event that is answered with 408 at first",
            Self::TooMany => "an event that is answered with 429 and Retry-After at first",
            Self::Redirected => "an event that is answered with 302 at first",
            Self::Broken => "an event whose connection is reset at first",
            Self::Failing => "an event that is answered with 503 each time",
            Self::Waiting => "waiting until the attempts of all events are over",
            Self::Redelivered => "sending the dead letters again",
        }
    }

    /// Returns the answer to an attempt of an event, by the number of its earlier attempts.
    pub(super) const fn answer(self, earlier: usize) -> Answer {
        match (self, earlier) {
            (Self::Failing, _) | (Self::Unavailable, 0) => Answer::Status(503),
            (Self::Gone, 0) => Answer::Status(410),
            (Self::BadRequest, 0) => Answer::Status(400),
            (Self::RequestTimeout, 0) => Answer::Status(408),
            (Self::TooMany, 0) => Answer::Status(429),
            (Self::Redirected, 0) => Answer::Status(302),
            (Self::Silent, 0) => Answer::Silence,
            (Self::Broken, 0) => Answer::Reset,
            _ => Answer::Status(204),
        }
    }
}
