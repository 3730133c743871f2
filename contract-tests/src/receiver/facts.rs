//! What was observed of a receiver: a scenario's deliveries, with their answers and effects.

use super::scenario::Scenario;

/// The start of a receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// Its port accepts connections.
    #[default]
    Ready,
    /// It ended before that.
    Ended,
    /// It runs, and its port does not accept connections.
    Silent,
}

/// The answer to a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status.
    Status(u16),
    /// No answer within the sender's time limit.
    Late,
    /// The connection failed, for this reason.
    Failed(String),
}

impl Answer {
    /// Returns true if the sender takes the event as delivered.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Status(200..=299))
    }

    /// Returns true if the sender delivers the event again: after everything but a 2xx and a final 4xx.
    pub fn is_sent_again(&self) -> bool {
        !self.is_success() && !self.is_final()
    }

    /// Returns true if the sender gives the event up: a 4xx other than 408 and 429.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Status(status @ 400..=499) if !matches!(status, 408 | 429))
    }

    /// Returns true if it asks the sender to come again.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Status(408 | 429 | 500..=599))
    }

    /// Returns it in words.
    pub fn text(&self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::Late => "no answer within 10 s".to_owned(),
            Self::Failed(why) => format!("no answer: {why}"),
        }
    }
}

/// The current documents of the people of a delivery, in `OUT_DIR`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// The number of their current documents that are there.
    pub found: usize,
    /// The number of their current documents.
    pub wanted: usize,
    /// The most files with the bytes of one of them.
    pub copies: usize,
}

impl Effect {
    /// Returns true if all documents are there.
    pub const fn is_whole(self) -> bool {
        self.wanted > 0 && self.found == self.wanted
    }

    /// Returns it in words.
    pub fn text(self) -> String {
        format!("{} of {} documents in OUT_DIR", self.found, self.wanted)
    }
}

/// A request to the receiver, with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The number in the scenario, from 1.
    pub seq: u64,
    /// The part of the scenario that it belongs to; checks find it by this name.
    pub step: &'static str,
    /// The request in words.
    pub what: String,
    /// The answer.
    pub answer: Answer,
    /// The effect within the time limit, or at the end where none was waited for.
    pub effect: Effect,
    /// The effect at the end of the scenario.
    pub at_end: Effect,
}

/// The facts of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioFacts {
    /// The scenario.
    pub scenario: Scenario,
    /// The start of the receiver.
    pub start: Start,
    /// The requests, in the order in which they were sent.
    pub sent: Vec<Sent>,
    /// Places in which the secret was found, or the signature that a wrong delivery should have had.
    pub leaks: Vec<String>,
    /// Is true if there was any file in `OUT_DIR` at the end.
    pub has_saved: bool,
    /// The last line that the receiver printed, without secrets.
    pub printed: String,
}

impl ScenarioFacts {
    /// Returns the requests of a step.
    pub fn step(&self, step: &'static str) -> impl Iterator<Item = &Sent> {
        self.sent.iter().filter(move |sent| sent.step == step)
    }
}

/// The facts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The scenarios that were played.
    pub scenarios: Vec<ScenarioFacts>,
}

impl Seen {
    /// Returns the facts of a scenario, if it was played.
    pub fn of(&self, scenario: Scenario) -> Option<&ScenarioFacts> {
        self.scenarios.iter().find(|facts| facts.scenario == scenario)
    }

    /// Returns true if the receiver saved nothing in any scenario.
    pub fn saves_nothing(&self) -> bool {
        !self.scenarios.iter().any(|facts| facts.has_saved)
    }
}
