//! A drawn person: the id, the name, the vessels, the consent and the documents.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::super::drawn_document::{DrawnDocument, document};

/// Crew ids with special characters; each is still one path segment.
const ODD_IDS: [&str; 5] = ["../x", "a/b", "d?x=1#f", "50%25", "dok \u{fc}"];

/// An id that no path can hold, so that a client may refuse it.
const DOT: &str = ".";

/// Names that lead out of a folder, or that a terminal acts on.
const HOSTILE_NAMES: [&str; 3] = ["../../escaped", "{sandbox}/escaped", "Dot\r\u{1b}[31m"];

/// The most documents of one person.
const MOST_DOCUMENTS: usize = 3;

/// A drawn person.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DrawnPerson {
    pub(super) id: Id,
    pub(super) name: PersonName,
    pub(super) place: Place,
    pub(super) consent: Consent,
    pub(super) documents: Vec<DrawnDocument>,
}

/// The id of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    /// An ordinary one.
    Plain,
    /// One with special characters.
    Odd(&'static str),
    /// A single dot.
    Dot,
}

/// The name of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PersonName {
    /// A unique name.
    Own,
    /// A name that several people have.
    Shared,
    /// An unsafe name.
    Hostile(&'static str),
}

/// The vessels of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The first vessel of the fleet.
    First,
    /// The second one.
    Second,
    /// Both of them.
    Both,
    /// None of the fleet.
    Off,
}

/// What a person consents to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// Everything.
    Full,
    /// Documents, but not the statuses.
    NoStatus,
    /// The list of documents, but not their links.
    NoLinks,
    /// Nothing.
    Nothing,
}

/// Draws a person.
pub(super) fn person() -> impl Strategy<Value = DrawnPerson> {
    let id = prop_oneof![
        30 => Just(Id::Plain),
        2 => select(&ODD_IDS[..]).prop_map(Id::Odd),
    ];
    let name = prop_oneof![
        8 => Just(PersonName::Own),
        2 => Just(PersonName::Shared),
        1 => select(&HOSTILE_NAMES[..]).prop_map(PersonName::Hostile),
    ];
    let place = prop_oneof![6 => Just(Place::First), 4 => Just(Place::Second), 1 => Just(Place::Off)];
    let consent = prop_oneof![30 => Just(Consent::Full), 2 => Just(Consent::NoStatus)];
    let documents = proptest::collection::vec(document(), 0..=MOST_DOCUMENTS);
    (id, name, place, consent, documents).prop_map(|(id, name, place, consent, documents)| DrawnPerson {
        id,
        name,
        place,
        consent,
        documents,
    })
}

/// What is special about one of the people; rare things are drawn for the case, so that most cases have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    /// The person has rows for two vessels.
    OnTwoVessels,
    /// The person consents to less.
    Consents(Consent),
    /// The id is a single dot.
    Dot,
}

/// Draws what is special about one of the people, mostly nothing.
pub(super) fn special() -> impl Strategy<Value = Option<Special>> {
    prop_oneof![
        10 => Just(None),
        3 => Just(Some(Special::OnTwoVessels)),
        1 => Just(Some(Special::Consents(Consent::Nothing))),
        1 => Just(Some(Special::Consents(Consent::NoLinks))),
        1 => Just(Some(Special::Dot)),
    ]
}

impl DrawnPerson {
    /// Makes the person special.
    pub(super) const fn become_special(&mut self, special: Special) {
        match special {
            Special::OnTwoVessels => self.place = Place::Both,
            Special::Consents(consent) => self.consent = consent,
            Special::Dot => self.id = Id::Dot,
        }
    }

    /// Returns a person with nothing unusual but the documents.
    pub(super) fn plain(&self) -> Self {
        Self {
            id: Id::Plain,
            name: PersonName::Own,
            place: Place::First,
            consent: Consent::Full,
            documents: self.documents.clone(),
        }
    }

    /// Returns the id of the person with this number.
    pub(super) fn id(&self, number: usize) -> String {
        match self.id {
            Id::Plain => format!("crew_{number:03}"),
            Id::Odd(odd) => format!("{odd}{number}"),
            Id::Dot => DOT.to_owned(),
        }
    }

    /// Returns the name of the person with this number. The order of the names is not that of the numbers.
    pub(super) fn name(&self, number: usize) -> String {
        const FIRST: [&str; 5] = ["Mia", "Zo\u{eb}", "Ada", "Boris", "Dana"];
        match self.name {
            PersonName::Own => format!("{} Marin {number}", FIRST[number % FIRST.len()]),
            PersonName::Shared => "Ada Marin".to_owned(),
            PersonName::Hostile(name) => name.to_owned(),
        }
    }

    /// Returns the ids of the vessels.
    pub(super) const fn vessels(&self) -> &'static [&'static str] {
        match self.place {
            Place::First => &["ves_1"],
            Place::Second => &["ves_2"],
            Place::Both => &["ves_1", "ves_2"],
            Place::Off => &[],
        }
    }

    /// Returns the scopes that the person consents to.
    pub(super) const fn scopes(&self) -> &'static [&'static str] {
        match self.consent {
            Consent::Full => &["crew:status:read", "crew:documents:read", "crew:documents:download"],
            Consent::NoStatus => &["crew:documents:read", "crew:documents:download"],
            Consent::NoLinks => &["crew:status:read", "crew:documents:read"],
            Consent::Nothing => &[],
        }
    }

    /// Returns true if the person consents to the list and the links.
    pub(super) const fn shows_documents(&self) -> bool {
        matches!(self.consent, Consent::Full | Consent::NoStatus)
    }

    /// Returns true if the statuses of the person are shown.
    pub(super) const fn shows_status(&self) -> bool {
        matches!(self.consent, Consent::Full | Consent::NoLinks)
    }

    /// Returns the rows of the person on a page.
    pub(super) fn rows(&self, number: usize, status_is_granted: bool) -> impl Iterator<Item = Value> {
        let status = if self.shows_status() && status_is_granted { json!("unverified") } else { Value::Null };
        let (id, name) = (self.id(number), self.name(number));
        self.vessels().iter().map(move |vessel| {
            json!({
                "crew_unique_id": id, "name": name, "vessel_id": vessel, "vessel_name": "M/Y Halcyon", "role": null,
                "verification_status": status, "background_check_status": null, "documents_expiring": 0,
                "as_of": "2026-06-08T10:00:00Z",
            })
        })
    }
}
