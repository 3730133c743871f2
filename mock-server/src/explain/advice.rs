//! Advice for the checks behind the key: why one fails, and the nearest world in which it passes.

use crewpass_diagnostics::nearest;
use jiff::Timestamp;
use serde::Serialize;

use super::question::Question;
use super::words::{are, did_you_mean, list, shown};
use crate::check::{Caller, CrewMember as KnownCrew};
use crate::error::{Extra, Refusal};
use crate::scope::Scope;
use crate::session::{Reach, SessionState, StoreStep};
use crate::world::{CrewMember, DocumentStore, Partner};

/// The most names of a list.
pub(super) const NAMES_AT_MOST: usize = 5;

/// The reason for an answer, and what would have to change.
pub(crate) struct Advice {
    pub(super) why: String,
    pub(super) would_pass: Vec<Remedy>,
}

/// A change after which a request would be served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Remedy {
    /// A command to paste into a terminal.
    Command(String),
    /// What to do, in words.
    Words(String),
}

impl From<String> for Remedy {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl Advice {
    pub(super) fn new(why: impl Into<String>, would_pass: impl IntoIterator<Item = impl Into<Remedy>>) -> Self {
        Self { why: why.into(), would_pass: would_pass.into_iter().map(Into::into).collect() }
    }
}

/// A request in its session, as an explanation sees it.
pub(crate) struct Situation<'a> {
    pub(super) state: &'a SessionState,
    pub(super) question: &'a Question<'a>,
    pub(super) now: Timestamp,
}

impl Situation<'_> {
    /// Explains a fault rule that answers in front of the checks.
    pub(super) fn fault(&self, name: Option<&str>, effect: Option<&str>) -> Advice {
        let (Some(name), Some(effect)) = (name, effect) else {
            return Advice::new(
                "This is a hop of a chain of redirects that a fault rule began.",
                ["follow it".to_owned()],
            );
        };
        let order = self.ctl(&format!("faults clear {name}"));
        Advice::new(format!("The fault rule {name} ({effect}) is applied before every check."), [order])
    }

    /// Explains a request that is served.
    pub(super) fn served(&self, fired: &[Box<str>]) -> Advice {
        if fired.is_empty() {
            return Advice::new("Every check passes.", None::<Remedy>);
        }
        let rules = list(fired.iter().map(|name| &**name), "none");
        Advice::new(format!("Every check passes, and {rules} would fire."), [self.ctl("faults clear")])
    }

    /// Writes a command of `ctl`, for the session of the question.
    pub(super) fn ctl(&self, order: &str) -> Remedy {
        Remedy::Command(match self.question.session {
            "default" => format!("crewpass-mock ctl {order}"),
            session => format!("crewpass-mock ctl --session {session} {order}"),
        })
    }

    /// Returns the partner of a caller.
    pub(super) fn partner(&self, caller: Caller) -> &Partner {
        &self.state.partners[caller.partner]
    }

    /// Returns the scope of the endpoint. A check of scopes fails only where there is one.
    pub(super) fn scope(&self) -> Scope {
        self.question.context.endpoint.scope().unwrap_or(Scope::DocumentsRead)
    }

    /// Iterates over the crew members, as they are now.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &CrewMember> {
        let count = u32::try_from(self.state.world().crew.len()).unwrap_or(u32::MAX);
        (0..count).map(|at| self.state.crew(at))
    }

    /// Advises on a caller without a token in the limiter.
    pub(crate) fn rate_limit(&self, refusal: &Refusal) -> Advice {
        let wait = if let Extra::RetryAfter(seconds) = refusal.extra { seconds } else { 0.0 };
        let why = "There were 60 reads within a second, or 1,000 within a minute: no token is left.";
        let would_pass = [
            format!("wait {wait} s of the session's clock").into(),
            self.ctl(&format!("clock advance {}s", wait.ceil())),
            self.ctl("policies set rate_limits=off"),
        ];
        Advice::new(why, would_pass)
    }

    /// Advises on a crew member who is not on the fleet.
    pub(crate) fn fleet(&self, caller: Caller) -> Advice {
        let partner = &*self.partner(caller).id;
        let on_fleet = |person: &&CrewMember| person.on_fleet_of(self.state.world(), partner);
        let id = self.question.context.crew.as_deref();
        let asked = shown(id.unwrap_or_default());
        let others: Vec<&str> =
            self.everybody().filter(on_fleet).take(NAMES_AT_MOST + 1).map(|person| &*person.id).collect();
        let more = if others.len() > NAMES_AT_MOST { " among others" } else { "" };
        let others = &others[..others.len().min(NAMES_AT_MOST)];
        let names = list(others.iter().copied(), "nobody");
        let on_it = format!("{names} {} on the fleet of {partner}{more}", are(others.len().max(1)));
        let Some(person) = id.and_then(|id| self.state.position(id)).map(|at| self.state.crew(at)) else {
            let near = id.and_then(|id| nearest(id, self.everybody().map(|person| &*person.id)));
            let mut would_pass = did_you_mean(near);
            would_pass.push(on_it.into());
            return Advice::new(format!("There is no crew member {asked} in this world."), would_pass);
        };
        let mut would_pass = vec![on_it.into()];
        let mine = self.state.world().vessels.iter();
        let mut mine = mine.filter(|vessel| vessel.partners.iter().any(|id| id.as_str() == partner));
        if let Some(vessel) = mine.next() {
            would_pass.push(self.ctl(&format!("crew {} --vessel {}", person.id, vessel.id)));
        }
        Advice::new(format!("{} is off the fleet of {partner}: {}.", person.id, self.vessels_of(person)), would_pass)
    }

    fn vessels_of(&self, person: &CrewMember) -> String {
        let world = self.state.world();
        let vessels: Vec<_> = person.vessels.iter().filter_map(|id| world.vessel(id)).collect();
        if vessels.is_empty() {
            return "the person serves on no vessel".to_owned();
        }
        let fleet = |vessel: &&crate::world::Vessel| {
            let partners = list(vessel.partners.iter().map(crate::world::Text::as_str), "nobody");
            format!("{}, which is on the fleet of {partners}", vessel.id)
        };
        let places: Vec<String> = vessels.iter().take(NAMES_AT_MOST).map(fleet).collect();
        format!("the person serves on {}", places.join("; "))
    }

    /// Advises on a scope that the crew member did not consent to.
    pub(crate) fn consent(&self, crew: KnownCrew) -> Advice {
        let scope = self.scope();
        let partner = &*self.partner(crew.authorized.caller).id;
        let person = self.state.crew(crew.position);
        let given = person.consent.iter().find(|(id, _)| id.as_str() == partner);
        let given: Vec<&str> = given.map(|(_, scopes)| scopes.iter().map(Scope::name).collect()).unwrap_or_default();
        let others = self
            .everybody()
            .filter(|other| other.on_fleet_of(self.state.world(), partner) && other.consents(partner, scope));
        let others: Vec<&str> = others.take(NAMES_AT_MOST).map(|other| &*other.id).collect();
        let why = format!(
            "{} is on the fleet of {partner}, and did not consent to {scope}; given: {}.",
            person.id,
            list(given.iter().copied(), "nothing"),
        );
        let all: Vec<&str> = given.iter().copied().chain([scope.name()]).collect();
        let would_pass = [
            format!("{} consented to it", list(others, "nobody on the fleet")).into(),
            self.ctl(&format!("crew {} --consent {partner}={}", person.id, all.join(","))),
        ];
        Advice::new(why, would_pass)
    }

    /// Advises on an id that no current document has.
    pub(crate) fn document(&self, crew: KnownCrew) -> Advice {
        let person = self.state.crew(crew.position);
        let id = self.question.context.document.as_deref().unwrap_or_default();
        let current: Vec<&str> =
            person.documents.iter().filter(|known| known.current).map(|known| &*known.id).collect();
        let are_current = format!("current of {}: {}", person.id, list(current.iter().copied(), "none"));
        if person.documents.iter().any(|known| *known.id == *id) {
            let next = |id: &str| person.documents.iter().find(|newer| newer.supersedes.as_deref() == Some(id));
            let newest = std::iter::successors(next(id), |newer| next(&newer.id)).last();
            let by = newest.map_or("another", |newer| &newer.id);
            let would_pass = [are_current.into(), self.ctl("policies set superseded_document=current")];
            return Advice::new(format!("{id} is superseded by {by}."), would_pass);
        }
        let owner = self.everybody().find(|other| other.documents.iter().any(|known| *known.id == *id));
        let why = match owner {
            Some(owner) => format!("{id} is a document of {}, not of {}.", owner.id, person.id),
            None => format!("{} has no document {}.", person.id, shown(id)),
        };
        let mut would_pass = did_you_mean(nearest(id, current.iter().copied()));
        would_pass.push(are_current.into());
        Advice::new(why, would_pass)
    }

    /// Advises on a file store that is down, as a whole or for one document.
    pub(crate) fn store(&self, step: StoreStep, crew: u32, document: usize) -> Advice {
        let person = self.state.crew(crew);
        let document = &person.documents[document];
        let (reach, step) = match step {
            StoreStep::Link => (self.state.store.link, "link"),
            StoreStep::File => (self.state.store.file, "file"),
        };
        let up = self.ctl("store up");
        match reach {
            Reach::Down => {
                Advice::new(format!("The file store is down at the {step} step, until it is brought up."), [up])
            }
            Reach::DownFor(left) => {
                let why = format!("The file store is down at the {step} step, for {left} more requests.");
                Advice::new(why, [format!("try {left} times more").into(), up])
            }
            Reach::Up if document.store == DocumentStore::Down => {
                let (id, owner) = (shown(&document.id), shown(&person.id));
                let up = self.ctl(&format!("store up --crew {owner} --document {id}"));
                Advice::new(format!("The file store is down for {id} of {owner}, until it is brought up."), [up])
            }
            Reach::Up => Self::lost_file(),
        }
    }

    /// Advises on a file that is not as it was when the world was loaded.
    pub(crate) fn lost_file() -> Advice {
        Advice::new(
            "The file is gone from the disk, or was changed there after the world was loaded.",
            ["put the file back as it was, or start again; `serve --watch` takes changes in".to_owned()],
        )
    }
}
