//! Judges of what HTTP libraries do by default: cookies, referers, and logins from a file in HOME.

use crewpass_diagnostics::SecretFinder;

use super::Verdict;
use super::view::{CaseView, FindingBuilder, JudgeResult};
use crate::client::credential::is_bearer;
use crate::client::trap::Trap;

judges! {
    "CPK-SEC-01" => no_cookie,
    "CPK-SEC-02" => no_other_login,
}

/// Judges CPK-SEC-01 (no cookies, no Referer with a token): later requests carry neither.
pub(super) fn no_cookie(view: &CaseView<'_>) -> JudgeResult {
    let sets = |header: &crate::client::witness::Exchange| header.response_header("set-cookie").next().is_some();
    let setting = view.all_requests().find(|request| sets(request.exchange));
    let more = setting
        .is_some_and(|first| view.all_requests().skip_while(|request| !std::ptr::eq(*request, first)).count() > 1);
    CaseView::require_exercised(more, "no request followed an answer with Set-Cookie")?;
    let tokens: Vec<SecretFinder> = view
        .runs
        .iter()
        .flat_map(|run_view| &run_view.issued_links)
        .filter_map(|link| Some(SecretFinder::new(link.token()?)))
        .collect();
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            if request.exchange.header("cookie").next().is_some() {
                let observed = format!("a cookie with {}", request.subject.describe());
                let found = view.finding(run_view, "no cookie is kept or sent", observed).at(request);
                findings.push(setting.into_iter().fold(found, FindingBuilder::answered).build());
            }
            let referer = request.exchange.header("referer").next();
            if referer.is_some_and(|text| tokens.iter().any(|token| token.find_in(text.as_bytes()).is_some())) {
                let observed = format!("a link in the Referer of {}", request.subject.describe());
                let before = run_view.requests.iter().take_while(|other| !std::ptr::eq(*other, request));
                let led = before.filter(|other| other.subject.document() == request.subject.document()).last();
                let found = view.finding(run_view, "no Referer contains a link", observed).at(request);
                findings.push(led.into_iter().fold(found, FindingBuilder::answered).build());
            }
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-SEC-02 (a .netrc is not sent): the only login in any request is the key.
pub(super) fn no_other_login(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(run_view.lists().next().is_some(), "the list was not requested")?;
    let trap = Trap::Netrc;
    let is_netrc = |path: &std::path::PathBuf| path.file_name().is_some_and(|name| name == trap.file_name());
    if !run_view.run.before.entries.keys().any(is_netrc) {
        return Err(Verdict::NotObservable("HOME had no .netrc".to_owned()));
    }
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            let mut logins = request.exchange.header("authorization");
            let other = logins.find(|value| !is_bearer(value, &view.case.key)).is_some();
            let observed = if Trap::shown_in(request.exchange) == Some(trap) {
                format!("{} with {}. {}", trap.describe(), request.subject.describe(), trap.advice())
            } else if other {
                format!("another login with {}", request.subject.describe())
            } else {
                continue;
            };
            findings.push(view.finding(run_view, "no login but the key of the job", observed).at(request).build());
        }
    }
    Ok(Verdict::from_findings(findings))
}
