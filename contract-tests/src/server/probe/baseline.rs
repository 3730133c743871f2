//! The requests to an unchanged server: every document, person, key and pair of refusals.

use http::Method;

use crate::operation::unknown_path;
use crate::server::expect::{Expectation, Person, READ};
use crate::server::question::{Answer, Credential, Phase, Question, Step};

use super::run::{NOBODY, NOTHING, Probe, may_consent};

/// The most documents of one person that are downloaded.
const MOST_OF_ONE: usize = 25;
/// The most documents of all persons that are downloaded.
const MOST_OF_ALL: usize = 100;
/// The number of links that are requested before the first of them is followed.
const LINKS_AT_ONCE: usize = 4;

/// A document, by the id of its crew member and its own.
type Place = (String, String);

impl Probe<'_> {
    /// Sends every request of this part.
    pub(super) async fn baseline(&mut self) {
        let listed = self.list(Credential::full(), self.main).await;
        let known = self.expect.documents_of(self.main).iter().map(|document| document.document_id.clone());
        let listed = listed.items().into_iter().filter_map(|item| Some(item["document_id"].as_str()?.to_owned()));
        for id in known.chain(listed) {
            if !self.documents.contains(&id) && self.documents.len() < MOST_OF_ONE {
                self.documents.push(id);
            }
        }
        let own = self.documents.iter().map(|id| (self.main.to_owned(), id.clone()));
        let mut places: Vec<Place> = own.chain(known_files(self.expect, self.main)).collect();
        places.truncate(MOST_OF_ALL);
        for some in places.chunks(LINKS_AT_ONCE) {
            self.download(some).await;
        }
        self.link_used_twice().await;
        self.people().await;
        self.keys().await;
        self.pairs().await;
        self.absent().await;
    }

    /// Requests a link to each document, then follows them in the opposite order: a server that remembers only the
    /// last link, or takes one for another, gives a wrong file.
    async fn download(&mut self, places: &[Place]) {
        let mut links = Vec::new();
        for (crew, document) in places {
            let link = self.link(Credential::full(), crew, document).await.link();
            links.extend(link.map(|link| (crew, document, link)));
        }
        for (crew, document, link) in links.iter().rev() {
            self.follow(crew, document, link, Phase::Baseline).await;
        }
    }

    /// Requests another link to the first document, and follows it twice.
    async fn link_used_twice(&mut self) {
        let Some((document, answer)) = self.fresh_link(Phase::Baseline).await else { return };
        let Some(link) = answer.link() else { return };
        for _ in 0..2 {
            self.follow(self.main, &document, &link, Phase::Baseline).await;
        }
    }

    /// Requests lists and links of the other persons, and of one who does not exist.
    async fn people(&mut self) {
        let document = self.first_document();
        let (expect, main) = (self.expect, self.main);
        for (id, person) in expect.crew.iter().filter(|(id, _)| *id != main) {
            self.list(Credential::full(), id).await;
            let own = expect.documents_of(id).first().map(|one| one.document_id.clone());
            if let Some(own) = own.or_else(|| (!person.fleet).then(|| document.clone())) {
                self.link(Credential::full(), id, &own).await;
            }
        }
        self.list(Credential::full(), NOBODY).await;
        self.link(Credential::full(), NOBODY, &document).await;
    }

    /// Sends requests with every credential.
    async fn keys(&mut self) {
        let document = self.first_document();
        let absent = [Credential::Nobody, Credential::Unknown];
        let other_schemes = [Credential::Basic, Credential::BasicUser, Credential::BasicPassword, Credential::Bare];
        for by in absent.into_iter().chain(other_schemes).chain(named_keys(self.expect)) {
            self.list(by.clone(), self.main).await;
            self.link(by, self.main, &document).await;
        }
        self.list(Credential::Header, self.main).await;
        self.list(Credential::LowerCase, self.main).await;
    }

    /// Sends requests that two checks refuse: the response shows which check is first.
    async fn pairs(&mut self) {
        let expect = self.expect;
        let off_fleet = expect.crew.iter().find(|(_, person)| !person.fleet).map(|(id, _)| id.as_str());
        let refuses = |person: &Person| person.fleet && person.consents(READ) == Some(false);
        let unconsented = expect.crew.iter().find(|(_, person)| refuses(person)).map(|(id, _)| id.as_str());
        let document = self.first_document();
        let named: Vec<_> = named_keys(expect).collect();
        if let Some(id) = off_fleet {
            for by in [Credential::Unknown].into_iter().chain(named.iter().cloned()) {
                self.list(by.clone(), id).await;
                self.link(by, id, &document).await;
            }
        }
        if let Some(id) = unconsented {
            let own = expect.documents_of(id).first().map_or(NOTHING, |one| &one.document_id);
            for by in named {
                self.list(by.clone(), id).await;
                self.link(by, id, own).await;
            }
            self.link(Credential::full(), id, NOTHING).await;
        }
    }

    /// Requests what does not exist.
    async fn absent(&mut self) {
        let (expect, main) = (self.expect, self.main);
        self.link(Credential::full(), main, NOTHING).await;
        let old = expect.crew.iter().filter(|(_, person)| person.fleet && may_consent(person));
        for (id, old) in old.filter_map(|(id, person)| Some((id, person.superseded.first()?))) {
            self.link(Credential::full(), id, old).await;
        }
        let others = expect.crew.keys().filter(|id| *id != main);
        let foreign = others.filter_map(|id| expect.documents_of(id).first()).map(|document| &document.document_id);
        for id in foreign.take(1) {
            self.link(Credential::full(), main, id).await;
        }
        let question = Question::new(Step::Odd, Credential::full(), "", "");
        self.server.ask_path(question, Method::GET, &unknown_path()).await;
    }
}

/// Returns the keys that are neither `full` nor kept for a burst.
pub(super) fn named_keys(expect: &Expectation) -> impl Iterator<Item = Credential> {
    let named = expect.keys.keys().filter(|name| !matches!(name.as_str(), "full" | "limited"));
    named.cloned().map(Credential::Key)
}

/// Returns the documents of the other persons whose files are known and may be downloaded.
fn known_files(expect: &Expectation, main: &str) -> impl Iterator<Item = Place> {
    let others = expect.crew.iter().filter(move |(id, person)| *id != main && person.fleet && may_consent(person));
    others.flat_map(|(id, person)| {
        let known = person.documents.iter().flatten().filter(|document| document.file.sha256.is_some());
        known.take(MOST_OF_ONE).map(move |document| (id.clone(), document.document_id.clone()))
    })
}

/// Returns the ids of the documents in a list.
pub(super) fn listed_ids(list: &Answer) -> Vec<String> {
    list.items().iter().filter_map(|item| Some(item["document_id"].as_str()?.to_owned())).collect()
}
