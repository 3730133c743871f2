//! Each header that a client reads has a broken and an extreme value in some scenario, or a reason says why not.

use crate::judge::scenarios::{all, rules};

/// The scenarios in which a header has a value of some kind; none with the reason.
type Places = Result<&'static [&'static str], &'static str>;

/// A header, with its broken values and its extreme ones.
struct Header {
    name: &'static str,
    /// How a rule of a scenario names it.
    marks: &'static [&'static str],
    broken: Places,
    extreme: Places,
}

const HEADERS: &[Header] = &[
    Header {
        name: "Content-Length",
        marks: &["\"cut\"", "\"truncated\""],
        broken: Ok(&["file/cut-length", "file/cut-chunked", "list/cut-short"]),
        extreme: Ok(&["file/huge-length"]),
    },
    Header {
        name: "Content-Type",
        marks: &["\"content_type\"", "Content-Type"],
        broken: Ok(&["http/no-types"]),
        extreme: Ok(&["http/odd-types"]),
    },
    Header {
        name: "Content-Encoding",
        marks: &["Content-Encoding", "\"gzip\""],
        broken: Err("an answer with a coding that was not asked for breaks every client alike"),
        extreme: Ok(&["sec/bomb"]),
    },
    Header {
        name: "Content-Disposition",
        marks: &["Content-Disposition"],
        broken: Ok(&["name/odd-disposition"]),
        extreme: Ok(&["name/odd-disposition"]),
    },
    Header {
        name: "Content-Range",
        marks: &["\"range\"", "\"other_version\""],
        broken: Ok(&["file/resumed-elsewhere"]),
        extreme: Ok(&["file/resumed-other-version"]),
    },
    Header {
        name: "Location",
        marks: &["Location", "\"redirect\"", "302"],
        broken: Ok(&["file/odd-location", "file/no-location"]),
        extreme: Ok(&["file/long-location", "file/redirect-loop"]),
    },
    Header {
        name: "Retry-After",
        marks: &["Retry-After"],
        broken: Ok(&["rty/retry-after-unreadable"]),
        extreme: Ok(&["rty/retry-after-long"]),
    },
    Header {
        name: "X-Request-Id",
        marks: &["X-Request-Id"],
        broken: Ok(&["err/odd-request-ids"]),
        extreme: Ok(&["err/odd-request-ids"]),
    },
    Header { name: "Date", marks: &["Date"], broken: Ok(&["link/odd-date"]), extreme: Ok(&["link/odd-date"]) },
    Header {
        name: "Set-Cookie",
        marks: &["Set-Cookie"],
        broken: Err("a right client reads no cookie"),
        extreme: Ok(&["sec/cookie"]),
    },
];

#[test]
fn each_header_that_a_client_reads_is_broken_and_extreme_somewhere() {
    let all = all();
    for Header { name, marks, broken, extreme } in HEADERS {
        for id in [broken, extreme].into_iter().flatten().copied().flatten() {
            let scenario = all.get(*id).unwrap_or_else(|| panic!("{name}: there is no scenario {id}"));
            let text: String = rules(scenario).iter().map(ToString::to_string).collect();
            assert!(marks.iter().any(|mark| text.contains(mark)), "{name}: no rule of {id} is about it");
        }
    }
}

#[test]
fn each_header_that_a_rule_changes_is_one_of_these() {
    for (id, scenario) in &all() {
        for rule in rules(scenario) {
            let set = [&rule["then"]["headers"]["set"], &rule["then"]["status"]["headers"]];
            let names = set.into_iter().filter_map(|set| set.as_object()).flat_map(|set| set.keys());
            let removed = rule["then"]["headers"]["remove"].as_array().into_iter().flatten();
            let names = names.map(String::as_str).chain(removed.filter_map(|name| name.as_str()));
            // The friendly redirect and the friendly 401 have these, too.
            for name in names.filter(|name| !["Cache-Control", "WWW-Authenticate"].contains(name)) {
                let known = HEADERS.iter().any(|header| header.name == name);
                assert!(known, "{id}: {name} is not in the table");
            }
        }
    }
}
