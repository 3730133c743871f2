//! Judges of what a client's libraries do by themselves: cookies, referers, logins of a file in HOME.

use super::Verdict;
use super::auth::is_bearer;
use super::view::{CaseView, JudgeResult, Needles};

judges! {
    "CPK-SEC-01" => no_cookie,
    "CPK-SEC-02" => no_other_login,
}

/// CPK-SEC-01.
pub(super) fn no_cookie(view: &CaseView<'_>) -> JudgeResult {
    let sets = |header: &crate::client::witness::Exchange| header.response_header("set-cookie").next().is_some();
    let first = view.all_requests().position(|request| sets(request.exchange));
    let more = first.is_some_and(|at| view.all_requests().count() > at + 1);
    CaseView::require_exercised(more, "no request followed an answer with Set-Cookie")?;
    let tokens: Vec<Needles> = view
        .runs
        .iter()
        .flat_map(|run_view| &run_view.issued_links)
        .filter_map(|link| Some(Needles::of(link.token()?)))
        .collect();
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            if request.exchange.header("cookie").next().is_some() {
                let observed = format!("a cookie with {}", request.subject.named());
                findings.push(view.found(run_view, "no cookie is kept or sent", observed).at(request).done());
            }
            let referer = request.exchange.header("referer").next();
            if referer.is_some_and(|text| tokens.iter().any(|token| token.within(text.as_bytes()).is_some())) {
                let observed = format!("a link in the Referer of {}", request.subject.named());
                findings.push(view.found(run_view, "no Referer tells a link", observed).at(request).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}

/// CPK-SEC-02.
pub(super) fn no_other_login(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(run_view.lists().next().is_some(), "the list was not asked for")?;
    let is_netrc = |path: &std::path::PathBuf| path.file_name().is_some_and(|name| name == ".netrc");
    if !run_view.run.before.entries.keys().any(is_netrc) {
        return Err(Verdict::NotObservable("no .netrc lay in HOME".to_owned()));
    }
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            let other = request.exchange.header("authorization").find(|value| !is_bearer(value, &view.case.key));
            findings.extend(other.map(|value| {
                let scheme = value.split(' ').next().unwrap_or_default();
                let observed = format!("another login, by `{scheme}`, with {}", request.subject.named());
                view.found(run_view, "no login but the key that was given", observed).at(request).done()
            }));
        }
    }
    Ok(Verdict::of(findings))
}
