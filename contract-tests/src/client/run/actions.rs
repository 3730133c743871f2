//! What changes about a session: how it begins, and what happens between two runs.

use crewpass_mock::Fault;
use crewpass_mock::session::{Reach, Session, SessionState, Store, Upload, UploadMetadata};
use crewpass_mock::world::Content;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::placeholders::Placeholders;
use crate::client::scenario::{Action, Clock};
use crate::duration::parse_duration;

/// Carries out one action; the error says what is wrong with it.
pub(super) fn act(
    session: &Session,
    crew_id: &str,
    action: &Action,
    placeholders: &Placeholders,
) -> Result<(), String> {
    let mut state = session.lock();
    let real = Timestamp::now();
    match action {
        Action::Advance(by) => advance(&mut state, step(by)?, real),
        Action::RealTime => state.clock.set(real, real).map_err(told),
        Action::Upload { supersedes } => upload(&mut state, &session.id, crew_id, supersedes, real),
        Action::Remove { document } => state.remove(crew_id, document).map_err(told),
        Action::Store { up } => {
            let reach = if *up { Reach::Up } else { Reach::Down };
            state.store = Store { link: reach, file: reach };
            Ok(())
        }
        Action::Faults(faults) => {
            let faults = read_faults(faults, placeholders)?;
            let now = state.clock.now(real);
            state.faults.clear();
            state.faults.add(faults, now).map_err(told)
        }
        Action::Policy { name, value } => {
            state.policies.set(name, value).map_err(told)?;
            state.clear_list_cache();
            Ok(())
        }
    }
}

/// Sets the clock that a session begins with.
pub(super) fn set_clock(session: &Session, clock: &Clock) -> Result<(), String> {
    let (real, mut state) = (Timestamp::now(), session.lock());
    match clock {
        Clock::Real => Ok(()),
        Clock::Behind(by) => advance(&mut state, -step(by)?, real),
        Clock::Ahead(by) => advance(&mut state, step(by)?, real),
    }
}

/// Reads rules, with their places filled in.
pub(super) fn read_faults(faults: &[Value], placeholders: &Placeholders) -> Result<Vec<Fault>, String> {
    let read = faults.iter().map(|fault| serde_json::from_value(placeholders.value(fault)));
    read.collect::<Result<_, _>>().map_err(|error| format!("a fault can't be read: {error}"))
}

/// How long a duration of a scenario is.
pub(super) fn duration(text: &str) -> Result<std::time::Duration, String> {
    parse_duration(text).map_err(told)
}

/// Parses a duration by which a clock is moved.
fn step(text: &str) -> Result<SignedDuration, String> {
    SignedDuration::try_from(duration(text)?).map_err(told)
}

fn advance(state: &mut SessionState, step: SignedDuration, real: Timestamp) -> Result<(), String> {
    state.clock.advance(step, real).map_err(told)
}

/// A version with bytes that no other document of any session has.
fn upload(
    state: &mut SessionState,
    session: &str,
    crew_id: &str,
    supersedes: &str,
    real: Timestamp,
) -> Result<(), String> {
    let text = format!("%PDF-1.4\n% {session}: the version after {supersedes}, {}\n", real.as_nanosecond());
    let upload = Upload { content: Content::Memory(text.into()), temporary: None };
    let note = UploadMetadata { supersedes: Some(supersedes.to_owned()), ..UploadMetadata::default() };
    let now = state.clock.now(real);
    state.upload(crew_id, &note, upload, now).map(|_| ()).map_err(told)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
