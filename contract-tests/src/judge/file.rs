//! Judges of files: only what the file step gives with a whole 200 is ever a document.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::out::{Told, told};
use super::reading::{Read, Reading, Ruling, Saved, Seen, claims, hexadecimal, is_unfinished};
use super::{Finding, Verdict, list};
use crate::witness::{End, Kind};

/// A finding for each file under a final name that is no current document.
fn no_foreign(reading: &Reading<'_>, read: &Read<'_>, expected: &str) -> Vec<Finding> {
    let found = |saved: Saved<'_>| {
        let observed = format!("a file of {} bytes that is no document", saved.len);
        reading.found(read, expected, observed).in_file(saved.path).done()
    };
    read.foreign(reading.out()).map(found).collect()
}

/// CPK-FILE-01.
pub(super) fn no_error_saved(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let refused = read.files().any(|seen| seen.exchange.status >= 300);
    Reading::demand(refused, "no link was answered with anything but 200")?;
    let mut findings = no_foreign(reading, read, "the body of an error is never saved as a document");
    findings.extend(reading.must_end_rightly(read));
    Ok(Verdict::of(findings))
}

/// CPK-FILE-02.
pub(super) fn no_part_saved(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(read.files().any(|seen| !seen.exchange.whole), "no body was cut")?;
    let mut findings = no_foreign(reading, read, "a part of a file never stands under its final name");
    findings.extend(reading.must_end_rightly(read));
    if read.run.process.end.is_success() {
        findings.extend(reading.must_have_all(read));
    }
    Ok(Verdict::of(findings))
}

/// CPK-FILE-03.
pub(super) fn same_bytes(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(read.files().any(Seen::is_whole), "no file was sent to the client whole")?;
    Ok(Verdict::of(sent_and_missing(reading, read)))
}

/// A finding for each document that was sent whole and whose bytes are nowhere.
fn sent_and_missing(reading: &Reading<'_>, read: &Read<'_>) -> Vec<Finding> {
    let sent = |id: &str| read.files().any(|seen| seen.is_whole() && seen.subject.document() == Some(id));
    let mut findings = Vec::new();
    for one in read.run.missing(reading.out()).filter(|one| sent(&one.id)) {
        let other = read.foreign(reading.out()).next();
        let instead = other.as_ref().map_or("nothing".to_owned(), |saved| format!("a file of {} bytes", saved.len));
        let observed = format!("`{}` of {} bytes was sent whole; on disk is {instead}", one.id, one.len);
        let found = reading.found(read, "the SHA-256 of what is saved is that of what was sent", observed);
        findings.push(match other {
            Some(saved) => found.in_file(saved.path).done(),
            None => found.done(),
        });
    }
    findings
}

/// CPK-FILE-04.
pub(super) fn decoded_once(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(read.files().any(Seen::is_whole), "no file was sent to the client whole")?;
    if let Some(sha256) = told_by_fault(reading, read) {
        let there = read.run.after.files().any(|(path, _, hash)| path.starts_with(reading.out()) && hash == sha256);
        if there || read.run.process.end.is_refusal() {
            return Ok(Verdict::Pass(None));
        }
        let expected = "a file that came without a coding is saved as it came";
        return Ok(Verdict::Fail(vec![reading.found(read, expected, "its bytes are nowhere below OUT_DIR").done()]));
    }
    let coded = read.files().any(|seen| seen.exchange.response_header("content-encoding").next().is_some());
    let findings = sent_and_missing(reading, read);
    if findings.is_empty() && !coded {
        return Ok(Verdict::Pass(Some("the client does not say that it takes gzip".to_owned())));
    }
    Ok(Verdict::of(findings))
}

/// The hash of the body that a fault of the scenario gave in place of the file, where one did.
fn told_by_fault(reading: &Reading<'_>, read: &Read<'_>) -> Option<String> {
    let fired = read.files().find_map(|seen| seen.exchange.fault.as_deref())?;
    let rule = reading.case.scenario.faults.iter().find(|rule| rule["name"] == fired)?;
    let body: &Value = rule.pointer("/then/status/body/base64")?;
    Some(hexadecimal(&Sha256::digest(STANDARD.decode(body.as_str()?).ok()?)))
}

/// CPK-FILE-05.
pub(super) fn redirects_followed(reading: &Reading<'_>) -> Ruling {
    let redirected = reading.all_seen().any(|seen| seen.is_file() && matches!(seen.exchange.status, 300..=399));
    Reading::demand(redirected, "no link answered with a redirect")?;
    Ok(Verdict::of(list::all_saved(reading)?))
}

/// CPK-FILE-07.
pub(super) fn no_page_saved(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let is_page =
        |seen: &&Seen<'_>| seen.exchange.response_header("content-type").any(|kind| kind.starts_with("text/html"));
    Reading::demand(read.files().filter(is_page).any(Seen::is_whole), "no page was sent to the client whole")?;
    let mut findings = no_foreign(reading, read, "a page is not saved as a document");
    findings.extend(reading.must_refuse(read, "the file was a page"));
    Ok(Verdict::of(findings))
}

/// CPK-FILE-08.
pub(super) fn no_nothing_saved(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let sent = read.files().any(|seen| seen.exchange.status == 200 && seen.exchange.bytes == 0);
    Reading::demand(sent, "no file without bytes was sent to the client")?;
    let expected = "a file without bytes is not reported as saved";
    let empty = read.saved(reading.out()).filter(|saved| saved.len == 0 && !is_unfinished(saved.path));
    let mut findings: Vec<Finding> =
        empty.map(|saved| reading.found(read, expected, "an empty file").in_file(saved.path).done()).collect();
    // What was said of another document, which came with its bytes, is true.
    let untrue = claims(read.run).into_iter().find(|claim| told(reading, read, claim) != Told::True);
    findings.extend(untrue.map(|claim| reading.found(read, expected, format!("`saved {claim}`")).done()));
    findings.extend(reading.must_refuse(read, "a document had no bytes"));
    Ok(Verdict::of(findings))
}

/// CPK-FILE-09.
pub(super) fn no_part_left(reading: &Reading<'_>) -> Ruling {
    let (first, last) = reading.two()?;
    let begun = last.files().any(|seen| seen.exchange.bytes > 0 && !seen.exchange.whole);
    let told = matches!(last.run.process.end, End::Terminated(_));
    Reading::demand(begun && told, "no body had begun when SIGTERM was sent")?;
    let mut findings = Vec::new();
    for one in &first.run.current {
        let names =
            first.run.after.files().filter(|(path, _, hash)| path.starts_with(reading.out()) && *hash == one.sha256);
        for (path, ..) in names {
            let there = last.run.after.entries.get(path).map(|entry| &entry.kind);
            if let Some(Kind::File { sha256, len, .. }) = there
                && *sha256 != one.sha256
            {
                let observed = format!("{len} of {} bytes of `{}`", one.len, one.id);
                let expected = "no incomplete file under the name that a whole one would have";
                findings.push(reading.found(last, expected, observed).in_file(path).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}

/// CPK-FILE-10.
pub(super) fn bounded_memory(reading: &Reading<'_>) -> Ruling {
    /// What a client may need for a large file beyond what it needs for a small one.
    const GROWTH: u64 = 64 << 20;
    let (first, last) = reading.two()?;
    let large = last.files().any(|seen| seen.is_whole() && seen.exchange.bytes > GROWTH);
    Reading::demand(large, "no large file was sent to the client whole")?;
    let (Some(before), Some(after)) = (first.run.process.peak_memory, last.run.process.peak_memory) else {
        return Err(Verdict::NotObservable("the peak of memory can't be seen on this system".to_owned()));
    };
    let growth = after.saturating_sub(before);
    let observed = format!("{} MiB more than for a small document", growth >> 20);
    let over = (growth >= GROWTH).then(|| reading.found(last, "memory grows by less than 64 MiB", observed).done());
    Ok(Verdict::of(over.into_iter().collect()))
}

/// The bound on what a client may take for a body that has no end in sight.
pub(super) const BOUND: u64 = 512 << 20;

/// CPK-SEC-03.
pub(super) fn bounded(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(read.files().any(|seen| seen.exchange.fault.is_some()), "no such body was sent to the client")?;
    let expected = "memory and disk stay below 512 MiB";
    let mut findings = Vec::new();
    let on_disk: u64 = read.made().map(|saved| saved.len).fold(0, u64::saturating_add);
    if on_disk > BOUND {
        findings.push(reading.found(read, expected, format!("{} MiB on disk", on_disk >> 20)).done());
    }
    if let Some(peak) = read.run.process.peak_memory.filter(|peak| *peak > BOUND) {
        findings.push(reading.found(read, expected, format!("{} MiB in memory", peak >> 20)).done());
    }
    findings.extend(reading.must_refuse(read, "the file was not the document"));
    Ok(Verdict::of(findings))
}
