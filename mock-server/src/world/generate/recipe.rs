//! What a made-up world consists of, and the order in which it is made.

use super::crew::{Company, MAIN, OTHER};
use super::dice::{Dice, dice, percent, pick};
use super::documents::{Holder, Press};
use crate::scope::{Scope, ScopeSet};
use crate::world::pools::end_sharing;
use crate::world::{CrewMember, Key, Partner, PartnerKind, Text, Vessel, WorldFile};

/// How large a world is to be, and which of all possible ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// How many crew members: `crew_001` and on. Raising it leaves those before as they were.
    pub crew: u32,
    /// How many current documents each has; the versions that they replaced come on top.
    pub documents: u32,
    /// The seed: the same recipe gives the same world.
    pub seed: u64,
    /// Whether files have names that no client may write to disk as they are.
    pub hostile: bool,
}

/// Members have the streams from 0 on; vessels have theirs far away from them.
const VESSEL_STREAM: u64 = 1 << 40;

/// Makes the world of a recipe.
///
/// `crew_001` is on the fleet of `prt_123` with full consent, and its `doc_1` is the guide's example. `crew_006` to
/// `crew_009` are the exceptions, in this order: consent to read only, no consent, on no fleet, on `prt_456`'s only.
/// Further on the exceptions are by chance. Keys are left to the loader, which derives them from the seed.
pub fn generate(recipe: &Recipe) -> WorldFile {
    let mut press = Press::new(recipe.hostile);
    let company = Company::new(recipe.crew);
    let crew = (0..recipe.crew).map(|index| member(recipe, &company, &mut press, index)).collect();
    let world = WorldFile {
        name: Some(format!("made from seed {}", recipe.seed).into_boxed_str()),
        seed: recipe.seed,
        partners: partners(),
        vessels: vessels(recipe.seed, &company),
        crew,
        ..WorldFile::default()
    };
    end_sharing();
    world
}

fn member(recipe: &Recipe, company: &Company, press: &mut Press, index: u32) -> CrewMember {
    let mut dice = dice(recipe.seed, u64::from(index));
    let (mut member, department) = company.member(&mut dice, index);
    let holder = Holder { index, name: member.name.as_deref().unwrap_or_default(), department };
    member.documents = press.documents(&mut dice, &holder, recipe.documents);
    member
}

fn partners() -> Vec<Partner> {
    let all: ScopeSet = Scope::ALL.into_iter().collect();
    let without = |scope| {
        let mut scopes = all;
        scopes.remove(scope);
        Some(scopes)
    };
    let key = |name: &str, granted_scopes| Key { name: name.into(), key: None, revoked: false, granted_scopes };
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

/// The main partner's vessels, of which a few are managed by both, then the other's.
fn vessels(seed: u64, company: &Company) -> Vec<Vessel> {
    let [main, other] = company.partners();
    let mine = company.fleet.iter().enumerate().map(|(at, id)| {
        let mut dice = dice(seed, VESSEL_STREAM + at as u64);
        let shared = at > 0 && percent(&mut dice, 8);
        let partners = if shared { [main.clone(), other.clone()].into() } else { [main.clone()].into() };
        vessel(&mut dice, id, partners)
    });
    let others = company.others.iter().enumerate().map(|(at, id)| {
        let mut dice = dice(seed, 2 * VESSEL_STREAM + at as u64);
        vessel(&mut dice, id, [other.clone()].into())
    });
    mine.chain(others).collect()
}

fn vessel(dice: &mut Dice, id: &Text, partners: Box<[Text]>) -> Vessel {
    let name = format!("M/Y {} {}", pick(dice, FIRST_WORDS), pick(dice, SECOND_WORDS));
    Vessel { id: id.as_str().into(), name: name.into_boxed_str(), partners }
}

const FIRST_WORDS: &[&str] = &[
    "Silver", "Blue", "Northern", "Golden", "Quiet", "Little", "Bright", "Amber", "Wild", "Distant", "Ivory", "Seventh",
];
const SECOND_WORDS: &[&str] = &[
    "Petrel", "Meridian", "Halcyon", "Aurora", "Tern", "Mistral", "Kestrel", "Lantern", "Sirocco", "Étoile", "Ægir",
    "Curlew",
];
