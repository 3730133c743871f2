//! All broken servers, and how one is made.

use http::HeaderMap;
use serde_json::json;

use crate::server::harness::expectation;
use crate::server::proxy::{Bug, Memory, Passing};

/// The key that may do everything.
pub(crate) const FULL: &str = "cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25";

/// Every broken server but those that only a burst shows.
pub(crate) fn bugs() -> impl Iterator<Item = &'static Bug> {
    let documents = super::usual::BUGS.iter().chain(super::alone::BUGS).chain(super::asking::BUGS);
    documents.chain(super::fleet::BUGS).chain(super::people::BUGS).chain(super::posts::BUGS)
}

fn same(_: &mut String, _: &mut HeaderMap) {}

/// A server that breaks what it answers.
pub(crate) const fn bug(
    name: &'static str,
    answered: fn(&mut Passing, &mut Memory),
    caught_by: &'static [&'static str],
) -> Bug {
    Bug { name, asked: same, answered, expectation, caught_by }
}

/// Another code in the place of one.
pub(super) fn recode(passing: &mut Passing, code: &str) {
    passing.edit(|body| {
        if body["error"]["code"] == code {
            body["error"]["code"] = json!("forbidden");
        }
    });
}
