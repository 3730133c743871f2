//! One run prepared for reading: each request in order, with its subject.

use std::collections::HashMap;

use super::issued_link::{IssuedLink, location_of, path_of};
use crate::client::case::{Case, Run};
use crate::client::witness::{Exchange, Listener, Step};
use crate::operation::decoded;

/// The subject of a request: a step and its ids, decoded once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::client::judge) enum Subject {
    /// The list of a crew member.
    List(String),
    /// A link to a document of a crew member.
    Link(String, String),
    /// A followed link, and the document that it was issued for, if it was issued.
    File(Option<String>),
    /// Any other path.
    Other,
}

impl Subject {
    /// Returns the document, for the steps that have one.
    pub(in crate::client::judge) fn document(&self) -> Option<&str> {
        match self {
            Self::Link(_, document) => Some(document),
            Self::File(document) => document.as_deref(),
            Self::List(_) | Self::Other => None,
        }
    }

    /// Describes the subject, such as "the link of `doc_1`".
    pub(in crate::client::judge) fn describe(&self) -> String {
        match self {
            Self::List(_) => "the list".to_owned(),
            Self::Link(_, document) => format!("the link of `{document}`"),
            Self::File(Some(document)) => format!("the file of `{document}`"),
            Self::File(None) => "a file without an issued link".to_owned(),
            Self::Other => "a path outside the contract".to_owned(),
        }
    }
}

/// A request with its subject.
#[derive(Clone, Debug)]
pub(in crate::client::judge) struct RequestView<'a> {
    pub(in crate::client::judge) exchange: &'a Exchange,
    pub(in crate::client::judge) subject: Subject,
}

impl RequestView<'_> {
    pub(in crate::client::judge) const fn is_list(&self) -> bool {
        matches!(self.subject, Subject::List(_))
    }

    pub(in crate::client::judge) const fn is_link(&self) -> bool {
        matches!(self.subject, Subject::Link(..))
    }

    pub(in crate::client::judge) const fn is_file(&self) -> bool {
        matches!(self.subject, Subject::File(_))
    }

    /// Returns true if the request was answered with a complete 200.
    pub(in crate::client::judge) const fn is_whole(&self) -> bool {
        self.exchange.status == 200 && self.exchange.whole
    }

    /// Returns true if the request started after the other's answer had ended.
    pub(in crate::client::judge) fn started_after(&self, other: &Self) -> bool {
        self.exchange.seq > other.exchange.seq
            && other.exchange.ended.is_none_or(|describe_end| self.exchange.started >= describe_end)
    }
}

/// A run prepared for reading.
#[derive(Debug)]
pub(in crate::client::judge) struct RunView<'a> {
    /// The run's number, from 0.
    pub(in crate::client::judge) number: usize,
    pub(in crate::client::judge) run: &'a Run,
    /// The requests in the order in which the fake decided them.
    pub(in crate::client::judge) requests: Vec<RequestView<'a>>,
    /// The links that were issued to the client, in that order.
    pub(in crate::client::judge) issued_links: Vec<IssuedLink<'a>>,
}

/// The document of each path of the file step; it grows from run to run.
pub(super) type Paths = HashMap<String, String>;

impl<'a> RunView<'a> {
    pub(super) fn new(case: &'a Case, number: usize, run: &'a Run, paths: &mut Paths) -> Self {
        let mut exchanges: Vec<&Exchange> = run.wire.iter().collect();
        exchanges.sort_by_key(|exchange| exchange.seq);
        let (mut requests, mut issued_links) = (Vec::with_capacity(exchanges.len()), Vec::new());
        for exchange in exchanges {
            let subject = subject_of(case, exchange, paths);
            if let (Subject::File(Some(document)), Some(location)) = (&subject, location_of(exchange)) {
                paths.insert(path_of(location).to_owned(), document.clone());
            }
            if let Subject::Link(_, document) = &subject
                && let Some(link) = IssuedLink::read(exchange, document)
            {
                paths.extend(link.url.as_deref().map(|url| (path_of(url).to_owned(), document.clone())));
                issued_links.push(link);
            }
            requests.push(RequestView { exchange, subject });
        }
        Self { number, run, requests, issued_links }
    }

    /// Returns the list requests.
    pub(in crate::client::judge) fn lists(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.requests.iter().filter(|request| request.is_list())
    }

    /// Returns the link requests.
    pub(in crate::client::judge) fn links(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.requests.iter().filter(|request| request.is_link())
    }

    /// Returns the requests that followed a link.
    pub(in crate::client::judge) fn files(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.requests.iter().filter(|request| request.is_file())
    }

    /// Returns the requests that followed this link.
    pub(in crate::client::judge) fn followed<'r>(
        &'r self,
        link: &'r IssuedLink<'a>,
    ) -> impl Iterator<Item = &'r RequestView<'a>> {
        let path = link.url.as_deref().map(path_of);
        self.files().filter(move |request| Some(path_of(&request.exchange.target)) == path)
    }

    /// Returns the requests for one subject, in order.
    pub(in crate::client::judge) fn tries(&self, subject: &Subject) -> Vec<&RequestView<'a>> {
        self.requests.iter().filter(|request| request.subject == *subject).collect()
    }

    /// Returns every subject once, in order of its first request. A token that was never issued is
    /// not a subject.
    pub(in crate::client::judge) fn subjects(&self) -> Vec<&Subject> {
        let mut all: Vec<&Subject> = Vec::new();
        for request in &self.requests {
            let of_no_step = matches!(request.subject, Subject::Other | Subject::File(None));
            if !of_no_step && !all.contains(&&request.subject) {
                all.push(&request.subject);
            }
        }
        all
    }
}

fn subject_of(case: &Case, exchange: &Exchange, paths: &Paths) -> Subject {
    let target = target_below_base(case, exchange);
    if let Some(document) = paths.get(path_of(target)) {
        return Subject::File(Some(document.clone()));
    }
    match Step::from_target(target) {
        Step::List { crew } => Subject::List(decoded(&crew)),
        Step::Link { crew, document } => Subject::Link(decoded(&crew), decoded(&document)),
        Step::File { .. } => Subject::File(None),
        Step::Other => Subject::Other,
    }
}

/// Returns the target without the path that `BASE` may have.
fn target_below_base<'a>(case: &Case, exchange: &'a Exchange) -> &'a str {
    if exchange.listener != Listener::Base {
        return &exchange.target;
    }
    let base = case.base.trim_end_matches('/');
    let prefix = base.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    exchange.target.strip_prefix(prefix).unwrap_or(&exchange.target)
}
