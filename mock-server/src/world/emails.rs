//! Lookup of people by e-mail address, without a copy of the addresses.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::CrewMember;
use super::details::normalized_email;

/// A table of positions in the crew, by the addresses in the form in which two are compared.
#[derive(Debug, Default)]
pub(super) struct Emails {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Emails {
    /// Creates the table of a crew, in which no two people have one address.
    pub(super) fn new(crew: &[CrewMember]) -> Self {
        let mut emails = Self::default();
        for (at, person) in crew.iter().enumerate() {
            let Some(email) = email_of(person) else { continue };
            let Self { table, hasher } = &mut emails;
            let position = u32::try_from(at).unwrap_or(u32::MAX);
            let hash = |at: &u32| hasher.hash_one(crew.get(*at as usize).and_then(email_of).unwrap_or_default());
            table.insert_unique(hasher.hash_one(email), position, hash);
        }
        emails
    }

    /// Returns the position of the person with an address.
    pub(super) fn find(&self, email: &str, crew: &[CrewMember]) -> Option<u32> {
        let wanted = normalized_email(email);
        let is_it = |at: &u32| crew.get(*at as usize).and_then(email_of).is_some_and(|known| known == wanted);
        self.table.find(self.hasher.hash_one(&wanted), is_it).copied()
    }
}

fn email_of(person: &CrewMember) -> Option<String> {
    Some(normalized_email(person.details.as_ref()?.email.as_ref()?))
}
