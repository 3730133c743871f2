//! What the tester knows of the server: keys, crew, documents and levers, from one YAML file that is read strictly.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crewpass_diagnostics::{Problem, Problems, read_yaml};
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Deserializer};

use super::levers::{Levers, words};
use crate::manifest::{Unsupported, entry_problems};
use crate::requirement::Catalogue;

/// The scope of a list.
pub(super) const READ: &str = "crew:documents:read";
/// The scope of a link.
pub(super) const DOWNLOAD: &str = "crew:documents:download";

/// A key of the tester; it is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = "^[!-~]+$"))]
pub struct Secret(String);

impl Secret {
    /// The key itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Keys by name; `full` is there.
    #[schemars(extend("required" = ["full"]))]
    pub keys: BTreeMap<String, Key>,
    /// Crew members by id; one is there.
    #[schemars(extend("minProperties" = 1))]
    pub crew: BTreeMap<String, Person>,
    /// Names that may never be an issuer.
    #[serde(default)]
    pub vendors: Vec<String>,
    /// Hosts that may never be in an answer.
    #[serde(default)]
    pub storage: Vec<String>,
    /// What the tester can do to the server.
    #[serde(default)]
    pub levers: Levers,
    /// What this server can't be put to, with reasons.
    #[serde(default)]
    pub unsupported: Vec<Unsupported>,
}

/// What is known of a key.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The key itself.
    pub key: Secret,
    /// The scopes that are granted.
    #[serde(default)]
    pub granted: Option<Vec<String>>,
    /// `false`: the partner's plan has no API.
    #[serde(default)]
    pub plan: Option<bool>,
    /// `false`: revoked.
    #[serde(default)]
    pub valid: Option<bool>,
    /// Of the other mode.
    #[serde(default)]
    pub mode: Option<Mismatch>,
    /// Another partner's.
    #[serde(default)]
    pub partner: Option<Another>,
}

/// The one value that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mismatch {
    /// A live key where test keys belong, or the reverse.
    Mismatch,
}

/// The one value that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Another {
    /// Not the tester's partner.
    Another,
}

/// What is known of a crew member.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// On the tester's fleet.
    pub fleet: bool,
    /// On another partner's fleet; with `fleet: true`, on both.
    #[serde(default)]
    pub fleet_of: Option<Another>,
    /// The scopes that they consent to.
    #[serde(default)]
    pub consented: Option<Vec<String>>,
    /// Exactly these documents are current.
    #[serde(default)]
    pub documents: Option<Vec<Document>>,
    /// Ids of older versions.
    #[serde(default)]
    pub superseded: Vec<String>,
}

/// A field that is not known, known to be null, or known.
pub(super) type Known = Option<Option<String>>;

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Known, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What is known of a document.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the fields have the names of the documentation")]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["document_id"]))]
pub struct Document {
    /// Its id; the only field that must be there.
    #[schemars(length(min = 1))]
    pub document_id: String,
    /// As listed.
    #[serde(rename = "type", deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub kind: Known,
    /// As listed.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub category: Known,
    /// As listed.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub title: Known,
    /// As listed.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub issuer: Known,
    /// As listed.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub verification_status: Known,
    /// As listed.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub issue_date: Known,
    /// As listed.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub expiry_date: Known,
    /// As listed.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub document_number: Known,
    /// Its file.
    pub file: File,
}

/// What is known of a file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the fields have the names of the documentation")]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// SHA-256 of its bytes, in hexadecimal.
    #[schemars(regex(pattern = r"^[0-9A-Fa-f]{64}$"))]
    pub sha256: Option<String>,
    /// As the link tells it.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub content_type: Known,
    /// As the link tells it.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>")]
    pub file_name: Known,
}

/// The JSON Schema of an expectation, for editors.
pub fn schema_text() -> String {
    let mut schema = schemars::schema_for!(Expectation);
    // What is left out is not known, which is not what null says.
    RecursiveTransform(|part: &mut Schema| drop(part.remove("default"))).transform(&mut schema);
    schema.insert("title".to_owned(), "What is known of a server that the contract gate judges".into());
    format!("{:#}\n", schema.to_value())
}

impl Expectation {
    /// Reads it from the disk.
    pub fn open(path: &Path) -> Result<Self, Problems> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Problem::unreadable(&file, &error))?;
        Self::parse(&text, &file)
    }

    /// Reads its text.
    pub fn parse(text: &str, file: &str) -> Result<Self, Problems> {
        let told: Self = read_yaml(file, text)?;
        let problems = told.problems(text, file);
        if problems.is_empty() { Ok(told) } else { Err(Problems::new(problems)) }
    }

    fn problems(&self, text: &str, file: &str) -> Vec<Problem> {
        let wrong = |message: String, word: &str, help: &str| {
            Problem::of_file(file, message).at_word(text, word).help(Some(help.to_owned()))
        };
        let mut problems = Vec::new();
        if !self.keys.contains_key("full") {
            let help = "add `full: {key: cpk_test_...}`: a key that may do everything";
            problems.push(wrong("there is no key `full`".to_owned(), "keys", help));
        }
        if self.crew.is_empty() {
            problems.push(wrong("there is no crew member".to_owned(), "crew", "add `crew_001: {fleet: true}`"));
        }
        for (name, known) in &self.keys {
            let bad = |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii();
            if known.key.reveal().is_empty() || known.key.reveal().contains(bad) {
                let help = "a key is sent in a header: ASCII, without spaces";
                problems.push(wrong(format!("the key `{name}` can't be sent"), name, help));
            }
        }
        for document in self.crew.values().flat_map(|person| person.documents.iter().flatten()) {
            if document.document_id.is_empty() {
                problems.push(wrong("a document has no `document_id`".to_owned(), "documents", "add its id"));
            }
            if let Some(hash) = &document.file.sha256
                && (hash.len() != 64 || !hash.chars().all(|c| c.is_ascii_hexdigit()))
            {
                let message = format!("the sha256 of {} is none", document.document_id);
                problems.push(wrong(message, hash, "write 64 hexadecimal digits, as sha256sum prints them"));
            }
        }
        for command in self.levers.all() {
            if words(command).is_err() {
                let message = "this command has a quote that is not closed".to_owned();
                problems.push(wrong(message, command, "close it"));
            }
        }
        problems
    }

    /// What a server can't be put to is a clause that there is, with a reason.
    pub fn check_unsupported(&self, clauses: &Catalogue, file: &str) -> Result<(), Problems> {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let entries = self.unsupported.iter().map(|entry| (&entry.id, &entry.reason));
        let problems = entry_problems(entries, &text, file, clauses);
        if problems.is_empty() { Ok(()) } else { Err(Problems::new(problems)) }
    }

    /// The documents that are known of a crew member.
    pub fn documents_of(&self, crew: &str) -> &[Document] {
        self.crew.get(crew).and_then(|person| person.documents.as_deref()).unwrap_or_default()
    }

    /// What is known of a document.
    pub fn document(&self, crew: &str, id: &str) -> Option<&Document> {
        self.documents_of(crew).iter().find(|document| document.document_id == id)
    }
}

impl Person {
    /// Whether they consent to a scope, where that is known.
    pub fn consents(&self, scope: &str) -> Option<bool> {
        self.consented.as_ref().map(|given| given.iter().any(|one| one == scope))
    }
}

impl Document {
    /// Each of the fields of a list that are known.
    pub fn listed(&self) -> impl Iterator<Item = (&'static str, &Option<String>)> {
        let all = [
            ("type", &self.kind),
            ("category", &self.category),
            ("title", &self.title),
            ("issuer", &self.issuer),
            ("verification_status", &self.verification_status),
            ("issue_date", &self.issue_date),
            ("expiry_date", &self.expiry_date),
            ("document_number", &self.document_number),
        ];
        all.into_iter().filter_map(|(name, known)| Some((name, known.as_ref()?)))
    }
}
