//! The kinds of certificates that yacht crew hold, and the departments that hold them.

use serde::Deserialize;

use super::data;
use super::issuers::IssuerGroup;
use crate::world::Text;

/// A group of crew that holds the same kinds of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Department {
    /// Deck crew, officers included.
    Deck,
    /// Engineers and electricians.
    Engine,
    /// Stewards and stewardesses.
    Interior,
    /// Chefs and cooks.
    Galley,
    /// Deck crew who keep a watch.
    Officer,
}

/// One kind of certificate, its texts shared by the whole world.
pub(super) struct Certificate {
    pub(super) kind: Text,
    pub(super) category: Text,
    pub(super) title: Text,
    /// The file's name without its extension.
    pub(super) file: Box<str>,
    /// The pattern of document numbers.
    pub(super) number: Box<str>,
    /// The validity in days.
    pub(super) days: i32,
    pub(super) issuer: IssuerGroup,
    pub(super) departments: Box<[Department]>,
    /// Is true if crew send a photograph rather than a scan.
    pub(super) photographed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    #[serde(rename = "type")]
    kind: Text,
    #[serde(rename = "category")]
    name: Text,
    #[serde(default)]
    photographed: bool,
    certificates: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    title: Text,
    file: Box<str>,
    number: Box<str>,
    years: i32,
    issuer: IssuerGroup,
    departments: Box<[Department]>,
}

/// Returns every kind, the guide's example first.
pub(super) fn certificates() -> Box<[Certificate]> {
    let categories: Vec<Category> = data::parse(data::CERTIFICATES);
    let mut kinds = Vec::new();
    for Category { kind, name, photographed, certificates } in categories {
        kinds.extend(certificates.into_iter().map(|row| Certificate {
            kind: kind.clone(),
            category: name.clone(),
            title: row.title,
            file: row.file,
            number: row.number,
            days: row.years * 365 + row.years / 4,
            issuer: row.issuer,
            departments: row.departments,
            photographed,
        }));
    }
    kinds.into()
}
