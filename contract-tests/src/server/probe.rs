//! The tour: which questions are asked, and in which order. What it sees is judged afterwards.

use std::io::Write as _;
use std::time::Duration;

use crewpass_diagnostics::to_hex;
use http::Method;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::ask::{Server, Unreachable};
use super::expect::{Expectation, Person};
use super::levers::{LeverAction, LeverDriver};
use super::question::{Answer, Credential, Phase, Question, Step};
use super::seen::{Seen, Upload};
use crate::operation::{Name, raw_path, unknown_path};

/// An id that nobody has.
pub(super) const NOBODY: &str = "crew_nobody_has_this_id";
/// A document that nobody has.
const NOTHING: &str = "doc_nobody_has_this_id";
/// So many documents of the first crew member are downloaded.
const MOST_DOCUMENTS: usize = 25;
/// How many requests a burst has: more than a second and a minute's allowance of a slow network.
const BURST: usize = 200;
/// The file that is uploaded.
const UPLOADED: &[u8] = include_bytes!("../../fixtures/files/pst-2018.pdf");

/// How a server is judged.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The control API of a fake.
    pub control: Option<String>,
    /// Requests a second.
    pub rate: u32,
    /// Sends what no good client sends.
    pub hostile: bool,
    /// Sends a burst.
    pub limits: bool,
    /// Waits until a link expires.
    pub wait: bool,
    /// A CA to trust, in PEM.
    pub ca: Option<Vec<u8>>,
    /// The ids of the clauses that will be judged, or nothing for all. No lever is pulled for what none of them sees.
    pub only: Vec<String>,
}

/// What every answer is held to, whatever was asked.
const EVERYWHERE: [&str; 3] = ["CPS-ERR-", "CPS-ID-", "CPS-SEC-"];

impl Options {
    /// Whether a clause whose id begins so will be judged, or one that is for every answer.
    fn sees(&self, starts: &[&str]) -> bool {
        let begins = |id: &String| starts.iter().chain(&EVERYWHERE).any(|start| id.starts_with(start));
        self.only.is_empty() || self.only.iter().any(begins)
    }
}

struct Probe<'a> {
    server: Server<'a>,
    expect: &'a Expectation,
    driver: LeverDriver<'a>,
    /// The crew member whose files are downloaded.
    main: &'a str,
    documents: Vec<String>,
    upload: Option<Upload>,
    burst: Option<f64>,
    stuck: Vec<(&'static str, String)>,
}

/// Asks everything.
///
/// # Errors
/// A server that can't be spoken to.
pub async fn run<'a>(base: &str, expect: &'a Expectation, options: &Options) -> Result<Seen<'a>, Unreachable> {
    let mut server = Server::new(base, options.rate, options.ca.as_deref(), expect)?;
    let main = main_of(expect);
    server.check_reachable(main).await?;
    let driver = LeverDriver::of(options.control.as_deref(), &expect.levers);
    let (documents, stuck) = (Vec::new(), Vec::new());
    let mut probe = Probe { server, expect, driver, main, documents, upload: None, burst: None, stuck };
    probe.calm().await;
    if options.sees(&["CPS-LINK-06", "CPS-LINK-09", "CPS-LINK-11"]) {
        probe.expiry(options.wait).await;
    }
    if options.sees(&["CPS-STORE-"]) {
        probe.store().await;
    }
    if options.hostile && options.sees(&["CPS-ODD-"]) {
        probe.hostile().await;
    }
    if options.sees(&["CPS-UP-"]) {
        probe.reupload().await;
    }
    if options.limits && options.sees(&["CPS-RATE-"]) && expect.keys.contains_key("limited") {
        let question = Question::new(Step::List, Credential::Key("limited".to_owned()), main, "").at(Phase::Burst);
        probe.burst = Some(probe.server.burst(&question, BURST).await.as_secs_f64());
    }
    probe.pull("reset", LeverAction::Reset).await;
    let base = probe.server.base().to_owned();
    let (upload, burst, stuck) = (probe.upload, probe.burst, probe.stuck);
    Ok(Seen { expect, base, answers: probe.server.into_answers(), upload, burst, stuck })
}

/// Who is asked for most: on the fleet, consenting, with documents, as far as that is known.
fn main_of(expect: &Expectation) -> &str {
    let consents = |person: &Person| {
        [super::expect::READ, super::expect::DOWNLOAD].iter().all(|scope| person.consents(scope) != Some(false))
    };
    let best = |person: &Person| {
        let documents = person.documents.as_ref().is_none_or(|documents| !documents.is_empty());
        (!person.fleet, !consents(person), !documents)
    };
    expect.crew.iter().min_by_key(|(_, person)| best(person)).map_or("", |(id, _)| id)
}

impl Probe<'_> {
    async fn ask(&mut self, step: Step, by: Credential, crew: &str, document: &str, phase: Phase) -> Answer {
        self.server.ask(Question::new(step, by, crew, document).at(phase)).await
    }

    async fn list(&mut self, by: Credential, crew: &str) -> Answer {
        self.ask(Step::List, by, crew, "", Phase::Baseline).await
    }

    async fn link(&mut self, by: Credential, crew: &str, document: &str) -> Answer {
        self.ask(Step::Link, by, crew, document, Phase::Baseline).await
    }

    async fn follow(&mut self, document: &str, link: &str, phase: Phase) {
        let question = Question::new(Step::File, Credential::Nobody, self.main, document).at(phase);
        self.server.follow(question, link).await;
    }

    async fn calm(&mut self) {
        let main = self.main;
        let listed = self.list(Credential::full(), main).await;
        let known = self.expect.documents_of(main).iter().map(|document| document.document_id.clone());
        let listed = listed.items().into_iter().filter_map(|item| Some(item["document_id"].as_str()?.to_owned()));
        for id in known.chain(listed) {
            if !self.documents.contains(&id) && self.documents.len() < MOST_DOCUMENTS {
                self.documents.push(id);
            }
        }
        for id in self.documents.clone() {
            self.download(&id).await;
        }
        self.people().await;
        self.keys().await;
        self.pairs().await;
        self.absent().await;
    }

    /// Two links; one of them is followed twice.
    async fn download(&mut self, id: &str) {
        let main = self.main;
        let first = self.link(Credential::full(), main, id).await;
        if Some(id) == self.documents.first().map(String::as_str) {
            self.link(Credential::full(), main, id).await;
        }
        if let Some(link) = first.link() {
            self.follow(id, &link, Phase::Baseline).await;
            if Some(id) == self.documents.first().map(String::as_str) {
                self.follow(id, &link, Phase::Baseline).await;
            }
        }
    }

    /// The other crew members, and one that nobody knows.
    async fn people(&mut self) {
        let (expect, main) = (self.expect, self.main);
        let document = self.first_document();
        for (id, person) in &expect.crew {
            if id == main {
                continue;
            }
            self.list(Credential::full(), id).await;
            let own = expect.documents_of(id).first().map(|one| one.document_id.clone());
            let asked = own.or((!person.fleet).then(|| document.clone()));
            if let Some(asked) = asked {
                self.link(Credential::full(), id, &asked).await;
            }
        }
        self.list(Credential::full(), NOBODY).await;
        self.link(Credential::full(), NOBODY, &document).await;
    }

    async fn keys(&mut self) {
        let (expect, main) = (self.expect, self.main);
        let document = self.first_document();
        let named = expect.keys.keys().filter(|name| !matches!(name.as_str(), "full" | "limited"));
        let askers = [Credential::Nobody, Credential::Unknown].into_iter().chain(named.cloned().map(Credential::Key));
        for by in askers {
            self.list(by.clone(), main).await;
            self.link(by, main, &document).await;
        }
        self.list(Credential::Header, main).await;
        self.list(Credential::LowerCase, main).await;
    }

    /// Questions that two checks refuse: which of them answers tells the order.
    async fn pairs(&mut self) {
        let expect = self.expect;
        let off_fleet = expect.crew.iter().find(|(_, person)| !person.fleet).map(|(id, _)| id.as_str());
        let consents = |person: &Person| person.fleet && person.consents(super::expect::READ) == Some(false);
        let unconsented = expect.crew.iter().find(|(_, person)| consents(person)).map(|(id, _)| id.as_str());
        let document = self.first_document();
        let named = expect.keys.iter().filter(|(name, _)| !matches!(name.as_str(), "full" | "limited"));
        let named: Vec<_> = named.map(|(name, _)| Credential::Key(name.clone())).collect();
        if let Some(id) = off_fleet {
            for by in [Credential::Unknown].into_iter().chain(named.iter().cloned()) {
                self.list(by.clone(), id).await;
                self.link(by, id, &document).await;
            }
        }
        if let Some(id) = unconsented {
            for by in named {
                self.list(by, id).await;
            }
            self.link(Credential::full(), id, NOTHING).await;
        }
    }

    /// What is not there.
    async fn absent(&mut self) {
        let (expect, main) = (self.expect, self.main);
        self.link(Credential::full(), main, NOTHING).await;
        let old = expect.crew.get(main).and_then(|person| person.superseded.first());
        let others = expect.crew.keys().filter(|id| *id != main);
        let foreign = others.filter_map(|id| expect.documents_of(id).first()).map(|document| &document.document_id);
        for id in old.into_iter().chain(foreign.take(1)) {
            self.link(Credential::full(), main, id).await;
        }
        let question = Question::new(Step::Odd, Credential::full(), "", "");
        self.server.ask_path(question, Method::GET, &unknown_path()).await;
    }

    fn first_document(&self) -> String {
        self.documents.first().cloned().unwrap_or_else(|| NOTHING.to_owned())
    }

    /// A new link to the first document.
    async fn fresh_link(&mut self, phase: Phase) -> Option<(String, Answer)> {
        let document = self.documents.first()?.clone();
        let answer = self.ask(Step::Link, Credential::full(), self.main, &document, phase).await;
        Some((document, answer))
    }

    async fn expiry(&mut self, wait: bool) {
        let by_lever = self.driver.has(LeverAction::Clock("1s"));
        if !by_lever && !wait {
            return;
        }
        let Some((document, answer)) = self.fresh_link(Phase::Baseline).await else { return };
        let Some(link) = answer.link() else { return };
        if by_lever {
            if self.pull("clock", LeverAction::Clock("12m")).await {
                self.follow(&document, &link, Phase::Later).await;
                if self.pull("clock", LeverAction::Clock("6m")).await {
                    self.follow(&document, &link, Phase::Expired).await;
                }
            }
            return;
        }
        let until = answer.json()["expires_at"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
        let left = until.map_or(1_020, |until| until.as_second() - Timestamp::now().as_second());
        let left = u64::try_from(left.clamp(0, 1_020)).unwrap_or_default();
        tokio::time::sleep(Duration::from_secs(left + 5)).await;
        self.follow(&document, &link, Phase::Expired).await;
    }

    async fn store(&mut self) {
        if !(self.driver.has(LeverAction::StoreDown) && self.driver.has(LeverAction::StoreUp)) {
            return;
        }
        let Some((document, before)) = self.fresh_link(Phase::Baseline).await else { return };
        if self.pull("store_down", LeverAction::StoreDown).await {
            self.fresh_link(Phase::StoreDown).await;
            if let Some(link) = before.link() {
                self.follow(&document, &link, Phase::StoreDown).await;
            }
        }
        if self.pull("store_up", LeverAction::StoreUp).await {
            self.fresh_link(Phase::StoreUp).await;
        }
    }

    async fn reupload(&mut self) {
        let Some(document) = self.documents.first().cloned() else { return };
        let Ok(mut file) = tempfile::Builder::new().suffix(".pdf").tempfile() else { return };
        let main = self.main;
        let pull = |path| LeverAction::Reupload { crew: main, document: "", path };
        if !self.driver.has(pull(file.path())) || file.write_all(UPLOADED).is_err() {
            return;
        }
        let Some((_, link)) = self.fresh_link(Phase::Baseline).await else { return };
        let ids = |list: &Answer| -> Vec<String> {
            list.items().iter().filter_map(|item| Some(item["document_id"].as_str()?.to_owned())).collect()
        };
        let before = ids(&self.list(Credential::full(), main).await);
        let path = file.path().to_owned();
        if !self.pull("reupload", LeverAction::Reupload { crew: main, document: &document, path: &path }).await {
            return;
        }
        let after = ids(&self.ask(Step::List, Credential::full(), main, "", Phase::Reuploaded).await);
        if let Some(link) = link.link() {
            self.follow(&document, &link, Phase::Reuploaded).await;
        }
        for new in after.iter().filter(|id| !before.contains(id)) {
            let answer = self.ask(Step::Link, Credential::full(), main, new, Phase::Reuploaded).await;
            if let Some(link) = answer.link() {
                self.follow(new, &link, Phase::Reuploaded).await;
            }
        }
        let sha256 = to_hex(&Sha256::digest(UPLOADED));
        self.upload = Some(Upload { crew: main.to_owned(), document, sha256, before });
    }

    async fn hostile(&mut self) {
        let odd = |by| Question::new(Step::Odd, by, "", "").at(Phase::Hostile);
        let long = "a".repeat(4_000);
        for id in ["crew%2F001", "crew%00", "%FF%FE", "crew%252F001", &long] {
            self.server.ask_path(odd(Credential::full()), Method::GET, &raw_path(Name::ListDocuments, &[id])).await;
        }
        let question = Question::new(Step::List, Credential::full(), self.main, "").at(Phase::Hostile);
        let list = raw_path(Name::ListDocuments, &[self.main]);
        self.server.ask_path(question.clone(), Method::POST, &list).await;
        self.server.ask_path(question.clone(), Method::HEAD, &list).await;
        self.server.ask_path(Question { by: Credential::Both, ..question }, Method::GET, &list).await;
        if let Some((document, answer)) = self.fresh_link(Phase::Baseline).await
            && let Some(link) = answer.link()
        {
            self.follow(&document, &changed(&link), Phase::Hostile).await;
        }
    }

    /// Pulls a lever if there is one; one that failed is told of.
    async fn pull(&mut self, name: &'static str, pull: LeverAction<'_>) -> bool {
        match self.driver.pull(pull).await {
            Ok(()) => true,
            Err(why) => {
                self.stuck.push((name, why));
                false
            }
        }
    }
}

/// The link with one character of its token changed: the one in the middle, so that no padding hides it.
fn changed(link: &str) -> String {
    let end = link.find(['?', '#']).unwrap_or(link.len());
    let start = link[..end].rfind('/').map_or(0, |slash| slash + 1);
    let middle = link[..end].floor_char_boundary(start + (end - start) / 2);
    let other = if link[middle..].starts_with('A') { "B" } else { "A" };
    let rest = link[middle..].chars().next().map_or(0, char::len_utf8);
    format!("{}{other}{}", &link[..middle], &link[middle + rest..])
}
