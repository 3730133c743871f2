//! Judges of time: a client gives up on a silent server by itself, and ends on SIGTERM.

use std::time::Duration;

use super::view::{CaseView, IssuedLink, JudgeResult, RequestView, RunView, describe_end};
use super::{Finding, Verdict};
use crate::client::witness::End;

judges! {
    "CPK-TIME-01" => gives_up,
    "CPK-TIME-02" => gives_up_on_a_trickle,
    "CPK-TIME-03" => ends_on_sigterm,
}

/// Judges CPK-TIME-01 (a silent server is given up): the client ends by itself.
pub(super) fn gives_up(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(met_silence(view, run_view), "no request was left without an answer")?;
    let refused = view.require_refusal(run_view, "no answer came, and the client gives up by itself");
    Ok(given_up(view, refused))
}

/// Returns the verdict of a client that had to give up, or the finding that it did not. Its limit may be longer than
/// `CPK_DEADLINE_S`, which a note says.
fn given_up(view: &CaseView<'_>, finding: Option<Finding>) -> Verdict {
    match finding {
        Some(finding) => Verdict::Fail(vec![finding]),
        None => Verdict::Pass(view.lateness()),
    }
}

/// Returns true if an answer, a part of one or a connection did not come.
fn met_silence(view: &CaseView<'_>, run_view: &RunView<'_>) -> bool {
    let unanswered = |request: &RequestView<'_>| request.exchange.status == 0 || !request.exchange.whole;
    let Some(silent) = &view.case.unreachable else { return run_view.requests.iter().any(unanswered) };
    // Nothing shows a connection that the system does not answer: the client can go nowhere else.
    let leads_there = |link: &IssuedLink<'_>| link.url.as_deref().is_some_and(|url| url.contains(silent.as_str()));
    view.case.base.ends_with(silent.as_str()) || run_view.issued_links.iter().any(leads_there)
}

/// Judges CPK-TIME-02 (a trickle is given up): a body of one byte per second does not hold the
/// client.
pub(super) fn gives_up_on_a_trickle(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let trickle = run_view.files().any(|request| request.exchange.bytes > 0 && !request.exchange.whole);
    CaseView::require_exercised(trickle, "no slow body had begun")?;
    let refused = view.require_refusal(run_view, "a body of one byte per second, and the client gives up by itself");
    Ok(given_up(view, refused))
}

/// Judges CPK-TIME-03 (SIGTERM is obeyed): the client ends within 5 s, with an exit that is not 0.
pub(super) fn ends_on_sigterm(view: &CaseView<'_>) -> JudgeResult {
    const WITHIN: Duration = Duration::from_secs(5);
    let terminated = view.runs.iter().find(|run_view| matches!(run_view.run.process.end, End::Terminated(_)));
    let Some(run_view) = terminated else {
        return Err(Verdict::NotExercised("the client had ended before SIGTERM was due".to_owned()));
    };
    let process = &run_view.run.process;
    let expected = "an end within 5 s of SIGTERM, and an exit that is not 0";
    let late = process.took_to_stop.filter(|took| *took > WITHIN);
    let observed = match (process.end, late) {
        (End::Terminated(Some(code)), None) if code != 0 => return Ok(Verdict::Pass(None)),
        (_, Some(took)) => format!("{} ms to end", took.as_millis()),
        (end, None) => describe_end(end),
    };
    Ok(Verdict::Fail(vec![view.finding(run_view, expected, observed).build()]))
}
