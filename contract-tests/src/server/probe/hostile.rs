//! The requests that no good client sends: ids that are almost known, other methods, two keys, changed tokens.

use crewpass_diagnostics::to_hex;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::operation::{Name, path, raw_path};
use crate::server::question::{Credential, Phase, Question, Step};

use super::run::Probe;

/// The length of the longest id.
const LONG: usize = 4_000;

impl Probe<'_> {
    /// Sends every request of this part.
    pub(super) async fn hostile(&mut self) {
        let main = utf8_percent_encode(self.main, NON_ALPHANUMERIC).to_string();
        let people = odd_segments(self.main, "a known person");
        let lists = people.into_iter().map(|(detail, odd)| (detail, raw_path(Name::ListDocuments, &[&odd])));
        let documents = self.documents.first().map(|known| odd_segments(known, "a known document"));
        let links = documents.into_iter().flatten();
        let links = links.map(|(detail, odd)| (detail, raw_path(Name::GetDownloadLink, &[&main, &odd])));
        for (detail, path) in lists.chain(links).collect::<Vec<_>>() {
            let question = Question::new(Step::Odd, Credential::full(), "", "").at(Phase::Hostile).with_detail(&detail);
            self.server.ask_path(question, Method::GET, &path).await;
        }
        let question = Question::new(Step::List, Credential::full(), self.main, "").at(Phase::Hostile);
        let list = path(Name::ListDocuments, &[self.main]);
        self.server.ask_path(question.clone(), Method::POST, &list).await;
        self.server.ask_path(question.clone(), Method::HEAD, &list).await;
        self.server.ask_path(Question { by: Credential::Both, ..question }, Method::GET, &list).await;
        if let Some((document, answer)) = self.fresh_link(Phase::Baseline).await
            && let Some(link) = answer.link()
        {
            for (detail, changed) in changed_links(&link) {
                let question = Question::new(Step::File, Credential::Nobody, self.main, &document);
                self.server.follow(question.at(Phase::Hostile).with_detail(&detail), &changed).await;
            }
        }
    }
}

/// Returns path segments, percent-encoded, that are almost the id of what is known.
fn odd_segments(id: &str, known: &str) -> Vec<(String, String)> {
    let real = utf8_percent_encode(id, NON_ALPHANUMERIC).to_string();
    let hex = to_hex(id.as_bytes());
    let twice: String =
        hex.as_bytes().chunks(2).flat_map(|digits| ["%25", std::str::from_utf8(digits).unwrap_or_default()]).collect();
    let other_case = with_other_case(id).map(|other| utf8_percent_encode(&other, NON_ALPHANUMERIC).to_string());
    let odd = [
        ("with an encoded slash behind it", format!("{real}%2F")),
        ("behind an encoded slash", format!("x%2F{real}")),
        ("with NUL behind it", format!("{real}%00")),
        ("with a space behind it", format!("{real}%20")),
        ("behind a space", format!("%20{real}")),
        ("with CR LF behind it", format!("{real}%0D%0A")),
        ("percent-encoded twice", twice),
        ("with an encoded `?` behind it", format!("{real}%3F")),
        ("with a `+` behind it", format!("{real}+")),
        ("with a dot behind it", format!("{real}.")),
    ];
    let odd = odd.into_iter().chain(other_case.map(|other| ("with its letters in the other case", other)));
    let mut all: Vec<_> = odd.map(|(how, segment)| (format!("the id of {known}, {how}"), segment)).collect();
    all.push((format!("bytes that are not UTF-8, for {known}"), "%FF%FE".to_owned()));
    all.push((format!("4,000 characters, for {known}"), "a".repeat(LONG)));
    all
}

/// Returns the text with its ASCII letters in the other case, or nothing if there are none.
fn with_other_case(text: &str) -> Option<String> {
    let swapped = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    let other: String = text.chars().map(swapped).collect();
    (other != text).then_some(other)
}

/// Returns the link with its secret changed in one way each: a character of every part, a part removed, text appended.
///
/// The secret is the last path segment; if that is short, it is in the values of the query.
fn changed_links(link: &str) -> Vec<(String, String)> {
    const SHORTEST_SECRET: usize = 16;
    let end = link.find(['?', '#']).unwrap_or(link.len());
    let start = link[..end].rfind('/').map_or(0, |slash| slash + 1);
    if end - start >= SHORTEST_SECRET {
        return changed_secret(link, start, end, "the token");
    }
    let query = link[end..].strip_prefix('?').map(|rest| rest.split('#').next().unwrap_or_default());
    let mut at = end + 1;
    let mut changed = Vec::new();
    for pair in query.unwrap_or_default().split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if value.len() >= SHORTEST_SECRET {
            let from = at + name.len() + 1;
            changed.extend(changed_secret(link, from, from + value.len(), name));
        }
        at += pair.len() + 1;
    }
    changed
}

/// Returns the link with the text between two places changed in one way each.
fn changed_secret(link: &str, start: usize, end: usize, name: &str) -> Vec<(String, String)> {
    let secret = &link[start..end];
    let with = |changed: &str| format!("{}{changed}{}", &link[..start], &link[end..]);
    let mut all = vec![
        (format!("{name} with a character appended"), with(&format!("{secret}A"))),
        (format!("{name} without its last character"), with(&secret[..secret.len() - 1])),
    ];
    // Hexadecimal digits mean the same in both cases.
    let is_hex = secret.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if let Some(other) = with_other_case(secret).filter(|_| !is_hex) {
        all.push((format!("{name} with its letters in the other case"), with(&other)));
    }
    let mut from = 0;
    for (number, part) in secret.split('.').enumerate() {
        let number = number + 1;
        for (place, at) in [("first", 0), ("middle", part.len() / 2), ("last", part.len().saturating_sub(1))] {
            if let Some(changed) = with_other_character(secret, from + at) {
                all.push((format!("{name} with another {place} character in part {number}"), with(&changed)));
            }
        }
        from += part.len() + 1;
    }
    if let Some((before, _)) = secret.rsplit_once('.') {
        all.push((format!("{name} without its last part"), with(before)));
        all.push((format!("{name} with an empty last part"), with(&format!("{before}."))));
    }
    all
}

/// Returns the text with another character at a place, or nothing if there is no ASCII letter or digit.
///
/// The other character differs in the highest of six bits of base64: the lowest may be padding, which a decoder ignores.
fn with_other_character(text: &str, at: usize) -> Option<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let byte = *text.as_bytes().get(at)?;
    let place = ALPHABET.iter().position(|known| *known == byte)?;
    let other = char::from(ALPHABET[place ^ 32]);
    Some(format!("{}{other}{}", &text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_token_is_changed() {
        let link = "http://a/files/eyJhbGciOiJIUzI1.bbbb.cccc?x=1";
        let changed = changed_links(link);
        assert_eq!(changed.len(), 14, "{changed:#?}");
        assert!(changed.iter().all(|(_, changed)| changed != link && changed.ends_with("?x=1")), "{changed:#?}");
        let parts =
            |link: &str| link.split(['/', '?']).nth(4).unwrap().split('.').map(str::to_owned).collect::<Vec<_>>();
        for part in 0..3 {
            assert!(changed.iter().any(|(_, other)| parts(other).get(part) != parts(link).get(part)), "{part}");
        }
    }

    #[test]
    fn a_secret_in_the_query_is_changed_instead() {
        let changed = changed_links("http://a/f/1?v=2&sig=0123456789abcdef");
        assert!(!changed.is_empty() && changed.iter().all(|(_, link)| link.starts_with("http://a/f/1?v=2&sig=")));
        assert!(changed_links("http://a/f/1").is_empty());
    }

    #[test]
    fn odd_ids_are_one_segment_each() {
        for (detail, segment) in odd_segments("crew 1/ü", "a known person") {
            assert!(!segment.contains(['/', '?', '#', ' ']), "{detail}: {segment}");
        }
    }
}
