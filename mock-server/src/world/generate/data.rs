//! The word lists of the generator: files under `fixtures/generator`, which are part of the program.

use serde::de::DeserializeOwned;

/// Names of people, by language.
pub(super) const NAMES: &str = include_str!("../../../fixtures/generator/names.yaml");
/// Ranks with their departments.
pub(super) const RANKS: &str = include_str!("../../../fixtures/generator/ranks.yaml");
/// Words of vessels' names.
pub(super) const VESSELS: &str = include_str!("../../../fixtures/generator/vessels.yaml");
/// What is said of people beside their names.
pub(super) const PEOPLE: &str = include_str!("../../../fixtures/generator/people.yaml");
/// Roles with their requirements.
pub(super) const ROLES: &str = include_str!("../../../fixtures/generator/roles.yaml");
/// Kinds of certificates.
pub(super) const CERTIFICATES: &str = include_str!("../../../fixtures/generator/certificates.yaml");
/// Authorities and schools.
pub(super) const ISSUERS: &str = include_str!("../../../fixtures/generator/issuers.yaml");
/// File names that a client must not trust.
pub(super) const HOSTILE_NAMES: &str = include_str!("../../../fixtures/generator/hostile-names.yaml");

/// Parses one of the lists.
///
/// # Panics
/// Never with a list of this file: each is part of the program, and a test parses it.
#[expect(clippy::expect_used, reason = "the lists are part of the program, and a test parses each")]
pub(super) fn parse<T: DeserializeOwned>(list: &str) -> T {
    serde_saphyr::from_str(list).expect("an embedded list is valid")
}
