//! Judges of retries: what is briefly broken is tried again, not for ever, not at once, and not what was refused.

use std::time::Duration;

use super::view::{CaseView, JudgeResult, RequestView, RunView, Subject};
use super::{Finding, Verdict};

judges! {
    "CPK-RTY-01" => link_again,
    "CPK-RTY-02" => not_for_ever,
    "CPK-RTY-03" => waits_as_told,
    "CPK-RTY-04" => no_hot_loop,
    "CPK-RTY-05" => no_is_no,
    "CPK-RTY-06" => reset_again,
    "CPK-RTY-07" => file_again,
    "CPK-RTY-08" => stops_at_no,
    "CPK-RTY-09" => waits_as_the_body_says,
}

/// Clocks are read one after the other, and sleeps are not exact.
const GRACE: Duration = Duration::from_millis(50);

/// A date tells whole seconds only.
const GRACE_OF_A_DATE: Duration = Duration::from_secs(1);

/// Every run with a document and step of it, and the tries of that.
fn all_tries<'r, 'a>(
    view: &'r CaseView<'a>,
) -> impl Iterator<Item = (&'r RunView<'a>, &'r Subject, Vec<&'r RequestView<'a>>)> {
    view.runs.iter().flat_map(|run_view| {
        run_view.subjects().into_iter().map(move |subject| (run_view, subject, run_view.tries(subject)))
    })
}

/// Not exercised, unless a step was answered so.
fn answered(view: &CaseView<'_>, otherwise: &str, so: impl Fn(&RequestView<'_>) -> bool) -> Result<(), Verdict> {
    CaseView::require_exercised(
        view.all_requests().any(|request| request.subject != Subject::Other && so(request)),
        otherwise,
    )
}

/// Findings where something was not tried again after it broke, or was not saved in the end.
fn tried_again(view: &CaseView<'_>, broken: impl Fn(&RequestView<'_>) -> bool) -> Result<Vec<Finding>, Verdict> {
    let run_view = view.last()?;
    let mut findings = Vec::new();
    for request in run_view.requests.iter().filter(|request| broken(request)) {
        // A file may be had by the same link or by a new one.
        let is_again = |later: &&RequestView<'_>| match (&request.subject, &later.subject) {
            (Subject::File(Some(one)), Subject::Link(_, other) | Subject::File(Some(other))) => one == other,
            (one, other) => one == other,
        };
        let mut later = run_view.requests.iter().filter(|later| later.exchange.seq > request.exchange.seq);
        if !later.any(|later| is_again(&later)) {
            let observed = format!("{} was not asked for again", request.subject.named());
            let expected = "what is briefly broken is tried again";
            findings.push(view.found(run_view, expected, observed).at(request).done());
        }
    }
    findings.extend(view.must_have_all(run_view));
    findings.extend(view.must_succeed(run_view, "all was well at the next try"));
    Ok(findings)
}

/// CPK-RTY-01.
pub(super) fn link_again(view: &CaseView<'_>) -> JudgeResult {
    let broken = |request: &RequestView<'_>| request.is_link() && request.exchange.status == 503;
    answered(view, "no link was asked for and 503", broken)?;
    Ok(Verdict::of(tried_again(view, broken)?))
}

/// CPK-RTY-02.
pub(super) fn not_for_ever(view: &CaseView<'_>) -> JudgeResult {
    /// More tries than this help nobody.
    const AT_MOST: usize = 10;
    answered(view, "no step was asked for and 503", |request| request.exchange.status == 503)?;
    let run_view = view.last()?;
    let mut findings = Vec::new();
    for (run_view, subject, tries) in all_tries(view) {
        findings.extend(tries.get(AT_MOST).map(|request| {
            let observed = format!("{} of {}", tries.len(), subject.named());
            view.found(run_view, "at most 10 tries per document and step", observed).at(request).done()
        }));
    }
    findings.extend(view.must_refuse(run_view, "a document can't be had"));
    Ok(Verdict::of(findings))
}

/// The wait that an answer asks for, with its grace; `None` where it asks for none.
fn wait_by_header(request: &RequestView<'_>) -> Option<(Duration, Duration)> {
    if !matches!(request.exchange.status, 429 | 503) {
        return None;
    }
    let value = request.exchange.response_header("retry-after").next()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some((Duration::from_secs(seconds), GRACE));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(request.exchange.response_header("date").next()?).ok()?;
    Some((until.duration_since(now).unwrap_or_default(), GRACE_OF_A_DATE))
}

/// The wait that the body of a 429 asks for, where no header does (P).
fn wait_by_body(request: &RequestView<'_>) -> Option<(Duration, Duration)> {
    if request.exchange.status != 429 || request.exchange.response_header("retry-after").next().is_some() {
        return None;
    }
    let seconds = request.exchange.answer()?.pointer("/error/retry_after_seconds")?.as_f64()?;
    Duration::try_from_secs_f64(seconds).ok().map(|wait| (wait, GRACE))
}

/// Whether each next try came no earlier than it was asked to.
fn waited(view: &CaseView<'_>, wait: fn(&RequestView<'_>) -> Option<(Duration, Duration)>) -> JudgeResult {
    answered(view, "no answer said how long to wait", |request| wait(request).is_some())?;
    let (mut findings, mut tried) = (Vec::new(), false);
    for (run_view, subject, tries) in all_tries(view) {
        for request in &tries {
            let Some((asked, grace)) = wait(request) else { continue };
            let Some(next) = tries.iter().find(|later| later.comes_after(request)) else { continue };
            tried = true;
            let since = request.exchange.ended.unwrap_or(request.exchange.started);
            let waited = next.exchange.started.saturating_sub(since);
            if waited + grace < asked {
                let expected = format!("the next try not before {} ms have passed", asked.as_millis());
                let observed = format!("{} after {} ms", subject.named(), waited.as_millis());
                findings.push(view.found(run_view, &expected, observed).at(next).done());
            }
        }
    }
    if findings.is_empty() && !tried {
        return Ok(Verdict::Pass(Some("the client does not try again".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// CPK-RTY-03.
pub(super) fn waits_as_told(view: &CaseView<'_>) -> JudgeResult {
    waited(view, wait_by_header)
}

/// CPK-RTY-09.
pub(super) fn waits_as_the_body_says(view: &CaseView<'_>) -> JudgeResult {
    waited(view, wait_by_body)
}

/// CPK-RTY-04.
pub(super) fn no_hot_loop(view: &CaseView<'_>) -> JudgeResult {
    const AT_MOST: usize = 5;
    const WITHIN: Duration = Duration::from_secs(1);
    answered(view, "no step was asked for and 503", |request| request.exchange.status == 503)?;
    let mut findings = Vec::new();
    for (run_view, subject, tries) in all_tries(view) {
        let hot = tries.windows(AT_MOST + 1).find(|window| match window {
            [first, .., last] => last.exchange.started.saturating_sub(first.exchange.started) < WITHIN,
            _ => false,
        });
        findings.extend(hot.and_then(|window| window.last()).map(|request| {
            let observed = format!("a sixth of {}", subject.named());
            view.found(run_view, "at most 5 tries of one document and step in any second", observed).at(request).done()
        }));
    }
    let retried = all_tries(view).any(|(_, _, tries)| tries.len() > 1);
    if findings.is_empty() && !retried {
        return Ok(Verdict::Pass(Some("the client does not try again".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// CPK-RTY-05.
pub(super) fn no_is_no(view: &CaseView<'_>) -> JudgeResult {
    let is_no = |request: &RequestView<'_>| !request.is_file() && matches!(request.exchange.status, 401 | 403 | 404);
    answered(view, "no list or link was asked for and refused", is_no)?;
    let mut findings = Vec::new();
    for (run_view, subject, tries) in all_tries(view).filter(|(_, _, tries)| tries.iter().any(|request| is_no(request)))
    {
        findings.extend(tries.iter().skip(1).map(|request| {
            let observed = format!("{} was asked for again", subject.named());
            view.found(run_view, "one request: 401, 403 and 404 do not change by asking", observed).at(request).done()
        }));
    }
    Ok(Verdict::of(findings))
}

/// CPK-RTY-06.
pub(super) fn reset_again(view: &CaseView<'_>) -> JudgeResult {
    let broken = |request: &RequestView<'_>| {
        let of_a_step = !matches!(request.subject, Subject::Other | Subject::File(None));
        of_a_step && request.exchange.status == 0 && request.exchange.fault.is_some()
    };
    answered(view, "no request was answered with a reset", broken)?;
    Ok(Verdict::of(tried_again(view, broken)?))
}

/// CPK-RTY-07.
pub(super) fn file_again(view: &CaseView<'_>) -> JudgeResult {
    let broken =
        |request: &RequestView<'_>| matches!(request.subject, Subject::File(Some(_))) && request.exchange.status == 503;
    answered(view, "no link was followed and 503", broken)?;
    Ok(Verdict::of(tried_again(view, broken)?))
}

/// CPK-RTY-08.
pub(super) fn stops_at_no(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let unavailable = |request: &RequestView<'_>| !request.is_file() && request.exchange.status == 503;
    answered(view, "no list or link was asked for and 503", unavailable)?;
    let (mut findings, mut came_to_no) = (Vec::new(), false);
    for (run_view, subject, tries) in all_tries(view) {
        let Some(no) = tries.iter().position(|request| !request.is_file() && request.exchange.status == 403) else {
            continue;
        };
        came_to_no = true;
        findings.extend(tries.iter().skip(no + 1).map(|request| {
            let observed = format!("{} was asked for again", subject.named());
            view.found(run_view, "nothing is asked for again after its 403", observed).at(request).done()
        }));
    }
    findings.extend(view.must_refuse(run_view, "a document can't be had"));
    if findings.is_empty() && !came_to_no {
        return Ok(Verdict::Pass(Some("the client stopped at the 503".to_owned())));
    }
    Ok(Verdict::of(findings))
}
