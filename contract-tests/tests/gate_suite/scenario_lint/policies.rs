//! Every policy varies where a client can meet it, or a reason says why it can't.

use std::collections::BTreeSet;

use crewpass_contract::client::scenario::{Action, Scenario};
use crewpass_mock::policy::Policies;

use crate::judge::scenarios::all;

/// Where the behaviour of a client can lean on a policy.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// These scenarios reach it, and each sets the policy.
    Scenarios(&'static [&'static str]),
    /// No scenario needs to set it.
    Nowhere(&'static str),
}

use Place::{Nowhere, Scenarios};

const NO_REQUEST: &str = "no task of a client sends such a request";
const NO_DELIVERY: &str = "no scenario of a client sends webhooks";

/// Each policy, in the order of its documentation.
const PLACES: &[(&str, Place)] = &[
    ("link_ttl", Scenarios(&["link/lifetimes", "link/short-lived"])),
    ("dead_link", Scenarios(&["link/all-dead", "link/second-run"])),
    ("link_use", Scenarios(&["auth/plain", "file/cut-once", "file/resumed"])),
    ("store_down_at", Scenarios(&["rty/store-down", "file/store-lost"])),
    ("store_down_body", Scenarios(&["rty/store-down", "file/store-lost"])),
    ("retry_after", Scenarios(&["rty/store-down"])),
    ("superseded_document", Scenarios(&["list/re-upload"])),
    ("link_after_reupload", Scenarios(&["list/re-upload"])),
    (
        "recheck_on_follow",
        Nowhere(
            "nothing is withdrawn while a client runs: what a scenario changes, it changes between two runs. \
             link/first-dead and link/all-dead play the answers of a link that was withdrawn",
        ),
    ),
    ("document_order", Scenarios(&["auth/plain", "out/run-twice", "err/first-of-five", "list/one-missing"])),
    ("optional_fields", Scenarios(&["list/no-file-name", "name/hostile-fields"])),
    ("nullable", Scenarios(&["list/null-issuer", "list/statuses"])),
    ("unknown_fields", Scenarios(&["list/unknown-fields", "fleet/odd-rows"])),
    ("unknown_values", Scenarios(&["list/unknown-fields", "fleet/odd-rows"])),
    ("status_by_date", Scenarios(&["list/statuses", "list/unknown-fields"])),
    ("file_redirect", Scenarios(&["file/redirects", "file/resumed", "sec/cookie"])),
    ("file_headers", Scenarios(&["http/file-headers", "file/resumed", "name/hostile", "time/silent-file-body"])),
    ("ranges", Scenarios(&["file/odd-bytes", "file/resumed", "file/resumed-often", "file/resumed-elsewhere"])),
    ("key_on_file", Scenarios(&["auth/second-origin"])),
    ("both_keys", Nowhere("two keys break CPK-AUTH-01 under either value")),
    (
        "limiter_position",
        Nowhere("a right client has one key with the scopes that it needs: no check refuses it before the limiter"),
    ),
    ("rate_limits", Scenarios(&["fleet/limits"])),
    ("fleet_order", Scenarios(&["fleet/one-page"])),
    ("cursor_query", Nowhere("the window of expiring documents is not part of the task")),
    ("last_cursor", Scenarios(&["fleet/one-page"])),
    ("expired_count", Nowhere("no obligation is about the number of documents that expire")),
    ("withheld_fields", Scenarios(&["fleet/odd-rows"])),
    ("fleet_without_status", Nowhere("the key of each fleet has the scope of the status fields")),
    ("bad_cursor", Nowhere("fleet/expired-cursor plays each of the three statuses as a fault, and then goes on")),
    ("cursor_ttl", Nowhere("fleet/expired-cursor plays an expired cursor without the wait")),
    ("page_drift", Nowhere("nothing changes while a client runs: fleet/drift plays pages that have drifted")),
    ("empty_pages", Scenarios(&["fleet/empty-page"])),
    ("page_rows", Scenarios(&["fleet/three-pages", "fleet/empty-page"])),
    ("limit_over", Nowhere("a limit over 200 is wrong under either value")),
    ("unknown_input", Nowhere("the documented requests have no other parameter, and no obligation forbids one")),
    ("validation_position", Nowhere("the requests of a right client are valid")),
    ("lookup_without_consent", Nowhere(NO_REQUEST)),
    ("unparsable_body", Nowhere(NO_REQUEST)),
    ("empty_body", Nowhere(NO_REQUEST)),
    ("compliance_vessel", Nowhere(NO_REQUEST)),
    ("rejected_counts_as", Nowhere(NO_REQUEST)),
    ("pending_counts_as", Nowhere(NO_REQUEST)),
    ("compliance_projection", Nowhere(NO_REQUEST)),
    ("projection_lag", Nowhere(NO_REQUEST)),
    ("full_block_without_consent", Nowhere(NO_REQUEST)),
    ("photo_url_without_photo", Nowhere(NO_REQUEST)),
    ("me_without_plan", Nowhere(NO_REQUEST)),
    ("webhook_timestamp", Nowhere(NO_DELIVERY)),
    ("webhook_retry_after", Nowhere(NO_DELIVERY)),
    ("webhook_rotation", Nowhere(NO_DELIVERY)),
];

/// Policies with more values than can be shown one by one.
const QUANTITIES: [&str; 3] = ["link_ttl", "nullable", "file_redirect"];

/// Returns the values that a scenario gives a policy.
fn values_in<'a>(scenario: &'a Scenario, policy: &'a str) -> impl Iterator<Item = &'a str> {
    let varied = scenario.vary.get(policy).into_iter().flatten();
    let later = scenario.runs.iter().flat_map(|run| &run.before).filter_map(move |action| match action {
        Action::Policy { name, value } if name == policy => Some(value),
        _ => None,
    });
    scenario.policies.get(policy).into_iter().chain(varied).chain(later).map(String::as_str)
}

#[test]
fn every_policy_varies_where_a_client_meets_it_or_says_why_not() {
    let named: Vec<&str> = PLACES.iter().map(|(policy, _)| *policy).collect();
    assert_eq!(named, Policies::names().collect::<Vec<_>>());
    let all = all();
    for (policy, place) in PLACES {
        let set = |id: &&str| values_in(&all[*id], policy).next().is_some();
        match place {
            Scenarios(places) => assert!(places.iter().all(set), "{policy}: each of {places:?} sets it"),
            Nowhere(reason) => {
                let odd = all.iter().find(|(_, scenario)| values_in(scenario, policy).next().is_some());
                assert_eq!(odd.map(|(id, _)| id), None, "{policy} is set there, although {reason}");
            }
        }
    }
}

#[test]
fn the_places_of_a_policy_show_each_value_that_is_not_a_quantity() {
    let all = all();
    let defaults: Vec<(&str, String)> = Policies::default().entries();
    let mut all_missing = Vec::new();
    for (policy, place) in PLACES {
        let Scenarios(places) = place else { continue };
        let choices = Policies::choices().into_iter().find(|(name, _)| name == policy).unwrap().1;
        if QUANTITIES.contains(policy) {
            continue;
        }
        let default = &defaults.iter().find(|(name, _)| name == policy).unwrap().1;
        let shown: BTreeSet<&str> =
            places.iter().flat_map(|id| values_in(&all[*id], policy)).chain([&**default]).collect();
        let is_word = |word: &&str| Policies::default().set(policy, word).is_ok();
        let words = choices.split([' ', ',', '`', ':']).filter(|word| !word.is_empty()).filter(is_word);
        let missing: Vec<&str> = words.filter(|word| !shown.contains(word)).collect();
        if !missing.is_empty() {
            all_missing.push(format!("{policy}: {missing:?} of {choices}, and shown are {shown:?}"));
        }
    }
    assert_eq!(all_missing, Vec::<String>::new());
}
