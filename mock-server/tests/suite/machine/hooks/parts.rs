//! What the webhooks of the model are made of.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

/// The types of events.
pub(crate) const PROCESSED: &str = "crew.document.processed";
pub(crate) const UPDATED: &str = "crew.document.updated";
pub(crate) const COMPLIANCE_CHANGED: &str = "crew.compliance.changed";
pub(crate) const STATUS_CHANGED: &str = "crew.status.changed";
pub(crate) const PROFILE_CHANGED: &str = "crew.profile.changed";

/// All types of events.
pub(crate) const TYPES: [&str; 5] = [PROCESSED, UPDATED, COMPLIANCE_CHANGED, STATUS_CHANGED, PROFILE_CHANGED];

/// The paths of the receiver.
pub(crate) const PATHS: [&str; 3] = ["one", "two?x=1", "three"];

/// The secrets of callbacks.
pub(crate) const SECRETS: [&str; 3] =
    ["whsec_first_0123456789abcdef", "whsec_second_0123456789abcde", "whsec_third_0123456789abcdef"];

/// Where a partner wants its events: a path of the receiver, and a secret by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) path: usize,
    /// The first partner if there is none.
    pub(crate) partner: Option<usize>,
    /// All types if there is none.
    pub(crate) types: Option<Vec<&'static str>>,
    pub(crate) secret: usize,
    pub(crate) previous: Option<usize>,
}

impl Callback {
    pub(crate) fn wants(&self, partner: usize, kind: &str) -> bool {
        self.is_of(partner) && self.types.as_ref().is_none_or(|types| types.contains(&kind))
    }

    pub(crate) fn is_of(&self, partner: usize) -> bool {
        self.partner.unwrap_or(0) == partner
    }
}

/// What the receiver answers at a path: a status, or the end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReceiverAnswer {
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<i64>,
}

impl Default for ReceiverAnswer {
    fn default() -> Self {
        Self { status: Some(200), retry_after: None }
    }
}

/// What is wrong with a delivery on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Alteration {
    #[default]
    Nothing,
    NoSignature,
    OtherSecret,
    BodyAlone,
    Chunked,
    /// Another type in the header than in the body.
    OtherType,
    /// The signed timestamp is ten minutes old.
    Old,
}

/// The type that the header of [`Alteration::OtherType`] has.
pub(crate) const OTHER_TYPE: &str = "crew.other";

/// The age of [`Alteration::Old`] in seconds.
pub(crate) const AGE: i64 = 600;

impl Alteration {
    /// The alteration as the control API takes it.
    pub(crate) fn json(self) -> Value {
        match self {
            Self::Nothing => json!({}),
            Self::NoSignature => json!({"signature": "missing"}),
            Self::OtherSecret => json!({"signature": "other_secret"}),
            Self::BodyAlone => json!({"signature": "body_alone"}),
            Self::Chunked => json!({"chunked": true}),
            Self::OtherType => json!({"event_type": OTHER_TYPE}),
            Self::Old => json!({"age": AGE}),
        }
    }
}

/// What is done to a delivery that a change causes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disturbance {
    pub(crate) alteration: Alteration,
    pub(crate) copies: usize,
    pub(crate) delay: i64,
}

/// An event that a test fires by hand.
#[derive(Clone, Debug)]
pub(crate) struct Fire {
    pub(crate) kind: &'static str,
    pub(crate) partner: Option<usize>,
    /// The only callback that gets it.
    pub(crate) path: Option<usize>,
    pub(crate) crew: Option<usize>,
    pub(crate) document: Option<&'static str>,
    pub(crate) by: Disturbance,
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) kind: &'static str,
    pub(crate) partner: usize,
    pub(crate) occurred: i64,
    pub(crate) data: Map<String, Value>,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The next attempt is due then.
    Waiting(i64),
    Delivered,
    Refused,
    Dead,
}

impl Standing {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Dead => "dead",
        }
    }
}

/// A delivery of an event to a callback; both by the order in which they came to be since the last reset.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) event: usize,
    /// The callback when the event occurred.
    pub(crate) callback: Callback,
    pub(crate) alteration: Alteration,
    pub(crate) standing: Standing,
    /// The time of each attempt, and the answer to it.
    pub(crate) attempts: Vec<(i64, ReceiverAnswer)>,
    /// The number of attempts before it was last sent again by hand.
    pub(crate) earlier: usize,
}

/// The webhooks of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hooks {
    /// Is true in sequences that have webhooks.
    pub(crate) is_on: bool,
    pub(crate) answers: [ReceiverAnswer; PATHS.len()],
    pub(crate) callbacks: Vec<Callback>,
    pub(crate) events: Vec<Event>,
    pub(crate) deliveries: Vec<Delivery>,
    /// What is done to the next deliveries, with the number of deliveries that each is for.
    pub(crate) disturbances: VecDeque<(Disturbance, usize)>,
    /// The deliveries of which an attempt was made in the last step, with the time at which each attempt was due.
    pub(crate) attempted: Vec<(usize, i64)>,
    /// Is true if the last step was more than a question.
    pub(crate) is_changed: bool,
}

impl Hooks {
    /// The webhooks after a reset: the world has none, and the receiver knows nothing of it.
    pub(crate) fn after_reset(&self) -> Self {
        Self { is_on: self.is_on, answers: self.answers, ..Self::default() }
    }

    /// The callback that signs a delivery: the present one of its address, if there is one.
    pub(crate) fn signing(&self, delivery: &Delivery) -> Callback {
        let present = self.callbacks.iter().find(|known| known.path == delivery.callback.path);
        present.unwrap_or(&delivery.callback).clone()
    }
}
