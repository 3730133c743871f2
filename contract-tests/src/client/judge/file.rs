//! Judges of files: only a complete 200 of the file step is ever a document.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crewpass_diagnostics::to_hex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::view::{CaseView, ClaimCheck, JudgeResult, RequestView, RunView, Saved, check_claim, saved_claims};
use super::{Finding, Verdict, list};
use crate::client::scenario::RightExit;
use crate::client::witness::{End, Kind};

judges! {
    "CPK-FILE-01" => no_error_saved,
    "CPK-FILE-02" => no_part_saved,
    "CPK-FILE-03" => same_bytes,
    "CPK-FILE-04" => decoded_once,
    "CPK-FILE-05" => redirects_followed,
    "CPK-FILE-07" => no_page_saved,
    "CPK-FILE-08" => no_empty_file_saved,
    "CPK-FILE-09" => no_part_left,
    "CPK-FILE-10" => bounded_memory,
    "CPK-SEC-03" => bounded,
}

/// Returns a finding for each file under a final name that is not a current document.
fn no_foreign(view: &CaseView<'_>, run_view: &RunView<'_>, expected: &str) -> Vec<Finding> {
    let found = |saved: Saved<'_>| {
        let observed = format!("a file of {} bytes that is not a document", saved.len);
        view.finding(run_view, expected, observed).in_file(saved.path).build()
    };
    run_view.non_documents(view.out_dir()).map(found).collect()
}

/// Judges CPK-FILE-01 (an error page is not a document): the body of any other status than 200 and 206 is not saved.
pub(super) fn no_error_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    // 206 is a part of the file, and what breaks off has no status.
    let is_no_file = |request: &&RequestView<'_>| !matches!(request.exchange.status, 0 | 200 | 206);
    let refused = run_view.files().any(|request| is_no_file(&request));
    CaseView::require_exercised(refused, "every link was answered with 200")?;
    let of_answer = |saved: &Saved<'_>| {
        let mut refusals = run_view.files().filter(is_no_file);
        let status = refusals.find(|request| request.exchange.bytes == saved.len)?.exchange.status;
        Some(format!("the body of a {status} answer was saved, {} bytes", saved.len))
    };
    let found = |saved: Saved<'_>| {
        let other = || format!("a file of {} bytes that is not a document", saved.len);
        let observed = of_answer(&saved).unwrap_or_else(other);
        let expected = "the body of an error is never saved as a document";
        view.finding(run_view, expected, observed).in_file(saved.path).build()
    };
    let mut findings: Vec<Finding> = run_view.non_documents(view.out_dir()).map(found).collect();
    findings.extend(view.require_expected_exit(run_view));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FILE-02 (a cut body is not a document): an incomplete body is not saved under a final
/// name.
pub(super) fn no_part_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(run_view.files().any(|request| !request.exchange.whole), "no body was cut")?;
    let mut findings = no_foreign(view, run_view, "an incomplete file never has its final name");
    findings.extend(view.require_expected_exit(run_view));
    if run_view.run.process.end.is_success() {
        findings.extend(view.require_all_saved(run_view));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FILE-03 (the bytes are the document's): what was sent in full is on disk byte for
/// byte.
pub(super) fn same_bytes(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(run_view.files().any(RequestView::is_whole), "no file was sent to the client in full")?;
    Ok(Verdict::from_findings(sent_and_missing(view, run_view)))
}

/// Advice for a document that arrived and is not on disk.
const OVERWRITTEN: &str = "Write each file as soon as it has arrived, below OUT_DIR, and under a name of its own: put \
    document_id into it, since `file_name` may be missing, and two documents may have the same.";

/// Returns a finding for each document that was sent in full and whose bytes are not on disk.
fn sent_and_missing(view: &CaseView<'_>, run_view: &RunView<'_>) -> Vec<Finding> {
    let sent = |id: &str| run_view.files().find(|request| request.is_whole() && request.subject.document() == Some(id));
    // Where a client may refuse, what it did not save is right, and what it saved otherwise is not.
    let may_refuse = view.case.scenario.right_exit == RightExit::Either && run_view.run.process.end.is_refusal();
    let mut findings = Vec::new();
    for one in run_view.run.missing(view.out_dir()).filter(|_| !view.is_cut(run_view)) {
        let Some(request) = sent(&one.id) else { continue };
        let other = run_view.non_documents(view.out_dir()).next();
        if may_refuse && other.is_none() {
            continue;
        }
        let instead = other.as_ref().map_or("nothing".to_owned(), |saved| format!("a file of {} bytes", saved.len));
        let observed = format!("`{}` ({} bytes) was sent in full; the disk has {instead}", one.id, one.len);
        let expected = "the saved file has the SHA-256 of the file that was sent";
        let found = view.finding(run_view, expected, observed).answered(request);
        findings.push(match other {
            Some(saved) => found.in_file(saved.path).build(),
            None => found.mend(OVERWRITTEN).build(),
        });
    }
    findings
}

/// Judges CPK-FILE-04 (content coding is undone once): gzip is decoded, and a gzip document stays
/// as it is.
pub(super) fn decoded_once(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(run_view.files().any(RequestView::is_whole), "no file was sent to the client in full")?;
    // A fault that replaces the body sends bytes that only look encoded; they must be saved
    // unchanged.
    if let Some(sha256) = fault_body_sha256(view, run_view) {
        let there =
            run_view.run.after.files().any(|(path, _, hash)| path.starts_with(view.out_dir()) && hash == sha256);
        if there || run_view.run.process.end.is_refusal() {
            return Ok(Verdict::Pass(None));
        }
        let expected = "a file that was sent without a content coding is saved unchanged";
        return Ok(Verdict::Fail(vec![
            view.finding(run_view, expected, "no file below OUT_DIR has its bytes").build(),
        ]));
    }
    let coded = run_view.files().any(|request| request.exchange.response_header("content-encoding").next().is_some());
    let findings = sent_and_missing(view, run_view);
    if findings.is_empty() && !coded {
        return Ok(Verdict::Pass(Some("the client does not accept gzip".to_owned())));
    }
    Ok(Verdict::from_findings(findings))
}

/// Returns the hash of the body that a fault of the scenario sent instead of the file.
fn fault_body_sha256(view: &CaseView<'_>, run_view: &RunView<'_>) -> Option<String> {
    let fired = run_view.files().find_map(|request| request.exchange.fault.as_deref())?;
    let rule = view.case.scenario.faults.iter().find(|rule| rule["name"] == fired)?;
    let body: &Value = ["/then/body/base64", "/then/status/body/base64"].iter().find_map(|at| rule.pointer(at))?;
    Some(to_hex(&Sha256::digest(STANDARD.decode(body.as_str()?).ok()?)))
}

/// Judges CPK-FILE-05 (redirects of a link are followed): every document is saved through the
/// redirect.
pub(super) fn redirects_followed(view: &CaseView<'_>) -> JudgeResult {
    let redirected =
        view.all_requests().any(|request| request.is_file() && matches!(request.exchange.status, 300..=399));
    CaseView::require_exercised(redirected, "no link was answered with a redirect")?;
    Ok(Verdict::from_findings(list::all_saved(view)?))
}

/// Judges CPK-FILE-07 (a login page is not a document): neither an HTML page with status 200 is saved, nor an error in
/// JSON.
pub(super) fn no_page_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let is_page = |request: &&RequestView<'_>| {
        let is_one = |kind: &str| ["text/html", "application/json"].iter().any(|page| kind.starts_with(page));
        request.exchange.response_header("content-type").any(is_one)
    };
    CaseView::require_exercised(
        run_view.files().filter(is_page).any(RequestView::is_whole),
        "no page was sent to the client in full",
    )?;
    let mut findings = no_foreign(view, run_view, "a page is not saved as a document");
    findings.extend(view.require_refusal(run_view, "the file was a page"));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FILE-08 (an empty file is not a document): it is neither kept nor reported as saved.
pub(super) fn no_empty_file_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let sent = run_view.files().any(|request| request.exchange.status == 200 && request.exchange.bytes == 0);
    CaseView::require_exercised(sent, "no empty file was sent to the client")?;
    let expected = "an empty file is not reported as saved";
    let empty =
        run_view.saved_files(view.out_dir()).filter(|saved| saved.len == 0 && !run_view.is_unfinished(saved.path));
    let mut findings: Vec<Finding> =
        empty.map(|saved| view.finding(run_view, expected, "an empty file").in_file(saved.path).build()).collect();
    // A claim about another document, whose bytes arrived, and a summary of the run are no offence.
    let is_untrue = |claim: &String| matches!(check_claim(view, run_view, claim), ClaimCheck::False(_));
    let untrue = saved_claims(run_view.run).into_iter().find(is_untrue);
    findings.extend(untrue.map(|claim| view.finding(run_view, expected, format!("`saved {claim}`")).build()));
    findings.extend(view.require_refusal(run_view, "a document had no bytes"));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FILE-09 (no partial file under a final name): a run that SIGTERM ends leaves no such
/// file.
pub(super) fn no_part_left(view: &CaseView<'_>) -> JudgeResult {
    let (first, last) = view.first_and_last()?;
    let begun = last.files().any(|request| request.exchange.bytes > 0 && !request.exchange.whole);
    let terminated = matches!(last.run.process.end, End::Terminated(_));
    CaseView::require_exercised(begun && terminated, "no body had begun when SIGTERM was sent")?;
    let mut findings = Vec::new();
    for one in &first.run.current {
        let names =
            first.run.after.files().filter(|(path, _, hash)| path.starts_with(view.out_dir()) && *hash == one.sha256);
        for (path, ..) in names {
            let there = last.run.after.entries.get(path).map(|entry| &entry.kind);
            if let Some(Kind::File { sha256, len, .. }) = there
                && *sha256 != one.sha256
            {
                let observed = format!("{len} of {} bytes of `{}`", one.len, one.id);
                let expected = "no incomplete file under the final name of the document";
                findings.push(view.finding(last, expected, observed).in_file(path).build());
            }
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FILE-10 (a large file is streamed): peak memory does not grow with the size of the
/// file.
pub(super) fn bounded_memory(view: &CaseView<'_>) -> JudgeResult {
    /// The extra memory in bytes that a client may need for a large file.
    const GROWTH: u64 = 64 << 20;
    let (first, last) = view.first_and_last()?;
    let large = last.files().find(|request| request.is_whole() && request.exchange.bytes > GROWTH);
    CaseView::require_exercised(large.is_some(), "no large file was sent to the client in full")?;
    let (Some(before), Some(after)) = (first.run.process.peak_memory, last.run.process.peak_memory) else {
        return Err(Verdict::NotObservable("peak memory can't be measured on this system".to_owned()));
    };
    let growth = after.saturating_sub(before);
    let observed = format!("{} MiB more than for a small document", growth >> 20);
    let over = large
        .filter(|_| growth >= GROWTH)
        .map(|request| view.finding(last, "memory grows by less than 64 MiB", observed).answered(request).build());
    Ok(Verdict::from_findings(over.into_iter().collect()))
}

/// The limit in bytes on what a client may take for an endless body.
pub(super) const BOUND: u64 = 512 << 20;

/// Judges CPK-SEC-03 (disk and memory are bounded): an endless or huge body is given up.
pub(super) fn bounded(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(
        run_view.files().any(|request| request.exchange.fault.is_some()),
        "no oversized body was sent to the client",
    )?;
    let expected = "memory and disk stay below 512 MiB";
    let mut findings = Vec::new();
    let on_disk: u64 = run_view.written_files().map(|saved| saved.len).fold(0, u64::saturating_add);
    if on_disk > BOUND {
        findings.push(view.finding(run_view, expected, format!("{} MiB on disk", on_disk >> 20)).build());
    }
    if let Some(peak) = run_view.run.process.peak_memory.filter(|peak| *peak > BOUND) {
        findings.push(view.finding(run_view, expected, format!("{} MiB in memory", peak >> 20)).build());
    }
    findings.extend(view.require_refusal(run_view, "the file was not the document"));
    Ok(Verdict::from_findings(findings))
}
