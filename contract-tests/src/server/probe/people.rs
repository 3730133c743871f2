//! The requests for profiles and photos.

use crate::server::expect::PROFILE;
use crate::server::question::{Credential, Phase, Step};

use super::baseline::named_keys;
use super::run::{NOBODY, Probe};

/// The most persons of whom something is requested.
const MOST: usize = 25;

impl Probe<'_> {
    /// Asks for the profile of everybody on the fleet, and of those who are not.
    pub(super) async fn profiles(&mut self) {
        if self.expect.crew.values().any(|person| person.profile.is_some()) {
            self.of_everybody(Step::Profile).await;
        }
    }

    /// Asks for the photo of everybody on the fleet, and of those who are not.
    pub(super) async fn photos(&mut self) {
        if self.expect.crew.values().any(|person| person.photo.is_some()) {
            self.of_everybody(Step::Photo).await;
        }
    }

    /// Asks for something of everybody, and with every credential for that of the first person who has it.
    async fn of_everybody(&mut self, step: Step) {
        for id in self.persons() {
            self.ask(step, Credential::full(), &id, "", Phase::Baseline).await;
        }
        let first = self.first_with(PROFILE, |person| match step {
            Step::Photo => person.photo.as_ref().is_some_and(Option::is_some),
            _ => person.profile.is_some(),
        });
        for by in self.credentials().into_iter().filter(|by| *by != Credential::full()) {
            self.ask(step, by, &first, "", Phase::Baseline).await;
        }
    }

    /// Returns the persons of whom something is requested, and one who does not exist at the end.
    pub(super) fn persons(&self) -> Vec<String> {
        let on = self.expect.crew.iter().filter(|(_, person)| person.fleet).map(|(id, _)| id);
        let off = self.expect.crew.iter().filter(|(_, person)| !person.fleet).map(|(id, _)| id);
        let mut all: Vec<_> = on.take(MOST).chain(off.take(MOST)).cloned().collect();
        all.push(NOBODY.to_owned());
        all
    }

    /// Returns the first person on the fleet who has something and consents to a scope, or else the main one.
    pub(super) fn first_with(&self, scope: &str, has: impl Fn(&crate::server::expect::Person) -> bool) -> String {
        let mut on_fleet = self.expect.crew.iter().filter(|(_, person)| person.fleet);
        let found = on_fleet.find(|(_, person)| person.consents(scope) != Some(false) && has(person));
        found.map_or_else(|| self.main.to_owned(), |(id, _)| id.clone())
    }

    /// Returns the key `full`, no key, one that does not exist, and every other key but that of the burst.
    pub(super) fn credentials(&self) -> Vec<Credential> {
        let mut all = vec![Credential::full(), Credential::Nobody, Credential::Unknown];
        all.extend(named_keys(self.expect));
        all
    }
}
