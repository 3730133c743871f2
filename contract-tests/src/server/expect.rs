//! The expectation: the tester's knowledge of the server, from one YAML file: keys, crew, documents
//! and levers.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crewpass_diagnostics::{Problem, Problems, read_yaml};
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Deserializer};

use super::expect_crew::{Lookup, Picture, Values, Vessel, Webhooks};
use super::levers::{Levers, words};
use crate::manifest::{Unsupported, entry_problems};
use crate::requirement::Catalogue;

/// The scope that a list needs.
pub(crate) const READ: &str = "crew:documents:read";
/// The scope that a link needs.
pub(super) const DOWNLOAD: &str = "crew:documents:download";
/// The scope that vessels and fleet need.
pub(super) const FLEET: &str = "vessels:fleet:read";
/// The scope that a lookup and the status of a person need.
pub(crate) const STATUS: &str = "crew:status:read";
/// The scope that profile and photo need.
pub(super) const PROFILE: &str = "crew:profile:read";
/// The scope that the full profile needs.
pub(super) const PROFILE_FULL: &str = "crew:profile:full:read";
/// The scope that a compliance check needs.
pub(super) const COMPLIANCE: &str = "crew:compliance:read";

/// A key of the tester, or an address. It is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("pattern" = "^[!-~]+$"))]
pub struct Secret(String);

impl Secret {
    /// Returns the text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The content of an expectation file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The keys by name; `full` is required.
    #[schemars(extend("required" = ["full"]))]
    pub keys: BTreeMap<String, Key>,
    /// The fields of `partners/me` with the key `full`.
    #[serde(default)]
    pub me: Option<Values>,
    /// The vessels by id.
    #[serde(default)]
    pub vessels: BTreeMap<String, Vessel>,
    /// The rows of the fleet; there are no others. A row has `crew_unique_id` and `vessel_id`, and every other field that
    /// is given must match.
    #[serde(default)]
    #[schemars(extend("items" = {
        "type": "object",
        "required": ["crew_unique_id", "vessel_id"],
        "properties": {"crew_unique_id": {"type": "string"}, "vessel_id": {"type": "string"}}
    }))]
    pub fleet: Option<Vec<Values>>,
    /// The body of a lookup.
    #[serde(default)]
    pub lookup: Option<Lookup>,
    /// The crew members by id; at least one is required.
    #[schemars(extend("minProperties" = 1))]
    pub crew: BTreeMap<String, Person>,
    /// Names that must never be an issuer.
    #[serde(default)]
    pub vendors: Vec<String>,
    /// Hosts that must never appear in an answer.
    #[serde(default)]
    pub storage: Vec<String>,
    /// The callback of the tester's webhooks.
    #[serde(default)]
    pub webhooks: Option<Webhooks>,
    /// The ways in which the tester can change the server.
    #[serde(default)]
    pub levers: Levers,
    /// Clauses that this server can't be tested for, with reasons.
    #[serde(default)]
    pub unsupported: Vec<Unsupported>,
}

/// The known facts about a key.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The key itself.
    pub key: Secret,
    /// The granted scopes.
    #[serde(default)]
    pub granted: Option<Vec<String>>,
    /// `false` if the partner's plan has no API access.
    #[serde(default)]
    pub plan: Option<bool>,
    /// `false` if the key was revoked.
    #[serde(default)]
    pub valid: Option<bool>,
    /// Set if the key belongs to the other mode.
    #[serde(default)]
    pub mode: Option<Mismatch>,
    /// Set if the key belongs to another partner.
    #[serde(default)]
    pub partner: Option<Another>,
}

/// The only value of `mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mismatch {
    /// A live key where test keys belong, or the reverse.
    Mismatch,
}

/// The only value of `partner` and `fleet_of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Another {
    /// Another partner than the tester's.
    Another,
}

/// The known facts about a crew member.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// True if the person is on the tester's fleet.
    pub fleet: bool,
    /// Set if the person is on another partner's fleet; with `fleet: true`, on both.
    #[serde(default)]
    pub fleet_of: Option<Another>,
    /// The scopes that the person consents to.
    #[serde(default)]
    pub consented: Option<Vec<String>>,
    /// The current documents; there are no others.
    #[serde(default)]
    pub documents: Option<Vec<Document>>,
    /// The ids of superseded versions.
    #[serde(default)]
    pub superseded: Vec<String>,
    /// The address by which a lookup finds the person.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub email: Option<Secret>,
    /// The fields of the profile.
    #[serde(default)]
    pub profile: Option<Values>,
    /// The photo; null if there is none.
    #[serde(default, deserialize_with = "some")]
    #[schemars(with = "Option<Picture>")]
    pub photo: Known<Picture>,
    /// The fields of a compliance check on each vessel, by vessel id.
    #[serde(default)]
    pub compliance: BTreeMap<String, Values>,
}

/// A value that is unknown, known to be null, or known.
pub(super) type Known<T = String> = Option<Option<T>>;

fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Known<T>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The known facts about a document.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the fields have the names of the documentation")]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["document_id"]))]
pub struct Document {
    /// The id; the only required field.
    #[schemars(length(min = 1))]
    pub document_id: String,
    /// The value in the list.
    #[serde(rename = "type", deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub kind: Known,
    /// The value in the list.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub category: Known,
    /// The value in the list.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub title: Known,
    /// The value in the list.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub issuer: Known,
    /// The value in the list.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub verification_status: Known,
    /// The value in the list.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub issue_date: Known,
    /// The value in the list.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub expiry_date: Known,
    /// The value in the list.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub document_number: Known,
    /// The file.
    pub file: File,
}

/// The known facts about a file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the fields have the names of the documentation")]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// The SHA-256 of its bytes, in hexadecimal.
    #[schemars(regex(pattern = r"^[0-9A-Fa-f]{64}$"))]
    pub sha256: Option<String>,
    /// The value in the link's answer.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub content_type: Known,
    /// The value in the link's answer.
    #[serde(deserialize_with = "some")]
    #[schemars(with = "Option<String>")]
    pub file_name: Known,
}

/// Returns the JSON Schema of an expectation, for editors.
pub fn schema_text() -> String {
    let mut schema = schemars::schema_for!(Expectation);
    // An omitted field is unknown, which differs from null, so the schema has no defaults.
    RecursiveTransform(|part: &mut Schema| drop(part.remove("default"))).transform(&mut schema);
    schema.insert("title".to_owned(), "What is known of a server that the contract gate judges".into());
    format!("{:#}\n", schema.to_value())
}

impl Expectation {
    /// Reads an expectation from a file.
    pub fn open(path: &Path) -> Result<Self, Problems> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Problem::unreadable(&file, &error))?;
        Self::parse(&text, &file)
    }

    /// Parses an expectation.
    pub fn parse(text: &str, file: &str) -> Result<Self, Problems> {
        let expectation: Self = read_yaml(file, text)?;
        let problems = expectation.problems(text, file);
        if problems.is_empty() { Ok(expectation) } else { Err(Problems::new(problems)) }
    }

    fn problems(&self, text: &str, file: &str) -> Vec<Problem> {
        let wrong = |message: String, word: &str, help: &str| {
            Problem::of_file(file, message).at_word(text, word).help(Some(help.to_owned()))
        };
        let mut problems = Vec::new();
        if !self.keys.contains_key("full") {
            let help = "add `full: {key: cpk_test_...}`, a key with all permissions";
            problems.push(wrong("there is no key `full`".to_owned(), "keys", help));
        }
        if self.crew.is_empty() {
            problems.push(wrong("there is no crew member".to_owned(), "crew", "add `crew_001: {fleet: true}`"));
        }
        for (name, known) in &self.keys {
            let bad = |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii();
            if known.key.reveal().is_empty() || known.key.reveal().contains(bad) {
                let help = "a key is sent in a header, so it must be ASCII without spaces";
                problems.push(wrong(format!("the key `{name}` can't be sent"), name, help));
            }
        }
        for document in self.crew.values().flat_map(|person| person.documents.iter().flatten()) {
            if document.document_id.is_empty() {
                problems.push(wrong("a document has no `document_id`".to_owned(), "documents", "add its id"));
            }
            if let Some(hash) = &document.file.sha256
                && !is_sha256(hash)
            {
                let message = format!("the sha256 of {} is not valid", document.document_id);
                problems.push(wrong(message, hash, "write 64 hexadecimal digits, as sha256sum prints them"));
            }
        }
        let has_ids = |row: &Values| row["crew_unique_id"].is_string() && row["vessel_id"].is_string();
        if self.fleet.iter().flatten().any(|row| !has_ids(row)) {
            let message = "a row of the fleet has no `crew_unique_id` or no `vessel_id`".to_owned();
            problems.push(wrong(message, "fleet", "add both: they say which row it is"));
        }
        for picture in self.crew.values().filter_map(|person| person.photo.as_ref()?.as_ref()) {
            if let Some(hash) = picture.sha256.as_ref().filter(|hash| !is_sha256(hash)) {
                let help = "write 64 hexadecimal digits, as sha256sum prints them";
                problems.push(wrong("the sha256 of a photo is not valid".to_owned(), hash, help));
            }
        }
        for command in self.levers.all() {
            if words(command).is_err() {
                let message = "this command has an unclosed quote".to_owned();
                problems.push(wrong(message, command, "close the quote"));
            }
        }
        problems
    }

    /// Returns a problem for each unsupported entry with an unknown clause or without a reason.
    pub fn check_unsupported(&self, file: &str) -> Result<(), Problems> {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        // The built-in catalogues are valid; a test reads them. One file may serve both commands.
        let both = [Catalogue::of_server(), Catalogue::of_sender()];
        let both = both.into_iter().flatten().flat_map(|catalogue| catalogue.obligations().to_vec());
        let clauses = &Catalogue::new(both.collect());
        let entries = self.unsupported.iter().map(|entry| (&entry.id, &entry.reason));
        let problems = entry_problems(entries, &text, file, clauses);
        if problems.is_empty() { Ok(()) } else { Err(Problems::new(problems)) }
    }

    /// Returns the known documents of a crew member.
    pub fn documents_of(&self, crew: &str) -> &[Document] {
        self.crew.get(crew).and_then(|person| person.documents.as_deref()).unwrap_or_default()
    }

    /// Returns the known facts about a document.
    pub fn document(&self, crew: &str, id: &str) -> Option<&Document> {
        self.documents_of(crew).iter().find(|document| document.document_id == id)
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

impl Person {
    /// Returns whether the person consents to a scope, if that is known.
    pub fn consents(&self, scope: &str) -> Option<bool> {
        self.consented.as_ref().map(|some| some.iter().any(|one| one == scope))
    }
}

impl Document {
    /// Returns the list fields with a known value.
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
