//! Replaces what differs between runs, and secrets: two runs with one seed give equal reports, and
//! no report has a key or token.

use std::collections::BTreeSet;

use crewpass_diagnostics::mask_text;

use crate::client::case::Case;
use crate::client::run::SANDBOX;
use crate::client::witness::Step;

/// The shortest text that is replaced; a shorter one may appear by chance.
const SHORTEST_SECRET: usize = 6;

/// The replacements for one case.
#[derive(Debug, Default)]
pub(super) struct Normalizer {
    pairs: Vec<(String, String)>,
}

impl Normalizer {
    pub(super) fn new(case: &Case) -> Self {
        let mut pairs = vec![(case.key.clone(), "{key}".to_owned())];
        pairs.extend(tokens(case).into_iter().map(|token| (token, "{token}".to_owned())));
        let base = case.base.trim_end_matches('/');
        pairs.push((base.to_owned(), "{base}".to_owned()));
        let host = base.split_once("://").map_or(base, |(_, rest)| rest.split('/').next().unwrap_or(rest));
        pairs.push((host.to_owned(), "{base_host}".to_owned()));
        pairs.push((case.out_dir.display().to_string(), "{out_dir}".to_owned()));
        pairs.retain(|(found, _)| found.len() >= SHORTEST_SECRET);
        Self { pairs }
    }

    /// Returns a text with all replacements made.
    pub(super) fn text(&self, text: &str) -> String {
        let replaced = self.pairs.iter().fold(text.to_owned(), |replaced, (found, name)| replaced.replace(found, name));
        // A client may show the key or the link of another case, which has no name here.
        mask_text(&without_ports(&without_sandbox(&replaced))).into_owned()
    }
}

/// Returns the tokens of all issued and followed links and all cursors, the longest first, so that no token is
/// replaced inside another one.
fn tokens(case: &Case) -> Vec<String> {
    let mut tokens = BTreeSet::new();
    for exchange in case.runs.iter().flat_map(|run| &run.wire) {
        if let Step::File { token } = exchange.step() {
            tokens.insert(token);
        }
        let answer = exchange.answer();
        // A cursor differs from run to run as a token does.
        let cursor = answer.as_ref().and_then(|answer| answer.get("next_cursor")?.as_str());
        tokens.extend(cursor.map(ToOwned::to_owned));
        let link = answer.as_ref().and_then(|answer| answer.get("download_url")?.as_str());
        if let Some(token) = link.and_then(crate::operation::token_of) {
            tokens.insert(token.to_owned());
        }
    }
    let mut tokens: Vec<_> = tokens.into_iter().collect();
    tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
    tokens
}

/// Replaces the path of the sandbox, which is a new temporary folder in each run.
fn without_sandbox(text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(SANDBOX) {
        let (before, after) = (&rest[..at], &rest[at + SANDBOX.len()..]);
        let path_begins = if before.ends_with(ENCODED_SLASH) {
            encoded_path_begins(before)
        } else {
            before.trim_end_matches(|c: char| c.is_alphanumeric() || "/._-".contains(c)).len()
        };
        replaced.push_str(&before[..path_begins]);
        replaced.push_str("{sandbox}");
        rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    }
    (replaced + rest).replace("{sandbox}/{out_dir}", "{out_dir}")
}

/// A slash in a path that is one segment of a URL.
const ENCODED_SLASH: &str = "%2F";

/// Returns where a percent-encoded path begins that goes on behind the text.
fn encoded_path_begins(text: &str) -> usize {
    let mut head = text;
    while let Some(before) = head.strip_suffix(ENCODED_SLASH) {
        let segment = before.trim_end_matches(|c: char| c.is_alphanumeric() || "._-".contains(c));
        // The digits of an encoded slash look like a part of the name behind it.
        let is_inside = segment.ends_with('%') && before[segment.len()..].starts_with("2F");
        head = if is_inside { &before[..segment.len() + 2] } else { before };
    }
    head.len()
}

/// Replaces ports of loopback addresses, which differ in each run.
fn without_ports(text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("127.") {
        let address = rest[at..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(rest.len(), |end| at + end);
        replaced.push_str(&rest[..address]);
        rest = &rest[address..];
        let port = rest
            .strip_prefix(':')
            .map(|after| after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len());
        if let Some(digits) = port.filter(|digits| *digits > 0) {
            replaced.push_str(":{port}");
            rest = &rest[1 + digits..];
        }
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_is_replaced_with_its_whole_path() {
        let replaced =
            without_sandbox("at '/tmp/x y/tmp/crewpass-contract-a1B2c3/{out_dir}/f' and /t/crewpass-contract-Zz/a");
        assert_eq!(replaced, "at '/tmp/x {out_dir}/f' and {sandbox}/a");
        assert_eq!(without_sandbox("\u{2026}/t/crewpass-contract-x"), "\u{2026}{sandbox}");
        let encoded = "GET /documents/%2Ftmp%2Fa b/%2Fdev%2Fshm%2Ft%2Fcrewpass-contract-Zz%2Fescaped/download";
        assert_eq!(without_sandbox(encoded), "GET /documents/%2Ftmp%2Fa b/{sandbox}%2Fescaped/download");
    }

    #[test]
    fn only_ports_of_loopback_are_replaced() {
        assert_eq!(without_ports("http://127.0.0.2:41873/x at 127.0.0.1"), "http://127.0.0.2:{port}/x at 127.0.0.1");
        assert_eq!(without_ports("a.test:8080 12:30 127.:"), "a.test:8080 12:30 127.:");
    }
}
