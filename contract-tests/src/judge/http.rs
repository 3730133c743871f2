//! Judges of plain HTTP/1.1, and of how BASE is put together with a path.

use super::reading::{Reading, Ruling, Seen, Subject};
use super::{Verdict, list};
use crate::witness::Listener;

/// CPK-HTTP-01.
pub(super) fn every_framing(reading: &Reading<'_>) -> Ruling {
    let sent = reading.all_seen().any(|seen| seen.subject != Subject::Other && seen.is_whole());
    Reading::demand(sent, "no answer was sent to the client whole")?;
    Ok(Verdict::of(list::all_saved(reading)?))
}

/// CPK-HTTP-02.
pub(super) fn base_and_path(reading: &Reading<'_>) -> Ruling {
    let to_base = |seen: &&Seen<'_>| seen.exchange.listener == Listener::Base;
    Reading::demand(reading.all_seen().any(|seen| to_base(&seen)), "no request came to BASE")?;
    let rest = reading.case.base.split_once("://").map_or("", |(_, rest)| rest);
    let prefix = rest.find('/').map_or("", |at| &rest[at..]).trim_end_matches('/');
    let expected = format!("the documented path behind `{prefix}/`, without a doubled slash");
    let mut findings = Vec::new();
    for read in &reading.runs {
        for seen in read.seen.iter().filter(to_base).filter(|seen| !seen.is_file()) {
            let path = seen.exchange.target.split('?').next().unwrap_or_default();
            // The transcript has targets without the path that BASE has; one that left it out stands below /outside.
            if !path.starts_with("/api/v2/") || path.contains("//") {
                let observed = format!("`{}`", seen.exchange.target);
                findings.push(reading.found(read, &expected, observed).at(seen).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}
