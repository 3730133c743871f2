//! Servers that get the partner, its vessels or its fleet wrong, each in one way that one clause alone sees.

use serde_json::{Value, json};

use super::all::{FULL, bug};
use super::asking::{NO_FLEET, NO_READ, NONSENSE, OTHER, REVOKED, asks, is_by, take_for_full};
use crate::server::harness::expectation_with;
use crate::server::proxy::{Bug, Passing};

/// The expectation without the values of the partner.
fn without_me() -> String {
    expectation_with(|expectation| expectation["me"] = json!({"partner_id": "prt_123"}))
}

/// The expectation without background checks.
fn without_checks() -> String {
    expectation_with(|expectation| {
        for row in expectation["fleet"].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("background_check_status");
        }
    })
}

fn me(passing: &mut Passing, change: impl FnOnce(&mut Value)) {
    if passing.path.ends_with("/partners/me") && passing.status == 200 {
        passing.edit(change);
    }
}

/// Whether a page is one of a walk with small pages.
fn is_small(passing: &Passing) -> bool {
    passing.is_fleet()
        && passing.path.contains("limit=")
        && !passing.path.contains("limit=200")
        && passing.status == 200
}

/// A cursor that shows the id of a person to who decodes it.
fn telling(cursor: &str) -> String {
    crewpass_diagnostics::to_hex(format!("crew_002|{cursor}").as_bytes())
}

fn behind_telling(cursor: &str) -> Option<String> {
    let pair = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = cursor.as_bytes().chunks(2).map(pair).collect();
    Some(String::from_utf8(bytes?).ok()?.split_once('|')?.1.to_owned())
}

pub(super) const BUGS: &[Bug] = &[
    asks(
        "partner-without-a-key",
        |path, headers| {
            if path.ends_with("/partners/me") && !headers.contains_key("authorization") {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-10"],
    ),
    asks(
        "vessels-for-any-key",
        |path, headers| {
            if path.ends_with("/vessels") && is_by(headers, NONSENSE) {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-10"],
    ),
    asks(
        "fleet-for-a-revoked-key",
        |path, headers| {
            if path.contains("/fleet?") && is_by(headers, REVOKED) {
                take_for_full(headers);
            }
        },
        &["CPS-AUTH-11"],
    ),
    Bug {
        expectation: without_me,
        ..bug(
            "third-type-of-partner",
            |passing, _| me(passing, |me| me["partner_type"] = json!("agency")),
            &["CPS-ME-01"],
        )
    },
    bug("another-partner", |passing, _| me(passing, |me| me["partner_id"] = json!("prt_1")), &["CPS-ME-02"]),
    bug(
        "scopes-of-the-plan",
        |passing, _| {
            if is_by(&passing.asked, NO_FLEET) {
                me(passing, |me| me["granted_scopes"].as_array_mut().unwrap().push(json!("vessels:fleet:read")));
            }
        },
        &["CPS-ME-02"],
    ),
    bug(
        "partner-needs-a-scope",
        |passing, _| {
            if passing.path.ends_with("/partners/me") && is_by(&passing.asked, NO_FLEET) {
                passing.refuse(403, "scope_not_granted");
            }
        },
        &["CPS-ME-03"],
    ),
    bug(
        "forgets-a-vessel",
        |passing, _| {
            if passing.path.ends_with("/vessels") && passing.status == 200 {
                passing.edit(|body| drop(body["items"].as_array_mut().unwrap().pop()));
            }
        },
        &["CPS-VESSEL-01"],
    ),
    asks(
        "vessels-without-scope",
        |path, headers| {
            if path.ends_with("/vessels") && is_by(headers, NO_FLEET) {
                take_for_full(headers);
            }
        },
        &["CPS-VESSEL-02"],
    ),
    asks(
        "vessels-of-all",
        |path, headers| {
            if path.ends_with("/vessels") && is_by(headers, OTHER) {
                take_for_full(headers);
            }
        },
        &["CPS-VESSEL-03"],
    ),
    bug(
        "count-in-words",
        |passing, _| passing.edit_row("crew_004", |row| row["documents_expiring"] = json!("0")),
        &["CPS-ROW-01"],
    ),
    bug("another-role", |passing, _| passing.edit_row("crew_001", |row| row["role"] = json!("Cook")), &["CPS-ROW-02"]),
    bug(
        "one-row-of-two",
        |passing, _| {
            if passing.is_fleet() && passing.status == 200 {
                passing.edit(|body| {
                    let rows = body["items"].as_array_mut().unwrap();
                    rows.retain(|row| row["crew_unique_id"] != "crew_002" || row["vessel_id"] != "ves_def");
                });
            }
        },
        &["CPS-ROW-02"],
    ),
    Bug {
        expectation: without_checks,
        ..bug(
            "seventh-check",
            |passing, _| {
                if is_by(&passing.asked, FULL) {
                    passing.edit_row("crew_002", |row| row["background_check_status"] = json!("in_progress"));
                }
            },
            &["CPS-ROW-03"],
        )
    },
    bug(
        "status-without-consent",
        |passing, _| {
            if is_by(&passing.asked, FULL) {
                passing.edit_row("crew_004", |row| row["background_check_status"] = json!("declined"));
            }
        },
        &["CPS-ROW-04"],
    ),
    bug(
        "status-without-scope",
        |passing, _| {
            if is_by(&passing.asked, NO_READ) {
                passing.edit_row("crew_001", |row| row["verification_status"] = json!("verified"));
            }
        },
        &["CPS-ROW-05"],
    ),
    bug(
        "counts-nothing",
        |passing, _| passing.edit_row("crew_001", |row| row["documents_expiring"] = json!(0)),
        &["CPS-ROW-06"],
    ),
    bug(
        "counts-all",
        |passing, _| passing.edit_row("crew_001", |row| row["documents_expiring"] = json!(6)),
        &["CPS-ROW-06"],
    ),
    asks(
        "fleet-without-scope",
        |path, headers| {
            if path.contains("/fleet?") && is_by(headers, NO_FLEET) {
                take_for_full(headers);
            }
        },
        &["CPS-ROW-07"],
    ),
    bug(
        "fleet-of-all",
        |passing, _| {
            if passing.is_fleet() && is_by(&passing.asked, OTHER) && passing.status == 200 {
                let row = json!({"crew_unique_id": "crew_001", "vessel_id": "ves_abc"});
                passing.edit(|body| body["items"].as_array_mut().unwrap().push(row));
            }
        },
        &["CPS-ROW-08"],
    ),
    asks(
        "no-limit-for-pages",
        |path, _| {
            if path.contains("/fleet?") {
                *path = path.replace("limit=4", "limit=100");
            }
        },
        &["CPS-PAGE-01"],
    ),
    bug(
        "repeats-a-row",
        |passing, memory| {
            if is_small(passing) {
                let first = memory.entry("first".to_owned()).or_insert_with(|| passing.body.clone()).clone();
                let first: Value = serde_json::from_slice(&first).unwrap();
                passing.edit(|body| body["items"][0] = first["items"][0].clone());
            }
        },
        &["CPS-PAGE-02"],
    ),
    bug(
        "empty-cursor-at-the-end",
        |passing, _| {
            if passing.is_fleet() && passing.status == 200 {
                passing.edit(|body| {
                    if body["next_cursor"].is_null() {
                        body["next_cursor"] = json!("");
                    }
                });
            }
        },
        &["CPS-PAGE-03"],
    ),
    bug(
        "always-thirty-days",
        |passing, _| {
            if passing.is_fleet() && passing.status == 200 {
                passing.edit(|body| body["expiring_within_days"] = json!(30));
            }
        },
        &["CPS-PAGE-04"],
    ),
    Bug {
        asked: |path, _| {
            if let Some((before, cursor)) = path.clone().split_once("cursor=")
                && let Some(cursor) = behind_telling(cursor)
            {
                *path = format!("{before}cursor={cursor}");
            }
        },
        ..bug(
            "cursor-that-tells",
            |passing, _| {
                if passing.is_fleet() && passing.status == 200 {
                    passing.edit(|body| {
                        if let Some(cursor) = body["next_cursor"].as_str() {
                            body["next_cursor"] = json!(telling(cursor));
                        }
                    });
                }
            },
            &["CPS-PAGE-05"],
        )
    },
    asks(
        "cursor-for-anybody",
        |path, headers| {
            if path.contains("cursor=") && is_by(headers, OTHER) {
                take_for_full(headers);
            }
        },
        &["CPS-PAGE-06"],
    ),
];
