//! Roles, and the certificates that each requires.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Document, Text};

/// A role of crew members, with its requirements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Such as `Chief Officer`; unique in the world.
    pub name: Text,
    /// What a person in this role must hold, in the order in which a compliance check lists it.
    #[serde(default)]
    pub requires: Vec<Requirement>,
}

/// A requirement of a role. A document meets it if it has the title, or the type and title that `document` names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `requirement_key`; unique in the role.
    pub key: Text,
    /// The title that the check shows.
    pub title: Text,
    /// Where the requirement comes from.
    #[serde(default)]
    pub source: RequirementSource,
    /// The code of an STCW module, such as `A-VI/1-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Text>,
    /// The documents that meet it; those with its title if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentMatch>,
}

/// `source` of a requirement (P).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RequirementSource {
    /// A certificate of the role itself.
    #[default]
    Explicit,
    /// A module of the STCW convention.
    Stcw,
    /// A medical certificate.
    Medical,
}

/// The documents that meet a requirement: those that have every value that is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentMatch {
    /// The type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text>,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
}

impl Requirement {
    /// Returns true if a document is one that the requirement asks for.
    pub fn is_for(&self, document: &Document) -> bool {
        match &self.document {
            None => document.title == self.title,
            Some(DocumentMatch { kind, title }) => {
                kind.as_ref().is_none_or(|kind| document.kind == *kind)
                    && title.as_ref().is_none_or(|title| document.title == *title)
            }
        }
    }
}
