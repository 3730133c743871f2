//! `describe`: what a world promises, as the expectation file that a gate judges a server by.

use std::fmt::Write;
use std::io;
use std::sync::Arc;

use crate::scope::{Scope, ScopeSet};
use crate::session::day_of;
use crate::world::{Content, CrewMember, Day, Document, Key, Mode, Partner, Seen, World, WrittenDay};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::args::Describe;
use super::describe_fleet::{ExpectedMe, ExpectedRow, ExpectedVessel, described_me, described_rows, described_vessels};
use super::describe_levers::{ExpectedWebhooks, Levers};
use super::describe_person::ExpectedDetails;
use super::error::CliError;
use super::standard_output::say;

/// Names that may never be an issuer (G): verification vendors.
const VENDORS: [&str; 4] = ["Onfido", "Jumio", "Veriff", "Sumsub"];

/// Hosts that may never be in an answer (G): where files are stored.
const STORAGE: [&str; 3] = ["s3.amazonaws.com", "blob.core.windows.net", "storage.googleapis.com"];

/// A map in the order of the world.
pub(super) struct Named<T>(pub(super) Vec<(String, T)>);

/// A value that a tester can't see, that is null, or that is there.
pub(super) type Known<T> = Option<Option<T>>;

impl<T> Named<T> {
    /// Returns true if nothing has a name.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[derive(Serialize)]
struct Expectation {
    keys: Named<ExpectedKey>,
    me: ExpectedMe,
    vessels: Named<ExpectedVessel>,
    fleet: Vec<ExpectedRow>,
    crew: Named<ExpectedPerson>,
    vendors: [&'static str; 4],
    storage: [&'static str; 3],
    levers: Levers,
    webhooks: ExpectedWebhooks,
}

#[derive(Default, Serialize)]
struct ExpectedKey {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    granted: Option<ScopeSet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct ExpectedPerson {
    fleet: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fleet_of: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consented: Option<ScopeSet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<Vec<ExpectedDocument>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    superseded: Vec<String>,
    #[serde(flatten)]
    details: ExpectedDetails,
}

#[derive(Serialize)]
struct ExpectedDocument {
    document_id: String,
    #[serde(rename = "type")]
    kind: String,
    category: Option<String>,
    title: String,
    issuer: Option<String>,
    verification_status: &'static str,
    issue_date: Option<String>,
    expiry_date: Option<String>,
    document_number: Option<String>,
    file: ExpectedFile,
}

#[derive(Serialize)]
struct ExpectedFile {
    sha256: String,
    content_type: Option<String>,
    file_name: Option<String>,
}

/// Writes the expectation file to standard output.
pub(crate) fn run(args: &Describe) -> Result<(), CliError> {
    let root = args.world_root.as_deref();
    let open = |path| World::open_seen(path, root, &mut Seen::default()).map(Arc::new);
    let world = args.world.as_deref().map_or_else(|| Ok(World::starter()), open)?;
    let world = &*world;
    let start = day_of(args.clock.or(world.clock).unwrap_or_else(Timestamp::now));
    let tester = Tester::of(world)?;
    let crew =
        world.crew.iter().map(|person| Ok((person.id.to_string(), expected_person(world, &tester, person, start)?)));
    let expectation = Expectation {
        keys: expected_keys(world, tester.partner),
        me: described_me(world, &tester),
        vessels: described_vessels(world, &tester),
        fleet: described_rows(world, &tester),
        crew: Named(crew.collect::<Result<_, CliError>>()?),
        vendors: VENDORS,
        storage: STORAGE,
        levers: Levers::for_tester(world, &tester),
        webhooks: ExpectedWebhooks::of(world),
    };
    let text = serde_saphyr::to_string(&expectation).map_err(|error| io::Error::other(error.to_string()))?;
    say(&format!("# What `{}` promises; made by: crewpass-mock describe\n{text}", world.name))
}

/// The partner whose keys the tester holds, with the scopes of the key `full`.
pub(super) struct Tester<'a> {
    pub(super) partner: &'a Partner,
    pub(super) granted: ScopeSet,
}

impl<'a> Tester<'a> {
    /// Returns the partner of the first key, and the scopes of its key `full`, or else of the first one.
    fn of(world: &'a World) -> Result<Self, CliError> {
        let first = world.keys().next();
        let first = first.ok_or_else(|| CliError::Usage("this world has no key, so nobody can ask".to_owned()))?;
        let (partner, key, _) = world.keys().find(|(_, key, _)| &*key.name == "full").unwrap_or(first);
        Ok(Self { partner: first.0, granted: partner.granted_to(key) })
    }

    /// Returns true if the key `full` is granted a scope, and a person consents to it.
    pub(super) fn may_see(&self, person: &CrewMember, scope: Scope) -> bool {
        self.granted.contains(scope) && person.consents(&self.partner.id, scope)
    }
}

fn expected_keys(world: &World, mine: &Partner) -> Named<ExpectedKey> {
    let mut keys: Vec<_> = world
        .keys()
        .map(|(partner, key, text)| (key.name.to_string(), expected_key(world.mode, mine, partner, key, text.reveal())))
        .collect();
    // A gate begins with the key `full`: where the world names none so, its first one is it.
    if !keys.iter().any(|(name, _)| name == "full")
        && let Some((name, _)) = keys.first_mut()
    {
        "full".clone_into(name);
    }
    Named(keys)
}

fn expected_key(world: Mode, mine: &Partner, partner: &Partner, key: &Key, text: &str) -> ExpectedKey {
    let expected = ExpectedKey { key: text.to_owned(), ..ExpectedKey::default() };
    if key.revoked {
        return ExpectedKey { valid: Some(false), ..expected };
    }
    if !text.starts_with(world.key_prefix()) {
        return ExpectedKey { mode: Some("mismatch"), ..expected };
    }
    if !partner.api_enabled {
        return ExpectedKey { plan: Some(false), ..expected };
    }
    let granted = partner.granted_to(key);
    let another = (partner.id != mine.id).then_some("another");
    ExpectedKey { granted: Some(granted), partner: another, ..expected }
}

fn expected_person(
    world: &World,
    tester: &Tester<'_>,
    person: &CrewMember,
    start: i32,
) -> Result<ExpectedPerson, CliError> {
    let partner = tester.partner;
    let details = ExpectedDetails::of(world, tester, person, start)?;
    if !person.on_fleet_of(world, &partner.id) {
        let others = world.partners.iter().any(|other| person.on_fleet_of(world, &other.id));
        return Ok(ExpectedPerson { fleet_of: others.then_some("another"), details, ..ExpectedPerson::default() });
    }
    let given = person.consent.iter().find(|(id, _)| id.as_str() == &*partner.id).map(|(_, scopes)| *scopes);
    let current = person.documents.iter().filter(|document| document.current);
    let superseded = person.documents.iter().filter(|document| !document.current);
    Ok(ExpectedPerson {
        fleet: true,
        fleet_of: None,
        consented: Some(given.unwrap_or_default()),
        documents: Some(current.map(|document| expected_document(world, document, start)).collect::<Result<_, _>>()?),
        superseded: superseded.map(|document| document.id.to_string()).collect(),
        details,
    })
}

fn expected_document(world: &World, document: &Document, start: i32) -> Result<ExpectedDocument, CliError> {
    let day = |day: Option<Day>| day.map(|day| WrittenDay::from_days(day.resolve(start)).as_str().to_owned());
    Ok(ExpectedDocument {
        document_id: document.id.to_string(),
        kind: document.kind.to_string(),
        category: document.category.as_ref().map(ToString::to_string),
        title: document.title.to_string(),
        issuer: document.issuer.as_ref().map(ToString::to_string),
        verification_status: document.verification_status.name(),
        issue_date: day(document.issue_date),
        expiry_date: day(document.expiry_date),
        document_number: document.number.as_ref().map(ToString::to_string),
        file: ExpectedFile {
            sha256: digest(&world.content(document)?)?,
            content_type: document.file.content_type.as_ref().map(ToString::to_string),
            file_name: document.file.name.as_ref().map(ToString::to_string),
        },
    })
}

/// Returns the SHA-256 of a file in hexadecimal.
pub(super) fn digest(content: &Content) -> io::Result<String> {
    let mut hash = Sha256::new();
    content.each(|piece| hash.update(piece))?;
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
