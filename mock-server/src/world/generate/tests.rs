//! Properties of every generated world: the same from the same seed, stable as it grows, as mixed as a real one.

use std::collections::{BTreeMap, BTreeSet};

use super::file_names::HostileNames;
use super::{Recipe, generate};
use crate::scope::Scope;
use crate::world::{CrewMember, Day, Document, Status, WorldFile};

const PLAIN: Recipe = Recipe { crew: 200, documents: 10, seed: 7, hostile: false };

fn documents(world: &WorldFile) -> impl Iterator<Item = &Document> {
    world.crew.iter().flat_map(|member| &member.documents)
}

fn current(member: &CrewMember) -> usize {
    member.documents.iter().filter(|document| document.current).count()
}

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) * 100.0 / f64::from(u32::try_from(whole).unwrap())
}

#[test]
fn the_same_recipe_gives_the_same_world_and_another_seed_another() {
    assert_eq!(generate(&PLAIN), generate(&PLAIN));
    assert_ne!(generate(&PLAIN).crew, generate(&Recipe { seed: 8, ..PLAIN }).crew);
}

#[test]
fn raising_the_crew_leaves_the_earlier_members_as_they_were() {
    for documents in [1, 10] {
        let small = generate(&Recipe { crew: 13, documents, ..PLAIN });
        let large = generate(&Recipe { crew: 300, documents, ..PLAIN });
        assert_eq!(small.crew[..], large.crew[..13]);
        assert_eq!(small.vessels[..2], large.vessels[..2]);
    }
}

#[test]
fn each_member_has_as_many_current_documents_as_asked_for() {
    for count in [0, 1, 3, 10, 120] {
        let world = generate(&Recipe { crew: 12, documents: count, ..PLAIN });
        assert!(world.crew.iter().all(|member| current(member) == count as usize), "{count}");
    }
    assert!(generate(&Recipe { crew: 0, ..PLAIN }).crew.is_empty());
}

#[test]
fn ids_are_unique_and_every_reference_leads_somewhere() {
    let world = generate(&PLAIN);
    let ids: BTreeSet<_> = documents(&world).map(|document| &document.id).collect();
    assert_eq!(ids.len(), documents(&world).count());
    let vessels: BTreeSet<&str> = world.vessels.iter().map(|vessel| &*vessel.id).collect();
    assert_eq!(vessels.len(), world.vessels.len());
    for member in &world.crew {
        assert!(member.vessels.iter().all(|vessel| vessels.contains(vessel.as_str())), "{}", member.id);
        for document in &member.documents {
            if let Some(older) = &document.supersedes {
                assert!(member.documents.iter().any(|other| other.id == *older && !other.current), "{older}");
            }
        }
    }
    assert_eq!(&*world.crew[0].id, "crew_001");
    assert_eq!(&*world.crew[199].id, "crew_200");
}

#[test]
fn the_first_member_is_the_guides_and_the_exceptions_are_near() {
    let world = generate(&Recipe { crew: 9, ..PLAIN });
    let member = &world.crew[0];
    let first = &member.documents[0];
    assert_eq!((&*first.id, first.title.as_str(), first.current), ("doc_1", "Personal Survival Techniques", true));
    assert_eq!(first.file.name.as_deref(), Some("PST_certificate.pdf"));
    let scopes = |member: &CrewMember, partner: &str| member.consent.get(partner).copied().unwrap_or_default();
    assert_eq!(scopes(member, "prt_123").iter().count(), Scope::ALL.len());
    assert_eq!(member.vessels[0].as_str(), "ves_001");
    assert!(scopes(&world.crew[5], "prt_123").contains(Scope::DocumentsRead));
    assert!(!scopes(&world.crew[5], "prt_123").contains(Scope::DocumentsDownload));
    assert!(world.crew[6].consent.is_empty() && !world.crew[6].vessels.is_empty());
    assert!(world.crew[7].vessels.is_empty());
    assert!(world.crew[8].vessels[0].starts_with("ves_x"));
    let keys: Vec<&str> = world.partners.iter().flat_map(|partner| &partner.keys).map(|key| &*key.name).collect();
    assert_eq!(keys, ["full", "no_download", "no_read", "other"]);
}

#[test]
fn states_agree_with_dates_and_every_state_occurs() {
    let world = generate(&PLAIN);
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for document in documents(&world) {
        let day = |day: Option<Day>| day.unwrap().resolve(0);
        let expires = day(document.expiry_date);
        assert_eq!(document.verification_status == Status::Expired, expires < 0, "{document:?}");
        assert!(day(document.issue_date) < expires && day(document.issue_date) < 0, "{document:?}");
        assert!((day(document.issue_date)..=0).contains(&day(document.uploaded)), "{document:?}");
        *states.entry(document.verification_status.name()).or_default() += 1;
    }
    assert_eq!(states.len(), 4, "{states:?}");
    let soon = documents(&world).filter(|document| matches!(document.expiry_date, Some(Day::In(1..=90)))).count();
    assert!((10.0..25.0).contains(&share(soon, documents(&world).count())), "{soon}");
}

#[test]
fn a_version_is_uploaded_no_earlier_than_the_one_it_replaces() {
    let world = generate(&PLAIN);
    for member in &world.crew {
        for pair in member.documents.windows(2).filter(|pair| pair[1].supersedes.as_ref() == Some(&pair[0].id)) {
            let day = |document: &Document| document.uploaded.unwrap().resolve(0);
            assert!(day(&pair[0]) <= day(&pair[1]), "{pair:?}");
            assert_eq!((pair[0].title.as_str(), pair[0].version + 1), (pair[1].title.as_str(), pair[1].version));
        }
    }
}

#[test]
fn null_issuers_nameless_files_and_replaced_versions_are_some_but_few() {
    let world = generate(&PLAIN);
    let all: Vec<&Document> = documents(&world).collect();
    let count = |test: fn(&Document) -> bool| all.iter().filter(|document| test(document)).count();
    let replaced = share(count(|document| document.current && document.version > 1), 2000);
    assert!((10.0..25.0).contains(&replaced), "{replaced}");
    assert!(count(|document| document.version == 3) > 0);
    for (part, what) in [
        (count(|document| document.issuer.is_none()), "issuer"),
        (count(|document| document.file.name.is_none()), "name"),
        (count(|document| document.file.content_type.is_none()), "content type"),
    ] {
        assert!((3.0..15.0).contains(&share(part, all.len())), "{what}: {part}");
    }
    let twice = |member: &CrewMember| {
        let current = member.documents.iter().filter(|document| document.current);
        let names: Vec<&str> = current.filter_map(|document| document.file.name.as_deref()).collect();
        names.len() > names.iter().collect::<BTreeSet<_>>().len()
    };
    assert!(world.crew.iter().any(twice));
}

#[test]
fn names_are_written_in_many_scripts() {
    let world = generate(&PLAIN);
    let scripts: BTreeSet<_> = world.crew.iter().filter_map(|member| member.name.as_deref().map(script)).collect();
    assert!(scripts.len() >= 8, "{scripts:?}");
}

/// Returns the script of the first letter, by the blocks of Unicode.
fn script(name: &str) -> &'static str {
    match name.chars().next().map_or(0, u32::from) {
        0..0x370 | 0x1e00..0x1f00 => "Latin",
        0x370..0x400 => "Greek",
        0x400..0x530 => "Cyrillic",
        0x530..0x590 => "Armenian",
        0x590..0x600 => "Hebrew",
        0x600..0x700 => "Arabic",
        0x900..0x980 => "Devanagari",
        0xe00..0xe80 => "Thai",
        0x10a0..0x1100 => "Georgian",
        0xac00..0xd7b0 => "Hangul",
        0x3000..0xa000 => "Han and kana",
        _ => "another",
    }
}

#[test]
fn hostile_names_come_only_when_asked_for_and_then_all_of_them() {
    let hostile = HostileNames::new();
    let all: BTreeSet<_> = hostile.all().iter().cloned().collect();
    for documents in [1, 7, 64] {
        let crew = u32::try_from(hostile.all().len()).unwrap();
        let world = generate(&Recipe { crew, documents, hostile: true, ..PLAIN });
        let names: BTreeSet<_> = self::documents(&world).filter_map(|document| document.file.name.clone()).collect();
        assert_eq!(names, all, "{documents}");
    }
    let pleasant = generate(&PLAIN);
    for name in documents(&pleasant).filter_map(|document| document.file.name.as_deref()) {
        let safe = name.len() < 120 && name.trim() == name && !name.starts_with(['.', '-']);
        assert!(safe && !name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']), "{name}");
        assert!(!name.chars().any(char::is_control), "{name}");
    }
}

#[test]
fn a_world_survives_being_written_and_read() {
    let world = generate(&Recipe { hostile: true, crew: 40, ..PLAIN });
    let text = serde_json::to_string(&world).unwrap();
    let again: WorldFile = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
}
