//! One run prepared for reading: each request in order, with its subject.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::issued_link::{IssuedLink, location_of, path_of};
use crate::client::case::{Case, Expected, Run};
use crate::client::scenario::RightExit;
use crate::client::task::Task;
use crate::client::witness::{Exchange, Listener, Step};
use crate::operation::{Name, decoded};

/// The subject of a request: a step and its ids, decoded once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::client::judge) enum Subject {
    /// A page of the fleet, by its cursor; none for the first page.
    Fleet(Option<String>),
    /// Another operation that names no crew member.
    Partner(Name),
    /// Another operation about a crew member.
    Person(Name, String),
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
            Self::Fleet(_) | Self::Partner(_) | Self::Person(..) | Self::List(_) | Self::Other => None,
        }
    }

    /// Describes the subject, such as "the link of `doc_1`".
    pub(in crate::client::judge) fn describe(&self) -> String {
        match self {
            Self::Fleet(None) => "the first page of the fleet".to_owned(),
            Self::Fleet(Some(_)) => "a later page of the fleet".to_owned(),
            Self::Partner(operation) => format!("`{}`", operation.id()),
            Self::Person(operation, crew) => format!("`{}` of `{crew}`", operation.id()),
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
    /// Is true for a HEAD that is followed by a GET of the same target: it is a part of that one.
    pub(in crate::client::judge) is_part: bool,
}

impl RequestView<'_> {
    pub(in crate::client::judge) const fn is_fleet(&self) -> bool {
        matches!(self.subject, Subject::Fleet(_))
    }

    /// Returns the cursor of a request for a later page of the fleet.
    pub(in crate::client::judge) fn cursor(&self) -> Option<&str> {
        match &self.subject {
            Subject::Fleet(cursor) => cursor.as_deref(),
            _ => None,
        }
    }

    /// Returns true if the request is about no documents: a page of the fleet, or what else the API says of a partner or
    /// a person. A client may ask for the latter in any task.
    pub(in crate::client::judge) const fn is_of_walk(&self) -> bool {
        matches!(self.subject, Subject::Fleet(_) | Subject::Partner(_) | Subject::Person(..))
    }

    pub(in crate::client::judge) const fn is_list(&self) -> bool {
        matches!(self.subject, Subject::List(_))
    }

    pub(in crate::client::judge) const fn is_link(&self) -> bool {
        matches!(self.subject, Subject::Link(..))
    }

    pub(in crate::client::judge) const fn is_file(&self) -> bool {
        matches!(self.subject, Subject::File(_))
    }

    /// Returns true if the request was answered with a complete 200 that has a body.
    pub(in crate::client::judge) fn is_whole(&self) -> bool {
        self.exchange.status == 200 && self.exchange.whole && self.exchange.method != "HEAD"
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
    task: Task,
    /// The person who is alone on the fleet, in a scenario in which any true exit is right.
    alone: Option<&'a str>,
    /// The requests in the order in which the fake decided them. A HEAD is a part of the GET that it announces, and not
    /// a try by itself: `steps` leaves it out, and so does whatever counts tries.
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
            requests.push(RequestView { exchange, subject, is_part: false });
        }
        mark_parts(&mut requests);
        let scenario = &case.scenario;
        let may_miss = scenario.is_adapted && scenario.right_exit == RightExit::Either;
        let alone = may_miss.then_some(case.crew_id.as_str());
        Self { number, run, task: scenario.task, alone, requests, issued_links }
    }

    /// Returns the requests without those that are a part of another one.
    pub(in crate::client::judge) fn steps(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.requests.iter().filter(|request| !request.is_part)
    }

    /// Returns the requests for pages of the fleet.
    pub(in crate::client::judge) fn fleet(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.steps().filter(|request| request.is_fleet())
    }

    /// Returns the requests about documents.
    pub(in crate::client::judge) fn about_documents(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.steps().filter(|request| !request.is_of_walk())
    }

    /// Returns the ids of the people whose list was refused in the end since they did not consent, or are on the fleet no
    /// more, and of those who did not consent to a link: a client can't save their documents. There are none in a task
    /// that is about one person.
    pub(in crate::client::judge) fn withheld_people(&self) -> BTreeSet<&str> {
        let mut withheld = BTreeSet::new();
        for request in self.requests.iter().filter(|_| self.task == Task::Fleet) {
            let code = || request.exchange.answer()?.pointer("/error/code")?.as_str().map(str::to_owned);
            let is_unconsented = || request.exchange.status == 403 && code().as_deref() == Some("scope_not_consented");
            match &request.subject {
                Subject::List(crew) if request.exchange.status == 404 || is_unconsented() => {
                    withheld.insert(crew.as_str())
                }
                Subject::List(crew) => withheld.remove(crew.as_str()),
                Subject::Link(crew, _) if is_unconsented() => withheld.insert(crew.as_str()),
                _ => false,
            };
        }
        withheld.extend(self.alone.filter(|alone| self.has_missed_the_list(alone)));
        withheld
    }

    /// Returns true if the list of a person was never requested, and a request for it elsewhere was answered with 404.
    /// A client can't tell that from a person who is gone; what it requested is judged by itself.
    fn has_missed_the_list(&self, person: &str) -> bool {
        let is_elsewhere =
            |request: &RequestView<'_>| request.exchange.listener == Listener::Base && request.exchange.status == 404;
        let has_list = self.lists().any(|request| request.subject == Subject::List(person.to_owned()));
        !has_list && self.about_documents().any(is_elsewhere)
    }

    /// Returns the current documents whose bytes are not below `out_dir`, without those of people who withhold them.
    pub(in crate::client::judge) fn missing<'r>(
        &'r self,
        out_dir: &'r Path,
    ) -> impl Iterator<Item = &'a Expected> + use<'r, 'a> {
        let withheld = self.withheld_people();
        let is_missing =
            move |one: &&Expected| !withheld.contains(one.crew_id.as_str()) && !self.has_document(out_dir, one);
        self.run.current.iter().filter(is_missing)
    }

    /// Returns the list requests.
    pub(in crate::client::judge) fn lists(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.steps().filter(|request| request.is_list())
    }

    /// Returns the link requests.
    pub(in crate::client::judge) fn links(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.steps().filter(|request| request.is_link())
    }

    /// Returns the requests that followed a link.
    pub(in crate::client::judge) fn files(&self) -> impl Iterator<Item = &RequestView<'a>> {
        self.steps().filter(|request| request.is_file())
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
        self.steps().filter(|request| request.subject == *subject).collect()
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

/// Marks each HEAD whose next request for the same target is a GET.
fn mark_parts(requests: &mut [RequestView<'_>]) {
    for at in 0..requests.len() {
        let Some((head, later)) = requests[at..].split_first_mut() else { return };
        let is_same = |other: &&RequestView<'_>| {
            other.exchange.target == head.exchange.target && other.exchange.listener == head.exchange.listener
        };
        let next = later.iter().find(is_same);
        head.is_part = head.exchange.method == "HEAD" && next.is_some_and(|next| next.exchange.method == "GET");
    }
}

fn subject_of(case: &Case, exchange: &Exchange, paths: &Paths) -> Subject {
    let target = target_below_base(case, exchange);
    if let Some(document) = paths.get(path_of(target)) {
        return Subject::File(Some(document.clone()));
    }
    match Step::from_target(target) {
        // A client that is given a person needs no list of all.
        Step::Fleet { .. } if case.scenario.task == Task::Documents => Subject::Other,
        Step::Fleet { cursor } => Subject::Fleet(cursor),
        Step::Partner { operation } => Subject::Partner(operation),
        Step::Person { operation, crew } => Subject::Person(operation, decoded(&crew)),
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
