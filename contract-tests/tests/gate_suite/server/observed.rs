//! What is not documented beside the documents: it is observed, follows the server, and never fails.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use crewpass_contract::outcome::Outcome;
use crewpass_contract::requirement::Grade;
use crewpass_contract::server::{Options, clauses};
use http::StatusCode;
use serde_json::{Value, json};

use crate::server::binary_run::listen;
use crate::server::bugs::{FULL, bug, without_checks};
use crate::server::harness::{all_but_limits, expectation, fake, ids_with, options, outcomes};
use crate::server::proxy::{Bug, serve};
use crate::support::http_client::http_client;

/// A policy of the fake with a value, the clause that observes it, and a part of what is expectation.
const POLICIES: &[(&str, &str, &str, &str)] = &[
    ("me_without_plan", "200", "CPS-ME-04", "a partner without the API gets 200 about itself"),
    ("unknown_fields", "extra", "CPS-VESSEL-04", "vessels are in `items` of {as_of, items, next_cursor}"),
    ("withheld_fields", "absent", "CPS-ROW-09", "a withheld status is absent"),
    ("fleet_without_status", "403", "CPS-ROW-10", "gets the fleet with 403 `scope_not_granted`"),
    ("fleet_order", "id", "CPS-ROW-11", "the rows are by crew_unique_id"),
    ("expired_count", "yes", "CPS-ROW-12", "documents that have expired are counted"),
    ("bad_cursor", "404", "CPS-PAGE-07", "this server answers a bad cursor with 404 `not_found`"),
    ("limit_over", "clamped", "CPS-PAGE-08", "limit=201 is answered with 200"),
    ("page_rows", "two", "CPS-PAGE-09", "the window is 30 days, and a page has 2 rows, and there are more"),
    ("cursor_query", "repeat", "CPS-PAGE-10", "a cursor without limit and window is answered with 400"),
    ("last_cursor", "absent", "CPS-PAGE-11", "`next_cursor` is absent on the last page"),
    ("unknown_input", "422", "CPS-PAGE-12", "an unknown parameter is answered with 422"),
    ("full_block_without_consent", "null", "CPS-PROFILE-09", "the full block is null where it is not shown"),
    ("photo_url_without_photo", "absent", "CPS-PHOTO-07", "`profile_photo_url` without a photo is absent"),
    ("unknown_fields", "extra", "CPS-LOOKUP-05", "a lookup is answered with crew_unique_id, matched_by, name"),
    ("lookup_without_consent", "404", "CPS-LOOKUP-06", "a lookup without consent is answered with 404 `not_found`"),
    ("compliance_vessel", "worst", "CPS-COMP-11", "is answered with 200, as on ves_def"),
    ("compliance_vessel", "422", "CPS-COMP-11", "a person on several vessels without vessel_id is answered with 422"),
    ("empty_body", "accepted", "CPS-BODY-03", "a compliance check with no body is answered with 200"),
    ("unknown_input", "422", "CPS-BODY-05", "a lookup with an unknown field is answered with 422"),
    ("validation_position", "after_key", "CPS-BODY-06", "and key no_read is answered with 422"),
];

/// What is observed of the fake as it is.
const DEFAULTS: &[(&str, &str)] = &[
    ("CPS-LIST-08", "items have only the nine documented fields"),
    ("CPS-LINK-07", "two requests give two tokens"),
    ("CPS-LINK-08", "links have the path /api/v2/files/TOKEN, and TOKEN begins with eyJ"),
    ("CPS-LINK-09", "this server answers a dead link with 404 `not_found`"),
    ("CPS-LINK-10", "a link that is used again is answered with 200"),
    ("CPS-FILE-03", "files are sent as attachment"),
    ("CPS-SCOPE-04", "a link is answered with 200 where crew:documents:download alone is granted"),
    ("CPS-ORDER-04", "a partner without the API, for a crew member off the fleet: 403 `api_not_enabled`"),
    ("CPS-ORDER-05", "an unknown document without consent: 403 `scope_not_consented`"),
    ("CPS-DOC-02", "this server answers the id of a superseded version with 404"),
    ("CPS-ERR-04", "an unknown path is answered with 404 `not_found`"),
    ("CPS-STORE-03", "a link issued before is answered with 503 while the store is down"),
    ("CPS-UP-03", "a link issued before a re-upload is answered with 200, with the version that it was issued for"),
    ("CPS-ODD-03", "two Authorization headers are answered with 401"),
    ("CPS-ODD-05", "HEAD of a list is answered with 200"),
    ("CPS-COMP-11", "a check of a person on several vessels without vessel_id is answered with 200, as on ves_abc"),
    ("CPS-ME-04", "a partner without the API gets 403 `api_not_enabled` about itself"),
    ("CPS-VESSEL-04", "vessels are in `items` of {items, next_cursor}, each with name, vessel_id"),
    ("CPS-ROW-09", "a withheld status is null"),
    ("CPS-ROW-10", "a key without crew:status:read gets the fleet with 200"),
    ("CPS-ROW-11", "the rows are by name"),
    ("CPS-ROW-12", "documents that have expired are not counted"),
    ("CPS-ROW-13", "a person is unverified or verified"),
    ("CPS-PAGE-07", "this server answers a bad cursor with 400 `invalid_cursor`"),
    ("CPS-PAGE-10", "a cursor without limit and window is answered with 200, in a window of 60 days"),
    ("CPS-PAGE-11", "`next_cursor` is null on the last page"),
    ("CPS-PAGE-12", "an unknown parameter is answered with 200; an empty cursor is answered with 200"),
    ("CPS-PROFILE-09", "the full block is absent where it is not shown"),
    ("CPS-PROFILE-10", "a profile without consent is answered with 403 `scope_not_consented`"),
    ("CPS-PHOTO-07", "`profile_photo_url` without a photo is null"),
    ("CPS-PHOTO-08", "a photo without consent is answered with 403 `scope_not_consented`"),
    ("CPS-LOOKUP-04", "a lookup takes the address in `email`"),
    ("CPS-LOOKUP-06", "a lookup without consent is answered with 403 `scope_not_consented`"),
    (
        "CPS-LOOKUP-07",
        "an address in capital letters is answered with 200; an address between blanks is answered with 200",
    ),
    ("CPS-COMP-09", "the counters add up to the total"),
    ("CPS-COMP-10", "a compliance check without consent is answered with 403 `scope_not_consented`"),
    ("CPS-COMP-12", "a vessel that is not the person's is answered with 404 `not_found`"),
    ("CPS-BODY-08", "a mistake of a 422 also has input"),
];

/// Servers that do something else where nothing is documented, each with the clause that observes it.
const OTHERS: &[(Bug, &str, &str)] = &[
    (
        bug("consent-as-404", |passing, _| consent_as_404(passing), &[]),
        "CPS-PROFILE-10",
        "a profile without consent is answered with 404 `not_found`",
    ),
    (
        bug("consent-as-404", |passing, _| consent_as_404(passing), &[]),
        "CPS-PHOTO-08",
        "a photo without consent is answered with 404 `not_found`",
    ),
    (
        bug("consent-as-404", |passing, _| consent_as_404(passing), &[]),
        "CPS-COMP-10",
        "a compliance check without consent is answered with 404 `not_found`",
    ),
    (
        bug(
            "unverified-by-another-name",
            |passing, _| {
                if passing.asked.get("authorization").is_some_and(|key| key.as_bytes().ends_with(FULL.as_bytes())) {
                    passing.edit_row("crew_002", |row| row["verification_status"] = json!("open"));
                }
            },
            &["CPS-ROW-02"],
        ),
        "CPS-ROW-13",
        "a person is open or unverified or verified",
    ),
    (
        bug(
            "letters-count",
            |passing, _| {
                if passing.sent.contains("MARINA") {
                    passing.refuse(404, "not_found");
                }
            },
            &[],
        ),
        "CPS-LOOKUP-07",
        "an address in capital letters is answered with 404 `not_found`; an address between blanks is answered with 200",
    ),
    (
        Bug {
            expectation: without_checks,
            ..bug(
                "counts-pending-twice",
                |passing, _| {
                    if passing.is_check() && passing.status == 200 && passing.path.contains("crew_008") {
                        passing.edit(|body| body["requirements_pending"] = json!(7));
                    }
                },
                &[],
            )
        },
        "CPS-COMP-09",
        "the counters add up to the total; the counters do not add up to the total",
    ),
    (
        bug(
            "any-vessel",
            |passing, _| {
                if passing.is_check() && passing.status == 404 && passing.path.contains("crew_001") {
                    passing.refuse(403, "not_yours");
                }
            },
            &[],
        ),
        "CPS-COMP-12",
        "a vessel that is not the person's is answered with 403 `not_yours`",
    ),
    (
        bug(
            "text-is-fine",
            |passing, _| {
                if passing.asked.get("content-type").is_some_and(|kind| kind == "text/plain") {
                    passing.status = 415;
                }
            },
            &[],
        ),
        "CPS-BODY-04",
        "a lookup with a body as text/plain is answered with 415; a compliance check with a body as text/plain is \
         answered with 415",
    ),
    (
        bug(
            "no-place-for-much",
            |passing, _| {
                if passing.sent.len() > 60_000 {
                    passing.refuse(400, "too_much");
                }
            },
            &[],
        ),
        "CPS-BODY-07",
        "a lookup with a body of 65 KiB is answered with 400 `too_much`; a compliance check with a body of 65 KiB is \
         answered with 400 `too_much`",
    ),
    (
        bug(
            "mistakes-with-context",
            |passing, _| {
                if passing.status == 422 {
                    passing.edit(|body| body["detail"][0]["ctx"] = json!({}));
                }
            },
            &[],
        ),
        "CPS-BODY-08",
        "a mistake of a 422 also has ctx, input",
    ),
];

fn consent_as_404(passing: &mut crate::server::proxy::Passing) {
    if (passing.is_profile() || passing.is_photo() || passing.is_check()) && passing.status == 403 {
        passing.edit(|body| {
            if body["error"]["code"] == "scope_not_consented" {
                body["error"]["code"] = json!("not_found");
            }
        });
        if String::from_utf8_lossy(&passing.body).contains("\"not_found\"") {
            passing.status = 404;
        }
    }
}

#[test]
fn every_clause_that_is_only_observed_is_observed_here() {
    let ids = DEFAULTS.iter().map(|(id, _)| *id).chain(POLICIES.iter().map(|(_, _, id, _)| *id));
    let ids: BTreeSet<_> = ids.chain(OTHERS.iter().map(|(_, id, _)| *id)).collect();
    let clauses = all_but_limits().into_iter().filter(|clause| clause.grade == Grade::OBSERVED);
    let missing: Vec<_> = clauses.map(|clause| clause.id).filter(|id| !ids.contains(id.as_str())).collect();
    assert_eq!(missing, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fake_is_observed_as_it_is() {
    let fake = fake().await;
    let outcomes = outcomes(&fake.base(), &expectation(), &options(&fake), &all_but_limits()).await;
    for (id, text) in DEFAULTS {
        assert_eq!(outcomes[*id], (Outcome::Pass, (*text).to_owned()), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_observed_follows_the_policies_of_the_fake() {
    for (policy, value, id, text) in POLICIES {
        let fake = fake().await;
        let set = http_client().post(format!("{}/__mock/policies", fake.base()));
        let set = set.json(&json!({*policy: value})).send().await.unwrap();
        assert!(set.status().is_success(), "{policy}: {}", set.text().await.unwrap());
        let outcomes = outcomes(&fake.base(), &expectation(), &options(&fake), &all_but_limits()).await;
        assert_eq!(ids_with(&outcomes, Outcome::Fail), [""; 0], "{policy} {outcomes:#?}");
        let (outcome, observed) = &outcomes[*id];
        assert!(*outcome == Outcome::Pass && observed.contains(text), "{policy}={value}: {id}: {observed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_observed_follows_any_server() {
    for (bug, id, text) in OTHERS {
        let fake = fake().await;
        let base = serve(&fake.base(), *bug).await;
        let outcomes = outcomes(&base, &(bug.expectation)(), &options(&fake), &all_but_limits()).await;
        assert_eq!(outcomes[*id], (Outcome::Pass, (*text).to_owned()), "{}", bug.name);
        assert_eq!(ids_with(&outcomes, Outcome::Fail), bug.caught_by, "{}", bug.name);
    }
}

/// Answers a lookup by `address`, and says what it misses in any other.
async fn lookup_by_address(request: Request) -> Response {
    let is_lookup = request.uri().path().ends_with("/crew/lookup");
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let missing = json!({"detail": [{"loc": ["body", "address"], "msg": "Field required", "type": "missing"}]});
    if !is_lookup {
        return StatusCode::NOT_FOUND.into_response();
    }
    match body["address"].as_str() {
        Some("a@crewpass.invalid") => axum::Json(json!({"crew_unique_id": "crew_001"})).into_response(),
        Some(_) => (StatusCode::NOT_FOUND, axum::Json(json!({"error": {"code": "not_found"}}))).into_response(),
        None => (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(missing)).into_response(),
    }
}

#[tokio::test]
async fn the_field_of_a_lookup_is_learned_from_a_422() {
    let base = listen(Router::new().fallback(lookup_by_address)).await;
    let expectation = "keys: {full: {key: cpk_test_1}}\ncrew: {crew_001: {fleet: true, email: a@crewpass.invalid, \
                consented: ['crew:status:read']}}\n";
    let given = expectation.replacen("crew:", "lookup: {field: address}\ncrew:", 1);
    let wrong = expectation.replacen("crew:", "lookup: {field: mail}\ncrew:", 1);
    let options = Options { rate: 10_000, posts: true, ..Options::default() };
    for expectation in [expectation, given.as_str(), wrong.as_str()] {
        let outcomes = outcomes(&base, expectation, &options, &clauses().unwrap()).await;
        let expected = (Outcome::Pass, "a lookup takes the address in `address`".to_owned());
        assert_eq!(outcomes["CPS-LOOKUP-04"], expected, "{expectation}");
        assert_eq!(outcomes["CPS-LOOKUP-01"].0, Outcome::Pass, "{expectation}");
        assert_eq!(outcomes["CPS-BODY-02"].0, Outcome::Pass, "{expectation}");
    }
}
