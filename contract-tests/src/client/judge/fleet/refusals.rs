//! Judges of a walk that is disturbed: a cursor that expired, a wait that is asked for, a page that is denied.

use super::pages;
use crate::client::judge::view::{CaseView, JudgeResult, RequestView, RunView, is_refusal};
use crate::client::judge::{Finding, Verdict, list, rty};

/// Judges CPK-FLEET-09 (an expired cursor): the walk begins again, at most twice, or ends as a failure.
pub(super) fn expired_cursor(view: &CaseView<'_>) -> JudgeResult {
    /// The most walks that begin again in a run.
    const AGAIN: usize = 2;
    let (mut findings, mut met) = (Vec::new(), false);
    for run_view in &view.runs {
        let refused = |request: &&RequestView<'_>| {
            request.cursor().is_some() && matches!(request.exchange.status, 400 | 404 | 422)
        };
        let Some(refused) = run_view.fleet().find(refused) else { continue };
        met = true;
        let again = run_view.fleet().filter(|request| request.cursor().is_none() && request.started_after(refused));
        let again: Vec<&RequestView<'_>> = again.collect();
        findings.extend(again.get(AGAIN).map(|request| {
            let observed = format!("{} times", again.len());
            view.finding(run_view, "the walk begins again twice at most", observed).at(request).build()
        }));
        let end = run_view.run.process.end;
        if end.is_success() {
            findings.extend(view.require_all_saved(run_view));
        } else if !is_refusal(end) {
            let observed = run_view.describe_end(view.case.deadline);
            let expected = "every document saved after a new walk, or an exit that is not 0 and not a crash";
            findings.push(view.finding(run_view, expected, observed).build());
        }
    }
    CaseView::require_exercised(met, "no request with a cursor was refused")?;
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-10 (waits of the fleet are kept): the page is asked for again when the answer said, and none is lost.
pub(super) fn keeps_waits(view: &CaseView<'_>) -> JudgeResult {
    let busy = |run_view: &RunView<'_>| run_view.requests.iter().any(|request| request.exchange.status == 429);
    CaseView::require_exercised(view.runs.iter().any(busy), "no request was answered with 429")?;
    let by_either = |request: &RequestView<'_>| rty::wait_by_header(request).or_else(|| rty::wait_by_body(request));
    let mut findings = match rty::waited(view, by_either) {
        Ok(Verdict::Fail(findings)) => findings,
        Ok(_) => Vec::new(),
        Err(early) => return Err(early),
    };
    for run_view in view.runs.iter().filter(|run_view| busy(run_view)) {
        findings.extend(list::all_saved_in(view, run_view));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-12 (a brief failure of a page): that page is asked for again, and the walk goes on from there.
pub(super) fn page_again(view: &CaseView<'_>) -> JudgeResult {
    let (mut findings, mut met) = (Vec::new(), false);
    for run_view in &view.runs {
        let failed =
            |request: &&RequestView<'_>| request.cursor().is_some() && matches!(request.exchange.status, 0 | 503);
        let Some(failed) = run_view.fleet().find(failed) else { continue };
        met = true;
        let later = || run_view.fleet().filter(|request| request.exchange.seq > failed.exchange.seq);
        if !later().any(|request| request.subject == failed.subject) && !view.is_cut(run_view) {
            let expected = "the page is asked for again: the failure is a brief one";
            findings.push(view.finding(run_view, expected, "it was not").at(failed).build());
        }
        findings.extend(later().filter(|request| request.cursor().is_none()).map(|request| {
            let expected = "the walk goes on from the page that failed";
            view.finding(run_view, expected, "the first page was requested again").at(request).build()
        }));
        findings.extend(list::all_saved_in(view, run_view));
    }
    CaseView::require_exercised(met, "no request for a later page of the fleet failed")?;
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-18 (a 422 is a failure): the validation's form of an error leads to an orderly refusal.
pub(super) fn unprocessable(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let refused = run_view.fleet().any(|request| request.exchange.status == 422);
    CaseView::require_exercised(refused, "no page of the fleet was answered with 422")?;
    let finding = view.require_refusal(run_view, "the fleet was refused");
    Ok(Verdict::from_findings(finding.into_iter().collect()))
}

/// Judges CPK-FLEET-19 (a denied page ends the walk): after a 401 or 403 of a page no other is asked for, and the exit is
/// not 0.
pub(super) fn denied_page(view: &CaseView<'_>) -> JudgeResult {
    let (mut findings, mut met) = (Vec::new(), false);
    for run_view in &view.runs {
        let denied = |request: &&RequestView<'_>| matches!(request.exchange.status, 401 | 403);
        let Some(denied) = run_view.fleet().find(denied) else { continue };
        // Without a page before it, it is a fleet that can't be read at all.
        met |= !pages(run_view).is_empty();
        let further = run_view.fleet().filter(|request| request.exchange.seq > denied.exchange.seq);
        findings.extend(further.map(|request| -> Finding {
            let expected = "no further page is asked for: 401 and 403 do not change on a retry";
            let observed = format!("{} was requested", request.subject.describe());
            view.finding(run_view, expected, observed).at(request).build()
        }));
        findings.extend(view.require_refusal(run_view, "the fleet was denied"));
    }
    CaseView::require_exercised(met, "no later page of the fleet was answered with 401 or 403")?;
    Ok(Verdict::from_findings(findings))
}
