//! Detection of texts that could lead a client off this machine. No rule may contain one: a client that fails a test
//! must not reach a real host (invariant 8).
//!
//! URLs are taken apart as leniently as the most lenient client does it: browsers drop tabs and line ends, take `\` for
//! `/`, and find a host also in `http:host` and `//host`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Schemes in which a host follows, with or without slashes.
const WITH_HOST: [&str; 5] = ["http", "https", "ws", "wss", "ftp"];

/// Returns the host of a reference if it is not this machine; a relative reference has none.
pub(super) fn foreign_host(reference: &str) -> Option<String> {
    let text: String = reference.chars().filter(|letter| !matches!(letter, '\t' | '\n' | '\r')).collect();
    let text = text.trim_matches(|letter: char| letter <= ' ');
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
        _ => (String::new(), text),
    };
    let slash = |letter: char| matches!(letter, '/' | '\\');
    let bare = rest.trim_start_matches(slash);
    let slashes = rest.len() - bare.len();
    if slashes == 0 && !scheme.is_empty() && !WITH_HOST.contains(&&*scheme) {
        // `view-source:http://host`, or a script in a `data:` URL.
        return foreign_host(rest).or_else(|| foreign_host_within(rest));
    }
    let has_host = WITH_HOST.contains(&&*scheme) || slashes >= 2;
    // `file:///etc/passwd` has slashes, and no host between them.
    let bare = if slashes > 2 && !scheme.is_empty() && !WITH_HOST.contains(&&*scheme) { "" } else { bare };
    let authority = bare.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    (has_host && !authority.is_empty() && !is_this_machine(authority)).then(|| authority.to_owned())
}

/// Returns the first host in a text that a client might follow and that is not this machine.
pub(super) fn foreign_host_within(text: &str) -> Option<String> {
    let places = text.match_indices("//");
    let mut found = places.filter_map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|letter: char| letter.is_whitespace() || "\"'<>`),;".contains(letter));
        foreign_host(&rest[..end.unwrap_or(rest.len())])
    });
    found.next()
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

fn is_this_machine(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(rest) = host.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        return is_port(port) && address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback());
    }
    let (name, port) = host.split_once(':').map_or((host, ""), |(name, _)| (name, &host[name.len()..]));
    let name = name.to_ascii_lowercase();
    let known = name == "localhost"
        || name.ends_with(".invalid")
        || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    known && is_port(port) && name.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter))
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok() || is_name_after_port(port))
}

/// Returns true if a port goes on as a name that no resolver knows: a client that reads that stays on this machine.
fn is_name_after_port(text: &str) -> bool {
    let number = text.strip_suffix(".invalid");
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_this_machine_are_accepted() {
        for text in [
            "http://127.0.0.1:8080/x",
            "https://127.9.9.9",
            "http://[::1]:1/",
            "HTTPS://LocalHost/",
            "https://user@storage.invalid/a?b",
            "//cdn.invalid/x",
            "http://127.0.0.1:8080.invalid/x",
            "/api/x",
            "/a:http://example.com",
            "1a:http://example.com",
            "a b:http://example.com",
            "",
            "x",
            "file:///etc/passwd",
            "data:text/plain,hi",
            "javascript:alert(1)",
            "http://",
            "s3://bucket.invalid/key",
            ":::",
        ] {
            assert_eq!(foreign_host(text), None, "{text}");
        }
    }

    #[test]
    fn references_off_this_machine_are_found_in_any_spelling() {
        for text in [
            "http://example.com",
            "https://127.0.0.1.example.com/",
            "https://127.0.0.1:80.example.com/",
            "https://127.0.0.1:80.example.com.invalid/",
            "https://example.com:80.invalid/",
            "https://127.0.0.1@example.com/",
            "https://x.invalid@example.com",
            "https://example.com\\.invalid/",
            "https://example.com#.invalid",
            "https://example.com?.invalid",
            "//example.com",
            "\\\\example.com",
            "/\\example.com",
            "http:example.com",
            "http:/example.com",
            "https:\\\\example.com",
            " \thttp://example.com",
            "ht\ntp://example.com",
            "http://10.0.0.1/",
            "http://169.254.169.254/latest",
            "http://[::2]/",
            "http://[::1].example.com/",
            "http://2130706433/",
            "file://server/share",
            "s3://bucket/key",
            "ftp://example.com",
            "view-source:http://example.com",
            "blob:http:example.com",
            "data:text/html,<script src=//example.com/x></script>",
            "http://invalid",
        ] {
            assert!(foreign_host(text).is_some(), "{text}");
        }
    }

    #[test]
    fn links_within_a_text_are_found() {
        assert_eq!(foreign_host_within("0; url=//example.com/x").as_deref(), Some("example.com"));
        assert_eq!(foreign_host_within("<a href=\"https://example.com\">").as_deref(), Some("example.com"));
        assert_eq!(foreign_host_within("<a href='http://127.0.0.1:1/'> // see https://x.invalid/"), None);
    }
}
