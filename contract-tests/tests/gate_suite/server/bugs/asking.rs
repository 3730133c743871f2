//! Servers that mistake who asks: each lets somebody pass, and is caught by one clause alone.

use http::{HeaderMap, HeaderValue};

use super::all::FULL;
use crate::server::harness::expectation;
use crate::server::proxy::{Bug, Passing};

/// A server that changes what is asked.
pub(super) const fn asks(
    name: &'static str,
    asked: fn(&mut String, &mut HeaderMap),
    caught_by: &'static [&'static str],
) -> Bug {
    Bug { name, asked, answered: |_, _| {}, expectation, caught_by }
}

pub(super) const NO_READ: &str = "cpk_test_b3e9e92ae6e9a4d08d27621e56ec273d";
pub(super) const NO_DOWNLOAD: &str = "cpk_test_d1f6541c60493d903e71ffab14f0a416";
/// The key without vessels and fleet.
pub(super) const NO_FLEET: &str = "cpk_test_6a33ba88415e39f9e0640740eefac47f";
pub(super) const REVOKED: &str = "cpk_test_e87d7ff2231bde3c36f8c86b32b27171";
pub(super) const OTHER: &str = "cpk_test_ec47df563e5f4aa2391bf539b4b139ab";
pub(super) const NONSENSE: &str = "cpk_test_00000000000000000000000000000000";

pub(super) const BUGS: &[Bug] = &[
    asks(
        "needs-no-key",
        |path, headers| {
            let keyless = !headers.contains_key("authorization") && !headers.contains_key("x-partner-api-key");
            if keyless && path.contains("/documents") {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-01"],
    ),
    asks(
        "takes-any-scheme",
        |_, headers| {
            if headers.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"Basic ")) {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-09"],
    ),
    asks(
        "takes-the-key-as-a-user-name",
        |_, headers| {
            // What `curl -u KEY:` sends.
            let is_user =
                |value: &HeaderValue| value.to_str().is_ok_and(|text| text.ends_with("Og==") || text.ends_with('6'));
            if headers
                .get("authorization")
                .is_some_and(|value| value.as_bytes().starts_with(b"Basic ") && is_user(value))
            {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-09"],
    ),
    asks(
        "needs-no-scheme",
        |_, headers| {
            if headers.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"cpk_")) {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-09"],
    ),
    asks("lower-case-ids", |path, _| *path = path.replace("CREW%5F", "crew%5F"), &["CPS-ODD-01"]),
    asks("lower-case-document-ids", |path, _| *path = path.replace("DOC%5F", "doc%5F"), &["CPS-ODD-01"]),
    asks(
        "trims-document-ids",
        |path, _| {
            if path.contains("/documents/") {
                *path = path.replace("%20/", "/");
            }
        },
        &["CPS-ODD-01"],
    ),
    asks("reads-plus-as-a-space", |path, _| *path = path.replace("+/", "/"), &["CPS-ODD-01"]),
    asks("trims-ids", |path, _| *path = path.replace("%20", ""), &["CPS-ODD-01"]),
    asks("decodes-ids-twice", |path, _| *path = path.replace("%25", "%"), &["CPS-ODD-01"]),
    asks(
        "knows-every-key",
        |path, headers| {
            if is_by(headers, NONSENSE) && path.contains("crew_001/documents") {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-02"],
    ),
    asks(
        "never-revokes",
        |path, headers| {
            if is_by(headers, REVOKED) && path.contains("/documents") {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-03"],
    ),
    asks(
        "list-without-scope",
        |path, headers| {
            if is_by(headers, NO_READ) && path.ends_with("crew_001/documents") {
                take_for_full(headers);
            }
        },
        &["CPS-SCOPE-01"],
    ),
    asks(
        "link-without-scope",
        |path, headers| {
            if is_by(headers, NO_DOWNLOAD) && path.contains("crew_001") && path.ends_with("/download") {
                take_for_full(headers);
            }
        },
        &["CPS-SCOPE-02"],
    ),
    Bug {
        name: "list-needs-both-scopes",
        asked: |_, _| {},
        answered: |passing, _| {
            if is_by(&passing.asked, NO_DOWNLOAD) && passing.status == 200 && passing.is_list() {
                scope_not_granted(passing);
            }
        },
        expectation,
        caught_by: &["CPS-SCOPE-03"],
    },
    asks(
        "one-fleet-for-all",
        |path, headers| {
            if is_by(headers, OTHER) && path.contains("crew_001/documents") {
                take_for_full(headers);
            }
        },
        &["CPS-FLEET-04"],
    ),
    asks(
        "fleet-before-key",
        |path, headers| {
            if is_by(headers, NONSENSE) && path.contains("crew_003") {
                take_for_full(headers);
            }
        },
        &["CPS-ORDER-01"],
    ),
    asks(
        "fleet-before-scope",
        |path, headers| {
            if (is_by(headers, NO_READ) || is_by(headers, NO_DOWNLOAD)) && path.contains("crew_003") {
                take_for_full(headers);
            }
        },
        &["CPS-ORDER-02"],
    ),
    asks(
        "consent-before-scope",
        |path, headers| {
            if is_by(headers, NO_READ) && path.ends_with("crew_002/documents") {
                take_for_full(headers);
            }
        },
        &["CPS-ORDER-03"],
    ),
];

pub(super) fn is_by(headers: &HeaderMap, key: &str) -> bool {
    headers.get("authorization").and_then(|value| value.to_str().ok()).is_some_and(|value| value.ends_with(key))
}

pub(super) fn take_for_full(headers: &mut HeaderMap) {
    headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {FULL}")).unwrap());
}

fn scope_not_granted(passing: &mut Passing) {
    passing.refuse(403, "scope_not_granted");
    passing.edit(|body| body["error"]["scope"] = "crew:documents:download".into());
}
