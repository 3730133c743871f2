//! The parts of a generated world, and the order in which they are generated.

use serde::Deserialize;

use super::crew::{CrewGenerator, MAIN, OTHER};
use super::data;
use super::dice::{Dice, dice_for, percent, pick};
use super::documents::{DocumentGenerator, Holder};
use crate::scope::{Scope, ScopeSet};
use crate::world::pools::end_sharing;
use crate::world::{CrewMember, Key, Partner, PartnerKind, Text, Vessel, WorldFile};

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

/// Generates the world of a recipe.
///
/// `crew_001` is on the fleet of `prt_123` with full consent, and its `doc_1` is the guide's example. `crew_006` to
/// `crew_009` are the exceptions, in this order: consent to read only, no consent, on no fleet, on `prt_456`'s only.
/// Later exceptions are random. The loader derives the keys from the seed.
pub fn generate(recipe: &Recipe) -> WorldFile {
    let mut documents = DocumentGenerator::new(recipe.hostile);
    let generator = CrewGenerator::new(recipe.crew);
    let crew = (0..recipe.crew).map(|index| member(recipe, &generator, &mut documents, index)).collect();
    let world = WorldFile {
        name: Some(format!("made from seed {}", recipe.seed).into_boxed_str()),
        seed: recipe.seed,
        partners: partners(),
        vessels: vessels(recipe.seed, &generator),
        crew,
        ..WorldFile::default()
    };
    end_sharing();
    world
}

fn member(recipe: &Recipe, crew: &CrewGenerator, documents: &mut DocumentGenerator, index: u32) -> CrewMember {
    let mut dice = dice_for(recipe.seed, u64::from(index));
    let (mut member, departments) = crew.member(&mut dice, index);
    let holder = Holder { index, name: member.name.as_deref().unwrap_or_default(), departments };
    member.documents = documents.generate(&mut dice, &holder, recipe.documents);
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
}

/// Generates the main partner's vessels, of which both manage a few, then the other's.
fn vessels(seed: u64, generator: &CrewGenerator) -> Vec<Vessel> {
    let words: VesselWords = data::parse(data::VESSELS);
    let [main, other] = generator.partners();
    let mine = generator.fleet.iter().enumerate().map(|(at, id)| {
        let mut dice = dice_for(seed, VESSEL_STREAM + at as u64);
        let shared = at > 0 && percent(&mut dice, 8);
        let partners = if shared { [main.clone(), other.clone()].into() } else { [main.clone()].into() };
        vessel(&mut dice, &words, id, partners)
    });
    let others = generator.others.iter().enumerate().map(|(at, id)| {
        let mut dice = dice_for(seed, 2 * VESSEL_STREAM + at as u64);
        vessel(&mut dice, &words, id, [other.clone()].into())
    });
    mine.chain(others).collect()
}

fn vessel(dice: &mut Dice, words: &VesselWords, id: &Text, partners: Box<[Text]>) -> Vessel {
    let name = format!("M/Y {} {}", pick(dice, &words.first), pick(dice, &words.second));
    Vessel { id: id.as_str().into(), name: name.into_boxed_str(), partners, flag: None, kind: None, imo: None }
}
