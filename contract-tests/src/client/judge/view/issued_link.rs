//! Links that were given: what the answer of the link step said.

use serde_json::Value;

use crate::client::witness::Exchange;

/// A 200 of the link step.
#[derive(Clone, Debug)]
pub(in crate::client::judge) struct IssuedLink<'a> {
    pub(in crate::client::judge) exchange: &'a Exchange,
    /// The document that was asked for, decoded.
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

    /// Path and query of the link: what a request for it has as its target.
    pub(in crate::client::judge) fn target(&self) -> Option<&str> {
        self.url.as_deref().map(target_of)
    }

    /// The token, without a query, where the link is one of the documented form.
    pub(in crate::client::judge) fn token(&self) -> Option<&str> {
        let token = path_of(self.url.as_deref()?).rsplit('/').next()?;
        (token.len() >= SHORTEST_TOKEN).then_some(token)
    }
}

/// What is shorter is too common a text to be looked for.
const SHORTEST_TOKEN: usize = 16;

/// Where an answer redirects to.
pub(super) fn location_of(exchange: &Exchange) -> Option<&str> {
    if matches!(exchange.status, 300..=399) { exchange.response_header("location").next() } else { None }
}

/// Path and query of a URL, or of a reference that has no host. A fragment is never sent.
pub(in crate::client::judge) fn target_of(url: &str) -> &str {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?', '#']).map_or("/", |at| &rest[at..]),
        None => url,
    };
    rest.split('#').next().unwrap_or_default()
}

/// The same without the query.
pub(super) fn path_of(url: &str) -> &str {
    target_of(url).split('?').next().unwrap_or_default()
}
