//! A seed that a pipeline writes down gives the same world and the same files in every release. Where this fails on
//! purpose, the change log says so.

use insta::assert_snapshot;
use sha2::{Digest, Sha256};

use crewpass_mock::world::generate::{Recipe, file, generate};
use crewpass_mock::world::{Document, GeneratedKind, WorldFile};

fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn digest(world: &WorldFile) -> String {
    hexadecimal(Sha256::new_with_prefix(serde_json::to_vec(world).unwrap()))
}

/// The world of a recipe with people, vessels and documents alone: what was generated before there were details.
fn without_details(recipe: &Recipe) -> WorldFile {
    let mut world = generate(recipe);
    world.roles.clear();
    world.crew.iter_mut().for_each(|person| person.details = None);
    for vessel in &mut world.vessels {
        (vessel.flag, vessel.kind, vessel.imo) = (None, None, None);
    }
    world
}

#[test]
fn the_world_of_a_seed() {
    let world = generate(&Recipe { crew: 2, documents: 2, seed: 7, hostile: false });
    assert_snapshot!(serde_saphyr::to_string(&world).unwrap());
}

#[test]
fn the_digests_of_larger_ones() {
    let plain = Recipe { crew: 600, documents: 10, seed: 7, hostile: false };
    let recipes = [plain, Recipe { hostile: true, ..plain }, Recipe { crew: 200, documents: 60, ..plain }];
    assert_snapshot!(recipes.iter().map(|recipe| digest(&without_details(recipe))).collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_digest_of_the_details() {
    assert_snapshot!(digest(&generate(&Recipe { crew: 600, documents: 10, seed: 7, hostile: false })));
}

#[test]
fn the_digests_of_files() {
    let world = generate(&Recipe { crew: 4, documents: 6, seed: 3, hostile: true });
    let mut documents: Vec<Document> = world.crew.into_iter().flat_map(|member| member.documents).collect();
    // No part of a page has to be plain, or short, or there at all.
    documents[1].title = "Свидетельство (\\) 証明書 شهادة".into();
    documents[1].id = "doc ) endstream é".into();
    documents[1].issuer = Some("Υπουργείο Ναυτιλίας".into());
    documents[1].number = None;
    documents[2].title = "Long ".repeat(80).as_str().into();
    documents[3].title = "".into();
    let kinds = [GeneratedKind::Pdf, GeneratedKind::Png, GeneratedKind::Jpeg, GeneratedKind::Bytes];
    let sizes = [None, Some(0), Some(5_000), Some(20_001), Some(65_540), Some(300_000)];
    let cases = kinds.into_iter().flat_map(|kind| sizes.map(|size| (kind, size)));
    let lines = cases.map(|(kind, size)| {
        let mut all = Sha256::new();
        for document in &documents {
            all.update(file(3, document, kind, size));
        }
        format!("{kind:?} {} {}\n", size.unwrap_or(0), hexadecimal(all))
    });
    assert_snapshot!(lines.collect::<String>());
}
