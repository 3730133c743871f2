//! One run, read in order: each request with what it is about.

use std::collections::HashMap;

use super::issued_link::{IssuedLink, location_of, path_of};
use crate::client::case::{Case, Run};
use crate::client::witness::{Exchange, Listener, Step};
use crate::operation::decoded;

/// What a request is about. Ids are decoded once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::client::judge) enum Subject {
    /// The list of a crew member.
    List(String),
    /// A link to a document of a crew member.
    Link(String, String),
    /// A link that is followed, and the document that it was given for, if it was given.
    File(Option<String>),
    /// Anything else.
    Other,
}

impl Subject {
    /// The document, at the steps that have one.
    pub(in crate::client::judge) fn document(&self) -> Option<&str> {
        match self {
            Self::Link(_, document) => Some(document),
            Self::File(document) => document.as_deref(),
            Self::List(_) | Self::Other => None,
        }
    }

    /// Such as `the link of doc_1`.
    pub(in crate::client::judge) fn named(&self) -> String {
        match self {
            Self::List(_) => "the list".to_owned(),
            Self::Link(_, document) => format!("the link of `{document}`"),
            Self::File(Some(document)) => format!("the file of `{document}`"),
            Self::File(None) => "a file that no link names".to_owned(),
            Self::Other => "a path that is no step of the contract".to_owned(),
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

    /// Whether it was answered 200 and whole.
    pub(in crate::client::judge) const fn is_whole(&self) -> bool {
        self.exchange.status == 200 && self.exchange.whole
    }

    /// Whether it was asked only once the other's answer had ended.
    pub(in crate::client::judge) fn comes_after(&self, other: &Self) -> bool {
        self.exchange.seq > other.exchange.seq
            && other.exchange.ended.is_none_or(|ended| self.exchange.started >= ended)
    }
}

/// A run as it is read.
#[derive(Debug)]
pub(in crate::client::judge) struct RunView<'a> {
    /// Its number, from 0.
    pub(in crate::client::judge) number: usize,
    pub(in crate::client::judge) run: &'a Run,
    /// Its requests in the order in which they were decided.
    pub(in crate::client::judge) requests: Vec<RequestView<'a>>,
    /// The links that it was given, in that order.
    pub(in crate::client::judge) issued_links: Vec<IssuedLink<'a>>,
}

/// Which document a path of the file step is for; it grows from run to run.
pub(super) type Paths = HashMap<String, String>;

impl<'a> RunView<'a> {
    pub(super) fn of(case: &'a Case, number: usize, run: &'a Run, paths: &mut Paths) -> Self {
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

    /// The requests of a step to `BASE`, or to the second origin that is one with it.
    pub(in crate::client::judge) fn lists(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.requests.iter().filter(|request| request.is_list())
    }

    /// The requests for links.
    pub(in crate::client::judge) fn links(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.requests.iter().filter(|request| request.is_link())
    }

    /// The links that were followed.
    pub(in crate::client::judge) fn files(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.requests.iter().filter(|request| request.is_file())
    }

    /// The requests that followed a link.
    pub(in crate::client::judge) fn followed<'r>(
        &'r self,
        link: &'r IssuedLink<'a>,
    ) -> impl Iterator<Item = &'r RequestView<'a>> {
        let path = link.url.as_deref().map(path_of);
        self.files().filter(move |request| Some(path_of(&request.exchange.target)) == path)
    }

    /// The tries of one document and step, in order.
    pub(in crate::client::judge) fn tries(&self, subject: &Subject) -> Vec<&RequestView<'a>> {
        self.requests.iter().filter(|request| request.subject == *subject).collect()
    }

    /// Every document and step that was asked for, each once, in order. A token that nobody gave is for no document.
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

/// The target without the path that `BASE` may have.
fn target_below_base<'a>(case: &Case, exchange: &'a Exchange) -> &'a str {
    if exchange.listener != Listener::Base {
        return &exchange.target;
    }
    let base = case.base.trim_end_matches('/');
    let prefix = base.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    exchange.target.strip_prefix(prefix).unwrap_or(&exchange.target)
}
