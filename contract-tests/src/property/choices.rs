//! Drawn policies, clocks, certificates and changes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::client::scenario::{Action, Certificate, Clock};

/// The values of each policy, the default first.
pub(super) const VALUES: [(&str, &[&str]); 22] = [
    ("link_ttl", &["900s", "840s", "960s"]),
    ("dead_link", &["404", "403", "410"]),
    ("link_use", &["many", "once"]),
    ("store_down_at", &["both", "link", "file"]),
    ("store_down_body", &["envelope", "empty", "html", "text"]),
    ("retry_after", &["absent", "seconds", "http_date"]),
    ("superseded_document", &["404", "current"]),
    ("link_after_reupload", &["works", "dead"]),
    ("recheck_on_follow", &["works", "dead"]),
    ("document_order", &["newest", "id", "shuffled"]),
    ("optional_fields", &["null", "absent"]),
    ("nullable", &["fixture", "all", "issue_date", "expiry_date", "document_number", "category"]),
    ("unknown_fields", &["none", "extra"]),
    ("unknown_values", &["none", "new"]),
    ("status_by_date", &["fixture", "clock"]),
    ("file_redirect", &["none", "302", "303", "307", "308", "302x5"]),
    ("file_headers", &["full", "chunked", "no_disposition"]),
    ("ranges", &["ignored", "honoured"]),
    ("key_on_file", &["accepted", "refused"]),
    ("both_keys", &["bearer", "refused"]),
    ("limiter_position", &["before_key", "after_scope"]),
    ("rate_limits", &["off", "on"]),
];

/// The policies that are not drawn: a drawn task asks for nobody but by id, and its requests have no body and no query
/// but that of pages; webhooks go to no client.
#[cfg(test)]
const NOT_DRAWN: [&str; 16] = [
    "unknown_input",
    "validation_position",
    "lookup_without_consent",
    "unparsable_body",
    "empty_body",
    "compliance_vessel",
    "rejected_counts_as",
    "pending_counts_as",
    "compliance_projection",
    "projection_lag",
    "full_block_without_consent",
    "photo_url_without_photo",
    "me_without_plan",
    "webhook_timestamp",
    "webhook_retry_after",
    "webhook_rotation",
];

/// Draws some policies with a value each.
pub(super) fn policies() -> impl Strategy<Value = BTreeMap<String, String>> {
    let values = |(name, values): (&'static str, &'static [&'static str])| {
        select(values).prop_map(move |value| (name.to_owned(), value.to_owned()))
    };
    subsequence(VALUES.to_vec(), 0..6)
        .prop_flat_map(move |some| some.into_iter().map(values).collect::<Vec<_>>())
        .prop_map(|all| all.into_iter().collect())
}

/// Draws a clock that agrees with the client's, or not.
pub(super) fn clock() -> impl Strategy<Value = Clock> {
    let away = prop_oneof![
        3 => Just(Clock::Ahead("2m".to_owned())),
        3 => Just(Clock::Behind("2m".to_owned())),
        1 => Just(Clock::Ahead("16m".to_owned())),
        1 => Just(Clock::Behind("16m".to_owned())),
    ];
    prop_oneof![4 => Just(Clock::Real), 1 => away]
}

/// Draws an untrusted certificate, mostly none.
pub(super) fn certificate() -> impl Strategy<Value = Option<Certificate>> {
    let bad = select(&[Certificate::UnknownAuthority, Certificate::WrongHost][..]);
    prop_oneof![30 => Just(None), 1 => bad.prop_map(Some)]
}

/// A change before a second run.
#[derive(Clone, Debug)]
pub(super) struct Later {
    pub(super) what: Change,
    /// The document that the change is about.
    pub(super) document: Option<usize>,
}

/// A change between two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Advance,
    Upload,
    Remove,
    StoreDown,
}

/// Draws a second run, mostly none. The document is one of `most`.
pub(super) fn later(most: usize) -> impl Strategy<Value = Option<Later>> {
    let what = select(&[Change::Advance, Change::Upload, Change::Remove, Change::StoreDown][..]);
    let second = (what, 0..most).prop_map(|(what, document)| Later {
        what,
        document: Some(document).filter(|_| matches!(what, Change::Upload | Change::Remove)),
    });
    prop_oneof![9 => Just(None), 1 => second.prop_map(Some)]
}

impl Later {
    /// Returns the change as a scenario action; `None` without a document for it.
    pub(super) fn action(&self, ids: &[String]) -> Option<Action> {
        let document = self.document.and_then(|place| ids.get(place)).cloned();
        match self.what {
            Change::Advance => Some(Action::Advance("16m".to_owned())),
            Change::StoreDown => Some(Action::Store { up: false }),
            Change::Upload => document.map(|supersedes| Action::Upload { supersedes }),
            Change::Remove => document.map(|document| Action::Remove { document }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::fleet::VALUES as OF_FLEET;
    use super::*;
    use crate::client::run::{PolicyProblem, policy_names, policy_problem};

    #[test]
    fn every_value_of_every_policy_is_drawn() {
        let all = || VALUES.into_iter().chain(OF_FLEET);
        let drawn = all().map(|(name, _)| name);
        assert_eq!(drawn.chain(NOT_DRAWN).collect::<BTreeSet<_>>(), policy_names().iter().copied().collect());
        for (name, values) in all() {
            for value in values {
                assert_eq!(policy_problem(name, value), None, "{name}={value}");
            }
            let Some(PolicyProblem::Value { choices }) = policy_problem(name, "\0") else { panic!("{name}") };
            let named: Vec<_> = choices.split('`').skip(1).step_by(2).collect();
            let left = named.iter().filter(|value| !values.contains(value) && !choices.starts_with("a time"));
            // An example with a number of hops is among the choices.
            let left: Vec<_> = left.filter(|value| **value != "302x3").collect();
            assert!(left.is_empty(), "{name}: {left:?}");
        }
    }
}
