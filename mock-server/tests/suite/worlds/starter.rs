//! The starter world: valid, current with its schema, and with everything in it that its readers rely on.

use std::collections::BTreeSet;
use std::path::Path;

use crewpass_mock::scope::Scope;
use crewpass_mock::world::{BackgroundCheck, Content, CrewMember, Mode, World, schema, schema_text};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures");

#[test]
fn the_schema_is_current() {
    let committed = std::fs::read_to_string(format!("{FIXTURES}/worlds/world.schema.json")).unwrap_or_default();
    assert!(committed == schema_text(), "fixtures/worlds/world.schema.json is stale: run `make generate`");
}

#[test]
fn the_starter_world_fits_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let world: serde_json::Value = serde_saphyr::from_str(World::starter_text()).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&world).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let wrong: serde_json::Value = serde_saphyr::from_str("crew: [{id: a, vesels: []}]").unwrap();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn the_embedded_world_is_the_one_of_the_folder() {
    let folder = World::open(Path::new(&format!("{FIXTURES}/worlds/starter.yaml"))).unwrap();
    let embedded = World::starter();
    assert_eq!(folder.crew, embedded.crew);
    assert_eq!(folder.partners, embedded.partners);
    for document in embedded.crew.iter().flat_map(|person| &person.documents) {
        assert_eq!(folder.content(document).unwrap(), embedded.content(document).unwrap(), "{}", document.id);
    }
}

#[test]
fn every_file_is_what_it_says_and_small() {
    let files = World::starter_files();
    for (name, bytes) in files {
        let magic: &[u8] = match name.rsplit('.').next().unwrap() {
            "pdf" => b"%PDF-",
            "png" => b"\x89PNG\r\n",
            _ => b"\xff\xd8\xff",
        };
        assert!(bytes.starts_with(magic), "{name}");
        assert!(bytes.len() < 30_000, "{name} has {} bytes", bytes.len());
    }
    let different: BTreeSet<_> = files.iter().map(|(_, bytes)| bytes).collect();
    assert_eq!(different.len(), files.len());
    let on_disk = std::fs::read_dir(format!("{FIXTURES}/files")).unwrap().count();
    assert_eq!(on_disk, files.len(), "each file of fixtures/files is embedded");
}

#[test]
fn the_guides_example_is_there_field_by_field() {
    let world = World::starter();
    let person = &world.crew[world.position("crew_001").unwrap() as usize];
    let document = person.documents.iter().find(|document| &*document.id == "doc_1").unwrap();
    assert!(document.current);
    assert_eq!((document.version, document.supersedes.as_deref()), (2, Some("doc_0")));
    assert_eq!(document.issuer.as_deref(), Some("Maritime & Coastguard Agency"));
    assert_eq!(document.number.as_deref(), Some("PST-12345"));
    assert_eq!(document.expiry_date.unwrap().to_string(), "2028-03-01");
    let old = &person.documents[0];
    assert!(!old.current);
    assert_ne!(world.content(old).unwrap(), world.content(document).unwrap());
}

#[test]
fn each_case_that_readers_rely_on_is_there() {
    let world = World::starter();
    let documents = || world.crew.iter().flat_map(|person| &person.documents);
    let statuses: BTreeSet<_> = documents().map(|document| document.verification_status.name()).collect();
    assert_eq!(statuses.len(), 4);
    assert!(documents().any(|document| document.issuer.is_none()));
    assert!(documents().any(|document| document.file.name.is_none() && document.file.content_type.is_none()));
    let types: BTreeSet<_> = documents().filter_map(|document| document.file.content_type.as_deref()).collect();
    assert_eq!(types, BTreeSet::from(["application/pdf", "image/jpeg", "image/png"]));
    let named = |name: &str| documents().filter(|document| document.file.name.as_deref() == Some(name)).count();
    assert_eq!(named("certificate.pdf"), 2);
    assert!(documents().any(|document| document.expiry_date.is_some_and(|day| day.to_string() == "+20d")));
    assert!(documents().all(|document| !world.content(document).unwrap().is_empty()));
}

#[test]
fn who_may_see_whom_is_as_told() {
    let world = World::starter();
    let person = |id: &str| &world.crew[world.position(id).unwrap() as usize];
    let on_fleet = |id: &str, partner: &str| person(id).on_fleet_of(&world, partner);
    let seen =
        ["crew_001", "crew_002", "crew_003", "crew_004", "crew_005", "crew_900"].map(|id| on_fleet(id, "prt_123"));
    assert_eq!(seen, [true, true, false, true, true, false]);
    assert!(on_fleet("crew_900", "prt_456") && on_fleet("crew_001", "prt_789"));
    let consents = |id: &str, scope| person(id).consent.get("prt_123").is_some_and(|set| set.contains(scope));
    assert!(!consents("crew_002", Scope::DocumentsRead) && !consents("crew_002", Scope::DocumentsDownload));
    assert!(consents("crew_004", Scope::DocumentsRead) && !consents("crew_004", Scope::DocumentsDownload));
    assert!(person("crew_005").documents.is_empty());
    assert!(!world.partner("prt_789").unwrap().api_enabled);
}

#[test]
fn each_background_check_is_there_and_each_person_is_named() {
    let world = World::starter();
    let of = |person: &CrewMember| person.details.as_ref().and_then(|details| details.background_check);
    let checks: BTreeSet<_> = world.crew.iter().filter_map(of).map(BackgroundCheck::name).collect();
    let all = ["awaiting", "completed", "declined", "expired", "in-progress", "pending"];
    assert_eq!(checks, BTreeSet::from(all));
    let names: BTreeSet<_> = world.crew.iter().map(|person| person.name.as_deref().unwrap()).collect();
    assert_eq!(names.len(), world.crew.len());
}

#[test]
fn every_key_has_a_text() {
    let world = World::starter();
    let keys: Vec<_> = world.keys().map(|(partner, key, text)| (&*partner.id, &*key.name, text.mode())).collect();
    let (test, live) = (Some(Mode::Test), Some(Mode::Live));
    assert_eq!(
        keys,
        [
            ("prt_123", "full", test),
            ("prt_123", "no_download", test),
            ("prt_123", "no_read", test),
            ("prt_123", "no_fleet", test),
            ("prt_123", "revoked", test),
            ("prt_123", "wrong_mode", live),
            ("prt_456", "other", test),
            ("prt_789", "no_plan", test),
        ]
    );
}

#[test]
fn a_generated_file_is_a_pdf() {
    let world = World::starter();
    let person = &world.crew[world.position("crew_003").unwrap() as usize];
    let Content::Memory(bytes) = world.content(&person.documents[0]).unwrap() else { panic!("it is in memory") };
    assert!(bytes.starts_with(b"%PDF-"));
}
