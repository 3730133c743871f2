//! One crew member: name, rank, vessels, and what the person consented to.

use std::collections::BTreeMap;

use compact_str::format_compact;

use super::catalogue::{DECK, ENGINE, GALLEY, INTERIOR, OFFICER};
use super::dice::{Dice, pick, weighted};
use super::names::person;
use crate::scope::{Scope, ScopeSet};
use crate::world::{CrewMember, Text};

/// The partner that most of a made-up world is about.
pub(super) const MAIN: &str = "prt_123";
/// A partner with a fleet of its own.
pub(super) const OTHER: &str = "prt_456";

/// So many crew members serve on one vessel of the main partner, until the next vessel begins.
pub(super) const CREW_PER_VESSEL: u32 = 12;
/// One vessel of the other partner takes the few of so many crew members that are on no other fleet.
pub(super) const CREW_PER_OTHER_VESSEL: u32 = 240;

/// Ranks with the department, whose certificates the person holds, and their share in percent.
const RANKS: &[(u32, (&str, u8))] = &[
    (7, ("Captain", DECK | OFFICER)),
    (8, ("Chief Officer", DECK | OFFICER)),
    (5, ("Second Officer", DECK | OFFICER)),
    (3, ("Third Officer", DECK | OFFICER)),
    (8, ("Bosun", DECK)),
    (5, ("Lead Deckhand", DECK)),
    (16, ("Deckhand", DECK)),
    (7, ("Chief Engineer", ENGINE)),
    (5, ("Second Engineer", ENGINE)),
    (3, ("Third Engineer", ENGINE)),
    (3, ("ETO", ENGINE)),
    (5, ("Head Chef", GALLEY)),
    (3, ("Sous Chef", GALLEY)),
    (1, ("Crew Chef", GALLEY)),
    (4, ("Chief Stewardess", INTERIOR)),
    (3, ("Chief Steward", INTERIOR)),
    (5, ("Second Stewardess", INTERIOR)),
    (7, ("Stewardess", INTERIOR)),
    (2, ("Purser", INTERIOR)),
];

/// Where a person stands towards the partners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// On the main partner's fleet, with consent to everything.
    Full,
    /// On the fleet, with consent to list documents but not to download them.
    ReadOnly,
    /// On the fleet, without any consent.
    NoConsent,
    /// On no vessel, though consent was once given.
    Ashore,
    /// On the other partner's fleet only.
    Elsewhere,
}
use Standing::{Ashore, Elsewhere, Full, NoConsent, ReadOnly};

const STANDINGS: &[(u32, Standing)] = &[(81, Full), (6, ReadOnly), (5, NoConsent), (4, Ashore), (4, Elsewhere)];

/// `crew_006` to `crew_009` show one standing each, so that a small world has them all.
const SHOWN: [Standing; 4] = [ReadOnly, NoConsent, Ashore, Elsewhere];

impl Standing {
    fn roll(dice: &mut Dice, index: u32) -> Self {
        let rolled = *weighted(dice, STANDINGS);
        match index {
            0..5 => Full,
            5..9 => SHOWN[(index - 5) as usize],
            _ => rolled,
        }
    }

    fn consent(self) -> impl Iterator<Item = (&'static str, ScopeSet)> {
        let all: ScopeSet = Scope::ALL.into_iter().collect();
        let mut read_only = all;
        read_only.remove(Scope::DocumentsDownload);
        let (partner, scopes) = match self {
            Full | Ashore => (MAIN, Some(all)),
            ReadOnly => (MAIN, Some(read_only)),
            NoConsent => (MAIN, None),
            Elsewhere => (OTHER, Some(all)),
        };
        scopes.map(|scopes| (partner, scopes)).into_iter()
    }
}

/// What a world's members share: the texts of ranks, partners and vessels.
pub(super) struct Company {
    main: Text,
    other: Text,
    ranks: Box<[(u32, (Text, u8))]>,
    /// The vessels of the main partner, by number.
    pub(super) fleet: Box<[Text]>,
    /// The vessels of the other partner, by number.
    pub(super) others: Box<[Text]>,
}

impl Company {
    /// The company of a world with so many members.
    pub(super) fn new(crew: u32) -> Self {
        let ids = |prefix: &str, count: u32| (1..=count).map(|at| format!("{prefix}{at:03}").as_str().into()).collect();
        Self {
            main: MAIN.into(),
            other: OTHER.into(),
            ranks: RANKS.iter().map(|&(share, (rank, department))| (share, (rank.into(), department))).collect(),
            fleet: ids("ves_", crew.div_ceil(CREW_PER_VESSEL).max(1)),
            others: ids("ves_x", crew.div_ceil(CREW_PER_OTHER_VESSEL).max(1)),
        }
    }

    /// The ids of main partner and other partner.
    pub(super) fn partners(&self) -> [Text; 2] {
        [self.main.clone(), self.other.clone()]
    }

    /// The member of this number, without documents, and the department.
    pub(super) fn member(&self, dice: &mut Dice, index: u32) -> (CrewMember, u8) {
        let name = person(dice);
        let (rank, department) = weighted(dice, &self.ranks);
        let standing = Standing::roll(dice, index);
        let consent: BTreeMap<Text, ScopeSet> =
            standing.consent().map(|(partner, scopes)| (self.partner(partner), scopes)).collect();
        let member = CrewMember {
            id: format_compact!("crew_{:03}", index + 1),
            name: Some(name),
            rank: Some(rank.clone()),
            vessels: self.vessels(dice, index, standing).into(),
            consent: consent.into(),
            documents: Vec::new(),
        };
        (member, *department)
    }

    fn partner(&self, id: &str) -> Text {
        if id == OTHER { self.other.clone() } else { self.main.clone() }
    }

    /// Most serve on one vessel, a few rotate to the vessel before.
    fn vessels(&self, dice: &mut Dice, index: u32, standing: Standing) -> Box<[Text]> {
        let own = (index / CREW_PER_VESSEL) as usize;
        let rotates = *pick(dice, &[true, false, false, false, false, false, false, false]);
        match standing {
            Ashore => Box::default(),
            Elsewhere => [self.others[(index / CREW_PER_OTHER_VESSEL) as usize].clone()].into(),
            _ if rotates && own > 0 => [self.fleet[own].clone(), self.fleet[own - 1].clone()].into(),
            _ => [self.fleet[own].clone()].into(),
        }
    }
}
