//! What is not documented of a sender: it is observed, and never fails.

use serde_json::Value;

use super::form::{seconds, signatures};
use super::retry::waits_of;
use crate::client::judge::Verdict;
use crate::sender::seen::{Attempt, Check, Event, HEADERS, Seen, observed};
use crate::sender::situation::{RETRY_AFTER, Situation};

/// The documented fields of the body.
const FIELDS: [&str; 6] = ["schema_version", "event_id", "event_type", "occurred_at", "partner_id", "data"];
/// The most types, fields or headers that an observation names.
const MOST: usize = 20;
/// The longest name in an observation, in characters.
const LONGEST: usize = 60;
/// The real seconds between two attempts from which a new time of signing shows.
const APART: i64 = 2;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-HOOK-24", data),
    ("CPS-HOOK-25", further),
    ("CPS-HOOK-26", signature_count),
    ("CPS-HOOK-27", signing),
    ("CPS-HOOK-28", redirect),
    ("CPS-HOOK-29", silence),
    ("CPS-HOOK-30", |seen| again_after(seen, Situation::Broken, "a reset connection")),
    ("CPS-HOOK-31", waits),
    ("CPS-HOOK-32", retry_after),
    ("CPS-HOOK-33", redelivery),
];

/// Returns names in a list, each of them and the list cut.
fn list(names: impl IntoIterator<Item = String>) -> String {
    let mut names: Vec<String> = names.into_iter().map(|name| name.chars().take(LONGEST).collect()).collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") + &rest }
}

fn field_names(value: &Value) -> impl Iterator<Item = String> {
    value.as_object().into_iter().flat_map(|fields| fields.keys().cloned())
}

fn data(seen: &Seen<'_>) -> Verdict {
    let shown = |one: &Attempt| {
        let body = one.json();
        let kind: String = body["event_type"].as_str()?.chars().take(LONGEST).collect();
        Some(format!("{kind} has {}", list(field_names(&body["data"]))))
    };
    observed(seen.attempts.iter().filter_map(shown).take(MOST * MOST))
}

fn further(seen: &Seen<'_>) -> Verdict {
    let fields =
        |one: &Attempt| field_names(&one.json()).filter(|name| !FIELDS.contains(&name.as_str())).collect::<Vec<_>>();
    let headers = |one: &Attempt| one.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let headers = seen.attempts.iter().flat_map(headers).filter(|name| !HEADERS.contains(&name.as_str()));
    let kinds = seen.attempts.iter().filter_map(|one| one.header("content-type"));
    let kinds = list(kinds.map(|kind| String::from_utf8_lossy(kind).into_owned()));
    let fields = list(seen.attempts.iter().flat_map(fields));
    let any = !seen.attempts.is_empty();
    observed(any.then(|| format!("fields: {fields}; headers: {}; Content-Type: {kinds}", list(headers))))
}

fn signature_count(seen: &Seen<'_>) -> Verdict {
    let counts = seen.attempts.iter().map(|one| signatures(one).len()).filter(|count| *count > 0);
    observed(counts.map(|count| format!("the header has {count} signature{}", if count == 1 { "" } else { "s" })))
}

fn signing(seen: &Seen<'_>) -> Verdict {
    let events = seen.events();
    let pairs = events.iter().flat_map(|event| event.own().map(|later| (event.attempts[0], later)));
    let apart = pairs.filter(|(first, later)| later.arrived - first.arrived >= APART);
    let times = apart.filter_map(|(first, later)| Some(seconds(first)? != seconds(later)?));
    observed(times.map(|is_new| {
        let which = if is_new { "a new" } else { "the first" };
        format!("a later attempt is signed with {which} timestamp")
    }))
}

/// Observes whether another attempt follows the first one of a situation.
fn again_after(seen: &Seen<'_>, situation: Situation, what: &str) -> Verdict {
    let events = seen.of(situation);
    let again = events.iter().map(|event| event.own().nth(1).is_some());
    let again = again.filter(|is_again| *is_again || seen.has_waited_long());
    observed(again.map(|is_again| format!("{what} is {}tried again", if is_again { "" } else { "not " })))
}

fn redirect(seen: &Seen<'_>) -> Verdict {
    let followed = match seen.followed.first() {
        None => "not followed".to_owned(),
        Some(method) => format!("followed with {}", method.chars().take(LONGEST).collect::<String>()),
    };
    again_after(seen, Situation::Redirected, &format!("a 302 is {followed}; it"))
}

fn silence(seen: &Seen<'_>) -> Verdict {
    let first = seen.of(Situation::Silent).first().and_then(|event| event.attempts[0].gave_up);
    let ended = first.map_or_else(|| "over 60 s".to_owned(), |seconds| format!("{seconds:.0} s"));
    again_after(seen, Situation::Silent, &format!("the sender waits {ended} for an answer; the event"))
}

fn waits(seen: &Seen<'_>) -> Verdict {
    let failing = seen.of(Situation::Failing);
    let own: Vec<_> = failing.first().into_iter().flat_map(Event::own).collect();
    let waits: Vec<_> = waits_of(&own).iter().map(|(least, most)| format!("{least:.0} to {most:.0} s")).collect();
    let any = !waits.is_empty();
    observed(any.then(|| format!("the waits are {}", waits.join(", "))))
}

fn retry_after(seen: &Seen<'_>) -> Verdict {
    let events = seen.of(Situation::TooMany);
    let waits = events.iter().filter_map(|event| waits_of(&event.own().take(2).collect::<Vec<_>>()).first().copied());
    let wanted = RETRY_AFTER.as_secs_f64();
    observed(waits.map(|(least, most)| {
        let heard = match (most < wanted, least >= wanted * 0.9) {
            (true, _) => "ignored",
            (false, true) => "honoured",
            (false, false) => "ignored or honoured: the clock moved too far at once",
        };
        format!("Retry-After is {heard}")
    }))
}

fn redelivery(seen: &Seen<'_>) -> Verdict {
    let is_again = |one: &Attempt| one.during == Situation::Redelivered;
    let failing = seen.of(Situation::Failing);
    let is_same = failing.iter().any(|event| event.attempts.iter().any(|one| is_again(one)));
    let text = match (is_same, seen.of(Situation::Redelivered).is_empty()) {
        (true, _) => "a dead letter comes again with its event id",
        (false, true) => "no dead letter comes again",
        (false, false) => "a dead letter comes again with another event id",
    };
    let caused = seen.caused.contains(&Situation::Redelivered);
    observed(caused.then(|| text.to_owned()))
}
