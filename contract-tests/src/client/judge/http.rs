//! Judges of plain HTTP/1.1, and of how BASE is put together with a path.

use super::view::{CaseView, JudgeResult, RequestView, Subject};
use super::{Verdict, list};
use crate::client::witness::Listener;
use crate::operation;

judges! {
    "CPK-HTTP-01" => every_framing,
    "CPK-HTTP-02" => base_and_path,
}

/// CPK-HTTP-01.
pub(super) fn every_framing(view: &CaseView<'_>) -> JudgeResult {
    let sent = view.all_requests().any(|request| request.subject != Subject::Other && request.is_whole());
    CaseView::require_exercised(sent, "no answer was sent to the client whole")?;
    Ok(Verdict::of(list::all_saved(view)?))
}

/// CPK-HTTP-02.
pub(super) fn base_and_path(view: &CaseView<'_>) -> JudgeResult {
    let to_base = |request: &&RequestView<'_>| request.exchange.listener == Listener::Base;
    CaseView::require_exercised(view.all_requests().any(|request| to_base(&request)), "no request came to BASE")?;
    let rest = view.case.base.split_once("://").map_or("", |(_, rest)| rest);
    let prefix = rest.find('/').map_or("", |at| &rest[at..]).trim_end_matches('/');
    let expected = format!("the documented path behind `{prefix}/`, without a doubled slash");
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in run_view.requests.iter().filter(to_base).filter(|request| !request.is_file()) {
            let path = request.exchange.target.split('?').next().unwrap_or_default();
            // The transcript has targets without the path that BASE has; one that left it out stands below /outside.
            if !path.starts_with(operation::prefix()) || path.contains("//") {
                let observed = format!("`{}`", request.exchange.target);
                findings.push(view.found(run_view, &expected, observed).at(request).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}
