//! One probe of a server: its state, its parts in order, and the requests that all parts share.

use crate::requirement::{Change, OptIn, Part};
use crate::server::ask::Server;
use crate::server::expect::{DOWNLOAD, Expectation, Person, READ};
use crate::server::levers::{LeverAction, LeverDriver};
use crate::server::question::{Answer, Credential, Phase, Question, Step};
use crate::server::seen::{Seen, Upload};
use crate::server::unreachable::Unreachable;

use super::options::Options;

/// The id of a crew member who does not exist.
pub(in crate::server) const NOBODY: &str = "crew_nobody_has_this_id";
/// The id of a document that does not exist.
pub(in crate::server) const NOTHING: &str = "doc_nobody_has_this_id";

/// The state of a probe.
pub(super) struct Probe<'a> {
    pub(super) server: Server<'a>,
    pub(super) expect: &'a Expectation,
    pub(super) driver: LeverDriver<'a>,
    /// The crew member for whom most requests are sent.
    pub(super) main: &'a str,
    /// The ids of that person's documents.
    pub(super) documents: Vec<String>,
    pub(super) upload: Option<Upload>,
    /// The duration of the burst, in seconds.
    pub(super) burst: Option<f64>,
    /// Levers that failed, with their errors.
    pub(super) stuck: Vec<(&'static str, String)>,
}

/// Sends every request of a probe, and undoes its changes.
///
/// # Errors
/// A server that can't be reached, or that redirects every request.
pub async fn run<'a>(base: &str, expect: &'a Expectation, options: &Options) -> Result<Seen<'a>, Unreachable> {
    let mut server = Server::new(base, options.rate, options.ca.as_deref(), expect)?;
    if let Some(limit) = options.response_limit {
        server = server.with_limit(limit);
    }
    let main = main_person(expect);
    server.check_reachable(main).await?;
    let driver = LeverDriver::new(options.control.as_deref(), &expect.levers);
    let (documents, stuck) = (Vec::new(), Vec::new());
    let mut probe = Probe { server, expect, driver, main, documents, upload: None, burst: None, stuck };
    let step = |what: &str| options.steps.begin(what);
    step("documents, links and files");
    probe.baseline().await;
    for part in [Part::Me, Part::Vessels, Part::Fleet, Part::Profile, Part::Photo] {
        if options.requests(part) {
            step(title(part));
            probe.part(part).await;
        }
    }
    for part in [Part::Lookup, Part::Compliance] {
        if options.posts && options.requests(part) {
            step(title(part));
            probe.part(part).await;
        }
    }
    // Times are judged before the clock moves: a Date that a proxy sets does not follow it.
    if options.allows(OptIn::Hostile) {
        step("requests that no good client sends");
        probe.hostile().await;
    }
    if options.needs(Change::Store) {
        step("a store that is down");
        probe.store().await;
    }
    if options.needs(Change::Clock) {
        step("a link that expires");
        probe.expiry(options.wait).await;
    }
    if options.needs(Change::Reupload) {
        step("a document that is replaced");
        probe.reupload().await;
    }
    if options.allows(OptIn::Limits) && expect.keys.contains_key("limited") {
        step("a burst of requests");
        probe.limits().await;
    }
    probe.pull("reset", LeverAction::Reset).await;
    let base = probe.server.base().to_owned();
    let (upload, burst, stuck) = (probe.upload, probe.burst, probe.stuck);
    Ok(Seen { expect, base, answers: probe.server.into_answers(), upload, burst, stuck, posts: options.posts })
}

/// Returns what the requests of a part are about.
const fn title(part: Part) -> &'static str {
    match part {
        Part::Me => "who the key belongs to",
        Part::Vessels => "the vessels",
        Part::Fleet => "the fleet, page by page",
        Part::Profile => "profiles",
        Part::Photo => "photos",
        Part::Lookup => "lookups",
        Part::Compliance => "compliance",
    }
}

/// Returns the crew member who is most useful: on the fleet, consenting and with documents, as far as that is known.
fn main_person(expect: &Expectation) -> &str {
    let worse = |person: &Person| {
        let documents = person.documents.as_ref().is_none_or(|documents| !documents.is_empty());
        (!person.fleet, !may_consent(person), !documents)
    };
    expect.crew.iter().min_by_key(|(_, person)| worse(person)).map_or("", |(id, _)| id)
}

/// Returns true unless it is known that a person does not consent to both scopes.
pub(super) fn may_consent(person: &Person) -> bool {
    [READ, DOWNLOAD].iter().all(|scope| person.consents(scope) != Some(false))
}

impl Probe<'_> {
    /// Sends the requests of a part, if the expectation has it.
    async fn part(&mut self, part: Part) {
        match part {
            Part::Me => self.with_every_credential(Step::Me, self.expect.me.is_some()).await,
            Part::Vessels => self.with_every_credential(Step::Vessels, !self.expect.vessels.is_empty()).await,
            Part::Fleet => self.fleet().await,
            Part::Profile => self.profiles().await,
            Part::Photo => self.photos().await,
            Part::Lookup => self.lookups().await,
            Part::Compliance => self.compliance().await,
        }
    }

    pub(super) async fn ask(&mut self, step: Step, by: Credential, crew: &str, document: &str, phase: Phase) -> Answer {
        self.server.ask(Question::new(step, by, crew, document).at(phase)).await
    }

    pub(super) async fn list(&mut self, by: Credential, crew: &str) -> Answer {
        self.ask(Step::List, by, crew, "", Phase::Baseline).await
    }

    pub(super) async fn link(&mut self, by: Credential, crew: &str, document: &str) -> Answer {
        self.ask(Step::Link, by, crew, document, Phase::Baseline).await
    }

    /// Follows a link that was given for a document of a crew member.
    pub(super) async fn follow(&mut self, crew: &str, document: &str, link: &str, phase: Phase) {
        let question = Question::new(Step::File, Credential::Nobody, crew, document).at(phase);
        self.server.follow(question, link).await;
    }

    /// Returns the first document of the main person, or an id that does not exist.
    pub(super) fn first_document(&self) -> String {
        self.documents.first().cloned().unwrap_or_else(|| NOTHING.to_owned())
    }

    /// Requests a new link to the first document; `None` without a document.
    pub(super) async fn fresh_link(&mut self, phase: Phase) -> Option<(String, Answer)> {
        let document = self.documents.first()?.clone();
        let answer = self.ask(Step::Link, Credential::full(), self.main, &document, phase).await;
        Some((document, answer))
    }

    /// Uses a lever; returns false, and keeps the error, if it failed.
    pub(super) async fn pull(&mut self, name: &'static str, action: LeverAction<'_>) -> bool {
        match self.driver.pull(action).await {
            Ok(_) => true,
            Err(why) => {
                self.stuck.push((name, why));
                false
            }
        }
    }
}
