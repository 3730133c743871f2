//! The parts of a generated world, and the order in which they are generated.

use rand::RngExt;
use serde::Deserialize;

use super::crew::{CrewGenerator, MAIN, OTHER};
use super::data;
use super::details::{self, DetailsGenerator};
use super::dice::{Dice, dice_for, percent, pick};
use super::documents::{DocumentGenerator, Holder};
use crate::scope::{Scope, ScopeSet};
use crate::world::pools::end_sharing;
use crate::world::{CrewMember, Key, Partner, PartnerKind, Requirement, Role, Text, Vessel, WorldFile};

/// Size and seed of a world to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The number of crew members: `crew_001` and on. Raising it leaves those before unchanged.
    pub crew: u32,
    /// The number of current documents of each; replaced versions come on top.
    pub documents: u32,
    /// The seed; the same recipe gives the same world.
    pub seed: u64,
    /// Is true if files have names that a client must not write to disk unchanged.
    pub hostile: bool,
}

/// The first random stream of vessels; members have the streams from 0 on.
const VESSEL_STREAM: u64 = 1 << 40;
/// The first random stream of the details of members, and the ones of vessels.
const DETAILS_STREAM: u64 = 3 * VESSEL_STREAM;
const VESSEL_DETAILS_STREAM: u64 = 4 * VESSEL_STREAM;

/// Generates the world of a recipe.
///
/// `crew_001` is on the fleet of `prt_123` with full consent, and its `doc_1` is the guide's example. `crew_006` to
/// `crew_009` are the exceptions, in this order: consent to read only, no consent, on no fleet, on `prt_456`'s only.
/// Later exceptions are random. The loader derives the keys from the seed.
pub fn generate(recipe: &Recipe) -> WorldFile {
    let mut documents = DocumentGenerator::new(recipe.hostile);
    let generator = CrewGenerator::new(recipe.crew);
    let words: VesselWords = data::parse(data::VESSELS);
    let details = DetailsGenerator::new(words.names());
    let crew = (0..recipe.crew).map(|index| member(recipe, &generator, &mut documents, &details, index)).collect();
    let world = WorldFile {
        name: Some(format!("made from seed {}", recipe.seed).into_boxed_str()),
        seed: recipe.seed,
        partners: partners(),
        vessels: vessels(recipe.seed, &words, &generator),
        roles: roles(),
        crew,
        ..WorldFile::default()
    };
    end_sharing();
    world
}

fn member(
    recipe: &Recipe,
    crew: &CrewGenerator,
    documents: &mut DocumentGenerator,
    details: &DetailsGenerator,
    index: u32,
) -> CrewMember {
    let mut dice = dice_for(recipe.seed, u64::from(index));
    let (mut member, departments) = crew.member(&mut dice, index);
    let holder = Holder { index, name: member.name.as_deref().unwrap_or_default(), departments };
    let documents = documents.generate(&mut dice, &holder, recipe.documents);
    let ranks = crew.ranks_of(departments);
    let holder = details::Holder { index, member: &member, departments, ranks: &ranks };
    let details = details.generate(&mut dice_for(recipe.seed, DETAILS_STREAM + u64::from(index)), &holder);
    member.details = Some(details.into());
    member.documents = documents;
    member
}

fn partners() -> Vec<Partner> {
    let all: ScopeSet = Scope::ALL.into_iter().collect();
    let without = |scope| {
        let mut scopes = all;
        scopes.remove(scope);
        Some(scopes)
    };
    let key = |name: &str, granted_scopes| Key { name: name.into(), text: None, revoked: false, granted_scopes };
    let partner = |id: &str, name: &str, keys| Partner {
        id: id.into(),
        display_name: Some(name.into()),
        kind: PartnerKind::Customer,
        plan: Some("fleet".into()),
        api_enabled: true,
        granted_scopes: all,
        keys,
    };
    let keys = vec![
        key("full", None),
        key("no_download", without(Scope::DocumentsDownload)),
        key("no_read", without(Scope::DocumentsRead)),
    ];
    vec![
        partner(MAIN, "Blue Meridian Yacht Management", keys),
        partner(OTHER, "Tern & Gull Yachting", vec![key("other", None)]),
    ]
}

/// The two words of a vessel's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VesselWords {
    first: Box<[String]>,
    second: Box<[String]>,
    flags: Box<[Text]>,
    types: Box<[Text]>,
}

impl VesselWords {
    /// Returns every name that a vessel can have.
    fn names(&self) -> Box<[Box<str>]> {
        let pairs = self.first.iter().flat_map(|first| self.second.iter().map(move |second| (first, second)));
        pairs.map(|(first, second)| format!("M/Y {first} {second}").into_boxed_str()).collect()
    }
}

/// Roles that require the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleGroup {
    roles: Box<[Text]>,
    requires: Vec<Requirement>,
}

fn roles() -> Vec<Role> {
    let groups: Vec<RoleGroup> = data::parse(data::ROLES);
    let of_group = |RoleGroup { roles, requires }: RoleGroup| {
        let role = move |name: Text| Role { name, requires: requires.clone() };
        roles.into_iter().map(role).collect::<Vec<_>>()
    };
    groups.into_iter().flat_map(of_group).collect()
}

/// Generates the main partner's vessels, of which both manage a few, then the other's.
fn vessels(seed: u64, words: &VesselWords, generator: &CrewGenerator) -> Vec<Vessel> {
    let [main, other] = generator.partners();
    let count = generator.fleet.len();
    let mine = generator.fleet.iter().enumerate().map(|(at, id)| {
        let mut dice = dice_for(seed, VESSEL_STREAM + at as u64);
        let shared = at > 0 && percent(&mut dice, 8);
        let partners = if shared { [main.clone(), other.clone()].into() } else { [main.clone()].into() };
        vessel(&mut dice, words, id, partners)
    });
    let others = generator.others.iter().enumerate().map(|(at, id)| {
        let mut dice = dice_for(seed, 2 * VESSEL_STREAM + at as u64);
        vessel(&mut dice, words, id, [other.clone()].into())
    });
    let described = mine.chain(others).enumerate().map(|(at, vessel)| {
        // Raising the crew adds vessels to the first fleet, and leaves those of the second as they were.
        let stream = if at < count { at as u64 } else { VESSEL_STREAM + (at - count) as u64 };
        let mut dice = dice_for(seed, VESSEL_DETAILS_STREAM + stream);
        Vessel {
            flag: Some(pick(&mut dice, &words.flags).clone()),
            kind: Some(pick(&mut dice, &words.types).clone()),
            imo: Some(imo_number(&mut dice).as_str().into()),
            ..vessel
        }
    });
    described.collect()
}

/// Generates an IMO number: six digits, and the check digit that follows from them.
fn imo_number(dice: &mut Dice) -> String {
    let digits: [u32; 6] = std::array::from_fn(|at| dice.random_range(u32::from(at == 0)..10));
    let sum: u32 = digits.iter().zip((2..=7).rev()).map(|(digit, weight)| digit * weight).sum();
    digits.iter().chain([&(sum % 10)]).map(u32::to_string).collect()
}

fn vessel(dice: &mut Dice, words: &VesselWords, id: &Text, partners: Box<[Text]>) -> Vessel {
    let name = format!("M/Y {} {}", pick(dice, &words.first), pick(dice, &words.second));
    Vessel { id: id.as_str().into(), name: name.into_boxed_str(), partners, flag: None, kind: None, imo: None }
}
