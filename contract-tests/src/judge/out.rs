//! Judges of the outcome: what the exit says, what is on disk, and what is claimed agree.

use std::collections::BTreeMap;
use std::path::Path;

use super::reading::{Read, Reading, Ruling, Saved, Seen, claims, is_unfinished};
use super::{Finding, Verdict};
use crate::case::Expected;
use crate::scenario::RightExit;
use crate::subject::{Class, Report};
use crate::witness::{End, Kind, Listener};

/// Whether the list was asked for with the key, which a client that does nothing does not.
fn asked_with_key(reading: &Reading<'_>, read: &Read<'_>) -> bool {
    let key = &reading.case.key;
    let carries = |seen: &Seen<'_>| {
        let bearer = seen.exchange.header("authorization").any(|value| super::auth::is_bearer(value, key));
        bearer || seen.exchange.header("x-partner-api-key").any(|value| value == key)
    };
    read.lists().any(|seen| seen.exchange.listener == Listener::Base && carries(seen))
}

/// CPK-OUT-01.
pub(super) fn exit_agrees(reading: &Reading<'_>) -> Ruling {
    let (read, out) = (reading.last()?, reading.out());
    let end = read.run.process.end;
    let missing = reading.must_have_all(read);
    let foreign: Vec<Saved<'_>> = read.foreign(out).collect();
    let mut findings: Vec<Finding> = reading.must_end_rightly(read).into_iter().collect();
    if read.run.process.left_behind > 0 {
        let left = read.run.process.left_behind;
        let processes = if left == 1 { "1 process".to_owned() } else { format!("{left} processes") };
        let observed = format!("{processes} of the client's still running when it had ended");
        findings.push(reading.found(read, "the end of the client is the end of all its processes", observed).done());
    }
    if end.is_success() {
        let expected = "exit 0 only if nothing that was saved is anything but a current document";
        findings.extend(missing.iter().cloned());
        findings.extend(foreign.iter().map(|saved| {
            let observed = format!("a file of {} bytes that is none", saved.len);
            reading.found(read, expected, observed).in_file(saved.path).done()
        }));
    }
    // Without the list, a refusal may be one of everything; without TLS there is no list.
    let turned_away = reading.case.scenario.right_exit == RightExit::Refused && reading.came_near();
    let counts = asked_with_key(reading, read) || turned_away || (end.is_success() && !missing.is_empty());
    Reading::demand(counts, "the list was not asked for with the key")?;
    Ok(Verdict::of(findings))
}

/// CPK-OUT-02.
pub(super) fn nothing_else(reading: &Reading<'_>) -> Ruling {
    let (read, out) = (reading.last()?, reading.out());
    Reading::demand(reading.came_near(), "the client never connected")?;
    let was_stopped = matches!(read.run.process.end, End::Terminated(_));
    let known = |sha256: &str| reading.case.runs.iter().flat_map(|run| &run.current).any(|one| one.sha256 == sha256);
    let (mut findings, mut excused) = (Vec::new(), false);
    for (path, entry) in read.changed().filter(|(path, _)| path.starts_with(out) && *path != out) {
        let what = match &entry.kind {
            Kind::File { sha256, .. } if known(sha256) => continue,
            Kind::File { .. } if was_stopped && is_unfinished(path) => {
                excused = true;
                continue;
            }
            Kind::File { len, .. } => format!("a file of {len} bytes that is no document"),
            Kind::Folder if read.run.after.entries.keys().any(|other| other != path && other.starts_with(path)) => {
                continue;
            }
            Kind::Folder => "an empty folder".to_owned(),
            Kind::Symlink(_) => "a symbolic link".to_owned(),
            Kind::Special => "a socket, a pipe or a device".to_owned(),
        };
        findings.push(reading.found(read, "nothing but documents below OUT_DIR", what).in_file(path).done());
    }
    if findings.is_empty() && excused {
        return Ok(Verdict::Pass(Some("what was not done when it was stopped says so by its name".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// CPK-OUT-03.
pub(super) fn claims_hold(reading: &Reading<'_>) -> Ruling {
    Reading::demand(reading.came_near(), "the client never connected")?;
    let (mut findings, mut claims_any) = (Vec::new(), false);
    for read in &reading.runs {
        if let Some(report) = &read.run.report {
            claims_any = true;
            findings.extend(contradictions(reading, read, report));
            continue;
        }
        for claim in claims(read.run) {
            claims_any = true;
            let expected = "what is said to be saved is on disk with its bytes";
            if let Told::Untrue(observed) = told(reading, read, &claim) {
                findings.push(reading.found(read, expected, format!("`saved {claim}`, but {observed}")).done());
            }
        }
    }
    if !claims_any {
        return Ok(Verdict::Pass(Some("the client does not say what it saved".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// Where a report and the disk differ.
fn contradictions(reading: &Reading<'_>, read: &Read<'_>, report: &Report) -> Vec<Finding> {
    let expected = "the report and the disk say the same";
    let mut findings = Vec::new();
    for file in &report.files {
        let (id, path) = (&file.document_id, file.path.display());
        let there = read.run.after.files().find(|(known, ..)| **known == file.path);
        let observed = match (there, read.current(id)) {
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
        findings.push(reading.found(read, expected, observed).in_file(&file.path).done());
    }
    if report.outcome == Class::Ok {
        let missing = read.run.missing(reading.out());
        findings.extend(missing.map(|one| {
            let observed = format!("`ok`, but the bytes of `{}` are nowhere", one.id);
            reading.found(read, expected, observed).done()
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
pub(super) fn told(reading: &Reading<'_>, read: &Read<'_>, claim: &str) -> Told {
    let is_saved = |one: &Expected| {
        let nowhere = || Told::Untrue(format!("the bytes of `{}` are nowhere", one.id));
        if read.has(reading.out(), one) { Told::True } else { nowhere() }
    };
    let words: Vec<&str> = claim.split(|letter: char| letter.is_whitespace() || ",;()".contains(letter)).collect();
    let by_id = read.run.current.iter().find(|one| words.contains(&one.id.as_str()));
    if let Some(one) = by_id {
        return is_saved(one);
    }
    // A path is taken as it ends, since the folder of the sandbox has another name here.
    let names = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        !name.is_empty() && (claim == name || claim.ends_with(&format!("/{name}")) || words.contains(&name.as_str()))
    };
    let mut files = read.run.after.files().filter(|(path, ..)| path.starts_with(reading.out()) && names(path));
    let by_name =
        || read.run.current.iter().find(|one| one.file_name.as_deref().is_some_and(|name| words.contains(&name)));
    match files.next() {
        Some((_, _, hash)) if read.run.current.iter().any(|one| one.sha256 == hash) => Told::True,
        Some(_) => Told::Untrue("that file is no current document".to_owned()),
        None => by_name().map_or(Told::Open, is_saved),
    }
}

/// CPK-OUT-04.
pub(super) fn no_pile_up(reading: &Reading<'_>) -> Ruling {
    let (first, last) = reading.two()?;
    let asked = first.lists().next().is_some() && last.lists().next().is_some();
    Reading::demand(asked, "not both runs asked for the list")?;
    let mut findings = reading.must_have_all(last);
    let copies = |read: &Read<'_>| {
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for (path, _, hash) in read.run.after.files() {
            if path.starts_with(reading.out()) {
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
            findings.push(reading.found(last, "a second run leaves each document there once", observed).done());
        }
    }
    let strange = after
        .keys()
        .filter(|hash| !before.contains_key(*hash) && last.run.current.iter().all(|one| one.sha256 != **hash));
    let expected = "a second run leaves the same set";
    findings.extend(strange.map(|_| reading.found(last, expected, "a file that is no document").done()));
    Ok(Verdict::of(findings))
}
