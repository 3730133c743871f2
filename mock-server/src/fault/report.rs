//! Reports on rules: how often each matched and fired, and whether it was consumed.

use std::fmt;

use serde::Serialize;

/// The counts of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultReport {
    /// Its name.
    pub name: Box<str>,
    /// The wire name of its effect.
    pub effect: &'static str,
    /// The number of firings that it asks for, if it does.
    pub times: Option<u64>,
    /// The number of requests that matched, in its window.
    pub matched: u64,
    /// The number of firings.
    pub fired: u64,
}

impl FaultReport {
    /// Returns true if it fired as often as `times` asks for, or at least once without `times`.
    pub fn is_consumed(&self) -> bool {
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

/// Rules that were not consumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotConsumed(pub Vec<FaultReport>);

impl fmt::Display for NotConsumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "not consumed as demanded: {}", rules.join("; "))
    }
}

impl std::error::Error for NotConsumed {}
