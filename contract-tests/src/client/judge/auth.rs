//! Judges of the API key: where it may be sent, and where it must not appear.

use crewpass_diagnostics::SecretFinder;

use super::view::{CaseView, IssuedLink, JudgeResult, RequestView, RunView, Saved, Subject, printed_text};
use super::{Finding, Verdict};
use crate::client::credential::{BadCredential, credential};
use crate::client::scenario::Certificate;
use crate::client::witness::Listener;

judges! {
    "CPK-AUTH-01" in any_case => one_credential,
    "CPK-AUTH-02" in any_case => no_key_at_the_file_step,
    "CPK-AUTH-03" => no_key_across_origins,
    "CPK-AUTH-04" in any_case => no_secret_shown,
    "CPK-AUTH-05" => no_key_in_the_clear,
    "CPK-AUTH-06" => no_request_without_trust,
    "CPK-AUTH-07" in any_case => no_secret_in_a_url,
}

/// Judges CPK-AUTH-01 (one API key on list and link): each such request carries the key exactly
/// once.
pub(super) fn one_credential(view: &CaseView<'_>) -> JudgeResult {
    let (mut findings, mut ways) = (Vec::new(), Vec::new());
    for run_view in &view.runs {
        for request in run_view.requests.iter().filter(|request| request.is_list() || request.is_link()) {
            match credential(request.exchange, &view.case.key) {
                Ok(way) if ways.contains(&way) => {}
                Ok(way) => ways.push(way),
                Err(other) => {
                    let expected =
                        "exactly one credential: `Authorization: Bearer <key>` or `X-Partner-API-Key: <key>`";
                    let advice = match &other {
                        BadCredential::Planted(trap) => format!(". {}", trap.advice()),
                        _ => String::new(),
                    };
                    let observed = format!("{} had {}{advice}", request.subject.describe(), other.describe());
                    findings.push(view.finding(run_view, expected, observed).at(request).build());
                }
            }
        }
    }
    if !findings.is_empty() {
        return Ok(Verdict::Fail(findings));
    }
    // A client whose credential is refused never gets to a link, but has shown the credential.
    let asked = |link| view.all_requests().any(|request| if link { request.is_link() } else { request.is_list() });
    CaseView::require_exercised(asked(false) && asked(true), "the list and a link were not both asked for")?;
    Ok(Verdict::Pass(Some(ways.join(", and "))))
}

/// Judges CPK-AUTH-02 (no API key on the file step): the key is in no request that follows a link.
pub(super) fn no_key_at_the_file_step(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    // A client that refuses before it follows a link can't have sent the key with it.
    if !view.all_requests().any(RequestView::is_file) {
        let refused =
            view.runs.iter().any(|run_view| !run_view.issued_links.is_empty()) && run_view.run.process.end.is_refusal();
        CaseView::require_exercised(refused, "no link was followed")?;
        return Ok(Verdict::Pass(Some("no link was followed, so the key was sent to none".to_owned())));
    }
    let expected = "no API key at the file step: the link itself is the credential";
    Ok(Verdict::from_findings(key_in(view, expected, |request| matches!(request.subject, Subject::File(_)))))
}

/// Judges CPK-AUTH-03 (the key stays on its origin): a redirect of fleet, list or link does not carry the
/// key elsewhere.
pub(super) fn no_key_across_origins(view: &CaseView<'_>) -> JudgeResult {
    let has_key = |request: &RequestView<'_>| request.is_fleet() || request.is_list() || request.is_link();
    let redirected =
        view.all_requests().any(|request| has_key(request) && matches!(request.exchange.status, 300..=399));
    CaseView::require_exercised(redirected, "no request with the key was redirected")?;
    let elsewhere = |request: &RequestView<'_>| request.exchange.listener != Listener::Base;
    Ok(Verdict::from_findings(key_in(view, "no key in a request to another origin than BASE", elsewhere)))
}

/// Returns a finding for each place in the matching requests where the key appears.
fn key_in(view: &CaseView<'_>, expected: &str, which: fn(&RequestView<'_>) -> bool) -> Vec<Finding> {
    let key = SecretFinder::new(&view.case.key);
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in run_view.requests.iter().filter(|request| which(request)) {
            let target = key.find_in(request.exchange.target.as_bytes()).map(|spelt| ("the target".to_owned(), spelt));
            let headers = request.exchange.headers.iter().filter_map(|(name, value)| {
                let spelt = key.find_in(value).or_else(|| key.find_in(name.as_bytes()))?;
                Some((format!("the header `{name}`"), spelt))
            });
            for (place, spelt) in target.into_iter().chain(headers) {
                let observed = format!("the key, {spelt}, in {place} of {}", request.subject.describe());
                findings.push(view.finding(run_view, expected, observed).at(request).build());
            }
        }
    }
    findings
}

/// Judges CPK-AUTH-04 (keys and links are kept secret): neither appears in output, file names or
/// other files.
pub(super) fn no_secret_shown(view: &CaseView<'_>) -> JudgeResult {
    CaseView::require_exercised(view.has_connected(), "the client never connected, so it had nothing to hide")?;
    let issued_links = view.runs.iter().flat_map(|run_view| &run_view.issued_links);
    let tokens: Vec<_> = issued_links.filter_map(|link| Some(SecretFinder::new(link.token()?))).collect();
    let secrets = [("the key", vec![SecretFinder::new(&view.case.key)]), ("the token of a link", tokens)];
    let kinds = || secrets.iter().map(|(what, _)| *what);
    let shown = view.runs.iter().flat_map(|run_view| kinds().flat_map(|what| shown_in(view, run_view, what, &secrets)));
    Ok(Verdict::from_findings(shown.collect()))
}

/// Returns a finding for each place where a run shows one of the secrets of a kind.
fn shown_in(
    view: &CaseView<'_>,
    run_view: &RunView<'_>,
    what: &str,
    secrets: &[(&str, Vec<SecretFinder>)],
) -> Vec<Finding> {
    let expected = "neither the key nor a link in what is printed, in names of files, or in files that are no document";
    let any_of =
        |(_, finders): &(&str, Vec<SecretFinder>), text: &[u8]| finders.iter().find_map(|one| one.find_in(text));
    let within = |text: &[u8]| secrets.iter().filter(|(kind, _)| *kind == what).find_map(|kind| any_of(kind, text));
    let is_masked = |text: &str| secrets.iter().all(|kind| any_of(kind, text.as_bytes()).is_none());
    let mut findings = Vec::new();
    if let Some(spelt) = within(printed_text(run_view.run).as_bytes()) {
        let line =
            showing_line(view, run_view, within, is_masked).map(|line| format!(": `{line}`")).unwrap_or_default();
        findings.push(view.finding(run_view, expected, format!("{what}, {spelt}, in the output{line}")).build());
    }
    for (path, _) in run_view.changed_entries() {
        if let Some(spelt) = within(path.to_string_lossy().as_bytes()) {
            findings.push(view.finding(run_view, expected, format!("{what}, {spelt}, in a file's name")).build());
        }
    }
    // The bytes of a document may hold anything, so only other files are searched.
    let documents: Vec<&str> = view.case.runs.iter().flat_map(|run| &run.current).map(|one| &*one.sha256).collect();
    for Saved { path, bytes, .. } in run_view.written_files().filter(|saved| !documents.contains(&saved.sha256)) {
        if let Some(spelt) = bytes.and_then(within) {
            findings
                .push(view.finding(run_view, expected, format!("{what}, {spelt}, in a file")).in_file(path).build());
        }
    }
    findings
}

/// Returns a line of the output that shows one of these secrets, with all secrets of the case replaced: of several, the first by its text, since
/// parallel downloads print in any order. Returns `None` if a secret can't be replaced, since it is encoded.
fn showing_line<S>(
    view: &CaseView<'_>,
    run_view: &RunView<'_>,
    within: impl Fn(&[u8]) -> Option<S>,
    is_masked: impl Fn(&str) -> bool,
) -> Option<String> {
    /// The longest line, in characters.
    const LONGEST: usize = 240;
    let tokens = view.runs.iter().flat_map(|run_view| &run_view.issued_links).filter_map(IssuedLink::token);
    let secrets: Vec<(&str, &str)> =
        tokens.map(|token| (token, "{token}")).chain([(view.case.key.as_str(), "{key}")]).collect();
    let printed = printed_text(run_view.run);
    let lines = printed.lines().filter(|line| within(line.as_bytes()).is_some());
    let masked = lines
        .map(|line| secrets.iter().fold(line.trim().to_owned(), |line, (secret, name)| line.replace(secret, name)));
    let line = masked.filter(|line| is_masked(line)).min()?;
    Some(line.chars().take(LONGEST).collect())
}

/// Judges CPK-AUTH-05 (no key over plain HTTP): the client refuses a BASE without TLS on another
/// host.
pub(super) fn no_key_in_the_clear(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    if !leaves_the_machine(&view.case.base) {
        let why = "BASE is on this machine, where plain HTTP leaks nothing; use `--plain-http-host HOST` to test this";
        return Ok(Verdict::NotObservable(why.to_owned()));
    }
    let in_the_clear = |request: &RequestView<'_>| !request.exchange.tls;
    let mut findings = key_in(view, "no key over plain HTTP to another host", in_the_clear);
    findings.extend(view.require_refusal(run_view, "BASE is not over TLS"));
    Ok(Verdict::from_findings(findings))
}

/// Returns true if plain HTTP to this base would leave the machine.
fn leaves_the_machine(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    !(host.starts_with("127.") || host == "localhost" || host.starts_with("[::1]"))
}

/// Judges CPK-AUTH-06 (the server's certificate is verified): no HTTP request follows an untrusted
/// handshake.
pub(super) fn no_request_without_trust(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(view.has_connected(), "the client never tried to connect")?;
    let scenario = &view.case.scenario;
    let is_untrusted = |listener: &Listener| match scenario.second_certificate {
        Some(_) => *listener == Listener::Second,
        None => scenario.certificate != Some(Certificate::Good),
    };
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in run_view.requests.iter().filter(|request| is_untrusted(&request.exchange.listener)) {
            let expected = "no HTTP request to a server whose certificate can't be trusted";
            let observed = format!("{} was asked for", request.subject.describe());
            findings.push(view.finding(run_view, expected, observed).at(request).build());
        }
    }
    findings.extend(view.require_refusal(run_view, "the server can't be trusted"));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-AUTH-07 (no API key in a URL): the key is in no target, Referer or Cookie.
pub(super) fn no_secret_in_a_url(view: &CaseView<'_>) -> JudgeResult {
    CaseView::require_exercised(view.has_connected(), "the client never connected")?;
    let key = SecretFinder::new(&view.case.key);
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            let target = key.find_in(request.exchange.target.as_bytes()).map(|spelt| ("target", spelt));
            let within = |name| request.exchange.header(name).find_map(|value| key.find_in(value.as_bytes()));
            let headers = ["referer", "cookie"].into_iter().filter_map(|name| Some((name, within(name)?)));
            for (place, spelt) in target.into_iter().chain(headers) {
                let observed = format!("the key, {spelt}, in the {place}");
                let expected = "no key in a request's target, Referer or Cookie";
                findings.push(view.finding(run_view, expected, observed).at(request).build());
            }
        }
    }
    Ok(Verdict::from_findings(findings))
}
