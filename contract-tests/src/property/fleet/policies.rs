//! Drawn policies of a fleet.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::super::choices::policies as of_documents;

/// The values of each policy of a fleet, the default first.
pub(in crate::property) const VALUES: [(&str, &[&str]); 12] = [
    ("fleet_order", &["name", "id", "shuffled"]),
    ("cursor_query", &["carried", "repeat"]),
    ("last_cursor", &["null", "absent"]),
    ("expired_count", &["no", "yes"]),
    ("withheld_fields", &["null", "absent"]),
    ("fleet_without_status", &["withheld", "403"]),
    ("bad_cursor", &["400", "404", "422"]),
    ("cursor_ttl", &["never", "15m"]),
    ("page_drift", &["snapshot", "live"]),
    ("empty_pages", &["never", "sometimes"]),
    ("page_rows", &["two", "limit"]),
    ("limit_over", &["422", "clamped"]),
];

/// Values that make rows and lists show what no page describes.
const UNKNOWN: [(&str, &str); 2] = [("unknown_values", "new"), ("unknown_fields", "extra")];

/// Draws some policies with a value each, and sometimes those that are about rows and documents.
pub(super) fn policies() -> impl Strategy<Value = BTreeMap<String, String>> {
    let values = |(name, values): (&'static str, &'static [&'static str])| {
        select(values).prop_map(move |value| (name.to_owned(), value.to_owned()))
    };
    let of_fleet =
        subsequence(VALUES.to_vec(), 0..7).prop_flat_map(move |some| some.into_iter().map(values).collect::<Vec<_>>());
    let of_documents = prop_oneof![3 => Just(BTreeMap::new()), 1 => of_documents()];
    let unknown = select(&UNKNOWN[..]).prop_map(|(name, value)| Some((name.to_owned(), value.to_owned())));
    let of_rows = prop_oneof![3 => Just(None), 2 => unknown];
    (of_fleet, of_documents, of_rows)
        .prop_map(|(of_fleet, of_documents, of_rows)| of_fleet.into_iter().chain(of_documents).chain(of_rows).collect())
}
