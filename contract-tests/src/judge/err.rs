//! Judges of refusals: each is told for what it is, and none for success.

use std::collections::BTreeSet;

use super::reading::{Read, Reading, Ruling, Seen, prints};
use super::{Finding, Verdict, list};

/// The statuses that say no.
const REFUSED: std::ops::RangeInclusive<u16> = 400..=599;

/// CPK-ERR-01.
pub(super) fn list_refused(reading: &Reading<'_>) -> Ruling {
    let refused = |read: &Read<'_>| read.lists().any(|seen| matches!(seen.exchange.status, 401 | 403));
    let runs: Vec<&Read<'_>> = reading.runs.iter().filter(|read| refused(read)).collect();
    Reading::demand(!runs.is_empty(), "the list was not asked for and refused with 401 or 403")?;
    let mut findings = Vec::new();
    for read in runs {
        findings.extend(reading.must_refuse(read, "the list was refused"));
        findings.extend(list::no_files(reading, read));
        findings.extend(read.seen.iter().skip(1).map(|seen| {
            let observed = format!("also {}", seen.subject.named());
            reading.found(read, "one request: a refusal of the list says it all", observed).at(seen).done()
        }));
    }
    Ok(Verdict::of(findings))
}

/// CPK-ERR-02.
pub(super) fn links_refused(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(read.links().any(|seen| seen.exchange.status == 403), "no link was asked for and refused")?;
    let mut findings = list::no_files(reading, read);
    findings.extend(reading.must_refuse(read, "no document can be had"));
    Ok(Verdict::of(findings))
}

/// CPK-ERR-03.
pub(super) fn unknown_crew(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(read.lists().any(|seen| seen.exchange.status == 404), "the list was not asked for and 404")?;
    let refused = reading.must_refuse(read, "404 is not the same as an empty list");
    Ok(Verdict::of(refused.into_iter().collect()))
}

/// CPK-ERR-04.
pub(super) fn told_apart(reading: &Reading<'_>) -> Ruling {
    let last_list = |read: &Read<'_>| read.lists().last().map(|seen| seen.exchange.status);
    let refused: Vec<(&Read<'_>, u16)> = reading
        .runs
        .iter()
        .filter_map(|read| Some((read, last_list(read).filter(|status| REFUSED.contains(status))?)))
        .collect();
    Reading::demand(!refused.is_empty(), "the list was not asked for and refused")?;
    let mut findings: Vec<Finding> =
        refused.iter().filter_map(|(read, _)| reading.must_refuse(read, "the list was refused")).collect();
    let codes: BTreeSet<String> = refused.iter().map(|(read, _)| format!("{:?}", read.run.process.end)).collect();
    let all: BTreeSet<u16> = refused.iter().map(|(_, status)| *status).collect();
    if codes.len() == refused.len() && all.len() > 1 {
        return Ok(Verdict::of(findings));
    }
    for (read, status) in refused {
        if !is_told(reading, read, status) {
            let expected = "the exit class, the status or the error code in the output says which refusal it was";
            let observed = format!("{status} shows nowhere");
            findings.push(reading.found(read, expected, observed).done());
        }
    }
    Ok(Verdict::of(findings))
}

/// Whether the exit class or the output says which refusal it was.
fn is_told(reading: &Reading<'_>, read: &Read<'_>, status: u16) -> bool {
    let class = match status {
        401 | 403 => 20,
        404 => 21,
        429 | 500..=599 => 22,
        _ => 23,
    };
    let by_class = reading.case.exit_classes && read.run.process.end == crate::witness::End::Exit(class);
    let printed = prints(read.run);
    let code = read.lists().last().and_then(|seen| seen.exchange.answer());
    let code = code.and_then(|answer| Some(answer.pointer("/error/code")?.as_str()?.to_owned()));
    by_class || printed.contains(&status.to_string()) || code.is_some_and(|code| printed.contains(&code))
}

/// CPK-ERR-05.
pub(super) fn partial_is_no_success(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let refused = read.links().any(|seen| REFUSED.contains(&seen.exchange.status));
    Reading::demand(refused, "no link was asked for and refused")?;
    let missing = read.run.missing(reading.out()).count();
    let why = format!("{missing} of {} documents are missing", read.run.current.len());
    Ok(Verdict::of(reading.must_refuse(read, &why).into_iter().collect()))
}

/// CPK-ERR-06.
pub(super) fn odd_bodies(reading: &Reading<'_>) -> Ruling {
    let refused = |read: &Read<'_>| read.seen.iter().any(|seen| REFUSED.contains(&seen.exchange.status));
    let runs: Vec<&Read<'_>> = reading.runs.iter().filter(|read| refused(read)).collect();
    Reading::demand(!runs.is_empty(), "nothing was asked for and refused")?;
    let exits = runs.into_iter().filter_map(|read| reading.must_refuse(read, "whatever the body of an error is"));
    Ok(Verdict::of(exits.collect()))
}

/// CPK-ERR-07.
pub(super) fn no_further_link(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let refused: Option<&Seen<'_>> = read.links().find(|seen| seen.exchange.status == 403);
    let Some(refused) = refused else {
        return Err(Verdict::NotExercised("no link was asked for and refused".to_owned()));
    };
    let further = read.links().filter(|seen| seen.comes_after(refused));
    let expected = "no further link is asked for once a scope is not granted: it is the partner's";
    let found = |seen: &Seen<'_>| {
        let observed = format!("{} was asked for", seen.subject.named());
        reading.found(read, expected, observed).at(seen).done()
    };
    Ok(Verdict::of(further.map(found).collect()))
}
