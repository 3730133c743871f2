//! Judges of retries: a brief failure is tried again, with pauses and an end, and a refusal is not.

use std::time::Duration;

use super::view::{CaseView, JudgeResult, RequestView, RunView, Subject};
use super::{Finding, Verdict};
use crate::client::witness::End;

judges! {
    "CPK-RTY-01" => link_again,
    "CPK-RTY-02" => not_for_ever,
    "CPK-RTY-03" => keeps_retry_after,
    "CPK-RTY-04" => no_hot_loop,
    "CPK-RTY-05" => refusal_is_final,
    "CPK-RTY-06" => reset_again,
    "CPK-RTY-07" => file_again,
    "CPK-RTY-08" => stops_at_refusal,
    "CPK-RTY-09" => keeps_retry_after_seconds,
    "CPK-RTY-10" => reads_with_care,
}

/// The tolerance for waits: clocks are read one after the other, and sleeps are not exact.
const GRACE: Duration = Duration::from_millis(50);

/// The tolerance for a wait by date, which has whole seconds only.
const GRACE_OF_A_DATE: Duration = Duration::from_secs(1);

/// Returns each subject of each run with its requests in order.
fn all_tries<'r, 'a>(
    view: &'r CaseView<'a>,
) -> impl Iterator<Item = (&'r RunView<'a>, &'r Subject, Vec<&'r RequestView<'a>>)> {
    view.runs.iter().flat_map(|run_view| {
        run_view.subjects().into_iter().map(move |subject| (run_view, subject, run_view.tries(subject)))
    })
}

/// Returns `NotExercised` unless some request to a step matches.
fn answered(view: &CaseView<'_>, otherwise: &str, so: impl Fn(&RequestView<'_>) -> bool) -> Result<(), Verdict> {
    CaseView::require_exercised(
        view.all_requests().any(|request| request.subject != Subject::Other && so(request)),
        otherwise,
    )
}

/// Returns findings for failures without a further try, and for documents that are not saved in the
/// end.
fn tried_again(view: &CaseView<'_>, broken: impl Fn(&RequestView<'_>) -> bool) -> Result<Vec<Finding>, Verdict> {
    let run_view = view.last()?;
    let mut findings = Vec::new();
    for request in run_view.requests.iter().filter(|request| broken(request)) {
        // A file may be fetched through the same link or a new one.
        let is_again = |later: &&RequestView<'_>| match (&request.subject, &later.subject) {
            (Subject::File(Some(one)), Subject::Link(_, other) | Subject::File(Some(other))) => one == other,
            (one, other) => one == other,
        };
        let mut later = run_view.requests.iter().filter(|later| later.exchange.seq > request.exchange.seq);
        if !later.any(|later| is_again(&later)) && !view.is_cut(run_view) {
            let observed = format!("{} was not requested again", request.subject.describe());
            let expected = "a brief failure is tried again";
            findings.push(view.finding(run_view, expected, observed).at(request).build());
        }
    }
    findings.extend(view.require_all_saved(run_view));
    findings.extend(view.require_success(run_view, "the next try would have succeeded"));
    Ok(findings)
}

/// Judges CPK-RTY-01 (a brief 503 is tried again): the client requests the link again after a 503.
pub(super) fn link_again(view: &CaseView<'_>) -> JudgeResult {
    let broken = |request: &RequestView<'_>| request.is_link() && request.exchange.status == 503;
    answered(view, "no link request was answered with 503", broken)?;
    Ok(Verdict::from_findings(tried_again(view, broken)?))
}

/// Returns true if a request failed in a way that may pass: by its status, or since its connection broke.
fn may_pass(request: &RequestView<'_>) -> bool {
    match request.exchange.status {
        0 => request.exchange.fault.is_some(),
        status => matches!(status, 429 | 500 | 502..=504),
    }
}

/// Returns true if some document and step of a run failed to the end, in a way that may pass.
fn failed_to_the_end(run_view: &RunView<'_>) -> bool {
    let last = |subject: &&Subject| run_view.tries(subject).last().is_some_and(|request| may_pass(request));
    run_view.subjects().iter().any(last)
}

/// Returns the tries without those that an HTTP library makes by itself: on a connection that was used before and is
/// reset, it can't know whether the server read the request.
fn deliberate<'r, 'a>(run_view: &RunView<'a>, mut tries: Vec<&'r RequestView<'a>>) -> Vec<&'r RequestView<'a>> {
    tries.retain(|request| {
        let (connection, seq) = (request.exchange.connection, request.exchange.seq);
        let mut earlier = run_view.requests.iter().filter(|earlier| earlier.exchange.seq < seq);
        request.exchange.status != 0 || !earlier.any(|earlier| earlier.exchange.connection == connection)
    });
    tries
}

/// Why a run of CPK-RTY-02 and CPK-RTY-04 shows nothing.
const NO_FAILURE: &str = "no request was answered with 429 or a 5xx, or with a broken connection";

/// Judges CPK-RTY-02 (tries have an end): at most 10 tries per document and step.
pub(super) fn not_for_ever(view: &CaseView<'_>) -> JudgeResult {
    /// The most tries of one document and step; more do not help anybody.
    const AT_MOST: usize = 10;
    answered(view, NO_FAILURE, may_pass)?;
    let mut findings = Vec::new();
    for (run_view, subject, tries) in all_tries(view) {
        let tries = deliberate(run_view, tries);
        findings.extend(tries.get(AT_MOST).map(|request| {
            let observed = format!("{} requests for {}", tries.len(), subject.describe());
            view.finding(run_view, "at most 10 tries per document and step", observed).at(request).build()
        }));
    }
    let is_retried = all_tries(view)
        .any(|(_, _, tries)| tries.iter().rposition(|request| may_pass(request)).is_some_and(|place| place > 0));
    let why = if is_retried {
        "every try failed, so a document can't be downloaded"
    } else {
        "the request failed, and a client that does not try again has to report that"
    };
    let failed = view.runs.iter().filter(|run_view| failed_to_the_end(run_view));
    findings.extend(failed.filter_map(|run_view| view.require_refusal(run_view, why)));
    Ok(Verdict::from_findings(findings))
}

/// The wait that an answer asks for.
pub(super) struct AskedWait {
    wait: Duration,
    /// The tolerance.
    grace: Duration,
    /// The header or field that asks for it, as it was sent.
    by: String,
}

/// Returns the wait that an answer's headers ask for; `None` without one.
pub(super) fn wait_by_header(request: &RequestView<'_>) -> Option<AskedWait> {
    if !matches!(request.exchange.status, 429 | 503) {
        return None;
    }
    let value = request.exchange.response_header("retry-after").next()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(AskedWait {
            wait: Duration::from_secs(seconds),
            grace: GRACE,
            by: format!("Retry-After: {seconds}"),
        });
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(request.exchange.response_header("date").next()?).ok()?;
    let wait = until.duration_since(now).unwrap_or_default();
    let by = format!("Retry-After: a date that is {} s after Date", wait.as_secs());
    Some(AskedWait { wait, grace: GRACE_OF_A_DATE, by })
}

/// Returns the wait that the body of a 429 asks for without a header (P).
pub(super) fn wait_by_body(request: &RequestView<'_>) -> Option<AskedWait> {
    if request.exchange.status != 429 || request.exchange.response_header("retry-after").next().is_some() {
        return None;
    }
    let seconds = request.exchange.answer()?.pointer("/error/retry_after_seconds")?.as_f64()?;
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    Some(AskedWait { wait, grace: GRACE, by: format!("retry_after_seconds: {seconds}") })
}

/// Returns findings for each next try that came earlier than the answer asked for.
pub(super) fn waited(view: &CaseView<'_>, wait: fn(&RequestView<'_>) -> Option<AskedWait>) -> JudgeResult {
    answered(view, "no answer named a wait", |request| wait(request).is_some())?;
    let (mut findings, mut tried) = (Vec::new(), false);
    for (run_view, subject, _) in all_tries(view) {
        // The wait applies to a HEAD, too.
        let sent: Vec<_> = run_view.requests.iter().filter(|request| request.subject == *subject).collect();
        for request in &sent {
            let Some(asked) = wait(request) else { continue };
            let Some(next) = sent.iter().find(|later| later.started_after(request)) else { continue };
            tried = true;
            let since = request.exchange.ended.unwrap_or(request.exchange.started);
            let waited = next.exchange.started.saturating_sub(since);
            if waited + asked.grace < asked.wait {
                let (wait, waited, subject) = (asked.wait.as_millis(), waited.as_millis(), subject.describe());
                let expected = format!("the next try not before {wait} ms have passed: `{}`", asked.by);
                let observed = format!("{subject} was requested again after {waited} ms, not {wait} ms");
                findings.push(view.finding(run_view, &expected, observed).at(next).answered(request).build());
            }
        }
    }
    if findings.is_empty() && !tried {
        return Ok(Verdict::Pass(Some("the client does not retry".to_owned())));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-RTY-03 (Retry-After is obeyed): the next try waits as long as the header says.
pub(super) fn keeps_retry_after(view: &CaseView<'_>) -> JudgeResult {
    waited(view, wait_by_header)
}

/// Judges CPK-RTY-09 (`retry_after_seconds` is kept): the next try waits as long as the body says.
pub(super) fn keeps_retry_after_seconds(view: &CaseView<'_>) -> JudgeResult {
    waited(view, wait_by_body)
}

/// Judges CPK-RTY-10 (`Retry-After` is read with care): what can't be read must not end the tries, and a long wait is
/// none to stay.
pub(super) fn reads_with_care(view: &CaseView<'_>) -> JudgeResult {
    let in_body = |request: &RequestView<'_>| {
        request.exchange.answer().is_some_and(|answer| answer.pointer("/error/retry_after_seconds").is_some())
    };
    let asks = |request: &&RequestView<'_>| match request.exchange.status {
        503 => request.exchange.response_header("retry-after").next().is_some(),
        429 => in_body(request),
        _ => false,
    };
    let run_view = view.last()?;
    let met = run_view.requests.iter().any(|request| asks(&request));
    CaseView::require_exercised(met, "no 503 had a Retry-After, and no 429 a retry_after_seconds")?;
    let is_plain = |request: &&RequestView<'_>| matches!(request.exchange.status, 429 | 503) && !asks(request);
    let is_again = |first: &RequestView<'_>, later: &RequestView<'_>| {
        later.exchange.seq > first.exchange.seq && later.subject.document() == first.subject.document()
    };
    let mut findings = Vec::new();
    for run_view in &view.runs {
        findings.extend(view.require_expected_exit(run_view));
        let again = |first: &RequestView<'_>| run_view.requests.iter().any(|later| is_again(first, later));
        // A client that tried again although it was asked to wait for longer than a run caps its waits.
        let limit = view.case.client_deadline;
        let caps = || run_view.requests.iter().any(|request| asks_for_longer(request, limit) && again(request));
        let end = run_view.run.process.end;
        if end.is_overrun() && !(end == End::Deadline && caps()) {
            let (observed, expected) =
                (run_view.describe_end(view.case.deadline), "an end by itself, whatever wait is asked for");
            findings.push(view.finding(run_view, expected, observed).build());
        }
    }
    let again = |first: &RequestView<'_>| run_view.requests.iter().any(|later| is_again(first, later));
    let has_plain = run_view.requests.iter().any(|request| is_plain(&request));
    if !has_plain {
        return Ok(if findings.is_empty() { Verdict::Pass(view.lateness()) } else { Verdict::Fail(findings) });
    }
    if !run_view.requests.iter().filter(is_plain).any(again) {
        let note = "the client does not retry a 429 or 503 that names no wait".to_owned();
        return Ok(if findings.is_empty() { Verdict::Pass(Some(note)) } else { Verdict::Fail(findings) });
    }
    let left = run_view.requests.iter().filter(asks).filter(|request| !again(request));
    findings.extend(left.map(|request| {
        let observed = format!("{} was not requested again", request.subject.describe());
        view.finding(run_view, "a wait that can't be read counts as absent", observed).at(request).build()
    }));
    Ok(Verdict::from_findings(findings))
}

/// Returns true if an answer asks for a wait that is longer than this.
fn asks_for_longer(request: &RequestView<'_>, limit: Duration) -> bool {
    let mut values = request.exchange.response_header("retry-after").map(str::trim);
    // A number that no integer holds is a very long wait.
    let is_huge = values.any(|value| value.len() > 19 && value.bytes().all(|byte| byte.is_ascii_digit()));
    let asked = wait_by_header(request).or_else(|| wait_by_body(request));
    is_huge || asked.is_some_and(|asked| asked.wait > limit)
}

/// Judges CPK-RTY-04 (no hot loop): at most 5 tries of one document and step in any second.
pub(super) fn no_hot_loop(view: &CaseView<'_>) -> JudgeResult {
    const AT_MOST: usize = 5;
    const WITHIN: Duration = Duration::from_secs(1);
    answered(view, NO_FAILURE, may_pass)?;
    let mut findings = Vec::new();
    for (run_view, subject, tries) in all_tries(view) {
        let tries = deliberate(run_view, tries);
        let hot = tries.windows(AT_MOST + 1).find(|window| match window {
            [first, .., last] => last.exchange.started.saturating_sub(first.exchange.started) < WITHIN,
            _ => false,
        });
        findings.extend(hot.and_then(|window| window.last()).map(|request| {
            let observed = format!("a sixth request for {}", subject.describe());
            view.finding(run_view, "at most 5 tries of one document and step in any second", observed)
                .at(request)
                .build()
        }));
    }
    let retried = all_tries(view).any(|(_, _, tries)| tries.len() > 1);
    if findings.is_empty() && !retried {
        return Ok(Verdict::Pass(Some("the client does not retry".to_owned())));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-RTY-05 (a refusal is final): 401, 403 and 404 of list and link are not tried again.
pub(super) fn refusal_is_final(view: &CaseView<'_>) -> JudgeResult {
    let is_no = |request: &RequestView<'_>| !request.is_file() && matches!(request.exchange.status, 401 | 403 | 404);
    answered(view, "no list or link request was refused", is_no)?;
    let mut findings = Vec::new();
    for (run_view, subject, tries) in all_tries(view).filter(|(_, _, tries)| tries.iter().any(|request| is_no(request)))
    {
        findings.extend(tries.iter().skip(1).map(|request| {
            let observed = format!("{} was requested again", subject.describe());
            view.finding(run_view, "one request: 401, 403 and 404 do not change on a retry", observed)
                .at(request)
                .build()
        }));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-RTY-06 (a broken connection is tried again): a reset is followed by another try.
pub(super) fn reset_again(view: &CaseView<'_>) -> JudgeResult {
    let broken = |request: &RequestView<'_>| {
        let of_a_step = !matches!(request.subject, Subject::Other | Subject::File(None));
        of_a_step && request.exchange.status == 0 && request.exchange.fault.is_some()
    };
    answered(view, "no request was answered with a reset", broken)?;
    Ok(Verdict::from_findings(tried_again(view, broken)?))
}

/// Judges CPK-RTY-07 (a brief 503 on the file step is tried again): the file is saved in the end.
pub(super) fn file_again(view: &CaseView<'_>) -> JudgeResult {
    let broken =
        |request: &RequestView<'_>| matches!(request.subject, Subject::File(Some(_))) && request.exchange.status == 503;
    answered(view, "no file request was answered with 503", broken)?;
    Ok(Verdict::from_findings(tried_again(view, broken)?))
}

/// Judges CPK-RTY-08 (a refusal ends the tries): no further try after a 403 that follows a 503.
pub(super) fn stops_at_refusal(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let unavailable = |request: &RequestView<'_>| !request.is_file() && request.exchange.status == 503;
    answered(view, "no list or link request was answered with 503", unavailable)?;
    let (mut findings, mut came_to_no) = (Vec::new(), false);
    for (run_view, subject, tries) in all_tries(view) {
        let Some(no) = tries.iter().position(|request| !request.is_file() && request.exchange.status == 403) else {
            continue;
        };
        came_to_no = true;
        findings.extend(tries.iter().skip(no + 1).map(|request| {
            let observed = format!("{} was requested again", subject.describe());
            view.finding(run_view, "no request is repeated after its 403", observed).at(request).build()
        }));
    }
    findings.extend(view.require_refusal(run_view, "a document can't be downloaded"));
    if findings.is_empty() && !came_to_no {
        return Ok(Verdict::Pass(Some("the client stopped after the 503".to_owned())));
    }
    Ok(Verdict::from_findings(findings))
}
