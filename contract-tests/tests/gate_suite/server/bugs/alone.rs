//! Servers that break what they answer in one way that one clause alone sees.

use serde_json::{Value, json};

use super::all::{FULL, bug, recode};
use crate::server::harness::expectation;
use crate::server::proxy::{Bug, Memory, Passing};

/// A server whose list for `crew_004` the tester does not know, so that its form alone can be wrong.
const fn unknown_list(
    name: &'static str,
    answered: fn(&mut Passing, &mut Memory),
    caught_by: &'static [&'static str],
) -> Bug {
    Bug { expectation: smaller_expectation, ..bug(name, answered, caught_by) }
}

/// The expectation without the documents of `crew_004`.
fn smaller_expectation() -> String {
    let expectation = expectation();
    let (before, rest) = expectation.split_once("  crew_004:\n").unwrap();
    let (person, after) = rest.split_once("  crew_005:\n").unwrap();
    let person = person.split("    documents:\n").next().unwrap();
    format!("{before}  crew_004:\n{person}  crew_005:\n{after}")
}

/// Changes the first item for `crew_004`.
fn item(passing: &mut Passing, change: impl FnOnce(&mut Value)) {
    if passing.is_list() && passing.path.contains("crew_004") && passing.status == 200 {
        passing.edit(|body| change(&mut body["items"][0]));
    }
}

pub(super) const BUGS: &[Bug] = &[
    unknown_list(
        "eight-fields",
        |passing, _| item(passing, |item| drop(item.as_object_mut().unwrap().remove("category"))),
        &["CPS-LIST-02"],
    ),
    unknown_list("vendor", |passing, _| item(passing, |item| item["issuer"] = json!("Onfido")), &["CPS-LIST-04"]),
    unknown_list(
        "fifth-status",
        |passing, _| item(passing, |item| item["verification_status"] = json!("unverified")),
        &["CPS-LIST-05"],
    ),
    unknown_list(
        "american-dates",
        |passing, _| item(passing, |item| item["issue_date"] = json!("11/02/2025")),
        &["CPS-LIST-06"],
    ),
    bug(
        "link-elsewhere",
        |passing, _| {
            if passing.is_link() && passing.status == 200 {
                passing.edit(|body| body["download_url"] = json!("https://files.example.test/eyJ0"));
            }
        },
        &["CPS-LINK-04"],
    ),
    bug(
        "one-link-needs-key",
        |passing, memory| {
            if is_file_of("doc_2", passing, memory) {
                passing.refuse(401, "invalid_api_key");
            }
        },
        &["CPS-LINK-05"],
    ),
    bug(
        "dies-early",
        |passing, memory| {
            if let Some(expires) = link_told(passing, memory, "expires_at") {
                let date = httpdate::parse_http_date(passing.headers["date"].to_str().unwrap()).unwrap();
                let expires: jiff::Timestamp = expires.parse().unwrap();
                if expires.as_second() - jiff::Timestamp::try_from(date).unwrap().as_second() < 300 {
                    passing.refuse(404, "not_found");
                }
            }
        },
        &["CPS-LINK-11"],
    ),
    bug(
        "one-wrong-file",
        |passing, memory| {
            if is_file_of("doc_2", passing, memory) {
                passing.body = b"%PDF-1.7".to_vec();
            }
        },
        &["CPS-FILE-01"],
    ),
    bug(
        "no-code-for-consent-to-lists",
        |passing, _| {
            if passing.is_list() {
                recode(passing, "scope_not_consented");
            }
        },
        &["CPS-CONSENT-01"],
    ),
    bug(
        "no-code-for-consent-to-links",
        |passing, _| {
            if passing.is_link() {
                recode(passing, "scope_not_consented");
            }
        },
        &["CPS-CONSENT-02"],
    ),
    bug(
        "other-code-for-a-document",
        |passing, _| {
            if passing.path.contains("crew_001/documents/doc_nobody") {
                recode(passing, "not_found");
            }
        },
        &["CPS-DOC-01"],
    ),
    bug(
        "document-of-another",
        |passing, memory| {
            // Whose document it is doesn't matter to it: it gives the link that it gave first.
            if passing.is_link() && passing.path.contains("crew_001") && passing.status == 200 {
                memory.entry("link".to_owned()).or_insert_with(|| passing.body.clone());
            }
            if passing.path.ends_with("crew_001/documents/doc_20/download") {
                (passing.status, passing.body) = (200, memory["link"].clone());
            }
        },
        &["CPS-DOC-03"],
    ),
    bug(
        "200-with-an-error",
        |passing, _| {
            if passing.path.contains("crew_001/documents/doc_0/") && passing.status == 404 {
                passing.status = 200;
            }
        },
        &["CPS-ERR-02"],
    ),
    bug(
        "500-for-a-path",
        |passing, _| {
            if passing.path.ends_with("/no-such-path") {
                passing.status = 500;
            }
        },
        &["CPS-ERR-05"],
    ),
    bug(
        "names-its-store",
        |passing, _| {
            if passing.is_list() && passing.status == 200 {
                passing.set("x-served-by", "crew-files.s3.amazonaws.com");
            }
        },
        &["CPS-SEC-01"],
    ),
    bug(
        "503-that-leads-elsewhere",
        |passing, _| {
            if passing.is_link() && passing.status == 503 {
                passing.set("location", "https://files.example.test/pst.pdf");
            }
        },
        &["CPS-STORE-02"],
    ),
    bug(
        "stays-down",
        |passing, memory| {
            if passing.is_link() && passing.status == 503 {
                memory.insert("down".to_owned(), passing.body.clone());
            } else if passing.is_link()
                && let Some(body) = memory.remove("down")
            {
                (passing.status, passing.body) = (503, body);
            }
        },
        &["CPS-STORE-04"],
    ),
    bug(
        "keeps-the-old-version",
        |passing, memory| {
            if passing.is_list() && passing.path.contains("crew_001") && passing.status == 200 {
                let first = memory.entry("list".to_owned()).or_insert_with(|| passing.body.clone());
                let first: Value = serde_json::from_slice(first).unwrap();
                passing.edit(|body| {
                    let items = body["items"].as_array_mut().unwrap();
                    let gone = first["items"].as_array().unwrap().iter().filter(|item| !items.contains(item)).cloned();
                    let gone: Vec<_> = gone.collect();
                    items.extend(gone);
                });
            }
        },
        &["CPS-UP-01"],
    ),
    bug(
        "new-version-old-file",
        |passing, memory| {
            if is_file_of("doc_u1", passing, memory) {
                passing.body = b"%PDF-1.7".to_vec();
            }
        },
        &["CPS-UP-02"],
    ),
    bug(
        "finds-odd-people",
        |passing, _| {
            if passing.path.contains("%2F/documents") {
                (passing.status, passing.body) = (200, b"{}".to_vec());
            }
        },
        &["CPS-ODD-01"],
    ),
    bug(
        "remembers-the-last-link-only",
        |passing, memory| {
            // Whatever link is followed, it gives the file of the document that the last link was given for.
            if passing.is_link() && passing.status == 200 {
                let link: Value = serde_json::from_slice(&passing.body).unwrap();
                memory.insert("last".to_owned(), link["document_id"].to_string().into_bytes());
            }
            if passing.is_file() && passing.status == 200 && !passing.path.contains("/d/") {
                let last = memory.get("last").cloned().unwrap_or_default();
                let own = memory.entry(String::from_utf8(last).unwrap()).or_insert_with(|| passing.body.clone());
                passing.body.clone_from(own);
            }
        },
        &["CPS-FILE-01"],
    ),
    bug(
        "alters-one-file-of-another-person",
        |passing, memory| {
            if is_file_of("doc_80", passing, memory) && passing.status == 200 {
                passing.body.push(b'\n');
            }
        },
        &["CPS-FILE-01"],
    ),
    bug(
        "checks-a-part-of-the-signature",
        |passing, memory| {
            link_told(passing, memory, "document_id");
            if passing.status == 404 && memory.keys().any(|path| is_almost(path, &passing.path)) {
                (passing.status, passing.body) = (200, b"%PDF-1.7".to_vec());
            }
        },
        &["CPS-ODD-02"],
    ),
    bug(
        "ignores-the-case-of-a-token",
        |passing, memory| {
            link_told(passing, memory, "document_id");
            let is_other_case = |path: &String| *path != passing.path && path.eq_ignore_ascii_case(&passing.path);
            if passing.status == 404 && memory.keys().any(is_other_case) {
                (passing.status, passing.body) = (200, b"%PDF-1.7".to_vec());
            }
        },
        &["CPS-ODD-02"],
    ),
    bug(
        "takes-a-shorter-token",
        |passing, memory| {
            link_told(passing, memory, "document_id");
            let is_shorter = |path: &String| path.strip_prefix(&passing.path).is_some_and(|rest| rest.len() == 1);
            if passing.status == 404 && memory.keys().any(is_shorter) {
                (passing.status, passing.body) = (200, b"%PDF-1.7".to_vec());
            }
        },
        &["CPS-ODD-02"],
    ),
    bug(
        "shows-a-trace",
        |passing, _| {
            if passing.is_link() && passing.status == 404 {
                let trace = "not found\n    at documents (/app/routes/link.js:41:9)";
                passing.edit(|body| body["error"]["message"] = json!(trace));
            }
        },
        &["CPS-SEC-03"],
    ),
    bug(
        "shows-a-path",
        |passing, _| {
            if passing.is_link() && passing.status == 503 {
                passing.edit(|body| body["error"]["message"] = json!("open '/mnt/volumes/crew/1.pdf': timed out"));
            }
        },
        &["CPS-SEC-03"],
    ),
    bug(
        "names-its-bucket",
        |passing, _| {
            if passing.is_list() && passing.status == 200 {
                passing.set("x-trace", "gs://crew-files/1.pdf");
            }
        },
        &["CPS-SEC-01"],
    ),
    bug(
        "answers-as-its-store",
        |passing, _| {
            if passing.is_file() && passing.status == 200 {
                passing.set("server", "AmazonS3");
                passing.set("x-amz-id-2", "eftixk72aD6Ap51TnqcoF8eFidJG9Z");
            }
        },
        &["CPS-SEC-01"],
    ),
    bug(
        "names-its-store-in-base64",
        |passing, _| {
            if passing.is_list() && passing.status == 200 {
                passing.set("x-trace", "czM6Ly9jcmV3LWZpbGVzLnMzLmFtYXpvbmF3cy5jb20vcHN0");
            }
        },
        &["CPS-SEC-01"],
    ),
    bug(
        "repeats-the-key-in-percent",
        |passing, _| {
            if passing.is_list() && passing.status == 200 {
                passing.set("x-caller", &FULL.replace('_', "%5F"));
            }
        },
        &["CPS-SEC-02"],
    ),
    bug(
        "opens-what-it-never-gave",
        |passing, memory| {
            if passing.is_file() && link_told(passing, memory, "document_id").is_none() {
                (passing.status, passing.body) = (200, b"%PDF-1.7".to_vec());
            } else {
                link_told(passing, memory, "document_id");
            }
        },
        &["CPS-ODD-02"],
    ),
];

/// Remembers a link that passes. Of a file that passes: a field of the answer that its link came with.
fn link_told(passing: &Passing, memory: &mut Memory, field: &str) -> Option<String> {
    if passing.is_link() && passing.status == 200 {
        let link: Value = serde_json::from_slice(&passing.body).unwrap();
        let url = link["download_url"].as_str().unwrap();
        memory.insert(url[url.find("/api/").unwrap()..].to_owned(), passing.body.clone());
    }
    let link: Value = serde_json::from_slice(memory.get(&passing.path).filter(|_| passing.is_file())?).unwrap();
    Some(link[field].as_str()?.to_owned())
}

/// Returns true if two paths of files differ in the last character alone.
fn is_almost(one: &str, other: &str) -> bool {
    one != other
        && one.starts_with("/api/v2/files/")
        && one.len() == other.len()
        && one[..one.len() - 1] == other[..other.len() - 1]
}

fn is_file_of(document: &str, passing: &Passing, memory: &mut Memory) -> bool {
    link_told(passing, memory, "document_id").is_some_and(|id| id == document)
}
