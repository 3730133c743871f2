//! Judges of refusals: each is told for what it is, and none for success.

use std::collections::BTreeSet;

use super::view::{CaseView, JudgeResult, RequestView, RunView, prints};
use super::{Finding, Verdict, list};

judges! {
    "CPK-ERR-01" => list_refused,
    "CPK-ERR-02" => links_refused,
    "CPK-ERR-03" => unknown_crew,
    "CPK-ERR-04" => told_apart,
    "CPK-ERR-05" => partial_is_no_success,
    "CPK-ERR-06" => odd_bodies,
    "CPK-ERR-07" => no_further_link,
}

/// The statuses that say no.
const REFUSED: std::ops::RangeInclusive<u16> = 400..=599;

/// CPK-ERR-01.
pub(super) fn list_refused(view: &CaseView<'_>) -> JudgeResult {
    let refused = |run_view: &RunView<'_>| run_view.lists().any(|request| matches!(request.exchange.status, 401 | 403));
    let runs: Vec<&RunView<'_>> = view.runs.iter().filter(|run_view| refused(run_view)).collect();
    CaseView::require_exercised(!runs.is_empty(), "the list was not asked for and refused with 401 or 403")?;
    let mut findings = Vec::new();
    for run_view in runs {
        findings.extend(view.must_refuse(run_view, "the list was refused"));
        findings.extend(list::no_files(view, run_view));
        findings.extend(run_view.requests.iter().skip(1).map(|request| {
            let observed = format!("also {}", request.subject.named());
            view.found(run_view, "one request: a refusal of the list says it all", observed).at(request).done()
        }));
    }
    Ok(Verdict::of(findings))
}

/// CPK-ERR-02.
pub(super) fn links_refused(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(
        run_view.links().any(|request| request.exchange.status == 403),
        "no link was asked for and refused",
    )?;
    let mut findings = list::no_files(view, run_view);
    findings.extend(view.must_refuse(run_view, "no document can be had"));
    Ok(Verdict::of(findings))
}

/// CPK-ERR-03.
pub(super) fn unknown_crew(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(
        run_view.lists().any(|request| request.exchange.status == 404),
        "the list was not asked for and 404",
    )?;
    let refused = view.must_refuse(run_view, "404 is not the same as an empty list");
    Ok(Verdict::of(refused.into_iter().collect()))
}

/// CPK-ERR-04.
pub(super) fn told_apart(view: &CaseView<'_>) -> JudgeResult {
    let last_list = |run_view: &RunView<'_>| run_view.lists().last().map(|request| request.exchange.status);
    let refused: Vec<(&RunView<'_>, u16)> = view
        .runs
        .iter()
        .filter_map(|run_view| Some((run_view, last_list(run_view).filter(|status| REFUSED.contains(status))?)))
        .collect();
    CaseView::require_exercised(!refused.is_empty(), "the list was not asked for and refused")?;
    let mut findings: Vec<Finding> =
        refused.iter().filter_map(|(run_view, _)| view.must_refuse(run_view, "the list was refused")).collect();
    let codes: BTreeSet<String> =
        refused.iter().map(|(run_view, _)| format!("{:?}", run_view.run.process.end)).collect();
    let all: BTreeSet<u16> = refused.iter().map(|(_, status)| *status).collect();
    if codes.len() == refused.len() && all.len() > 1 {
        return Ok(Verdict::of(findings));
    }
    for (run_view, status) in refused {
        if !is_told(view, run_view, status) {
            let expected = "the exit class, the status or the error code in the output says which refusal it was";
            let observed = format!("{status} shows nowhere");
            findings.push(view.found(run_view, expected, observed).done());
        }
    }
    Ok(Verdict::of(findings))
}

/// Whether the exit class or the output says which refusal it was.
fn is_told(view: &CaseView<'_>, run_view: &RunView<'_>, status: u16) -> bool {
    let class = match status {
        401 | 403 => 20,
        404 => 21,
        429 | 500..=599 => 22,
        _ => 23,
    };
    let by_class = view.case.exit_classes && run_view.run.process.end == crate::client::witness::End::Exit(class);
    let printed = prints(run_view.run);
    let code = run_view.lists().last().and_then(|request| request.exchange.answer());
    let code = code.and_then(|answer| Some(answer.pointer("/error/code")?.as_str()?.to_owned()));
    by_class || printed.contains(&status.to_string()) || code.is_some_and(|code| printed.contains(&code))
}

/// CPK-ERR-05.
pub(super) fn partial_is_no_success(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let refused = run_view.links().any(|request| REFUSED.contains(&request.exchange.status));
    CaseView::require_exercised(refused, "no link was asked for and refused")?;
    let missing = run_view.run.missing(view.out()).count();
    let why = format!("{missing} of {} documents are missing", run_view.run.current.len());
    Ok(Verdict::of(view.must_refuse(run_view, &why).into_iter().collect()))
}

/// CPK-ERR-06.
pub(super) fn odd_bodies(view: &CaseView<'_>) -> JudgeResult {
    let refused =
        |run_view: &RunView<'_>| run_view.requests.iter().any(|request| REFUSED.contains(&request.exchange.status));
    let runs: Vec<&RunView<'_>> = view.runs.iter().filter(|run_view| refused(run_view)).collect();
    CaseView::require_exercised(!runs.is_empty(), "nothing was asked for and refused")?;
    let exits = runs.into_iter().filter_map(|run_view| view.must_refuse(run_view, "whatever the body of an error is"));
    Ok(Verdict::of(exits.collect()))
}

/// CPK-ERR-07.
pub(super) fn no_further_link(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let refused: Option<&RequestView<'_>> = run_view.links().find(|request| request.exchange.status == 403);
    let Some(refused) = refused else {
        return Err(Verdict::NotExercised("no link was asked for and refused".to_owned()));
    };
    let further = run_view.links().filter(|request| request.comes_after(refused));
    let expected = "no further link is asked for once a scope is not granted: it is the partner's";
    let found = |request: &RequestView<'_>| {
        let observed = format!("{} was asked for", request.subject.named());
        view.found(run_view, expected, observed).at(request).done()
    };
    Ok(Verdict::of(further.map(found).collect()))
}
