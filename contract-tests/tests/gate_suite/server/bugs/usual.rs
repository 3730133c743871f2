//! Servers as they are met: what went wrong shows in as many clauses as it does.

use http::HeaderValue;
use serde_json::json;

use super::all::{FULL, bug, recode};
use crate::server::harness::expectation;
use crate::server::proxy::{Bug, Passing};

const STORE: &str = "https://crew-files.s3.amazonaws.com/pst.pdf?X-Amz-Signature=0";

pub(super) const BUGS: &[Bug] = &[
    Bug {
        name: "no-scope-check",
        asked: |_, headers| {
            // The scopes of the partner count, whatever the key's own are.
            let value = headers.get("authorization").and_then(|value| value.to_str().ok());
            let key = value.and_then(|value| value.strip_prefix("Bearer ")).filter(|key| key.len() > 30);
            if key.is_some_and(|key| expectation().split("revoked").next().unwrap().contains(key)) {
                headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {FULL}")).unwrap());
            }
        },
        answered: |_, _| {},
        expectation,
        caught_by: &[
            "CPS-COMP-06",
            "CPS-LOOKUP-03",
            "CPS-ME-02",
            "CPS-ORDER-02",
            "CPS-ORDER-03",
            "CPS-PHOTO-04",
            "CPS-PROFILE-07",
            "CPS-ROW-05",
            "CPS-ROW-07",
            "CPS-SCOPE-01",
            "CPS-SCOPE-02",
            "CPS-VESSEL-02",
        ],
    },
    bug(
        "403-for-off-fleet",
        |passing, _| {
            let off = ["crew_003", "crew_900"].iter().any(|id| passing.path.contains(id));
            if off && passing.status == 404 {
                passing.status = 403;
                passing.edit(|body| body["error"]["code"] = json!("scope_not_consented"));
            }
        },
        &["CPS-COMP-07", "CPS-FLEET-01", "CPS-FLEET-02", "CPS-PROFILE-08"],
    ),
    bug(
        "other-404-for-off-fleet",
        |passing, _| {
            if passing.path.contains("crew_003/documents") && passing.status == 404 {
                passing.edit(|body| body["error"]["message"] = json!("crew_003 is on no vessel"));
            }
        },
        &["CPS-FLEET-02"],
    ),
    bug(
        "shows-superseded",
        |passing, _| {
            if passing.is_list() && passing.path.contains("crew_001") && passing.status == 200 {
                passing.edit(|body| {
                    let items = body["items"].as_array_mut().unwrap();
                    let mut old = items[0].clone();
                    old["document_id"] = json!("doc_0");
                    items.push(old);
                });
            }
        },
        &["CPS-LIST-07"],
    ),
    bug(
        "link-needs-key",
        |passing, _| {
            if passing.is_file() && !passing.asked.contains_key("authorization") {
                passing.status = 401;
                passing.set("www-authenticate", "Bearer");
            }
        },
        &["CPS-LINK-05", "CPS-LINK-11", "CPS-UP-02"],
    ),
    bug(
        "link-never-dies",
        |passing, memory| {
            if passing.is_file() && passing.status == 200 {
                memory.insert(passing.path.clone(), passing.body.clone());
            } else if let Some(body) = memory.get(&passing.path) {
                (passing.status, passing.body) = (200, body.clone());
            }
        },
        &["CPS-LINK-06"],
    ),
    bug(
        "link-opens-other-document",
        |passing, memory| {
            // Both are PDFs, so that only the bytes tell: each file is the one that was given first.
            if passing.is_file() && passing.status == 200 && passing.body.starts_with(b"%PDF") {
                let first = memory.entry("first".to_owned()).or_insert_with(|| passing.body.clone());
                passing.body.clone_from(first);
            }
        },
        &["CPS-FILE-01", "CPS-UP-02"],
    ),
    bug(
        "storage-url-in-link",
        |passing, _| {
            if passing.is_link() && passing.status == 200 {
                passing.edit(|body| body["download_url"] = json!(STORE));
            }
        },
        &["CPS-LINK-04", "CPS-SEC-01"],
    ),
    bug(
        "storage-url-on-503",
        |passing, _| {
            if passing.is_link() && passing.status == 503 {
                passing.edit(|body| body["error"]["download_url"] = json!(STORE));
            }
        },
        &["CPS-SEC-01", "CPS-STORE-02"],
    ),
    bug(
        "200-without-store",
        |passing, memory| {
            if passing.is_link() && passing.status == 200 {
                memory.insert(passing.path.clone(), passing.body.clone());
            } else if passing.status == 503 && passing.is_link() {
                passing.status = 200;
                passing.body.clone_from(&memory[&passing.path]);
            }
        },
        &["CPS-STORE-01"],
    ),
    bug(
        "names-the-vendor",
        |passing, _| {
            if passing.is_list() && passing.path.contains("crew_004") {
                passing.edit(|body| body["items"][0]["issuer"] = json!("Onfido Ltd"));
            }
        },
        &["CPS-LIST-03", "CPS-LIST-04"],
    ),
    bug(
        "wrong-content-type",
        |passing, _| {
            if passing.is_file() && passing.status == 200 {
                passing.set("content-type", "text/html");
            }
        },
        &["CPS-FILE-02"],
    ),
    bug(
        "json-as-html",
        |passing, _| {
            if passing.is_list() {
                passing.set("content-type", "text/html");
            }
        },
        &["CPS-ERR-03"],
    ),
    bug(
        "200-with-error-body",
        |passing, _| {
            if (passing.is_list() || passing.is_link()) && passing.status == 404 {
                passing.status = 200;
            }
        },
        &["CPS-DOC-01", "CPS-DOC-03", "CPS-ERR-02", "CPS-FLEET-01", "CPS-FLEET-03", "CPS-FLEET-04", "CPS-ODD-01"],
    ),
    bug(
        "forgets-request-id",
        |passing, _| {
            if passing.is_file() {
                passing.headers.remove("x-request-id");
            }
        },
        &["CPS-ID-01"],
    ),
    bug("same-request-id", |passing, _| passing.set("x-request-id", "req_1"), &["CPS-ID-02"]),
    bug(
        "wrong-envelope",
        |passing, _| {
            if passing.status == 403 {
                passing.edit(|body| {
                    let message = body["error"].as_object_mut().unwrap().remove("message").unwrap();
                    body["error"]["detail"] = message;
                });
            }
        },
        &["CPS-ERR-01"],
    ),
    bug(
        "short-life",
        |passing, _| {
            if passing.is_link() && passing.status == 200 {
                passing.edit(|body| body["expires_at"] = json!("2026-01-15T09:01:00Z"));
            }
        },
        &["CPS-LINK-03"],
    ),
    bug(
        "drops-a-field",
        |passing, _| {
            if passing.is_list() && passing.path.contains("crew_004") {
                passing.edit(|body| drop(body["items"][0].as_object_mut().map(|item| item.remove("document_number"))));
            }
        },
        &["CPS-LIST-02", "CPS-LIST-03"],
    ),
    bug(
        "drops-a-document",
        |passing, _| {
            if passing.is_list() && passing.path.contains("crew_004") {
                passing.edit(|body| body["items"] = json!([]));
            }
        },
        &["CPS-LIST-03"],
    ),
    bug(
        "new-status",
        |passing, _| {
            if passing.is_list() && passing.path.contains("crew_004") {
                passing.edit(|body| body["items"][0]["verification_status"] = json!("unverified"));
            }
        },
        &["CPS-LIST-03", "CPS-LIST-05"],
    ),
    bug(
        "british-dates",
        |passing, _| {
            if passing.is_list() && passing.path.contains("crew_004") {
                passing.edit(|body| body["items"][0]["expiry_date"] = json!("02/11/2025"));
            }
        },
        &["CPS-LIST-03", "CPS-LIST-06"],
    ),
    bug("repeats-the-key", |passing, _| passing.set("x-debug", FULL), &["CPS-SEC-02"]),
    bug("401-without-challenge", |passing, _| drop(passing.headers.remove("www-authenticate")), &["CPS-AUTH-04"]),
    bug("405-without-allow", |passing, _| drop(passing.headers.remove("allow")), &["CPS-ODD-04"]),
    Bug {
        name: "any-key",
        asked: |_, headers| {
            headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {FULL}")).unwrap());
        },
        answered: |_, _| {},
        expectation,
        caught_by: &[
            "CPS-AUTH-01",
            "CPS-AUTH-02",
            "CPS-AUTH-03",
            "CPS-AUTH-07",
            "CPS-AUTH-08",
            "CPS-AUTH-09",
            "CPS-AUTH-10",
            "CPS-AUTH-11",
            "CPS-COMP-06",
            "CPS-FLEET-04",
            "CPS-LOOKUP-03",
            "CPS-ME-02",
            "CPS-ORDER-01",
            "CPS-ORDER-02",
            "CPS-ORDER-03",
            "CPS-PAGE-06",
            "CPS-PHOTO-04",
            "CPS-PROFILE-07",
            "CPS-ROW-05",
            "CPS-ROW-07",
            "CPS-ROW-08",
            "CPS-SCOPE-01",
            "CPS-SCOPE-02",
            "CPS-VESSEL-02",
            "CPS-VESSEL-03",
        ],
    },
    bug("no-code-for-mode", |passing, _| recode_documents(passing, "partner_mode_mismatch"), &["CPS-AUTH-07"]),
    bug("no-code-for-plan", |passing, _| recode_documents(passing, "api_not_enabled"), &["CPS-AUTH-08"]),
    bug(
        "no-code-for-consent",
        |passing, _| recode(passing, "scope_not_consented"),
        &["CPS-CONSENT-01", "CPS-CONSENT-02"],
    ),
    bug(
        "bearer-only",
        |passing, _| {
            if passing.asked.contains_key("x-partner-api-key") {
                passing.refuse(401, "invalid_api_key");
            }
        },
        &["CPS-AUTH-05"],
    ),
    bug(
        "scheme-by-letter",
        |passing, _| {
            if passing.asked.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"bearer")) {
                passing.refuse(401, "invalid_api_key");
            }
        },
        &["CPS-AUTH-06"],
    ),
    bug(
        "list-of-somebody",
        |passing, _| {
            if passing.is_list() && passing.status == 200 {
                passing.edit(|body| body["crew_unique_id"] = json!("somebody"));
            }
        },
        &["CPS-LIST-01"],
    ),
    bug(
        "link-without-id",
        |passing, _| {
            if passing.is_link() && passing.status == 200 {
                passing.edit(|body| drop(body.as_object_mut().unwrap().remove("document_id")));
            }
        },
        &["CPS-LINK-01"],
    ),
    bug(
        "other-name",
        |passing, _| {
            if passing.is_link() && passing.status == 200 {
                passing.edit(|body| body["file_name"] = json!("download.bin"));
            }
        },
        &["CPS-LINK-02"],
    ),
    bug(
        "500-for-unknown",
        |passing, _| {
            if passing.path.contains("doc_nobody") && passing.status == 404 {
                passing.status = 500;
            }
        },
        &["CPS-DOC-01", "CPS-ERR-05"],
    ),
];

/// Another code in the place of one, at the endpoints of documents.
fn recode_documents(passing: &mut Passing, code: &str) {
    if passing.path.contains("/documents") {
        recode(passing, code);
    }
}
