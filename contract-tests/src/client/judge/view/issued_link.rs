//! Links that the link step issued, as its answers have them.

use serde_json::Value;

use crate::client::witness::Exchange;
use crate::operation;

/// A 200 answer of the link step.
#[derive(Clone, Debug)]
pub(in crate::client::judge) struct IssuedLink<'a> {
    pub(in crate::client::judge) exchange: &'a Exchange,
    /// The requested document's id, decoded.
    pub(in crate::client::judge) document: String,
    /// `download_url`, if it is text.
    pub(in crate::client::judge) url: Option<String>,
    /// The whole answer.
    pub(in crate::client::judge) answer: Value,
}

impl<'a> IssuedLink<'a> {
    pub(super) fn read(exchange: &'a Exchange, document: &str) -> Option<Self> {
        if exchange.status != 200 {
            return None;
        }
        let answer = exchange.answer()?;
        let url = answer.get("download_url").and_then(Value::as_str).map(ToOwned::to_owned);
        Some(Self { exchange, document: document.to_owned(), url, answer })
    }

    /// Returns path and query of the link, as they are in the target of a request for it.
    pub(in crate::client::judge) fn target(&self) -> Option<&str> {
        self.url.as_deref().map(target_of)
    }

    /// Returns the token without a query, if the link is one of the file step. The end of any other
    /// URL, such as a `data:` URL, is not a secret.
    pub(in crate::client::judge) fn token(&self) -> Option<&str> {
        let token = operation::token_of(path_of(self.url.as_deref()?))?;
        (token.len() >= SHORTEST_TOKEN).then_some(token)
    }
}

/// The shortest token that is searched for; shorter texts are too common.
const SHORTEST_TOKEN: usize = 16;

/// Returns the place that an answer redirects to.
pub(super) fn location_of(exchange: &Exchange) -> Option<&str> {
    if matches!(exchange.status, 300..=399) { exchange.response_header("location").next() } else { None }
}

/// Returns path and query of a URL, or of a reference without a host. A fragment is never sent.
pub(in crate::client::judge) fn target_of(url: &str) -> &str {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?', '#']).map_or("/", |at| &rest[at..]),
        None => url,
    };
    rest.split('#').next().unwrap_or_default()
}

/// Returns the path of a URL, without its query.
pub(super) fn path_of(url: &str) -> &str {
    target_of(url).split('?').next().unwrap_or_default()
}
