//! The scenarios of a receiver. Each starts the receiver with another port, secret and folder.

/// A scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// Valid deliveries.
    Valid,
    /// Wrong signatures and timestamps.
    Signatures,
    /// A value of the body is changed.
    ChangedValue,
    /// Only blanks of the body are changed.
    ChangedBlanks,
    /// The same event twice.
    Twice,
    /// JSON in unusual forms.
    JsonForms,
    /// Large bodies.
    Large,
    /// Old and future timestamps.
    Ages,
    /// Unknown event types, fields and versions.
    Unknown,
    /// The API answers 503 for a while.
    Outage,
    /// An older event after a newer one.
    Order,
    /// Requests that are not deliveries.
    NotDeliveries,
    /// Many deliveries at once.
    Burst,
    /// Headers that are not signed differ from the body.
    Headers,
    /// The receiver has no secret.
    SecretUnset,
    /// The receiver's secret is empty.
    SecretEmpty,
    /// Other forms of a request.
    Connection,
    /// The receiver is killed.
    Killed,
}

impl Scenario {
    /// Every scenario, in the order in which they are started.
    pub const ALL: [Self; 18] = [
        Self::Valid,
        Self::Signatures,
        Self::ChangedValue,
        Self::ChangedBlanks,
        Self::Twice,
        Self::JsonForms,
        Self::Large,
        Self::Ages,
        Self::Unknown,
        Self::Outage,
        Self::Order,
        Self::NotDeliveries,
        Self::Burst,
        Self::Headers,
        Self::SecretUnset,
        Self::SecretEmpty,
        Self::Connection,
        Self::Killed,
    ];

    /// Returns the name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "hook/valid",
            Self::Signatures => "hook/signatures",
            Self::ChangedValue => "hook/changed-value",
            Self::ChangedBlanks => "hook/changed-blanks",
            Self::Twice => "hook/twice",
            Self::JsonForms => "hook/json-forms",
            Self::Large => "hook/large",
            Self::Ages => "hook/ages",
            Self::Unknown => "hook/unknown",
            Self::Outage => "hook/outage",
            Self::Order => "hook/order",
            Self::NotDeliveries => "hook/not-deliveries",
            Self::Burst => "hook/burst",
            Self::Headers => "hook/headers",
            Self::SecretUnset => "hook/secret-unset",
            Self::SecretEmpty => "hook/secret-empty",
            Self::Connection => "hook/connection",
            Self::Killed => "hook/killed",
        }
    }

    /// Returns the scenario with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    /// Returns what happens in it, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Valid => "Valid deliveries",
            Self::Signatures => "Wrong signatures and timestamps, each followed by a valid delivery",
            Self::ChangedValue => "A value of the body is changed after signing",
            Self::ChangedBlanks => "Only blanks of the body are changed after signing",
            Self::Twice => "The same event twice, one after the other and at once",
            Self::JsonForms => "Escapes, numbers and orders that JSON allows",
            Self::Large => "Bodies with 64 KiB and 1 MiB of unknown fields",
            Self::Ages => "Timestamps of 10 minutes ago, 1 minute ago and 1 minute ahead",
            Self::Unknown => "An unknown event type, unknown fields and schema version 2",
            Self::Outage => "The API answers 503 while an event is handled",
            Self::Order => "An older event after a newer one",
            Self::NotDeliveries => "GET, HEAD, a body that is not JSON and an empty body",
            Self::Burst => "50 deliveries at once",
            Self::Headers => "Event-Id and Event-Type headers that differ from the signed body",
            Self::SecretUnset => "WEBHOOK_SECRET is not set, and deliveries are signed with the empty key",
            Self::SecretEmpty => "WEBHOOK_SECRET is empty, and deliveries are signed with the empty key",
            Self::Connection => "Lower-case header names, a charset, one connection for two deliveries, chunks",
            Self::Killed => "The receiver is killed after its answer, and started again",
        }
    }

    /// Returns true if only a receiver that the gate starts can play it.
    pub const fn needs_start(self) -> bool {
        matches!(self, Self::SecretUnset | Self::SecretEmpty | Self::Killed)
    }

    /// Returns true if the receiver has a secret, without which it may refuse to start.
    pub const fn has_secret(self) -> bool {
        !matches!(self, Self::SecretUnset | Self::SecretEmpty)
    }
}
