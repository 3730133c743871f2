//! Checks of every answer: the error envelope, its type, the request id, and forbidden content.

use crate::client::judge::Verdict;
use crate::server::decoded::forms;
use crate::server::question::{Answer, Phase, Step};
use crate::server::seen::{Check, Seen, each, finding, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-ERR-01", envelope),
    ("CPS-ERR-02", no_200),
    ("CPS-ERR-03", json_type),
    ("CPS-ERR-04", unknown_path),
    ("CPS-ERR-05", no_500),
    ("CPS-ID-01", has_id),
    ("CPS-ID-02", own_id),
    ("CPS-SEC-01", storage),
    ("CPS-SEC-02", keys),
    ("CPS-SEC-03", insides),
];

/// Hosts of file stores that are always searched for.
const STORES: [&str; 5] = [
    "amazonaws.com",
    "blob.core.windows.net",
    "storage.googleapis.com",
    "r2.cloudflarestorage.com",
    "digitaloceanspaces.com",
];

/// What begins an address in a file store, or a header of its answers. A content network has other headers.
const STORE_FORMS: [&str; 12] = [
    "s3://",
    "gs://",
    "az://",
    "amazons3",
    "x-amz-id-2",
    "x-amz-version-id",
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-goog-generation",
    "x-goog-stored-",
    "x-goog-storage-class",
    "x-ms-blob-",
];

/// What a stack trace holds, in lower case.
const TRACES: [&str; 8] = [
    "traceback (most recent call last)",
    "goroutine 1 [",
    "' panicked at ",
    "\n\tat ",
    "\n    at ",
    "stack trace:",
    "\"stack\":",
    "\"stacktrace\":",
];

/// The folders at the root of a disk in which programs and their files lie.
const FOLDERS: [&str; 10] =
    ["/home/", "/var/", "/mnt/", "/srv/", "/usr/", "/opt/", "/tmp/", "/etc/", "c:\\users\\", "c:\\inetpub\\"];

/// The headers with paths of URLs, which may begin like those of a disk.
const URL_HEADERS: [&str; 5] = ["location", "content-location", "link", "set-cookie", "refresh"];

/// Returns the answers to requests that a good client may send.
fn usual<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Answer> {
    let usual = |one: &&Answer| one.came() && !matches!(one.question.phase, Phase::Hostile | Phase::Variation);
    seen.answers.iter().filter(usual)
}

/// Returns true if the answer is the file of a document or a photo.
fn is_file(answer: &Answer) -> bool {
    matches!(answer.question.step, Step::File | Step::Photo) && answer.status == 200
}

/// Returns the answers in JSON, whose errors have a documented envelope. A 503 and a framework's 422
/// have other bodies.
fn asked<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Answer> {
    usual(seen).filter(|one| one.question.step.operation().is_some() && !is_file(one))
}

fn envelope(seen: &Seen<'_>) -> Verdict {
    let errors = asked(seen).filter(|one| one.status >= 400 && !matches!(one.status, 422 | 503));
    each(errors, |answer| {
        let error = &answer.json()["error"];
        let right = error["code"].is_string() && error["message"].is_string();
        (!right).then(|| ("{\"error\": {\"code\", \"message\"}}".to_owned(), answer.summary()))
    })
}

fn no_200(seen: &Seen<'_>) -> Verdict {
    each(asked(seen), |answer| {
        let hidden = answer.status < 400 && answer.json()["error"].is_object();
        hidden.then(|| ("the status of the error's code".to_owned(), answer.summary()))
    })
}

fn json_type(seen: &Seen<'_>) -> Verdict {
    each(asked(seen).filter(|one| one.len > 0 && one.status != 503), |answer| {
        let value = answer.header("content-type").unwrap_or("nothing");
        let right = value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
        (!right).then(|| ("Content-Type application/json".to_owned(), value.to_owned()))
    })
}

fn unknown_path(seen: &Seen<'_>) -> Verdict {
    observed(
        seen.at(Step::Odd, Phase::Baseline)
            .map(|answer| format!("an unknown path is answered with {}", answer.summary())),
    )
}

fn no_500(seen: &Seen<'_>) -> Verdict {
    let well = seen.answers.iter().filter(|one| matches!(one.question.phase, Phase::Baseline | Phase::Later));
    each(well, |answer| {
        (answer.status >= 500 || !answer.came()).then(|| ("an answer below 500".to_owned(), answer.summary()))
    })
}

fn has_id(seen: &Seen<'_>) -> Verdict {
    each(usual(seen), |answer| {
        let none = answer.header("x-request-id").is_none_or(str::is_empty);
        none.then(|| ("X-Request-Id".to_owned(), format!("{} without it", answer.status)))
    })
}

fn own_id(seen: &Seen<'_>) -> Verdict {
    let ids: Vec<_> = usual(seen).filter_map(|one| Some((one, one.header("x-request-id")?))).collect();
    let mut findings = Vec::new();
    for (n, (answer, id)) in ids.iter().enumerate() {
        if let Some((before, _)) = ids[..n].iter().find(|(_, other)| other == id) {
            let observed_text = format!("{id}, as in exchange #{}", before.seq);
            findings.push(finding(answer, "an X-Request-Id that no other answer has", observed_text));
        }
    }
    if ids.len() < 2 { unexercised() } else { Verdict::from_findings(findings) }
}

/// Returns everything that an answer shows except the bytes of a file, in every decoded form and in lower case.
fn shown(answer: &Answer) -> Vec<String> {
    shown_without(answer, &[])
}

/// Returns the same without the headers of these names.
fn shown_without(answer: &Answer, left_out: &[&str]) -> Vec<String> {
    let mut text = String::new();
    for (name, value) in answer.headers.iter().filter(|(name, _)| !left_out.contains(&name.as_str())) {
        text.extend([name.as_str(), ": ", &String::from_utf8_lossy(value.as_bytes()), "\n"]);
    }
    let mut all = forms(&text);
    if !is_file(answer) {
        all.extend(forms(&String::from_utf8_lossy(&answer.body)));
    }
    all
}

fn storage(seen: &Seen<'_>) -> Verdict {
    let extra = seen.expect.storage.iter().map(String::as_str);
    let hosts: Vec<_> = extra.chain(STORES).chain(STORE_FORMS).map(str::to_lowercase).collect();
    each(seen.answers.iter().filter(|one| one.came()), |answer| {
        let shown = shown(answer);
        let host = hosts.iter().find(|host| shown.iter().any(|text| text.contains(host.as_str())))?;
        let expected = "no host, address or header of a file store".to_owned();
        Some((expected, format!("{} in an answer with {}", host, answer.status)))
    })
}

fn insides(seen: &Seen<'_>) -> Verdict {
    each(seen.answers.iter().filter(|one| one.came()), |answer| {
        let found = shown_without(answer, &URL_HEADERS).iter().find_map(|text| inside(text))?;
        let expected = "no stack trace and no path of the disk".to_owned();
        Some((expected, format!("`{}` in an answer with {}", found.trim(), answer.status)))
    })
}

/// Returns the sign of a stack trace, or the beginning of a path of the disk, that a text in lower case holds.
fn inside(text: &str) -> Option<&'static str> {
    let is_path = |folder: &&str| {
        let begins = |(at, _): (usize, &str)| text[..at].chars().next_back().is_none_or(begins_path);
        text.match_indices(*folder).any(begins)
    };
    TRACES.into_iter().find(|trace| text.contains(trace)).or_else(|| FOLDERS.into_iter().find(is_path))
}

/// Returns true if a path of the disk may begin behind a character. Behind all others it is part of a URL.
fn begins_path(before: char) -> bool {
    before.is_whitespace() || matches!(before, '"' | '\'' | '`' | '(' | '=' | '[' | ',')
}

fn keys(seen: &Seen<'_>) -> Verdict {
    let keys: Vec<_> = seen.expect.keys.iter().map(|(name, key)| (name, key.key.reveal().to_lowercase())).collect();
    each(seen.answers.iter().filter(|one| one.came()), |answer| {
        let shown = shown(answer);
        let (name, _) = keys.iter().find(|(_, key)| shown.iter().any(|text| text.contains(key.as_str())))?;
        Some(("no key in an answer".to_owned(), format!("the complete key {name}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_disk_is_no_part_of_a_url() {
        for shown in [
            "no such file: /var/crew/1.pdf",
            "{\"path\":\"/mnt/volumes/1\"}",
            "open('/srv/x')",
            "traceback (most recent call last)",
            "error\n    at handler (app.js:1)",
        ] {
            assert!(inside(shown).is_some(), "{shown}");
        }
        for fine in [
            "https://partners.crewpass.co.uk/home/docs",
            "location: https://crewpass.co.uk/var/x",
            "looked at 10:00",
            "{\"download_url\":\"https://crewpass.co.uk/tmp/x\"}",
            "stack of papers",
        ] {
            assert_eq!(inside(fine), None, "{fine}");
        }
    }
}
