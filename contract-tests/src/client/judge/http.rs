//! Judges of plain HTTP/1.1, and of how BASE and a path are joined.

use super::view::{CaseView, JudgeResult, RequestView, Subject};
use super::{Verdict, list};
use crate::client::witness::Listener;
use crate::operation;

judges! {
    "CPK-HTTP-01" => every_framing,
    "CPK-HTTP-02" => base_and_path,
}

/// Judges CPK-HTTP-01 (any correct HTTP/1.1 is read): every framing of the answers leads to saved
/// files.
pub(super) fn every_framing(view: &CaseView<'_>) -> JudgeResult {
    let sent = view.all_requests().any(|request| request.subject != Subject::Other && request.is_whole());
    CaseView::require_exercised(sent, "no answer was sent to the client in full")?;
    Ok(Verdict::from_findings(view.runs.iter().flat_map(|run_view| list::all_saved_in(view, run_view)).collect()))
}

/// Judges CPK-HTTP-02 (BASE may have a path or a slash): paths are appended without loss or a
/// double slash.
pub(super) fn base_and_path(view: &CaseView<'_>) -> JudgeResult {
    let to_base = |request: &&RequestView<'_>| request.exchange.listener == Listener::Base;
    CaseView::require_exercised(view.all_requests().any(|request| to_base(&request)), "no request came to BASE")?;
    let rest = view.case.base.split_once("://").map_or("", |(_, rest)| rest);
    let prefix = rest.find('/').map_or("", |at| &rest[at..]).trim_end_matches('/');
    let expected = format!("the documented path after `{prefix}/`, without a double slash");
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in run_view.requests.iter().filter(to_base).filter(|request| !request.is_file()) {
            let path = request.exchange.target.split('?').next().unwrap_or_default();
            // The transcript has targets without the path of BASE; a target that lacked it is below
            // /outside.
            if !path.starts_with(operation::prefix()) || path.contains("//") {
                let observed = format!("`{}`", request.exchange.target);
                findings.push(view.finding(run_view, &expected, observed).at(request).build());
            }
        }
    }
    Ok(Verdict::from_findings(findings))
}
