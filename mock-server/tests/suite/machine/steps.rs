//! What a sequence is made of, and how the next step is chosen.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::select;

use super::fleet::FleetQuery;
use super::hooks::steps::HookStep;
use super::model::{ALL, Condition, Reach, Rule, State};
use super::parts::PersonField;
use super::world::{CREW, EMAILS, KEYS};

/// One step; people, partners and keys by their places in the world, links by the order in which they were given.
#[derive(Clone)]
pub(crate) enum Step {
    List { key: Option<usize>, crew: usize },
    Burst { key: Option<usize>, crew: usize, count: u64 },
    Link { key: Option<usize>, crew: usize, document: String },
    Follow { link: usize, key: Option<usize>, condition: Condition },
    Tampered { link: usize, at: usize },
    UnknownPath,
    Me { key: Option<usize> },
    Vessels { key: Option<usize> },
    FleetPage { key: Option<usize>, query: FleetQuery },
    Lookup { key: Option<usize>, email: &'static str },
    Profile { key: Option<usize>, crew: usize },
    Photo { key: Option<usize>, crew: usize },
    Compliance { key: Option<usize>, crew: usize, vessel: Option<usize> },
    Person { crew: usize, field: PersonField },
    Refresh { crew: Option<usize> },
    Advance { seconds: i64 },
    Store { at: Option<usize>, reach: Reach },
    Grant { partner: usize, scopes: u8, enabled: bool },
    Revoke { key: usize, revoked: bool },
    Fleet { crew: usize, vessels: Vec<bool> },
    Consent { crew: usize, partner: usize, scopes: u8 },
    Status { crew: usize, document: String, status: &'static str },
    DocumentStore { crew: usize, document: String, is_down: bool },
    Expire,
    Reset,
    Policy { name: &'static str, value: &'static str },
    Upload { crew: usize, supersedes: Option<String>, status: Option<&'static str>, bytes: Vec<u8> },
    Remove { crew: usize, document: String },
    Fault { rule: Rule },
    Hook(HookStep),
}

impl fmt::Debug for Step {
    /// One line a step, so that a sequence can be read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |at: &Option<usize>| at.map_or("no key", |at| KEYS.get(at).copied().unwrap_or("an unknown key"));
        let crew = |at: &usize| CREW.get(*at).copied().unwrap_or("crew_nobody");
        match self {
            Self::List { key: by, crew: of } => write!(f, "list {} with {}", crew(of), key(by)),
            Self::Burst { key: by, crew: of, count } => write!(f, "list {} {count} times with {}", crew(of), key(by)),
            Self::Link { key: by, crew: of, document } => write!(f, "link {document} of {} with {}", crew(of), key(by)),
            Self::Follow { link, key: by, condition } => {
                write!(f, "follow link {link} with {}, {condition:?}", key(by))
            }
            Self::Me { key: by } => write!(f, "who is {}", key(by)),
            Self::Vessels { key: by } => write!(f, "vessels of {}", key(by)),
            Self::FleetPage { key: by, query } => write!(f, "fleet of {}: {query:?}", key(by)),
            Self::Lookup { key: by, email } => write!(f, "look {email:?} up with {}", key(by)),
            Self::Profile { key: by, crew: of } => write!(f, "profile of {} with {}", crew(of), key(by)),
            Self::Photo { key: by, crew: of } => write!(f, "photo of {} with {}", crew(of), key(by)),
            Self::Compliance { key: by, crew: of, vessel } => {
                write!(f, "check {} on {vessel:?} with {}", crew(of), key(by))
            }
            Self::Person { crew: of, field } => write!(f, "{}: {field:?}", crew(of)),
            Self::Refresh { crew } => write!(f, "refresh {crew:?}"),
            Self::Tampered { link, at } => write!(f, "follow link {link} with character {at} changed"),
            Self::UnknownPath => write!(f, "ask for an unknown path"),
            Self::Advance { seconds } => write!(f, "advance {seconds}s"),
            Self::Store { at, reach } => write!(f, "store at {at:?} is {reach:?}"),
            Self::Grant { partner, scopes, enabled } => write!(f, "partner {partner}: {scopes:07b}, plan {enabled}"),
            Self::Revoke { key, revoked } => write!(f, "key {} revoked: {revoked}", KEYS[*key]),
            Self::Fleet { crew: of, vessels } => write!(f, "{} is on {vessels:?}", crew(of)),
            Self::Consent { crew: of, partner, scopes } => write!(f, "{} lets {partner} {scopes:07b}", crew(of)),
            Self::Status { crew: of, document, status } => write!(f, "{document} of {} is {status}", crew(of)),
            Self::DocumentStore { crew: of, document, is_down } => {
                write!(f, "the store of {document} of {} is down: {is_down}", crew(of))
            }
            Self::Expire => write!(f, "the next link is dead"),
            Self::Reset => write!(f, "reset"),
            Self::Policy { name, value } => write!(f, "{name}={value}"),
            Self::Upload { crew: of, supersedes, status, bytes } => {
                write!(f, "upload {} bytes over {supersedes:?} of {}, {status:?}", bytes.len(), crew(of))
            }
            Self::Remove { crew: of, document } => write!(f, "remove {document} of {}", crew(of)),
            Self::Fault { rule } => write!(f, "{rule:?}"),
            Self::Hook(step) => write!(f, "{step:?}"),
        }
    }
}

const POLICIES: &[(&str, &str)] = &[
    ("dead_link", "403"),
    ("dead_link", "404"),
    ("dead_link", "410"),
    ("link_ttl", "840s"),
    ("link_use", "once"),
    ("link_use", "many"),
    ("store_down_at", "both"),
    ("store_down_at", "link"),
    ("store_down_at", "file"),
    ("store_down_body", "empty"),
    ("store_down_body", "text"),
    ("store_down_body", "envelope"),
    ("retry_after", "seconds"),
    ("retry_after", "http_date"),
    ("superseded_document", "current"),
    ("superseded_document", "404"),
    ("link_after_reupload", "works"),
    ("link_after_reupload", "dead"),
    ("recheck_on_follow", "works"),
    ("recheck_on_follow", "dead"),
    ("document_order", "id"),
    ("key_on_file", "refused"),
    ("rate_limits", "on"),
    ("rate_limits", "off"),
    ("ranges", "honoured"),
    ("ranges", "ignored"),
    ("fleet_order", "id"),
    ("fleet_order", "name"),
    ("cursor_query", "repeat"),
    ("cursor_query", "carried"),
    ("last_cursor", "absent"),
    ("withheld_fields", "absent"),
    ("bad_cursor", "404"),
    ("bad_cursor", "422"),
    ("cursor_ttl", "15m"),
    ("cursor_ttl", "never"),
    ("page_drift", "live"),
    ("page_drift", "snapshot"),
    ("lookup_without_consent", "404"),
    ("full_block_without_consent", "null"),
    ("rejected_counts_as", "expired"),
    ("pending_counts_as", "at_risk"),
    ("compliance_projection", "live"),
    ("compliance_projection", "stored"),
    ("projection_lag", "60s"),
    ("projection_lag", "0s"),
];

/// The addresses that are looked up and given: blanks and case make no difference.
const ADDRESSES: [&str; 4] =
    ["Zoe@example.invalid", " max@EXAMPLE.invalid ", "ana@example.invalid", "new@example.invalid"];

fn key() -> impl Strategy<Value = Option<usize>> {
    // Mostly the key that may do everything, or a sequence sees nothing but refusals.
    prop_oneof![
        12 => Just(Some(0)),
        6 => (1..KEYS.len()).prop_map(Some),
        1 => Just(None),
        1 => Just(Some(99)),
    ]
}

fn crew() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(0), 2 => Just(1), 1 => Just(2), 1 => Just(99)]
}

/// The next step of a sequence that stands so.
pub(crate) fn next(state: &State) -> BoxedStrategy<Step> {
    let ids: Vec<String> =
        state.crew.iter().flat_map(|person| &person.documents).map(|document| document.id.clone()).collect();
    let ids = if ids.is_empty() { vec!["none".to_owned()] } else { ids };
    let person = 0..CREW.len();
    let mut choices = vec![
        (6, (key(), crew()).prop_map(|(key, crew)| Step::List { key, crew }).boxed()),
        (8, wanted(state, ids)),
        (
            3,
            select(vec![1_i64, 59, 600, 839, 840, 899, 900, 901]).prop_map(|seconds| Step::Advance { seconds }).boxed(),
        ),
        (2, store()),
        (
            1,
            (0..2_usize, scopes(), any::<bool>())
                .prop_map(|(partner, scopes, enabled)| Step::Grant { partner, scopes, enabled })
                .boxed(),
        ),
        (1, (0..KEYS.len(), any::<bool>()).prop_map(|(key, revoked)| Step::Revoke { key, revoked }).boxed()),
        (
            1,
            (person.clone(), prop::collection::vec(any::<bool>(), 2))
                .prop_map(|(crew, vessels)| Step::Fleet { crew, vessels })
                .boxed(),
        ),
        (
            1,
            (person.clone(), 0..2_usize, scopes())
                .prop_map(|(crew, partner, scopes)| Step::Consent { crew, partner, scopes })
                .boxed(),
        ),
        (3, select(POLICIES).prop_map(|(name, value)| Step::Policy { name, value }).boxed()),
        (1, Just(Step::UnknownPath).boxed()),
        (1, Just(Step::Reset).boxed()),
        (1, Just(Step::Expire).boxed()),
        (1, fault()),
        (3, changed(state)),
        (12, about_people()),
        (3, changed_person()),
        (6, fleet_page(state)),
    ];
    choices.extend(worth_asking(state));
    if state.hooks.is_on {
        choices.extend(super::hooks::steps::choices(state));
    }
    let links = state.links.len();
    if links > 0 {
        // Mostly a late one: early ones are dead soon.
        let link = prop_oneof![3 => Just(links - 1), 1 => 0..links].boxed();
        choices.push((
            8,
            (link.clone(), key_on_file(), condition())
                .prop_map(|(link, key, condition)| Step::Follow { link, key, condition })
                .boxed(),
        ));
        choices.push((1, (link, 0..400_usize).prop_map(|(link, at)| Step::Tampered { link, at }).boxed()));
    }
    prop::strategy::Union::new_weighted(choices).boxed()
}

/// The steps that a store that is away, or limits that are on, make worth while.
fn worth_asking(state: &State) -> Vec<(u32, BoxedStrategy<Step>)> {
    let mut choices = Vec::new();
    if state.store != [Reach::Up, Reach::Up] {
        // A store that is away is worth asking, whatever the policies make of it.
        let place = select(vec!["both", "both", "link", "file"]);
        choices.push((6, place.prop_map(|value| Step::Policy { name: "store_down_at", value }).boxed()));
        choices.push((8, wanted(state, vec!["none".to_owned()])));
    }
    if state.policies.get("rate_limits") == Some(&"on") {
        let count = select(vec![59_u64, 60, 61]);
        choices
            .push((6, (key(), crew(), count).prop_map(|(key, crew, count)| Step::Burst { key, crew, count }).boxed()));
        let place = select(vec!["before_key", "after_scope"]);
        choices.push((3, place.prop_map(|value| Step::Policy { name: "limiter_position", value }).boxed()));
    }
    choices
}

fn scopes() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(ALL), 1 => 0..ALL]
}

fn key_on_file() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![4 => Just(None), 1 => Just(Some(0))]
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => Just(Condition::None),
        1 => any::<bool>().prop_map(Condition::NoneMatch),
        1 => any::<bool>().prop_map(Condition::Match),
        1 => any::<Option<bool>>().prop_map(Condition::Range),
    ]
}

/// A question about the caller or a person.
fn about_people() -> BoxedStrategy<Step> {
    let email = select(&ADDRESSES[..]);
    prop_oneof![
        1 => key().prop_map(|key| Step::Me { key }),
        1 => key().prop_map(|key| Step::Vessels { key }),
        2 => (key(), email).prop_map(|(key, email)| Step::Lookup { key, email }),
        2 => (key(), crew()).prop_map(|(key, crew)| Step::Profile { key, crew }),
        1 => (key(), crew()).prop_map(|(key, crew)| Step::Photo { key, crew }),
        5 => (key(), crew(), prop::option::of(0..2_usize))
            .prop_map(|(key, crew, vessel)| Step::Compliance { key, crew, vessel }),
    ]
    .boxed()
}

/// A change of what is shown of a person, or new projections.
pub(crate) fn changed_person() -> BoxedStrategy<Step> {
    let field = prop_oneof![
        1 => select(vec![None, Some("Bob"), Some("Ana")]).prop_map(PersonField::Name),
        3 => select(vec![None, Some("Chef"), Some("Bosun")]).prop_map(PersonField::Rank),
        1 => select(vec![None, Some(EMAILS[0]), Some("New@example.invalid")]).prop_map(PersonField::Email),
        1 => select(vec!["verified", "unverified"]).prop_map(PersonField::Verification),
        1 => select(vec![None, Some("in-progress"), Some("declined")]).prop_map(PersonField::BackgroundCheck),
        1 => select(vec![None, Some("Second.")]).prop_map(PersonField::Bio),
        1 => Just(PersonField::NoPhoto),
    ];
    let change = (0..CREW.len(), field).prop_map(|(crew, field)| Step::Person { crew, field });
    let refresh = prop::option::of(0..CREW.len()).prop_map(|crew| Step::Refresh { crew });
    prop_oneof![5 => change, 1 => refresh].boxed()
}

/// A page of a fleet: the first one, or one behind a cursor that was given, mostly a late one.
fn fleet_page(state: &State) -> BoxedStrategy<Step> {
    let given = state.cursors.len();
    let cursor = match given {
        0 => Just(None).boxed(),
        _ => prop_oneof![2 => Just(None), 3 => Just(Some(given - 1)), 1 => (0..given).prop_map(Some)].boxed(),
    };
    let window = prop_oneof![2 => Just(None), 1 => Just(Some(30_u64)), 1 => Just(Some(7))];
    let limit = prop_oneof![3 => Just(Some(1_usize)), 1 => Just(None), 1 => Just(Some(2))];
    let query = (window, limit, cursor).prop_map(|(window, limit, cursor)| FleetQuery { window, limit, cursor });
    (key(), query).prop_map(|(key, query)| Step::FleetPage { key, query }).boxed()
}

fn wanted(state: &State, ids: Vec<String>) -> BoxedStrategy<Step> {
    let current = state.current(0);
    let any = (key(), crew(), select(ids)).prop_map(|(key, crew, document)| Step::Link { key, crew, document }).boxed();
    if current.is_empty() {
        return any;
    }
    let usual = select(current).prop_map(|document| Step::Link { key: Some(0), crew: 0, document });
    prop_oneof![3 => usual, 2 => any].boxed()
}

fn store() -> BoxedStrategy<Step> {
    let reach = prop_oneof![2 => Just(Reach::Up), 1 => Just(Reach::Down), 2 => (1..3_u64).prop_map(Reach::DownFor)];
    (prop::option::of(0..2_usize), reach).prop_map(|(at, reach)| Step::Store { at, reach }).boxed()
}

fn fault() -> BoxedStrategy<Step> {
    let step = select(vec!["list", "link", "file"]);
    let status = select(vec![429_u16, 500, 502, 503]);
    (step, 0..2_u64, 1..3_u64, status)
        .prop_map(|(step, skip, times, status)| Step::Fault { rule: Rule { step, skip, times, status, matched: 0 } })
        .boxed()
}

/// A change of a document that is there.
fn changed(state: &State) -> BoxedStrategy<Step> {
    let there: Vec<(usize, String)> =
        (0..CREW.len()).flat_map(|crew| state.current(crew).into_iter().map(move |id| (crew, id))).collect();
    let bytes = prop::collection::vec(any::<u8>(), 1..40);
    let fresh = (0..CREW.len(), bytes.clone()).prop_map(|(crew, bytes)| Step::Upload {
        crew,
        supersedes: None,
        status: None,
        bytes,
    });
    if there.is_empty() {
        return fresh.boxed();
    }
    let status = select(vec!["verified", "pending", "rejected", "expired"]);
    let there = select(there);
    prop_oneof![
        1 => fresh,
        4 => (there.clone(), bytes)
            .prop_map(|((crew, id), bytes)| Step::Upload { crew, supersedes: Some(id), status: None, bytes }),
        1 => there.clone().prop_map(|(crew, document)| Step::Remove { crew, document }),
        2 => (there.clone(), any::<bool>())
            .prop_map(|((crew, document), is_down)| Step::DocumentStore { crew, document, is_down }),
        1 => (there, status).prop_map(|((crew, document), status)| Step::Status { crew, document, status }),
    ]
    .boxed()
}

impl Step {
    /// The person who is another one after the step.
    pub(crate) const fn changed_person(&self) -> Option<usize> {
        match self {
            Self::Fleet { crew, .. }
            | Self::Consent { crew, .. }
            | Self::Status { crew, .. }
            | Self::DocumentStore { crew, .. }
            | Self::Upload { crew, .. }
            | Self::Remove { crew, .. }
            | Self::Person { crew, .. } => Some(*crew),
            _ => None,
        }
    }
}

/// Whether a step still makes sense in a state: shrinking takes steps away that later ones rest on.
pub(crate) fn fits(state: &State, step: &Step) -> bool {
    match step {
        Step::Follow { link, .. } | Step::Tampered { link, .. } => *link < state.links.len(),
        Step::FleetPage { query: FleetQuery { cursor: Some(cursor), .. }, .. } => *cursor < state.cursors.len(),
        // An address is one person's only.
        Step::Person { crew, field: PersonField::Email(Some(email)) } => {
            state.crew.iter().enumerate().all(|(at, person)| at == *crew || person.email != Some(email))
        }
        Step::Upload { crew, supersedes: Some(id), .. } => state.current(*crew).contains(id),
        Step::Remove { crew, document }
        | Step::DocumentStore { crew, document, .. }
        | Step::Status { crew, document, .. } => state.current(*crew).contains(document),
        _ => true,
    }
}
