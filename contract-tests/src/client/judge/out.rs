//! Judges of the outcome: what the exit says, what is on disk, and what is claimed agree.

use std::collections::BTreeMap;
use std::path::Path;

use super::view::{CaseView, JudgeResult, RequestView, RunView, Saved, claims, is_unfinished};
use super::{Finding, Verdict};
use crate::client::case::Expected;
use crate::client::scenario::RightExit;
use crate::client::transport::{Class, Report};
use crate::client::witness::{End, Kind, Listener};

judges! {
    "CPK-OUT-01" => exit_agrees,
    "CPK-OUT-02" => nothing_else,
    "CPK-OUT-03" => claims_hold,
    "CPK-OUT-04" => no_pile_up,
}

/// Whether the list was asked for with the key, which a client that does nothing does not.
fn asked_with_key(view: &CaseView<'_>, run_view: &RunView<'_>) -> bool {
    let key = &view.case.key;
    let carries = |request: &RequestView<'_>| {
        let bearer = request.exchange.header("authorization").any(|value| super::auth::is_bearer(value, key));
        bearer || request.exchange.header("x-partner-api-key").any(|value| value == key)
    };
    run_view.lists().any(|request| request.exchange.listener == Listener::Base && carries(request))
}

/// CPK-OUT-01.
pub(super) fn exit_agrees(view: &CaseView<'_>) -> JudgeResult {
    let (run_view, out) = (view.last()?, view.out());
    let end = run_view.run.process.end;
    let missing = view.must_have_all(run_view);
    let foreign: Vec<Saved<'_>> = run_view.foreign(out).collect();
    let mut findings: Vec<Finding> = view.must_end_rightly(run_view).into_iter().collect();
    if run_view.run.process.left_behind > 0 {
        let left = run_view.run.process.left_behind;
        let processes = if left == 1 { "1 process".to_owned() } else { format!("{left} processes") };
        let observed = format!("{processes} of the client's still running when it had ended");
        findings.push(view.found(run_view, "the end of the client is the end of all its processes", observed).done());
    }
    if end.is_success() {
        let expected = "exit 0 only if nothing that was saved is anything but a current document";
        findings.extend(missing.iter().cloned());
        findings.extend(foreign.iter().map(|saved| {
            let observed = format!("a file of {} bytes that is none", saved.len);
            view.found(run_view, expected, observed).in_file(saved.path).done()
        }));
    }
    // Without the list, a refusal may be one of everything; without TLS there is no list.
    let turned_away = view.case.scenario.right_exit == RightExit::Refused && view.came_near();
    let counts = asked_with_key(view, run_view) || turned_away || (end.is_success() && !missing.is_empty());
    CaseView::require_exercised(counts, "the list was not asked for with the key")?;
    Ok(Verdict::of(findings))
}

/// CPK-OUT-02.
pub(super) fn nothing_else(view: &CaseView<'_>) -> JudgeResult {
    let (run_view, out) = (view.last()?, view.out());
    CaseView::require_exercised(view.came_near(), "the client never connected")?;
    let was_stopped = matches!(run_view.run.process.end, End::Terminated(_));
    let known = |sha256: &str| view.case.runs.iter().flat_map(|run| &run.current).any(|one| one.sha256 == sha256);
    let (mut findings, mut excused) = (Vec::new(), false);
    for (path, entry) in run_view.changed().filter(|(path, _)| path.starts_with(out) && *path != out) {
        let what = match &entry.kind {
            Kind::File { sha256, .. } if known(sha256) => continue,
            Kind::File { .. } if was_stopped && is_unfinished(path) => {
                excused = true;
                continue;
            }
            Kind::File { len, .. } => format!("a file of {len} bytes that is no document"),
            Kind::Folder if run_view.run.after.entries.keys().any(|other| other != path && other.starts_with(path)) => {
                continue;
            }
            Kind::Folder => "an empty folder".to_owned(),
            Kind::Symlink(_) => "a symbolic link".to_owned(),
            Kind::Special => "a socket, a pipe or a device".to_owned(),
        };
        findings.push(view.found(run_view, "nothing but documents below OUT_DIR", what).in_file(path).done());
    }
    if findings.is_empty() && excused {
        return Ok(Verdict::Pass(Some("what was not done when it was stopped says so by its name".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// CPK-OUT-03.
pub(super) fn claims_hold(view: &CaseView<'_>) -> JudgeResult {
    CaseView::require_exercised(view.came_near(), "the client never connected")?;
    let (mut findings, mut claims_any) = (Vec::new(), false);
    for run_view in &view.runs {
        if let Some(report) = &run_view.run.report {
            claims_any = true;
            findings.extend(contradictions(view, run_view, report));
            continue;
        }
        for claim in claims(run_view.run) {
            claims_any = true;
            let expected = "what is said to be saved is on disk with its bytes";
            if let Told::Untrue(observed) = told(view, run_view, &claim) {
                findings.push(view.found(run_view, expected, format!("`saved {claim}`, but {observed}")).done());
            }
        }
    }
    if !claims_any {
        return Ok(Verdict::Pass(Some("the client does not say what it saved".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// Where a report and the disk differ.
fn contradictions(view: &CaseView<'_>, run_view: &RunView<'_>, report: &Report) -> Vec<Finding> {
    let expected = "the report and the disk say the same";
    let mut findings = Vec::new();
    for file in &report.files {
        let (id, path) = (&file.document_id, file.path.display());
        let there = run_view.run.after.files().find(|(known, ..)| **known == file.path);
        let observed = match (there, run_view.current(id)) {
            (None, _) => format!("`{id}` is said to be at {path}, where no file is"),
            (_, None) => format!("`{id}` is said to be saved, which is no current document"),
            (Some((_, _, hash)), Some(one)) if hash != one.sha256 => {
                format!("`{id}` is said to be at {path}, where other bytes are")
            }
            (Some((_, _, hash)), _) => match &file.sha256 {
                Some(said) if !said.eq_ignore_ascii_case(hash) => format!("the SHA-256 of `{id}` is told wrongly"),
                _ => continue,
            },
        };
        findings.push(view.found(run_view, expected, observed).in_file(&file.path).done());
    }
    if report.outcome == Class::Ok {
        let missing = run_view.run.missing(view.out());
        findings.extend(missing.map(|one| {
            let observed = format!("`ok`, but the bytes of `{}` are nowhere", one.id);
            view.found(run_view, expected, observed).done()
        }));
    }
    findings
}

/// What a claim to have saved something is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// What it names is on disk, with the bytes of a current document.
    True,
    /// What is wrong with it.
    Untrue(String),
    /// It names nothing that is known here.
    Open,
}

/// What a claim is worth. It names a document by id, or a file; the first word that is either counts.
pub(super) fn told(view: &CaseView<'_>, run_view: &RunView<'_>, claim: &str) -> Told {
    let is_saved = |one: &Expected| {
        let nowhere = || Told::Untrue(format!("the bytes of `{}` are nowhere", one.id));
        if run_view.has(view.out(), one) { Told::True } else { nowhere() }
    };
    let words: Vec<&str> = claim.split(|letter: char| letter.is_whitespace() || ",;()".contains(letter)).collect();
    let by_id = run_view.run.current.iter().find(|one| words.contains(&one.id.as_str()));
    if let Some(one) = by_id {
        return is_saved(one);
    }
    // A path is taken as it ends, since the folder of the sandbox has another name here.
    let names = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        !name.is_empty() && (claim == name || claim.ends_with(&format!("/{name}")) || words.contains(&name.as_str()))
    };
    let mut files = run_view.run.after.files().filter(|(path, ..)| path.starts_with(view.out()) && names(path));
    let by_name =
        || run_view.run.current.iter().find(|one| one.file_name.as_deref().is_some_and(|name| words.contains(&name)));
    match files.next() {
        Some((_, _, hash)) if run_view.run.current.iter().any(|one| one.sha256 == hash) => Told::True,
        Some(_) => Told::Untrue("that file is no current document".to_owned()),
        None => by_name().map_or(Told::Open, is_saved),
    }
}

/// CPK-OUT-04.
pub(super) fn no_pile_up(view: &CaseView<'_>) -> JudgeResult {
    let (first, last) = view.two()?;
    let asked = first.lists().next().is_some() && last.lists().next().is_some();
    CaseView::require_exercised(asked, "not both runs asked for the list")?;
    let mut findings = view.must_have_all(last);
    let copies = |run_view: &RunView<'_>| {
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for (path, _, hash) in run_view.run.after.files() {
            if path.starts_with(view.out()) {
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
            findings.push(view.found(last, "a second run leaves each document there once", observed).done());
        }
    }
    let strange = after
        .keys()
        .filter(|hash| !before.contains_key(*hash) && last.run.current.iter().all(|one| one.sha256 != **hash));
    let expected = "a second run leaves the same set";
    findings.extend(strange.map(|_| view.found(last, expected, "a file that is no document").done()));
    Ok(Verdict::of(findings))
}
