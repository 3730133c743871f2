//! Judges of retries: what is briefly broken is tried again, not for ever, not at once, and not what was refused.

use std::time::Duration;

use super::reading::{Read, Reading, Ruling, Seen, Subject};
use super::{Finding, Verdict};

/// Clocks are read one after the other, and sleeps are not exact.
const GRACE: Duration = Duration::from_millis(50);

/// A date tells whole seconds only.
const GRACE_OF_A_DATE: Duration = Duration::from_secs(1);

/// Every run with a document and step of it, and the tries of that.
fn all_tries<'r, 'a>(reading: &'r Reading<'a>) -> impl Iterator<Item = (&'r Read<'a>, &'r Subject, Vec<&'r Seen<'a>>)> {
    reading
        .runs
        .iter()
        .flat_map(|read| read.subjects().into_iter().map(move |subject| (read, subject, read.tries(subject))))
}

/// Not exercised, unless a step was answered so.
fn answered(reading: &Reading<'_>, otherwise: &str, so: impl Fn(&Seen<'_>) -> bool) -> Result<(), Verdict> {
    Reading::demand(reading.all_seen().any(|seen| seen.subject != Subject::Other && so(seen)), otherwise)
}

/// Findings where something was not tried again after it broke, or was not saved in the end.
fn tried_again(reading: &Reading<'_>, broken: impl Fn(&Seen<'_>) -> bool) -> Result<Vec<Finding>, Verdict> {
    let read = reading.last()?;
    let mut findings = Vec::new();
    for seen in read.seen.iter().filter(|seen| broken(seen)) {
        // A file may be had by the same link or by a new one.
        let is_again = |later: &&Seen<'_>| match (&seen.subject, &later.subject) {
            (Subject::File(Some(one)), Subject::Link(_, other) | Subject::File(Some(other))) => one == other,
            (one, other) => one == other,
        };
        let mut later = read.seen.iter().filter(|later| later.exchange.seq > seen.exchange.seq);
        if !later.any(|later| is_again(&later)) {
            let observed = format!("{} was not asked for again", seen.subject.named());
            let expected = "what is briefly broken is tried again";
            findings.push(reading.found(read, expected, observed).at(seen).done());
        }
    }
    findings.extend(reading.must_have_all(read));
    findings.extend(reading.must_succeed(read, "all was well at the next try"));
    Ok(findings)
}

/// CPK-RTY-01.
pub(super) fn link_again(reading: &Reading<'_>) -> Ruling {
    let broken = |seen: &Seen<'_>| seen.is_link() && seen.exchange.status == 503;
    answered(reading, "no link was asked for and 503", broken)?;
    Ok(Verdict::of(tried_again(reading, broken)?))
}

/// CPK-RTY-02.
pub(super) fn not_for_ever(reading: &Reading<'_>) -> Ruling {
    /// More tries than this help nobody.
    const AT_MOST: usize = 10;
    answered(reading, "no step was asked for and 503", |seen| seen.exchange.status == 503)?;
    let read = reading.last()?;
    let mut findings = Vec::new();
    for (read, subject, tries) in all_tries(reading) {
        findings.extend(tries.get(AT_MOST).map(|seen| {
            let observed = format!("{} of {}", tries.len(), subject.named());
            reading.found(read, "at most 10 tries per document and step", observed).at(seen).done()
        }));
    }
    findings.extend(reading.must_refuse(read, "a document can't be had"));
    Ok(Verdict::of(findings))
}

/// The wait that an answer asks for, with its grace; `None` where it asks for none.
fn wait_by_header(seen: &Seen<'_>) -> Option<(Duration, Duration)> {
    if !matches!(seen.exchange.status, 429 | 503) {
        return None;
    }
    let value = seen.exchange.response_header("retry-after").next()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some((Duration::from_secs(seconds), GRACE));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(seen.exchange.response_header("date").next()?).ok()?;
    Some((until.duration_since(now).unwrap_or_default(), GRACE_OF_A_DATE))
}

/// The wait that the body of a 429 asks for, where no header does (P).
fn wait_by_body(seen: &Seen<'_>) -> Option<(Duration, Duration)> {
    if seen.exchange.status != 429 || seen.exchange.response_header("retry-after").next().is_some() {
        return None;
    }
    let seconds = seen.exchange.answer()?.pointer("/error/retry_after_seconds")?.as_f64()?;
    Duration::try_from_secs_f64(seconds).ok().map(|wait| (wait, GRACE))
}

/// Whether each next try came no earlier than it was asked to.
fn waited(reading: &Reading<'_>, wait: fn(&Seen<'_>) -> Option<(Duration, Duration)>) -> Ruling {
    answered(reading, "no answer said how long to wait", |seen| wait(seen).is_some())?;
    let (mut findings, mut tried) = (Vec::new(), false);
    for (read, subject, tries) in all_tries(reading) {
        for seen in &tries {
            let Some((asked, grace)) = wait(seen) else { continue };
            let Some(next) = tries.iter().find(|later| later.comes_after(seen)) else { continue };
            tried = true;
            let since = seen.exchange.ended.unwrap_or(seen.exchange.started);
            let waited = next.exchange.started.saturating_sub(since);
            if waited + grace < asked {
                let expected = format!("the next try not before {} ms have passed", asked.as_millis());
                let observed = format!("{} after {} ms", subject.named(), waited.as_millis());
                findings.push(reading.found(read, &expected, observed).at(next).done());
            }
        }
    }
    if findings.is_empty() && !tried {
        return Ok(Verdict::Pass(Some("the client does not try again".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// CPK-RTY-03.
pub(super) fn waits_as_told(reading: &Reading<'_>) -> Ruling {
    waited(reading, wait_by_header)
}

/// CPK-RTY-09.
pub(super) fn waits_as_the_body_says(reading: &Reading<'_>) -> Ruling {
    waited(reading, wait_by_body)
}

/// CPK-RTY-04.
pub(super) fn no_hot_loop(reading: &Reading<'_>) -> Ruling {
    const AT_MOST: usize = 5;
    const WITHIN: Duration = Duration::from_secs(1);
    answered(reading, "no step was asked for and 503", |seen| seen.exchange.status == 503)?;
    let mut findings = Vec::new();
    for (read, subject, tries) in all_tries(reading) {
        let hot = tries.windows(AT_MOST + 1).find(|window| match window {
            [first, .., last] => last.exchange.started.saturating_sub(first.exchange.started) < WITHIN,
            _ => false,
        });
        findings.extend(hot.and_then(|window| window.last()).map(|seen| {
            let observed = format!("a sixth of {}", subject.named());
            reading.found(read, "at most 5 tries of one document and step in any second", observed).at(seen).done()
        }));
    }
    let retried = all_tries(reading).any(|(_, _, tries)| tries.len() > 1);
    if findings.is_empty() && !retried {
        return Ok(Verdict::Pass(Some("the client does not try again".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// CPK-RTY-05.
pub(super) fn no_is_no(reading: &Reading<'_>) -> Ruling {
    let is_no = |seen: &Seen<'_>| !seen.is_file() && matches!(seen.exchange.status, 401 | 403 | 404);
    answered(reading, "no list or link was asked for and refused", is_no)?;
    let mut findings = Vec::new();
    for (read, subject, tries) in all_tries(reading).filter(|(_, _, tries)| tries.iter().any(|seen| is_no(seen))) {
        findings.extend(tries.iter().skip(1).map(|seen| {
            let observed = format!("{} was asked for again", subject.named());
            reading.found(read, "one request: 401, 403 and 404 do not change by asking", observed).at(seen).done()
        }));
    }
    Ok(Verdict::of(findings))
}

/// CPK-RTY-06.
pub(super) fn reset_again(reading: &Reading<'_>) -> Ruling {
    let broken = |seen: &Seen<'_>| {
        let of_a_step = !matches!(seen.subject, Subject::Other | Subject::File(None));
        of_a_step && seen.exchange.status == 0 && seen.exchange.fault.is_some()
    };
    answered(reading, "no request was answered with a reset", broken)?;
    Ok(Verdict::of(tried_again(reading, broken)?))
}

/// CPK-RTY-07.
pub(super) fn file_again(reading: &Reading<'_>) -> Ruling {
    let broken = |seen: &Seen<'_>| matches!(seen.subject, Subject::File(Some(_))) && seen.exchange.status == 503;
    answered(reading, "no link was followed and 503", broken)?;
    Ok(Verdict::of(tried_again(reading, broken)?))
}

/// CPK-RTY-08.
pub(super) fn stops_at_no(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let unavailable = |seen: &Seen<'_>| !seen.is_file() && seen.exchange.status == 503;
    answered(reading, "no list or link was asked for and 503", unavailable)?;
    let (mut findings, mut came_to_no) = (Vec::new(), false);
    for (read, subject, tries) in all_tries(reading) {
        let Some(no) = tries.iter().position(|seen| !seen.is_file() && seen.exchange.status == 403) else { continue };
        came_to_no = true;
        findings.extend(tries.iter().skip(no + 1).map(|seen| {
            let observed = format!("{} was asked for again", subject.named());
            reading.found(read, "nothing is asked for again after its 403", observed).at(seen).done()
        }));
    }
    findings.extend(reading.must_refuse(read, "a document can't be had"));
    if findings.is_empty() && !came_to_no {
        return Ok(Verdict::Pass(Some("the client stopped at the 503".to_owned())));
    }
    Ok(Verdict::of(findings))
}
