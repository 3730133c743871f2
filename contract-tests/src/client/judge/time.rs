//! Judges of time: a client that waits gives up by itself, and ends when it is told to.

use std::time::Duration;

use super::Verdict;
use super::view::{CaseView, JudgeResult, ended};
use crate::client::witness::End;

judges! {
    "CPK-TIME-01" => gives_up,
    "CPK-TIME-02" => gives_up_on_a_trickle,
    "CPK-TIME-03" => ends_when_told,
}

/// CPK-TIME-01.
pub(super) fn gives_up(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let silent = run_view.requests.iter().any(|request| request.exchange.status == 0);
    CaseView::require_exercised(silent, "no request was left without an answer")?;
    let refused = view.must_refuse(run_view, "no answer came, and the client gives up before its deadline");
    Ok(Verdict::of(refused.into_iter().collect()))
}

/// CPK-TIME-02.
pub(super) fn gives_up_on_a_trickle(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let trickle = run_view.files().any(|request| request.exchange.bytes > 0 && !request.exchange.whole);
    CaseView::require_exercised(trickle, "no body had begun to trickle")?;
    let refused = view.must_refuse(run_view, "a body of one byte per second is given up before the deadline");
    Ok(Verdict::of(refused.into_iter().collect()))
}

/// CPK-TIME-03.
pub(super) fn ends_when_told(view: &CaseView<'_>) -> JudgeResult {
    const WITHIN: Duration = Duration::from_secs(5);
    let told = view.runs.iter().find(|run_view| matches!(run_view.run.process.end, End::Terminated(_)));
    let Some(run_view) = told else {
        return Err(Verdict::NotExercised("the client was not running when SIGTERM was due".to_owned()));
    };
    let process = &run_view.run.process;
    let expected = "an end within 5 s of SIGTERM, and an exit that is not 0";
    let late = process.took_to_stop.filter(|took| *took > WITHIN);
    let observed = match (process.end, late) {
        (End::Terminated(Some(code)), None) if code != 0 => return Ok(Verdict::Pass(None)),
        (_, Some(took)) => format!("{} ms to end", took.as_millis()),
        (end, None) => ended(end),
    };
    Ok(Verdict::Fail(vec![view.found(run_view, expected, observed).done()]))
}
