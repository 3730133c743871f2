//! Judges of files: only what the file step gives with a whole 200 is ever a document.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::out::{Told, told};
use super::view::{CaseView, JudgeResult, RequestView, RunView, Saved, claims, hexadecimal, is_unfinished};
use super::{Finding, Verdict, list};
use crate::client::witness::{End, Kind};

judges! {
    "CPK-FILE-01" => no_error_saved,
    "CPK-FILE-02" => no_part_saved,
    "CPK-FILE-03" => same_bytes,
    "CPK-FILE-04" => decoded_once,
    "CPK-FILE-05" => redirects_followed,
    "CPK-FILE-07" => no_page_saved,
    "CPK-FILE-08" => no_nothing_saved,
    "CPK-FILE-09" => no_part_left,
    "CPK-FILE-10" => bounded_memory,
    "CPK-SEC-03" => bounded,
}

/// A finding for each file under a final name that is no current document.
fn no_foreign(view: &CaseView<'_>, run_view: &RunView<'_>, expected: &str) -> Vec<Finding> {
    let found = |saved: Saved<'_>| {
        let observed = format!("a file of {} bytes that is no document", saved.len);
        view.found(run_view, expected, observed).in_file(saved.path).done()
    };
    run_view.foreign(view.out()).map(found).collect()
}

/// CPK-FILE-01.
pub(super) fn no_error_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let refused = run_view.files().any(|request| request.exchange.status >= 300);
    CaseView::require_exercised(refused, "no link was answered with anything but 200")?;
    let mut findings = no_foreign(view, run_view, "the body of an error is never saved as a document");
    findings.extend(view.must_end_rightly(run_view));
    Ok(Verdict::of(findings))
}

/// CPK-FILE-02.
pub(super) fn no_part_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(run_view.files().any(|request| !request.exchange.whole), "no body was cut")?;
    let mut findings = no_foreign(view, run_view, "a part of a file never stands under its final name");
    findings.extend(view.must_end_rightly(run_view));
    if run_view.run.process.end.is_success() {
        findings.extend(view.must_have_all(run_view));
    }
    Ok(Verdict::of(findings))
}

/// CPK-FILE-03.
pub(super) fn same_bytes(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(run_view.files().any(RequestView::is_whole), "no file was sent to the client whole")?;
    Ok(Verdict::of(sent_and_missing(view, run_view)))
}

/// A finding for each document that was sent whole and whose bytes are nowhere.
fn sent_and_missing(view: &CaseView<'_>, run_view: &RunView<'_>) -> Vec<Finding> {
    let sent = |id: &str| run_view.files().any(|request| request.is_whole() && request.subject.document() == Some(id));
    let mut findings = Vec::new();
    for one in run_view.run.missing(view.out()).filter(|one| sent(&one.id)) {
        let other = run_view.foreign(view.out()).next();
        let instead = other.as_ref().map_or("nothing".to_owned(), |saved| format!("a file of {} bytes", saved.len));
        let observed = format!("`{}` of {} bytes was sent whole; on disk is {instead}", one.id, one.len);
        let found = view.found(run_view, "the SHA-256 of what is saved is that of what was sent", observed);
        findings.push(match other {
            Some(saved) => found.in_file(saved.path).done(),
            None => found.done(),
        });
    }
    findings
}

/// CPK-FILE-04.
pub(super) fn decoded_once(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(run_view.files().any(RequestView::is_whole), "no file was sent to the client whole")?;
    if let Some(sha256) = told_by_fault(view, run_view) {
        let there = run_view.run.after.files().any(|(path, _, hash)| path.starts_with(view.out()) && hash == sha256);
        if there || run_view.run.process.end.is_refusal() {
            return Ok(Verdict::Pass(None));
        }
        let expected = "a file that came without a coding is saved as it came";
        return Ok(Verdict::Fail(vec![view.found(run_view, expected, "its bytes are nowhere below OUT_DIR").done()]));
    }
    let coded = run_view.files().any(|request| request.exchange.response_header("content-encoding").next().is_some());
    let findings = sent_and_missing(view, run_view);
    if findings.is_empty() && !coded {
        return Ok(Verdict::Pass(Some("the client does not say that it takes gzip".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// The hash of the body that a fault of the scenario gave in place of the file, where one did.
fn told_by_fault(view: &CaseView<'_>, run_view: &RunView<'_>) -> Option<String> {
    let fired = run_view.files().find_map(|request| request.exchange.fault.as_deref())?;
    let rule = view.case.scenario.faults.iter().find(|rule| rule["name"] == fired)?;
    let body: &Value = rule.pointer("/then/status/body/base64")?;
    Some(hexadecimal(&Sha256::digest(STANDARD.decode(body.as_str()?).ok()?)))
}

/// CPK-FILE-05.
pub(super) fn redirects_followed(view: &CaseView<'_>) -> JudgeResult {
    let redirected =
        view.all_requests().any(|request| request.is_file() && matches!(request.exchange.status, 300..=399));
    CaseView::require_exercised(redirected, "no link answered with a redirect")?;
    Ok(Verdict::of(list::all_saved(view)?))
}

/// CPK-FILE-07.
pub(super) fn no_page_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let is_page = |request: &&RequestView<'_>| {
        request.exchange.response_header("content-type").any(|kind| kind.starts_with("text/html"))
    };
    CaseView::require_exercised(
        run_view.files().filter(is_page).any(RequestView::is_whole),
        "no page was sent to the client whole",
    )?;
    let mut findings = no_foreign(view, run_view, "a page is not saved as a document");
    findings.extend(view.must_refuse(run_view, "the file was a page"));
    Ok(Verdict::of(findings))
}

/// CPK-FILE-08.
pub(super) fn no_nothing_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let sent = run_view.files().any(|request| request.exchange.status == 200 && request.exchange.bytes == 0);
    CaseView::require_exercised(sent, "no file without bytes was sent to the client")?;
    let expected = "a file without bytes is not reported as saved";
    let empty = run_view.saved(view.out()).filter(|saved| saved.len == 0 && !is_unfinished(saved.path));
    let mut findings: Vec<Finding> =
        empty.map(|saved| view.found(run_view, expected, "an empty file").in_file(saved.path).done()).collect();
    // What was said of another document, which came with its bytes, is true.
    let untrue = claims(run_view.run).into_iter().find(|claim| told(view, run_view, claim) != Told::True);
    findings.extend(untrue.map(|claim| view.found(run_view, expected, format!("`saved {claim}`")).done()));
    findings.extend(view.must_refuse(run_view, "a document had no bytes"));
    Ok(Verdict::of(findings))
}

/// CPK-FILE-09.
pub(super) fn no_part_left(view: &CaseView<'_>) -> JudgeResult {
    let (first, last) = view.two()?;
    let begun = last.files().any(|request| request.exchange.bytes > 0 && !request.exchange.whole);
    let told = matches!(last.run.process.end, End::Terminated(_));
    CaseView::require_exercised(begun && told, "no body had begun when SIGTERM was sent")?;
    let mut findings = Vec::new();
    for one in &first.run.current {
        let names =
            first.run.after.files().filter(|(path, _, hash)| path.starts_with(view.out()) && *hash == one.sha256);
        for (path, ..) in names {
            let there = last.run.after.entries.get(path).map(|entry| &entry.kind);
            if let Some(Kind::File { sha256, len, .. }) = there
                && *sha256 != one.sha256
            {
                let observed = format!("{len} of {} bytes of `{}`", one.len, one.id);
                let expected = "no incomplete file under the name that a whole one would have";
                findings.push(view.found(last, expected, observed).in_file(path).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}

/// CPK-FILE-10.
pub(super) fn bounded_memory(view: &CaseView<'_>) -> JudgeResult {
    /// What a client may need for a large file beyond what it needs for a small one.
    const GROWTH: u64 = 64 << 20;
    let (first, last) = view.two()?;
    let large = last.files().any(|request| request.is_whole() && request.exchange.bytes > GROWTH);
    CaseView::require_exercised(large, "no large file was sent to the client whole")?;
    let (Some(before), Some(after)) = (first.run.process.peak_memory, last.run.process.peak_memory) else {
        return Err(Verdict::NotObservable("the peak of memory can't be seen on this system".to_owned()));
    };
    let growth = after.saturating_sub(before);
    let observed = format!("{} MiB more than for a small document", growth >> 20);
    let over = (growth >= GROWTH).then(|| view.found(last, "memory grows by less than 64 MiB", observed).done());
    Ok(Verdict::of(over.into_iter().collect()))
}

/// The bound on what a client may take for a body that has no end in sight.
pub(super) const BOUND: u64 = 512 << 20;

/// CPK-SEC-03.
pub(super) fn bounded(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(
        run_view.files().any(|request| request.exchange.fault.is_some()),
        "no such body was sent to the client",
    )?;
    let expected = "memory and disk stay below 512 MiB";
    let mut findings = Vec::new();
    let on_disk: u64 = run_view.made().map(|saved| saved.len).fold(0, u64::saturating_add);
    if on_disk > BOUND {
        findings.push(view.found(run_view, expected, format!("{} MiB on disk", on_disk >> 20)).done());
    }
    if let Some(peak) = run_view.run.process.peak_memory.filter(|peak| *peak > BOUND) {
        findings.push(view.found(run_view, expected, format!("{} MiB in memory", peak >> 20)).done());
    }
    findings.extend(view.must_refuse(run_view, "the file was not the document"));
    Ok(Verdict::of(findings))
}
