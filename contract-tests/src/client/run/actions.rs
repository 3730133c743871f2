//! What changes about a session: how it begins, and what happens between two runs.

use crewpass_diagnostics::{parse_duration, strict_json};
use crewpass_mock::{Fault, Reach, Session, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::placeholders::Placeholders;
use crate::client::scenario::{Action, Clock};

/// Carries out one action; the error says what is wrong with it.
pub(super) fn act(
    session: &Session,
    crew_id: &str,
    action: &Action,
    placeholders: &Placeholders,
) -> Result<(), String> {
    match action {
        Action::Advance(by) => session.advance(step(by)?).map_err(error_text),
        Action::RealTime => session.set_time(Timestamp::now()).map_err(error_text),
        Action::Upload { supersedes } => upload(session, crew_id, supersedes),
        Action::Remove { document } => session.remove_document(crew_id, document).map_err(error_text),
        Action::Vessels { crew, vessels } => session.set_vessels(crew, vessels).map_err(error_text),
        Action::Withdraw { crew } => session.withdraw_consent(crew).map_err(error_text),
        Action::Store { up } => {
            let reach = if *up { Reach::Up } else { Reach::Down };
            session.set_store(Store { link: reach, file: reach });
            Ok(())
        }
        Action::Faults(faults) => session.replace_faults(read_faults(faults, placeholders)?).map_err(error_text),
        Action::Policy { name, value } => session.set_policy(name, value).map_err(error_text),
    }
}

/// Sets the clock that a session begins with.
pub(super) fn set_clock(session: &Session, clock: &Clock) -> Result<(), String> {
    match clock {
        Clock::Real => Ok(()),
        Clock::Behind(by) => session.advance(-step(by)?).map_err(error_text),
        Clock::Ahead(by) => session.advance(step(by)?).map_err(error_text),
    }
}

/// Reads rules, with their places filled in.
pub(super) fn read_faults(faults: &[Value], placeholders: &Placeholders) -> Result<Vec<Fault>, String> {
    let read = faults.iter().map(|fault| strict_json::from_value(placeholders.value(fault)));
    read.collect::<Result<_, _>>().map_err(|error| format!("a fault can't be read: {error}"))
}

/// Parses a duration of a scenario.
pub(super) fn duration(text: &str) -> Result<std::time::Duration, String> {
    parse_duration(text).map_err(error_text)
}

/// Parses a duration by which a clock is moved.
fn step(text: &str) -> Result<SignedDuration, String> {
    SignedDuration::try_from(duration(text)?).map_err(error_text)
}

/// Uploads a version with bytes that no other document of any session has.
fn upload(session: &Session, crew_id: &str, supersedes: &str) -> Result<(), String> {
    let (id, real) = (session.id(), Timestamp::now().as_nanosecond());
    let text = format!("%PDF-1.4\n% {id}: the version after {supersedes}, {real}\n");
    session.reupload(crew_id, supersedes, text.into_bytes()).map(|_| ()).map_err(error_text)
}

fn error_text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
