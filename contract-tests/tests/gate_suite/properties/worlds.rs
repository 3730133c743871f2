//! The loader of worlds: any text is an error or a world, and any world that is written is read as the same.

use std::collections::BTreeSet;

use crewpass_mock::policy::Policies;
use crewpass_mock::world::{World, WorldFile};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};

use crate::properties::texts::{text, word};

const STARTER: &str = include_str!("../../../../fixtures/worlds/starter.yaml");
const NAMES: &str = include_str!("../../../../fixtures/scenarios/worlds/odd-names.yaml");

/// Names and marks of which worlds are made, in an order that makes none as a rule.
fn soup() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "crew",
        "partners",
        "vessels",
        "documents",
        "keys",
        "id",
        "consent",
        "file",
        "policies",
        "extends",
        "files",
        "clock",
        "seed",
        "generate",
        "supersedes",
        "pdf",
        "crew_001",
        "-1",
        "99999999999999999999",
        "2026-01-15T09:00:00Z",
        "+20d",
        "2026-02-30",
        "null",
        ":",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\n    - ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "'",
        "&a ",
        "*a",
        "<<: ",
        "|\n",
        ">-\n",
        "---\n",
        "...\n",
        "%YAML 9.9\n",
        "!!binary ",
        "? ",
        "#",
        "\t",
        "\u{0}",
        "\u{85}",
    ];
    let part = prop_oneof![8 => select(PARTS).prop_map(str::to_owned), 1 => text()];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// Says all that can be said about a text. None of it may panic, and an error has something to say.
fn is_told(text: &str) {
    if let Err(error) = World::parse(text, "any", None) {
        assert!(!error.problems().is_empty(), "{text:?}");
        assert!(!error.to_string().is_empty(), "{text:?}");
        for (color, width) in [(false, 1), (true, 80)] {
            assert!(!error.render(color, width).is_empty(), "{text:?}");
        }
    }
}

/// A field or none.
fn maybe<S: Strategy<Value = Value>>(value: S) -> impl Strategy<Value = Option<Value>> {
    prop::option::of(value)
}

/// The fields that are there.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let there = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}

fn any_text() -> impl Strategy<Value = Value> {
    text().prop_map(Value::from)
}

/// What a header can carry whole.
fn header_text() -> impl Strategy<Value = Value> {
    text().prop_map(|text| text.chars().filter(|c| (' '..='~').contains(c)).collect::<String>().into())
}

fn scopes() -> impl Strategy<Value = Value> {
    subsequence(vec!["crew:documents:read", "crew:documents:download"], 0..=2).prop_map(|scopes| json!(scopes))
}

fn day() -> impl Strategy<Value = Value> {
    let on = (1950..2100, 1..=12, 1..=28).prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}"));
    prop_oneof![on, (-9_999..9_999).prop_map(|days| format!("{days:+}d"))].prop_map(Value::from)
}

fn document() -> impl Strategy<Value = Value> {
    let texts = (any_text(), any_text(), maybe(any_text()), maybe(any_text()), maybe(any_text()));
    let status = select(vec!["verified", "pending", "rejected", "expired"]);
    let file = (select(vec!["pdf", "png", "jpeg", "bytes"]), maybe((0..90_000_u64).prop_map(Value::from)));
    let file = (file, maybe(any_text()), maybe(header_text())).prop_map(|((kind, size), name, content_type)| {
        object([("generate", Some(kind.into())), ("size", size), ("name", name), ("content_type", content_type)])
    });
    (texts, status, [maybe(day()), maybe(day()), maybe(day())], file).prop_map(
        |((kind, title, category, issuer, number), status, [issued, expires, uploaded], file)| {
            object([
                ("type", Some(kind)),
                ("title", Some(title)),
                ("category", category),
                ("issuer", issuer),
                ("document_number", number),
                ("verification_status", Some(status.into())),
                ("issue_date", issued),
                ("expiry_date", expires),
                ("uploaded", uploaded),
                ("file", Some(file)),
            ])
        },
    )
}

/// A list of such entries whose ids are any texts, each once.
fn with_ids<S: Strategy<Value = Value>>(entry: S, most: usize) -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec((word(), entry), 0..=most).prop_map(|entries| {
        let mut seen = BTreeSet::new();
        let once = entries.into_iter().filter(|(id, _)| seen.insert(id.clone()));
        let named = once.map(|(id, mut entry)| {
            entry["id"] = id.into();
            entry
        });
        named.collect()
    })
}

fn partner() -> impl Strategy<Value = Value> {
    let plan = (maybe(any_text()), maybe(any_text()), any::<bool>(), scopes(), maybe(scopes()));
    let kind = select(vec!["customer", "external"]);
    (plan, kind, any::<bool>()).prop_map(|((name, plan, enabled, scopes, narrowed), kind, revoked)| {
        let key = object([("revoked", Some(revoked.into())), ("granted_scopes", narrowed)]);
        object([
            ("display_name", name),
            ("plan", plan),
            ("api_enabled", Some(enabled.into())),
            ("granted_scopes", Some(scopes)),
            ("type", Some(kind.into())),
            ("keys", Some(json!([key]))),
        ])
    })
}

fn policies() -> impl Strategy<Value = Value> {
    let one = select(vec![
        ("link_ttl", "840s"),
        ("dead_link", "410"),
        ("link_use", "once"),
        ("file_redirect", "302x3"),
        ("retry_after", "http_date"),
        ("document_order", "shuffled"),
        ("rate_limits", "off"),
    ]);
    prop::collection::btree_map(one.clone().prop_map(|(name, _)| name), one, 0..4).prop_map(|all| {
        let mut policies = Policies::default();
        for (name, value) in all.values() {
            policies.set(name, value).unwrap();
        }
        serde_json::to_value(policies).unwrap()
    })
}

/// A world in which every reference leads somewhere; `picks` says where.
fn linked(mut world: Value, picks: &[Index]) -> Value {
    let ids = |world: &Value, list: &str| -> Vec<Value> {
        world[list].as_array().unwrap().iter().map(|entry| entry["id"].clone()).collect()
    };
    let (partners, vessels) = (ids(&world, "partners"), ids(&world, "vessels"));
    let mut picks = picks.iter().cycle();
    let mut one_of =
        |of: &[Value]| if of.is_empty() { Vec::new() } else { vec![picks.next().unwrap().get(of).clone()] };
    for (at, partner) in world["partners"].as_array_mut().unwrap().iter_mut().enumerate() {
        partner["keys"][0]["name"] = format!("key {at}").into();
    }
    for vessel in world["vessels"].as_array_mut().unwrap() {
        vessel["partners"] = one_of(&partners).into();
    }
    let mut seen = BTreeSet::new();
    for person in world["crew"].as_array_mut().unwrap() {
        person["vessels"] = one_of(&vessels).into();
        let partner =
            one_of(&partners).pop().map(|id| (id.as_str().unwrap().to_owned(), json!(["crew:documents:read"])));
        person["consent"] = Value::Object(partner.into_iter().collect());
        let documents = person["documents"].as_array_mut().unwrap();
        documents.retain(|document| seen.insert(document["id"].to_string()));
        for at in (1..documents.len()).step_by(2) {
            documents[at]["supersedes"] = documents[at - 1]["id"].clone();
        }
    }
    world
}

/// A valid world that uses whatever a world may have but files of the disk.
fn world() -> impl Strategy<Value = WorldFile> {
    let crew = (maybe(any_text()), maybe(any_text()), with_ids(document(), 4)).prop_map(|(name, rank, documents)| {
        object([("name", name), ("rank", rank), ("documents", Some(documents.into()))])
    });
    let vessel = any_text().prop_map(|name| json!({"name": name}));
    let head = (any::<u64>(), maybe(any_text()), maybe(Just("2026-01-15T09:00:00.5Z".into())), policies());
    let lists = (with_ids(partner(), 3), with_ids(vessel, 3), with_ids(crew, 4));
    (head, lists, select(vec!["live", "test"]), prop::collection::vec(any::<Index>(), 8)).prop_map(
        |((seed, name, clock, policies), (partners, vessels, crew), mode, picks)| {
            let world = object([
                ("seed", Some(seed.into())),
                ("name", name),
                ("clock", clock),
                ("policies", Some(policies)),
                ("mode", Some(mode.into())),
                ("partners", Some(partners.into())),
                ("vessels", Some(vessels.into())),
                ("crew", Some(crew.into())),
            ]);
            serde_json::from_value(linked(world, &picks)).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_an_error_or_a_world(any in any::<String>(), soup in soup()) {
        is_told(&any);
        is_told(&soup);
    }

    #[test]
    fn any_damage_to_a_world_is_an_error_or_a_world(
        at in any::<Index>(),
        length in 0..12_usize,
        new in text(),
        starter in any::<bool>(),
    ) {
        let whole = if starter { STARTER } else { NAMES };
        let at = whole.floor_char_boundary(at.index(whole.len()));
        let end = whole.floor_char_boundary((at + length).min(whole.len()));
        is_told(&format!("{}{new}{}", &whole[..at], &whole[end..]));
    }

    #[test]
    fn any_world_that_is_written_is_read_as_the_same(file in world()) {
        let made = World::build(file.clone(), "w", None).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for text in [serde_saphyr::to_string(&file).unwrap(), serde_json::to_string(&file).unwrap()] {
            let read = World::parse(&text, "w", None);
            let read = read.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            prop_assert_eq!((&read.name, read.seed, read.mode), (&made.name, made.seed, made.mode));
            prop_assert_eq!((&read.clock, &read.policies), (&made.clock, &made.policies));
            prop_assert_eq!(&read.partners, &made.partners);
            prop_assert_eq!(&read.vessels, &made.vessels);
            prop_assert_eq!(&read.crew, &made.crew, "{}", text);
        }
    }
}
