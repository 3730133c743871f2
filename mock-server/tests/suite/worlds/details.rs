//! What the endpoints beside the documents need of a world: vessels, roles, and the details of people.

use insta::assert_snapshot;

use crewpass_mock::world::{Verification, World};

use super::broken::{problems, with};

/// The starter world as it was before the fleet: a world that says nothing of what came with it.
const BEFORE: &str = include_str!("before_the_fleet.yaml");

#[test]
fn a_world_of_before_loads_unchanged() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/worlds");
    let world = World::parse(BEFORE, "before", Some(folder.as_ref())).unwrap();
    assert!(world.roles.is_empty() && world.crew.iter().all(|person| person.details.is_none()));
    let starter = World::starter();
    for (before, now) in world.crew.iter().zip(&starter.crew) {
        assert_eq!((&before.id, &before.documents), (&now.id, &now.documents));
    }
}

#[test]
fn the_starter_has_a_person_for_each_case() {
    let world = World::starter();
    let details = |id: &str| world.crew[world.position(id).unwrap() as usize].details.as_deref().unwrap();
    assert_eq!(details("crew_001").verification, Verification::Verified);
    assert!(details("crew_001").photo.is_some() && details("crew_001").profile.is_some());
    assert_eq!(details("crew_002").roles.as_ref().unwrap().len(), 2);
    assert_eq!(details("crew_005").roles.as_ref().unwrap().len(), 0);
    assert_eq!(details("crew_005").background_check, None);
    assert_eq!(world.vessel("ves_abc").unwrap().imo.as_deref(), Some("9074729"));
}

/// The valid world with details of its person.
fn with_details(details: &str) -> String {
    with("    documents:\n", &format!("    details: {details}\n    documents:\n"))
}

#[test]
fn an_address_given_twice() {
    let other = "crew:\n  - {id: crew_2, details: {email: A@Example.invalid}}\n";
    assert_snapshot!(problems(&with_details("{email: ' a@example.invalid'}").replacen("crew:\n", other, 1)));
}

#[test]
fn an_empty_address() {
    assert_snapshot!(problems(&with_details("{email: ' '}")));
}

#[test]
fn a_role_on_an_unknown_vessel() {
    assert_snapshot!(problems(&with_details("{roles: {ves_abd: Chef}}")));
}

#[test]
fn a_photo_that_is_no_picture_or_not_there() {
    assert_snapshot!("no-picture", problems(&with_details("{photo: {generate: pdf}}")));
    assert_snapshot!("not-there", problems(&with_details("{photo: {path: b.pdf}}")));
    assert_snapshot!("neither", problems(&with_details("{photo: {}}")));
}

#[test]
fn an_unknown_background_check() {
    assert_snapshot!(problems(&with_details("{background_check: in_progress}")));
}

#[test]
fn roles_and_requirements_given_twice() {
    let role = |keys: [&str; 2]| {
        let requirement = |key: &str| format!("{{key: {key}, title: A}}");
        format!("  - {{name: Chef, requires: [{}]}}\n", keys.map(requirement).join(", "))
    };
    let roles = |roles: &str| with("crew:\n", &format!("roles:\n{roles}crew:\n"));
    assert_snapshot!("name", problems(&roles(&role(["a", "b"]).repeat(2))));
    assert_snapshot!("key", problems(&roles(&role(["a", "a"]))));
}

#[test]
fn an_imo_number_of_another_form() {
    assert_snapshot!(problems(&with("partners: [prt_1]}", "partners: [prt_1], imo: \"907472\"}")));
}
