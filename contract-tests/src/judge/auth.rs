//! Judges of the key: that it goes where it belongs, by a safe way, and nowhere else.

use super::reading::{Needles, Read, Reading, Ruling, Saved, Seen, Subject, prints};
use super::{Finding, Verdict};
use crate::witness::{Exchange, Listener};

/// CPK-AUTH-01.
pub(super) fn one_credential(reading: &Reading<'_>) -> Ruling {
    let asked = |link| reading.all_seen().any(|seen| if link { seen.is_link() } else { seen.is_list() });
    Reading::demand(asked(false) && asked(true), "the list and a link were not both asked for")?;
    let (mut findings, mut ways) = (Vec::new(), Vec::new());
    for read in &reading.runs {
        for seen in read.seen.iter().filter(|seen| seen.is_list() || seen.is_link()) {
            match credential(seen.exchange, &reading.case.key) {
                Ok(way) if ways.contains(&way) => {}
                Ok(way) => ways.push(way),
                Err(observed) => {
                    let expected =
                        "exactly one credential: `Authorization: Bearer <key>` or `X-Partner-API-Key: <key>`";
                    let observed = format!("{} had {observed}", seen.subject.named());
                    findings.push(reading.found(read, expected, observed).at(seen).done());
                }
            }
        }
    }
    if findings.is_empty() { Ok(Verdict::Pass(Some(ways.join(", and ")))) } else { Ok(Verdict::Fail(findings)) }
}

/// How a request carries the key, or what it carries instead.
fn credential(exchange: &Exchange, key: &str) -> Result<&'static str, String> {
    const BEARER: &str = "the key is sent as a Bearer token";
    const OWN: &str = "the key is sent in X-Partner-API-Key";
    let bearer: Vec<&str> = exchange.header("authorization").collect();
    let own: Vec<&str> = exchange.header("x-partner-api-key").collect();
    match (bearer.as_slice(), own.as_slice()) {
        ([], []) => Err("no credential".to_owned()),
        ([value], []) if is_bearer(value, key) => Ok(BEARER),
        ([value], []) => Err(format!("`Authorization: {value}`")),
        ([], [value]) if *value == key => Ok(OWN),
        ([], [_]) => Err("another key in X-Partner-API-Key".to_owned()),
        (bearer, own) => Err(format!("{} credentials", bearer.len() + own.len())),
    }
}

/// Whether a value of Authorization is the key as a Bearer token; the scheme may be in any case (RFC 9110 11.1).
pub(super) fn is_bearer(value: &str, key: &str) -> bool {
    let parts = value.split_once(' ');
    parts.is_some_and(|(scheme, rest)| scheme.eq_ignore_ascii_case("bearer") && rest.trim() == key)
}

/// CPK-AUTH-02.
pub(super) fn no_key_at_the_file_step(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    if !reading.all_seen().any(Seen::is_file) {
        let refused = reading.runs.iter().any(|read| !read.given.is_empty()) && read.run.process.end.is_refusal();
        Reading::demand(refused, "no link was followed")?;
        return Ok(Verdict::Pass(Some("no link was followed, so none with the key".to_owned())));
    }
    let expected = "no API key at the file step: the link itself is the credential";
    Ok(Verdict::of(key_in(reading, expected, |seen| matches!(seen.subject, Subject::File(_)))))
}

/// CPK-AUTH-03.
pub(super) fn no_key_across_origins(reading: &Reading<'_>) -> Ruling {
    let redirected = reading.all_seen().any(|seen| seen.is_link() && matches!(seen.exchange.status, 300..=399));
    Reading::demand(redirected, "no link call was redirected")?;
    let elsewhere = |seen: &Seen<'_>| seen.exchange.listener != Listener::Base;
    Ok(Verdict::of(key_in(reading, "no key for an origin that is not BASE's", elsewhere)))
}

/// A finding for each of some requests that holds the key anywhere.
fn key_in(reading: &Reading<'_>, expected: &str, which: fn(&Seen<'_>) -> bool) -> Vec<Finding> {
    let key = Needles::of(&reading.case.key);
    let mut findings = Vec::new();
    for read in &reading.runs {
        for seen in read.seen.iter().filter(|seen| which(seen)) {
            let target = key.within(seen.exchange.target.as_bytes()).map(|spelt| ("the target".to_owned(), spelt));
            let headers = seen.exchange.headers.iter().filter_map(|(name, value)| {
                let spelt = key.within(value).or_else(|| key.within(name.as_bytes()))?;
                Some((format!("the header `{name}`"), spelt))
            });
            for (place, spelt) in target.into_iter().chain(headers) {
                let observed = format!("the key, {spelt}, in {place} of {}", seen.subject.named());
                findings.push(reading.found(read, expected, observed).at(seen).done());
            }
        }
    }
    findings
}

/// CPK-AUTH-04.
pub(super) fn no_secret_shown(reading: &Reading<'_>) -> Ruling {
    Reading::demand(reading.came_near(), "the client never connected, so it had nothing to hide")?;
    let mut secrets = vec![("the key", Needles::of(&reading.case.key))];
    let given = reading.runs.iter().flat_map(|read| &read.given);
    secrets.extend(given.filter_map(|link| Some(("the token of a link", Needles::of(link.token()?)))));
    let findings = reading.runs.iter().flat_map(|read| shown_in(reading, read, &secrets)).collect();
    Ok(Verdict::of(findings))
}

fn shown_in(reading: &Reading<'_>, read: &Read<'_>, secrets: &[(&str, Needles)]) -> Vec<Finding> {
    let expected = "neither the key nor a link in what is printed, in names of files, or in files that are no document";
    let within = |text: &[u8]| secrets.iter().find_map(|(what, needles)| Some((*what, needles.within(text)?)));
    let mut findings = Vec::new();
    if let Some((what, spelt)) = within(prints(read.run).as_bytes()) {
        findings.push(reading.found(read, expected, format!("{what}, {spelt}, in the output")).done());
    }
    for (path, _) in read.changed() {
        if let Some((what, spelt)) = within(path.to_string_lossy().as_bytes()) {
            findings.push(reading.found(read, expected, format!("{what}, {spelt}, in a file's name")).done());
        }
    }
    let documents: Vec<&str> = reading.case.runs.iter().flat_map(|run| &run.current).map(|one| &*one.sha256).collect();
    for Saved { path, bytes, .. } in read.made().filter(|saved| !documents.contains(&saved.sha256)) {
        if let Some((what, spelt)) = bytes.and_then(within) {
            findings.push(reading.found(read, expected, format!("{what}, {spelt}, in a file")).in_file(path).done());
        }
    }
    findings
}

/// CPK-AUTH-05.
pub(super) fn no_key_in_the_clear(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    if !leaves_the_machine(&reading.case.base) {
        let why =
            "plain HTTP leaks nothing on this machine; `--plain-http-host HOST` gives BASE a name that hides that";
        return Ok(Verdict::NotObservable(why.to_owned()));
    }
    let in_the_clear = |seen: &Seen<'_>| !seen.exchange.tls;
    let mut findings = key_in(reading, "no key over plain HTTP to another host", in_the_clear);
    findings.extend(reading.must_refuse(read, "BASE is not over TLS"));
    Ok(Verdict::of(findings))
}

fn leaves_the_machine(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    !(host.starts_with("127.") || host == "localhost" || host.starts_with("[::1]"))
}

/// CPK-AUTH-06.
pub(super) fn no_request_without_trust(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(reading.came_near(), "the client never tried to connect")?;
    let mut findings = Vec::new();
    for read in &reading.runs {
        for seen in &read.seen {
            let expected = "no HTTP request to a server whose certificate can't be trusted";
            let observed = format!("{} was asked for", seen.subject.named());
            findings.push(reading.found(read, expected, observed).at(seen).done());
        }
    }
    findings.extend(reading.must_refuse(read, "the server can't be trusted"));
    Ok(Verdict::of(findings))
}

/// CPK-AUTH-07.
pub(super) fn no_secret_in_a_url(reading: &Reading<'_>) -> Ruling {
    Reading::demand(reading.came_near(), "the client never connected")?;
    let key = Needles::of(&reading.case.key);
    let mut findings = Vec::new();
    for read in &reading.runs {
        for seen in &read.seen {
            let target = key.within(seen.exchange.target.as_bytes()).map(|spelt| ("target", spelt));
            let within = |name| seen.exchange.header(name).find_map(|value| key.within(value.as_bytes()));
            let headers = ["referer", "cookie"].into_iter().filter_map(|name| Some((name, within(name)?)));
            for (place, spelt) in target.into_iter().chain(headers) {
                let observed = format!("the key, {spelt}, in the {place}");
                let expected = "no key in a request's target, Referer or Cookie";
                findings.push(reading.found(read, expected, observed).at(seen).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}
