//! Judges of the outcome: exit code, files on disk and claims of the client agree.

use std::collections::BTreeMap;

use super::fleet::ended_at_limit;
use super::view::{CaseView, ClaimCheck, JudgeResult, RequestView, RunView, Saved, check_claim, saved_claims};
use super::{Finding, Verdict};
use crate::client::credential::is_bearer;
use crate::client::scenario::RightExit;
use crate::client::transport::{Class, Report};
use crate::client::witness::{End, Kind, Listener};

judges! {
    "CPK-OUT-01" => exit_agrees,
    "CPK-OUT-02" => nothing_else,
    "CPK-OUT-03" => claims_hold,
    "CPK-OUT-04" => no_pile_up,
}

/// Returns true if the list, or the fleet, was requested with the key, which shows that the client did anything at
/// all.
fn asked_with_key(view: &CaseView<'_>, run_view: &RunView<'_>) -> bool {
    let key = &view.case.key;
    let carries = |request: &RequestView<'_>| {
        let bearer = request.exchange.header("authorization").any(|value| is_bearer(value, key));
        bearer || request.exchange.header("x-partner-api-key").any(|value| value == key)
    };
    let mut asked = run_view.fleet().chain(run_view.lists());
    asked.any(|request| request.exchange.listener == Listener::Base && carries(request))
}

/// Judges CPK-OUT-01 (exit 0 means all, and only that): the exit code agrees with the disk and the
/// scenario.
pub(super) fn exit_agrees(view: &CaseView<'_>) -> JudgeResult {
    let (run_view, out) = (view.last()?, view.out_dir());
    let end = run_view.run.process.end;
    let missing = view.require_all_saved(run_view);
    let foreign: Vec<Saved<'_>> = run_view.non_documents(out).collect();
    // What a stopped client reports belongs to CPK-TIME-03, and what it leaves to CPK-FILE-09 and CPK-OUT-02.
    let was_stopped = matches!(end, End::Terminated(_));
    let mut findings: Vec<Finding> = Vec::new();
    // A walk that was refused for its limit can't save anything: the limit is the one finding.
    let was_refused = !end.is_success() && ended_at_limit(run_view);
    findings.extend(view.require_expected_exit(run_view).filter(|_| !was_stopped && !was_refused));
    if run_view.run.process.left_behind > 0 {
        let left = run_view.run.process.left_behind;
        let processes = if left == 1 { "1 process".to_owned() } else { format!("{left} processes") };
        let observed = format!("{processes} of the client still running after it had ended");
        findings
            .push(view.finding(run_view, "the end of the client is the end of all its processes", observed).build());
    }
    findings.extend(unreadable(view, run_view));
    for earlier in view.runs.iter().filter(|earlier| earlier.number != run_view.number) {
        if earlier.run.process.end.is_success() {
            findings.extend(view.require_all_saved(earlier));
        }
    }
    if end.is_success() {
        let expected = "exit 0 only if every saved file is a current document";
        findings.extend(missing.iter().cloned());
        findings.extend(foreign.iter().map(|saved| {
            let observed = format!("a file of {} bytes that is not a current document", saved.len);
            view.finding(run_view, expected, observed).in_file(saved.path).build()
        }));
    }
    // Without a list, the refusal of an untrusted server still counts: without TLS there is no
    // list.
    let turned_away = view.case.scenario.right_exit == RightExit::Refused && view.has_connected();
    let counts = asked_with_key(view, run_view) || turned_away || (end.is_success() && !missing.is_empty());
    CaseView::require_exercised(counts, "the list was not requested with the key")?;
    CaseView::require_exercised(!was_refused || !findings.is_empty(), "the fleet was refused for its limit")?;
    Ok(Verdict::from_findings(findings))
}

/// Returns a finding if the client left more than can be looked at: what is in there can't be the documents.
fn unreadable(view: &CaseView<'_>, run_view: &RunView<'_>) -> Option<Finding> {
    let expected = "the client leaves no more than the documents, so that they can be read";
    let excess = run_view.run.after.excess?;
    Some(view.finding(run_view, expected, format!("it left {excess}")).build())
}

/// Judges CPK-OUT-02 (nothing else is left behind): `OUT_DIR` holds documents and nothing else.
pub(super) fn nothing_else(view: &CaseView<'_>) -> JudgeResult {
    let (run_view, out) = (view.last()?, view.out_dir());
    CaseView::require_exercised(view.has_connected(), "the client never connected")?;
    let was_stopped = matches!(run_view.run.process.end, End::Terminated(_) | End::Deadline | End::Flood);
    let known = |sha256: &str| view.case.runs.iter().flat_map(|run| &run.current).any(|one| one.sha256 == sha256);
    let (mut findings, mut excused) = (Vec::from_iter(unreadable(view, run_view)), false);
    for (path, entry) in run_view.changed_entries().filter(|(path, _)| path.starts_with(out) && *path != out) {
        let what = match &entry.kind {
            Kind::File { sha256, .. } if known(sha256) => continue,
            Kind::File { len, .. } if was_stopped && run_view.is_interrupted(path, *len) => {
                excused = true;
                continue;
            }
            Kind::File { len, .. } => format!("a file of {len} bytes that is not a document"),
            // An empty folder holds nothing that anybody could take for a document.
            Kind::Folder => continue,
            Kind::Symlink(_) => "a symbolic link".to_owned(),
            Kind::Special => "a socket, a pipe or a device".to_owned(),
        };
        findings.push(view.finding(run_view, "nothing but documents below OUT_DIR", what).in_file(path).build());
    }
    if findings.is_empty() && excused {
        return Ok(Verdict::Pass(Some("only downloads that the gate interrupted are left".to_owned())));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-OUT-03 (what is claimed is on disk): reports and `saved` lines agree with the disk.
pub(super) fn claims_hold(view: &CaseView<'_>) -> JudgeResult {
    CaseView::require_exercised(view.has_connected(), "the client never connected")?;
    let (mut findings, mut claims_any) = (Vec::new(), false);
    for run_view in &view.runs {
        if let Some(report) = &run_view.run.report {
            claims_any = true;
            findings.extend(contradictions(view, run_view, report));
            continue;
        }
        for claim in saved_claims(run_view.run) {
            claims_any = true;
            let expected = "a file that the client reports as saved is on disk with its bytes";
            if let ClaimCheck::False(observed) = check_claim(view, run_view, &claim) {
                findings.push(view.finding(run_view, expected, format!("`saved {claim}`, but {observed}")).build());
            }
        }
    }
    if !claims_any {
        return Ok(Verdict::Pass(Some("the client does not say what it saved".to_owned())));
    }
    Ok(Verdict::from_findings(findings))
}

/// Returns a finding for each contradiction between a report and the disk.
fn contradictions(view: &CaseView<'_>, run_view: &RunView<'_>, report: &Report) -> Vec<Finding> {
    let expected = "the report agrees with the disk";
    let mut findings = Vec::new();
    for file in &report.files {
        let (id, path) = (&file.document_id, file.path.display());
        let there = run_view.run.after.files().find(|(known, ..)| **known == file.path);
        let observed = match (there, run_view.current_document(id)) {
            (None, _) => format!("the report has `{id}` at {path}, where no file exists"),
            (_, None) => format!("the report has `{id}` as saved, which is not a current document"),
            (Some((_, _, hash)), Some(one)) if hash != one.sha256 => {
                format!("the report has `{id}` at {path}, which has other bytes")
            }
            (Some((_, _, hash)), _) => match &file.sha256 {
                Some(said) if !said.eq_ignore_ascii_case(hash) => format!("the report has a wrong SHA-256 for `{id}`"),
                _ => continue,
            },
        };
        findings.push(view.finding(run_view, expected, observed).in_file(&file.path).build());
    }
    if report.outcome == Class::Ok {
        let missing = run_view.missing(view.out_dir());
        findings.extend(missing.map(|one| {
            let observed = format!("`ok`, but the bytes of `{}` are not on disk", one.id);
            view.finding(run_view, expected, observed).build()
        }));
    }
    findings
}

/// Judges CPK-OUT-04 (a second run changes nothing): it adds no copies and no other files.
pub(super) fn no_pile_up(view: &CaseView<'_>) -> JudgeResult {
    let (first, last) = view.first_and_last()?;
    let asked = first.lists().next().is_some() && last.lists().next().is_some();
    CaseView::require_exercised(asked, "not both runs requested the list")?;
    let mut findings = view.require_all_saved(last);
    let copies = |run_view: &RunView<'_>| {
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for (path, _, hash) in run_view.run.after.files() {
            if path.starts_with(view.out_dir()) {
                *copies.entry(hash.to_owned()).or_default() += 1;
            }
        }
        copies
    };
    let (before, after) = (copies(first), copies(last));
    for one in &last.run.current {
        let count = |copies: &BTreeMap<String, usize>| copies.get(&one.sha256).copied().unwrap_or_default();
        if count(&after) > count(&before).max(1) {
            let observed = format!("`{}` {} times", one.id, count(&after));
            findings.push(view.finding(last, "after a second run each document is there once", observed).build());
        }
    }
    let strange = after
        .keys()
        .filter(|hash| !before.contains_key(*hash) && last.run.current.iter().all(|one| one.sha256 != **hash));
    let expected = "a second run leaves the same set of files";
    findings.extend(strange.map(|_| view.finding(last, expected, "a file that is not a document").build()));
    Ok(Verdict::from_findings(findings))
}
