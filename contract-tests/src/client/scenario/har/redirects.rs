//! Redirects and what came at their end are one answer: a fault makes them together.

use super::seen::{Seen, origin};

/// Joins each redirect on its own origin with the request that followed it.
pub(super) fn joined(all: Vec<Seen>) -> Vec<Seen> {
    let mut joined: Vec<Seen> = Vec::new();
    for mut seen in all {
        match joined.iter().rposition(|earlier| leads_to(earlier, &seen.url)) {
            Some(place) => {
                seen.hops.clone_from(&joined[place].hops);
                seen.hops.push(joined[place].status);
                joined[place] = seen;
            }
            None => joined.push(seen),
        }
    }
    joined
}

/// Returns true if an answer redirects to this URL, which is another one.
fn leads_to(seen: &Seen, url: &str) -> bool {
    is_redirect(seen.status) && seen.url != url && target(seen).is_some_and(|to| to == url)
}

/// Returns true if a status is a redirect.
pub(super) const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Returns the whole URL to which an answer redirects.
pub(super) fn target(seen: &Seen) -> Option<String> {
    let to = seen.header("location")?;
    if to.starts_with('/') { Some(format!("{}{to}", origin(&seen.url)?)) } else { Some(to.to_owned()) }
}
