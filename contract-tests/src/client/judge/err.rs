//! Judges of refusals: a client reports each refusal as a failure that can be recognized.

use std::collections::BTreeSet;

use super::view::{CaseView, JudgeResult, RequestView, RunView, printed_text};
use super::{Finding, Verdict, list};

judges! {
    "CPK-ERR-01" => list_refused,
    "CPK-ERR-02" => links_refused,
    "CPK-ERR-03" => unknown_crew,
    "CPK-ERR-04" => failures_distinguishable,
    "CPK-ERR-05" => partial_is_not_success,
    "CPK-ERR-06" => odd_bodies,
    "CPK-ERR-07" => no_further_link,
}

/// The HTTP statuses of a refusal.
const REFUSED: std::ops::RangeInclusive<u16> = 400..=599;

/// Judges CPK-ERR-01 (a refused list is a failure): a 401 or 403 of the list ends the run without
/// files.
pub(super) fn list_refused(view: &CaseView<'_>) -> JudgeResult {
    let refused = |run_view: &RunView<'_>| run_view.lists().any(|request| matches!(request.exchange.status, 401 | 403));
    let runs: Vec<&RunView<'_>> = view.runs.iter().filter(|run_view| refused(run_view)).collect();
    CaseView::require_exercised(!runs.is_empty(), "no list request was answered with 401 or 403")?;
    let mut findings = Vec::new();
    for run_view in runs {
        findings.extend(view.require_refusal(run_view, "the list was refused"));
        findings.extend(list::no_files(view, run_view));
        findings.extend(run_view.about_documents().skip(1).map(|request| {
            let observed = format!("a further request for {}", request.subject.describe());
            view.finding(run_view, "one request: after a refused list there is nothing more to ask", observed)
                .at(request)
                .build()
        }));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-ERR-02 (a refused link is a failure): a 403 of the link step leaves no file and no
/// exit 0.
pub(super) fn links_refused(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(
        run_view.links().any(|request| request.exchange.status == 403),
        "no link request was answered with 403",
    )?;
    let mut findings = list::no_files(view, run_view);
    findings.extend(view.require_refusal(run_view, "no document can be downloaded"));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-ERR-03 (404 is not an empty list): an unknown crew member is not reported as success.
pub(super) fn unknown_crew(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(
        run_view.lists().any(|request| request.exchange.status == 404),
        "no list request was answered with 404",
    )?;
    let refused = view.require_refusal(run_view, "404 is not the same as an empty list");
    Ok(Verdict::from_findings(refused.into_iter().collect()))
}

/// Judges CPK-ERR-04 (failures can be distinguished): the exit or the output shows which refusal it
/// was.
pub(super) fn failures_distinguishable(view: &CaseView<'_>) -> JudgeResult {
    let last_list = |run_view: &RunView<'_>| run_view.lists().last().map(|request| request.exchange.status);
    let refused: Vec<(&RunView<'_>, u16)> = view
        .runs
        .iter()
        .filter(|run_view| !view.has_passed_over(run_view))
        .filter_map(|run_view| Some((run_view, last_list(run_view).filter(|status| REFUSED.contains(status))?)))
        // Runs that end in as many different ways as there are refusals need no further evidence.
        .collect();
    CaseView::require_exercised(!refused.is_empty(), "no list request was refused")?;
    let mut findings: Vec<Finding> =
        refused.iter().filter_map(|(run_view, _)| view.require_refusal(run_view, "the list was refused")).collect();
    let codes: BTreeSet<String> =
        refused.iter().map(|(run_view, _)| format!("{:?}", run_view.run.process.end)).collect();
    let all: BTreeSet<u16> = refused.iter().map(|(_, status)| *status).collect();
    if codes.len() == refused.len() && all.len() > 1 {
        return Ok(Verdict::from_findings(findings));
    }
    for (run_view, status) in refused {
        if !is_reported(view, run_view, status) && !view.is_cut(run_view) {
            let expected = "the exit class, or the status or error code in the output, shows which refusal it was";
            let observed = format!("status {status} appears nowhere");
            findings.push(view.finding(run_view, expected, observed).build());
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Returns true if the exit class or the output names the refusal.
fn is_reported(view: &CaseView<'_>, run_view: &RunView<'_>, status: u16) -> bool {
    let class = match status {
        401 | 403 => 20,
        404 => 21,
        429 | 500..=599 => 22,
        _ => 23,
    };
    let by_class = view.case.exit_classes && run_view.run.process.end == crate::client::witness::End::Exit(class);
    let printed = printed_text(run_view.run);
    let code = run_view.lists().last().and_then(|request| request.exchange.answer());
    let code = code.and_then(|answer| Some(answer.pointer("/error/code")?.as_str()?.to_owned()));
    by_class || printed.contains(&status.to_string()) || code.is_some_and(|code| printed.contains(&code))
}

/// Judges CPK-ERR-05 (partial is not success): one refused link is enough for an exit that is not
/// 0.
pub(super) fn partial_is_not_success(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let refused = run_view.links().any(|request| REFUSED.contains(&request.exchange.status));
    CaseView::require_exercised(refused, "no link request was refused")?;
    let missing = run_view.run.missing(view.out_dir()).count();
    let why = format!("{missing} of {} documents are missing", run_view.run.current.len());
    Ok(Verdict::from_findings(view.require_refusal(run_view, &why).into_iter().collect()))
}

/// Judges CPK-ERR-06 (any error body is survived): an unusual error body still leads to an orderly
/// refusal.
pub(super) fn odd_bodies(view: &CaseView<'_>) -> JudgeResult {
    let refused =
        |run_view: &RunView<'_>| run_view.requests.iter().any(|request| REFUSED.contains(&request.exchange.status));
    let runs: Vec<&RunView<'_>> = view.runs.iter().filter(|run_view| refused(run_view)).collect();
    CaseView::require_exercised(!runs.is_empty(), "no request was refused")?;
    let exits = runs
        .into_iter()
        .filter_map(|run_view| view.require_refusal(run_view, "an error body of any form is a refusal"));
    Ok(Verdict::from_findings(exits.collect()))
}

/// Judges CPK-ERR-07 (a missing scope is not asked for again): no further link request after a 403.
pub(super) fn no_further_link(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let refused: Option<&RequestView<'_>> = run_view.links().find(|request| request.exchange.status == 403);
    let Some(refused) = refused else {
        return Err(Verdict::NotExercised("no link request was answered with 403".to_owned()));
    };
    let further = run_view.links().filter(|request| request.started_after(refused));
    let expected = "no further link is requested after a missing scope: the scope belongs to the partner";
    let found = |request: &RequestView<'_>| {
        let observed = format!("{} was requested", request.subject.describe());
        view.finding(run_view, expected, observed).at(request).build()
    };
    Ok(Verdict::from_findings(further.map(found).collect()))
}
