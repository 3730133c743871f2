//! What a world file says, and what the fake holds in memory: one set of types for both.
//!
//! Rationale: a second, "compiled" form would double the memory of a large world and give each field two places to
//! drift apart. What is worked out from the file (which version is current, its number in the chain) is a skipped
//! field here, filled by `load`.

use std::collections::BTreeMap;

use compact_str::CompactString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::details::Details;
use super::role::Role;
use super::{Day, Shared, Text};
use crate::clock::{OutOfRange, is_whole_time};
use crate::policy::Policies;
use crate::scope::ScopeSet;
use crate::secret::{ApiKey, Mode};
use crate::webhook::Callback;

/// A world: who exists, what they may see, and which documents there are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldFile {
    /// The schema that editors check this file against; not read otherwise.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Box<str>>,
    /// What the world is called in messages and reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// Another world, by path from this file, that this one adds to; entries of the same id replace its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<Box<str>>,
    /// The seed of ids, tokens and generated files.
    #[serde(default)]
    pub seed: u64,
    /// Where the clock starts: an RFC 3339 instant. Left out, it starts at the real time and runs.
    #[schemars(with = "Option<String>")]
    #[serde(default, deserialize_with = "instant", skip_serializing_if = "Option::is_none")]
    pub clock: Option<jiff::Timestamp>,
    /// Which environment this is; a key of the other mode is refused with `partner_mode_mismatch`.
    #[serde(default)]
    pub mode: Mode,
    /// The folder that `path` of a file counts from, as a path from this file; its own folder if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Box<str>>,
    /// How this world behaves where nothing is documented.
    #[serde(default, skip_serializing_if = "Policies::is_default")]
    pub policies: Policies,
    /// Yacht-management companies with their keys.
    #[serde(default)]
    pub partners: Vec<Partner>,
    /// Vessels, each on the fleet of one partner or several.
    #[serde(default)]
    pub vessels: Vec<Vessel>,
    /// Roles of crew members, with what each requires.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// Crew members with their documents.
    #[serde(default)]
    pub crew: Vec<CrewMember>,
    /// Where partners want their webhooks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Callback>,
}

/// `partner_type` of `partners/me` (P).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PartnerKind {
    /// A customer with a plan.
    #[default]
    Customer,
    /// Somebody else.
    External,
}

/// A yacht-management company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// Such as `prt_123`.
    pub id: Box<str>,
    /// Its name, or null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<Box<str>>,
    /// `customer` or `external`.
    #[serde(default, rename = "type")]
    pub kind: PartnerKind,
    /// Its subscription plan, or null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<str>>,
    /// Is true if the plan includes the API; if not, every call is 403 `api_not_enabled`.
    #[serde(default = "yes")]
    pub api_enabled: bool,
    /// The scopes that the plan grants (P).
    #[serde(default)]
    pub granted_scopes: ScopeSet,
    /// Its API keys.
    #[serde(default)]
    pub keys: Vec<Key>,
}

impl Partner {
    /// Returns the scopes that the partner is granted, narrowed to those of a key.
    pub(crate) fn granted_to(&self, key: &Key) -> ScopeSet {
        key.granted_scopes.map_or(self.granted_scopes, |narrow| narrow.both(self.granted_scopes))
    }
}

/// An API key of a partner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// What tests and the control API call it, such as `full`; unique in the world.
    pub name: Box<str>,
    /// `cpk_test_…` or `cpk_live_…`. Left out, one is made from the seed and the name.
    #[serde(default, rename = "key", skip_serializing_if = "Option::is_none")]
    pub text: Option<ApiKey>,
    /// A revoked key is 401, as if it had never been (P).
    #[serde(default, skip_serializing_if = "is_false")]
    pub revoked: bool,
    /// Narrows what the partner is granted, for this key alone (D: a test wants a key without a scope on one fleet).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_scopes: Option<ScopeSet>,
}

/// A vessel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vessel {
    /// Such as `ves_abc`.
    pub id: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// The partners whose fleet it is on.
    pub partners: Box<[Text]>,
    /// The flag state, for people who read the world.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Text>,
    /// Such as `Motor Yacht`, for people who read the world.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text>,
    /// The IMO number, for people who read the world: seven digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imo: Option<Text>,
}

/// A crew member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrewMember {
    /// `crew_unique_id`, such as `crew_001`; any text.
    pub id: CompactString,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// The person's rank, such as `Chief Officer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<Text>,
    /// The vessels the person serves on; none means off every fleet.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub vessels: Shared<Box<[Text]>>,
    /// What the person consented to, by partner id.
    #[schemars(with = "BTreeMap<String, ScopeSet>")]
    #[serde(default)]
    pub consent: Shared<BTreeMap<Text, ScopeSet>>,
    /// What fleet, lookup, profile, photo and compliance show of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Details>>,
    /// Every version of every document.
    #[serde(default, deserialize_with = "exact")]
    pub documents: Vec<Document>,
}

/// One version of a document. It is current if no other version supersedes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// `document_id` of this version; unique in the world.
    pub id: CompactString,
    /// The id of the version that this one replaces, of the same crew member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<CompactString>,
    /// Such as `STCW`.
    #[serde(rename = "type")]
    pub kind: Text,
    /// Such as `STCW Modules`; null only where a scenario means it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Text>,
    /// Such as `Personal Survival Techniques`.
    pub title: Text,
    /// The issuing authority, or null where it could not be determined (G); never a verification vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Text>,
    /// `verified`, `pending`, `rejected` or `expired` (G).
    pub verification_status: Status,
    /// When it was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Day>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<Day>,
    /// The certificate's own reference number.
    #[serde(default, rename = "document_number", skip_serializing_if = "Option::is_none")]
    pub number: Option<CompactString>,
    /// The day of the upload; lists show the newest first, and later in the file is newer on one day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded: Option<Day>,
    /// Its file.
    pub file: FileSpec,
    /// `down` if the file store can't give this version's file: 503, like a store that is down as a whole.
    #[serde(default, skip_serializing_if = "DocumentStore::is_up")]
    pub store: DocumentStore,
    /// Is true if no other version supersedes this one; worked out by `load`.
    #[serde(skip)]
    pub current: bool,
    /// 1 for the first version of its chain, one more for each that supersedes; worked out by `load`.
    #[serde(skip)]
    pub version: u16,
}

impl Document {
    /// Creates a document that has only an id and a file.
    pub(super) fn of_file(id: &str, file: FileSpec) -> Self {
        Self {
            id: id.into(),
            supersedes: None,
            kind: "".into(),
            category: None,
            title: "".into(),
            issuer: None,
            verification_status: Status::Verified,
            issue_date: None,
            expiry_date: None,
            number: None,
            uploaded: None,
            file,
            store: DocumentStore::Up,
            current: true,
            version: 1,
        }
    }
}

/// The reachability of the file of one document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DocumentStore {
    /// The store gives it.
    #[default]
    Up,
    /// The store can't give it: link and file are 503.
    Down,
}

impl DocumentStore {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_up(&self) -> bool {
        *self == Self::Up
    }
}

/// `verification_status` of a document (G).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Checked and found right.
    Verified,
    /// Not checked yet.
    Pending,
    /// Checked and refused.
    Rejected,
    /// Past its expiry date.
    Expired,
}

impl Status {
    /// Returns the name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }
}

/// The file of a document: a path, or a kind that is made from the seed; exactly one of `path` and `generate`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// A file below the world's `files` folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text>,
    /// Makes the file from the world's seed; it shows the document's title and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate: Option<GeneratedKind>,
    /// The minimum size of a generated file, in bytes; it is padded to this size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// `file_name` of the link; null is unknown (P).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<CompactString>,
    /// `content_type` of the link; null is unknown (P).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<Text>,
    /// Which of the worlds that extend one another says this, the base first; filled by `load`.
    #[serde(skip)]
    pub layer: u8,
}

impl FileSpec {
    /// Returns the content type of a picture: as the world says, or that of the kind that is made.
    pub(crate) fn picture_type(&self) -> Option<Text> {
        self.content_type.clone().or_else(|| match self.generate? {
            GeneratedKind::Png => Some("image/png".into()),
            GeneratedKind::Jpeg => Some("image/jpeg".into()),
            _ => None,
        })
    }
}

/// What kind of file is made from the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GeneratedKind {
    /// A one-page PDF with the document's title, number and nonce.
    Pdf,
    /// A small picture whose pixels come from the seed, with the nonce in a text chunk.
    Png,
    /// The same as JPEG, with the nonce in a comment.
    Jpeg,
    /// Bytes from the seed after a line with the nonce, NUL, CR and LF included.
    Bytes,
    /// Lines of text after a byte order mark, the first with the nonce.
    Text,
    /// A JSON object with the nonce in a field.
    Json,
}

fn instant<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<jiff::Timestamp>, D::Error> {
    let Some(text) = <Option<std::borrow::Cow<'de, str>>>::deserialize(deserializer)? else { return Ok(None) };
    let bad = |_| {
        let message = format!("`{text}` is not an instant: write it as 2026-01-15T09:00:00Z");
        serde::de::Error::custom(if is_whole_time(&text) { OutOfRange.to_string() } else { message })
    };
    text.parse().map(Some).map_err(bad)
}

/// Parses a list without spare capacity, which would take as much memory in a large world as the documents.
fn exact<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Document>, D::Error> {
    let mut documents = Vec::deserialize(deserializer)?;
    documents.shrink_to_fit();
    Ok(documents)
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
