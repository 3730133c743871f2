//! Properties of what a generated world says beside documents.

use std::collections::BTreeSet;

use super::{Recipe, generate};
use crate::compliance::{Assessment, Today};
use crate::policy::Policies;
use crate::world::{CrewMember, Details, World, WorldFile};

const PLAIN: Recipe = Recipe { crew: 300, documents: 10, seed: 7, hostile: false };

fn details(world: &WorldFile) -> impl Iterator<Item = &Details> {
    world.crew.iter().filter_map(|member| member.details.as_deref())
}

#[test]
fn every_address_is_somebodys_own_and_leads_nowhere() {
    let world = generate(&PLAIN);
    let emails: Vec<&str> = details(&world).filter_map(|details| details.email.as_deref()).collect();
    assert_eq!(emails.iter().collect::<BTreeSet<_>>().len(), emails.len());
    assert!(emails.len() > 250 && emails.len() < 300, "{}", emails.len());
    for email in emails {
        let (name, domain) = email.split_once('@').unwrap();
        assert!(domain.ends_with(".invalid") && email.is_ascii() && !name.is_empty(), "{email}");
    }
    World::build(world, "generated", None).unwrap();
}

#[test]
fn every_status_occurs_and_every_role_has_requirements() {
    let world = generate(&PLAIN);
    let checks: BTreeSet<_> =
        details(&world).map(|details| details.background_check.map(crate::world::BackgroundCheck::name)).collect();
    assert_eq!(checks.len(), 7, "{checks:?}");
    let verifications: BTreeSet<_> = details(&world).map(|details| details.verification.name()).collect();
    assert_eq!(verifications.len(), 2);
    let (mut overall, mut statuses) = (BTreeSet::new(), BTreeSet::new());
    for member in &world.crew {
        let role = |name: &str| world.roles.iter().find(|role| *role.name == *name);
        let known = role(member.rank.as_deref().unwrap()).unwrap();
        let today = Today { day: 0, first_day: 0 };
        let assessment = Assessment::new(member, Some(known), today, &Policies::default());
        overall.insert(assessment.overall.name());
        statuses.extend(assessment.requirements.iter().map(|known| known.status.name()));
    }
    assert_eq!(overall, BTreeSet::from(["at_risk", "compliant", "non_compliant"]));
    assert_eq!(statuses, BTreeSet::from(["expired", "expiring", "met", "missing", "pending"]));
}

#[test]
fn a_person_on_two_vessels_has_a_role_on_each() {
    let world = generate(&PLAIN);
    let is_on_two = |member: &&CrewMember| member.vessels.len() == 2;
    assert!(world.crew.iter().filter(is_on_two).count() > 5);
    for member in &world.crew {
        let roles = member.details.as_ref().unwrap().roles.as_ref();
        assert_eq!(roles.is_some(), member.vessels.len() > 1, "{}", member.id);
        for vessel in member.vessels.iter() {
            let role = member.role_on(vessel).unwrap();
            assert!(world.roles.iter().any(|known| known.name == *role), "{role}");
        }
    }
}

#[test]
fn the_first_person_is_complete_and_others_lack_something() {
    let world = generate(&PLAIN);
    let first = world.crew[0].details.as_ref().unwrap();
    let profile = first.profile.as_ref().unwrap();
    assert!(first.email.is_some() && first.photo.is_some() && profile.bio.is_some() && profile.phone.is_some());
    assert!(profile.employment_history.is_some() && profile.date_of_birth.is_some() && profile.address.is_some());
    assert!(profile.passport.is_some() && profile.visas.is_some());
    let lacks = |test: fn(&Details) -> bool| details(&world).any(test);
    assert!(lacks(|details| details.photo.is_none()) && lacks(|details| details.email.is_none()));
    assert!(lacks(|details| details.profile.as_ref().unwrap().passport.is_none()));
}

#[test]
fn a_vessel_has_a_flag_a_type_and_an_imo_number_with_its_check_digit() {
    let world = generate(&PLAIN);
    for vessel in &world.vessels {
        assert!(vessel.flag.is_some() && vessel.kind.is_some(), "{}", vessel.id);
        let digits: Vec<u32> =
            vessel.imo.as_deref().unwrap().chars().map(|digit| digit.to_digit(10).unwrap()).collect();
        let sum: u32 = digits[..6].iter().zip([7, 6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
        assert_eq!((digits.len(), sum % 10), (7, digits[6]), "{digits:?}");
    }
    let numbers: BTreeSet<_> = world.vessels.iter().map(|vessel| &vessel.imo).collect();
    assert!(numbers.len() > world.vessels.len() / 2);
    let more = generate(&Recipe { crew: 600, ..PLAIN });
    let of = |world: &WorldFile, id: &str| world.vessels.iter().find(|vessel| *vessel.id == *id).unwrap().clone();
    assert!(world.vessels.iter().all(|vessel| of(&more, &vessel.id) == *vessel), "they stay as they are");
}
