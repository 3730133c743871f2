//! What became of the rules, and whether each was consumed as told.

use std::fmt;

use serde::Serialize;

/// How often a rule matched and fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultReport {
    /// Its name.
    pub name: Box<str>,
    /// What it does.
    pub effect: &'static str,
    /// How often it is to fire, where it says so.
    pub times: Option<u64>,
    /// How many requests fitted its `match`, in its window.
    pub matched: u64,
    /// At how many of them it did something.
    pub fired: u64,
}

impl FaultReport {
    /// Whether it fired as often as it says, or at all where it says nothing.
    pub fn consumed(&self) -> bool {
        self.fired >= self.times.unwrap_or(1)
    }
}

impl fmt::Display for FaultReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, effect, matched, fired, times } = self;
        write!(f, "`{name}` ({effect}) fired {fired} times")?;
        if let Some(times) = times {
            write!(f, " of {times}")?;
        }
        write!(f, " and matched {matched} times")
    }
}

/// Rules that were not consumed as told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotConsumed(pub Vec<FaultReport>);

impl fmt::Display for NotConsumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "not consumed as told: {}", rules.join("; "))
    }
}

impl std::error::Error for NotConsumed {}
