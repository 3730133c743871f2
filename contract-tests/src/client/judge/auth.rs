//! Judges of the key: that it goes where it belongs, by a safe way, and nowhere else.

use super::view::{CaseView, JudgeResult, Needles, RequestView, RunView, Saved, Subject, prints};
use super::{Finding, Verdict};
use crate::client::witness::{Exchange, Listener};

judges! {
    "CPK-AUTH-01" => one_credential,
    "CPK-AUTH-02" => no_key_at_the_file_step,
    "CPK-AUTH-03" => no_key_across_origins,
    "CPK-AUTH-04" => no_secret_shown,
    "CPK-AUTH-05" => no_key_in_the_clear,
    "CPK-AUTH-06" => no_request_without_trust,
    "CPK-AUTH-07" => no_secret_in_a_url,
}

/// CPK-AUTH-01.
pub(super) fn one_credential(view: &CaseView<'_>) -> JudgeResult {
    let asked = |link| view.all_requests().any(|request| if link { request.is_link() } else { request.is_list() });
    CaseView::require_exercised(asked(false) && asked(true), "the list and a link were not both asked for")?;
    let (mut findings, mut ways) = (Vec::new(), Vec::new());
    for run_view in &view.runs {
        for request in run_view.requests.iter().filter(|request| request.is_list() || request.is_link()) {
            match credential(request.exchange, &view.case.key) {
                Ok(way) if ways.contains(&way) => {}
                Ok(way) => ways.push(way),
                Err(observed) => {
                    let expected =
                        "exactly one credential: `Authorization: Bearer <key>` or `X-Partner-API-Key: <key>`";
                    let observed = format!("{} had {observed}", request.subject.named());
                    findings.push(view.found(run_view, expected, observed).at(request).done());
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
pub(super) fn no_key_at_the_file_step(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    if !view.all_requests().any(RequestView::is_file) {
        let refused =
            view.runs.iter().any(|run_view| !run_view.issued_links.is_empty()) && run_view.run.process.end.is_refusal();
        CaseView::require_exercised(refused, "no link was followed")?;
        return Ok(Verdict::Pass(Some("no link was followed, so none with the key".to_owned())));
    }
    let expected = "no API key at the file step: the link itself is the credential";
    Ok(Verdict::of(key_in(view, expected, |request| matches!(request.subject, Subject::File(_)))))
}

/// CPK-AUTH-03.
pub(super) fn no_key_across_origins(view: &CaseView<'_>) -> JudgeResult {
    let redirected =
        view.all_requests().any(|request| request.is_link() && matches!(request.exchange.status, 300..=399));
    CaseView::require_exercised(redirected, "no link call was redirected")?;
    let elsewhere = |request: &RequestView<'_>| request.exchange.listener != Listener::Base;
    Ok(Verdict::of(key_in(view, "no key for an origin that is not BASE's", elsewhere)))
}

/// A finding for each of some requests that holds the key anywhere.
fn key_in(view: &CaseView<'_>, expected: &str, which: fn(&RequestView<'_>) -> bool) -> Vec<Finding> {
    let key = Needles::of(&view.case.key);
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in run_view.requests.iter().filter(|request| which(request)) {
            let target = key.within(request.exchange.target.as_bytes()).map(|spelt| ("the target".to_owned(), spelt));
            let headers = request.exchange.headers.iter().filter_map(|(name, value)| {
                let spelt = key.within(value).or_else(|| key.within(name.as_bytes()))?;
                Some((format!("the header `{name}`"), spelt))
            });
            for (place, spelt) in target.into_iter().chain(headers) {
                let observed = format!("the key, {spelt}, in {place} of {}", request.subject.named());
                findings.push(view.found(run_view, expected, observed).at(request).done());
            }
        }
    }
    findings
}

/// CPK-AUTH-04.
pub(super) fn no_secret_shown(view: &CaseView<'_>) -> JudgeResult {
    CaseView::require_exercised(view.came_near(), "the client never connected, so it had nothing to hide")?;
    let mut secrets = vec![("the key", Needles::of(&view.case.key))];
    let issued_links = view.runs.iter().flat_map(|run_view| &run_view.issued_links);
    secrets.extend(issued_links.filter_map(|link| Some(("the token of a link", Needles::of(link.token()?)))));
    let findings = view.runs.iter().flat_map(|run_view| shown_in(view, run_view, &secrets)).collect();
    Ok(Verdict::of(findings))
}

fn shown_in(view: &CaseView<'_>, run_view: &RunView<'_>, secrets: &[(&str, Needles)]) -> Vec<Finding> {
    let expected = "neither the key nor a link in what is printed, in names of files, or in files that are no document";
    let within = |text: &[u8]| secrets.iter().find_map(|(what, needles)| Some((*what, needles.within(text)?)));
    let mut findings = Vec::new();
    if let Some((what, spelt)) = within(prints(run_view.run).as_bytes()) {
        findings.push(view.found(run_view, expected, format!("{what}, {spelt}, in the output")).done());
    }
    for (path, _) in run_view.changed() {
        if let Some((what, spelt)) = within(path.to_string_lossy().as_bytes()) {
            findings.push(view.found(run_view, expected, format!("{what}, {spelt}, in a file's name")).done());
        }
    }
    let documents: Vec<&str> = view.case.runs.iter().flat_map(|run| &run.current).map(|one| &*one.sha256).collect();
    for Saved { path, bytes, .. } in run_view.made().filter(|saved| !documents.contains(&saved.sha256)) {
        if let Some((what, spelt)) = bytes.and_then(within) {
            findings.push(view.found(run_view, expected, format!("{what}, {spelt}, in a file")).in_file(path).done());
        }
    }
    findings
}

/// CPK-AUTH-05.
pub(super) fn no_key_in_the_clear(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    if !leaves_the_machine(&view.case.base) {
        let why =
            "plain HTTP leaks nothing on this machine; `--plain-http-host HOST` gives BASE a name that hides that";
        return Ok(Verdict::NotObservable(why.to_owned()));
    }
    let in_the_clear = |request: &RequestView<'_>| !request.exchange.tls;
    let mut findings = key_in(view, "no key over plain HTTP to another host", in_the_clear);
    findings.extend(view.must_refuse(run_view, "BASE is not over TLS"));
    Ok(Verdict::of(findings))
}

fn leaves_the_machine(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    !(host.starts_with("127.") || host == "localhost" || host.starts_with("[::1]"))
}

/// CPK-AUTH-06.
pub(super) fn no_request_without_trust(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(view.came_near(), "the client never tried to connect")?;
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            let expected = "no HTTP request to a server whose certificate can't be trusted";
            let observed = format!("{} was asked for", request.subject.named());
            findings.push(view.found(run_view, expected, observed).at(request).done());
        }
    }
    findings.extend(view.must_refuse(run_view, "the server can't be trusted"));
    Ok(Verdict::of(findings))
}

/// CPK-AUTH-07.
pub(super) fn no_secret_in_a_url(view: &CaseView<'_>) -> JudgeResult {
    CaseView::require_exercised(view.came_near(), "the client never connected")?;
    let key = Needles::of(&view.case.key);
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            let target = key.within(request.exchange.target.as_bytes()).map(|spelt| ("target", spelt));
            let within = |name| request.exchange.header(name).find_map(|value| key.within(value.as_bytes()));
            let headers = ["referer", "cookie"].into_iter().filter_map(|name| Some((name, within(name)?)));
            for (place, spelt) in target.into_iter().chain(headers) {
                let observed = format!("the key, {spelt}, in the {place}");
                let expected = "no key in a request's target, Referer or Cookie";
                findings.push(view.found(run_view, expected, observed).at(request).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}
