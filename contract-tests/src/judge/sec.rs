//! Judges of what a client's libraries do by themselves: cookies, referers, logins of a file in HOME.

use super::Verdict;
use super::auth::is_bearer;
use super::reading::{Needles, Reading, Ruling};

/// CPK-SEC-01.
pub(super) fn no_cookie(reading: &Reading<'_>) -> Ruling {
    let sets = |header: &crate::witness::Exchange| header.response_header("set-cookie").next().is_some();
    let first = reading.all_seen().position(|seen| sets(seen.exchange));
    let more = first.is_some_and(|at| reading.all_seen().count() > at + 1);
    Reading::demand(more, "no request followed an answer with Set-Cookie")?;
    let tokens: Vec<Needles> =
        reading.runs.iter().flat_map(|read| &read.given).filter_map(|link| Some(Needles::of(link.token()?))).collect();
    let mut findings = Vec::new();
    for read in &reading.runs {
        for seen in &read.seen {
            if seen.exchange.header("cookie").next().is_some() {
                let observed = format!("a cookie with {}", seen.subject.named());
                findings.push(reading.found(read, "no cookie is kept or sent", observed).at(seen).done());
            }
            let referer = seen.exchange.header("referer").next();
            if referer.is_some_and(|text| tokens.iter().any(|token| token.within(text.as_bytes()).is_some())) {
                let observed = format!("a link in the Referer of {}", seen.subject.named());
                findings.push(reading.found(read, "no Referer tells a link", observed).at(seen).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}

/// CPK-SEC-02.
pub(super) fn no_other_login(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(read.lists().next().is_some(), "the list was not asked for")?;
    let is_netrc = |path: &std::path::PathBuf| path.file_name().is_some_and(|name| name == ".netrc");
    if !read.run.before.entries.keys().any(is_netrc) {
        return Err(Verdict::NotObservable("no .netrc lay in HOME".to_owned()));
    }
    let mut findings = Vec::new();
    for read in &reading.runs {
        for seen in &read.seen {
            let other = seen.exchange.header("authorization").find(|value| !is_bearer(value, &reading.case.key));
            findings.extend(other.map(|value| {
                let scheme = value.split(' ').next().unwrap_or_default();
                let observed = format!("another login, by `{scheme}`, with {}", seen.subject.named());
                reading.found(read, "no login but the key that was given", observed).at(seen).done()
            }));
        }
    }
    Ok(Verdict::of(findings))
}
