//! Checks of the attempts of an event: which answers bring another, how many there are, and when.

use crate::client::judge::Verdict;
use crate::sender::seen::{Attempt, Check, Event, Seen, finding, unexercised};
use crate::sender::situation::{Answer, Situation};

/// The attempts of a delivery that fails, the first included.
pub(crate) const ATTEMPTS: usize = 8;

/// A wait is clearly shorter than the one before if it is less than this part of it: the clock moves in steps.
const CLEARLY_SHORTER: f64 = 0.75;
/// A difference of waits that says nothing, in seconds.
const JITTER: f64 = 1.0;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-HOOK-09", delivered),
    ("CPS-HOOK-10", |seen| tried_again(seen, &[Situation::Unavailable, Situation::Failing])),
    ("CPS-HOOK-11", |seen| tried_again(seen, &[Situation::RequestTimeout, Situation::TooMany])),
    ("CPS-HOOK-12", |seen| seen.ends_after("a 2xx", Answer::is_success)),
    ("CPS-HOOK-13", |seen| seen.ends_after("a 400 or a 410", Answer::is_permanent)),
    ("CPS-HOOK-14", after_gone),
    ("CPS-HOOK-15", eight),
    ("CPS-HOOK-16", no_ninth),
    ("CPS-HOOK-17", waits),
    ("CPS-HOOK-18", one_id),
    ("CPS-HOOK-19", dead_letter),
];

fn delivered(seen: &Seen<'_>) -> Verdict {
    let events = seen.events();
    let wanted = |one: &&Situation| {
        let is_one_event = Situation::AT_ONCE.contains(one) || Situation::WITH_TIME.contains(one);
        // What fails after a 410 has another clause.
        is_one_event && **one != Situation::AfterGone && !stopped_by_gone(seen)
    };
    let caused: Vec<_> = seen.caused.iter().filter(wanted).collect();
    let lost = caused.iter().filter(|one| !events.iter().any(|event| event.situation() == ***one)).count();
    let Some(first) = seen.attempts.first().filter(|_| !caused.is_empty()) else { return unexercised() };
    if lost == 0 {
        return Verdict::Pass(None);
    }
    let observed = format!("no delivery after {lost} of {} changes", caused.len());
    Verdict::Fail(vec![finding(first, "a delivery after each change by the lever `event`", observed)])
}

/// Returns true if no further event came once one was answered with 410. The next one may have been on its way before
/// the sender had the answer.
fn stopped_by_gone(seen: &Seen<'_>) -> bool {
    let Some(gone) = seen.attempts.iter().find(|one| one.answer == Answer::Status(410)) else { return false };
    let is_more_caused = seen.caused.iter().any(|one| Situation::WITH_TIME.contains(one));
    let events = seen.events();
    let mut later = events.iter().filter(|event| event.attempts[0].seq > gone.seq);
    later.all(|event| is_more_caused && event.situation() == Situation::AfterGone)
}

fn after_gone(seen: &Seen<'_>) -> Verdict {
    let gone = seen.attempts.iter().find(|one| one.answer == Answer::Status(410));
    match gone.filter(|_| seen.caused.contains(&Situation::AfterGone)) {
        None => unexercised(),
        Some(gone) if stopped_by_gone(seen) => {
            let expected = "deliveries of later events, whatever became of this one";
            Verdict::Fail(vec![finding(gone, expected, "no further event came after it was answered with 410")])
        }
        Some(_) => Verdict::Pass(None),
    }
}

fn tried_again(seen: &Seen<'_>, situations: &[Situation]) -> Verdict {
    let events: Vec<Event<'_>> = situations.iter().flat_map(|one| seen.of(*one)).collect();
    let alone = events.iter().filter(|event| event.own().nth(1).is_none());
    let findings: Vec<_> = alone
        .map(|event| {
            let first = event.attempts[0];
            finding(first, format!("another attempt after {}", first.answer.text()), "none")
        })
        .collect();
    match (events.is_empty(), findings.is_empty()) {
        (false, true) => Verdict::Pass(None),
        (false, false) if seen.has_waited_long() => Verdict::Fail(findings),
        _ => unexercised(),
    }
}

/// Returns the attempts of the event that fails each time.
fn failing<'a>(seen: &'a Seen<'_>) -> Option<Vec<&'a Attempt>> {
    Some(seen.of(Situation::Failing).first()?.own().collect())
}

fn eight(seen: &Seen<'_>) -> Verdict {
    let Some(attempts) = failing(seen) else { return unexercised() };
    match attempts.len() {
        ATTEMPTS.. => Verdict::Pass(None),
        // Without any other attempt, another clause is broken.
        1 => unexercised(),
        count if seen.has_waited_long() => {
            Verdict::Fail(vec![finding(attempts[count - 1], "8 attempts", format!("{count}, and no other"))])
        }
        _ => unexercised(),
    }
}

fn no_ninth(seen: &Seen<'_>) -> Verdict {
    let Some(attempts) = failing(seen) else { return unexercised() };
    let last_wait = waits_of(&attempts).last().map_or(0.0, |(least, _)| *least);
    match attempts.get(ATTEMPTS) {
        Some(ninth) => Verdict::Fail(vec![finding(ninth, "8 attempts", format!("{} of them", attempts.len()))]),
        // A wait like the last one was long enough for another attempt.
        None if attempts.len() == ATTEMPTS && seen.rested > last_wait => Verdict::Pass(None),
        None if seen.has_waited_long() => Verdict::Pass(None),
        None => unexercised(),
    }
}

/// Returns the waits between attempts, in seconds: at least, and at most.
pub(super) fn waits_of(attempts: &[&Attempt]) -> Vec<(f64, f64)> {
    let between = |pair: &[&Attempt]| {
        let ((least, most), (later_least, later_most)) = (pair[0].time, pair[1].time);
        ((later_least - most).max(0.0), later_most - least)
    };
    attempts.windows(2).map(between).collect()
}

fn waits(seen: &Seen<'_>) -> Verdict {
    let Some(mut attempts) = failing(seen).filter(|attempts| attempts.len() > 2) else { return unexercised() };
    // What comes once too often has another clause.
    attempts.truncate(ATTEMPTS);
    let waits = waits_of(&attempts);
    let shrunk =
        waits.windows(2).zip(&attempts[2..]).find(|(pair, _)| pair[1].1 + JITTER < pair[0].0 * CLEARLY_SHORTER);
    match shrunk {
        None => Verdict::Pass(None),
        Some((pair, later)) => {
            let expected = format!("a wait of {:.0} s or more, like the one before", pair[0].0);
            Verdict::Fail(vec![finding(later, expected, format!("at most {:.0} s", pair[1].1))])
        }
    }
}

fn one_id(seen: &Seen<'_>) -> Verdict {
    let events = seen.events();
    let again: Vec<_> = events.iter().filter(|event| event.own().nth(1).is_some()).collect();
    if again.is_empty() {
        return unexercised();
    }
    let renamed = again.iter().filter_map(|event| {
        let first = event.attempts[0].key();
        let other = event.own().find(|one| one.key() != first)?;
        Some(finding(other, "the `event_id` of the first attempt", "another one for the same event"))
    });
    Verdict::from_findings(renamed.collect())
}

fn dead_letter(seen: &Seen<'_>) -> Verdict {
    let (Some(attempts), Some([before, after])) = (failing(seen), &seen.dead_letters) else { return unexercised() };
    if attempts.len() < ATTEMPTS {
        return unexercised();
    }
    let id = attempts[0].key();
    let is_listed =
        |letters: &str| letters.split(|c: char| c.is_whitespace() || "\",".contains(c)).any(|word| word == id);
    let last = attempts[ATTEMPTS - 1];
    match (is_listed(before), is_listed(after)) {
        (false, true) => Verdict::Pass(None),
        (true, _) => Verdict::Fail(vec![finding(last, "no dead letter before the last attempt", "it is one")]),
        (false, false) => Verdict::Fail(vec![finding(last, "a dead letter after the last attempt", "it is none")]),
    }
}
