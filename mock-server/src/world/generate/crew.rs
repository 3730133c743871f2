//! One crew member: name, rank, vessels and consent.

use std::collections::BTreeMap;

use compact_str::format_compact;
use serde::Deserialize;

use super::catalogue::Department;
use super::data;
use super::dice::{Dice, pick, weighted};
use super::names::PersonNames;
use crate::scope::{Scope, ScopeSet};
use crate::world::{CrewMember, Text};

/// The partner that manages most of a generated world.
pub(super) const MAIN: &str = "prt_123";
/// A second partner, with its own fleet.
pub(super) const OTHER: &str = "prt_456";

/// The number of crew members for each vessel of the main partner.
pub(super) const CREW_PER_VESSEL: u32 = 12;
/// The number of crew members for each vessel of the other partner; only few of them serve on it.
pub(super) const CREW_PER_OTHER_VESSEL: u32 = 240;

/// A rank; `share` is in percent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rank {
    share: u32,
    #[serde(rename = "rank")]
    name: Text,
    departments: Box<[Department]>,
}

/// A person's fleet and consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
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
use Membership::{Ashore, Elsewhere, Full, NoConsent, ReadOnly};

/// Each membership with its share in percent.
const MEMBERSHIPS: &[(u32, Membership)] = &[(81, Full), (6, ReadOnly), (5, NoConsent), (4, Ashore), (4, Elsewhere)];

/// The memberships of `crew_006` to `crew_009`, so that a small world has them all.
const EXCEPTIONS: [Membership; 4] = [ReadOnly, NoConsent, Ashore, Elsewhere];

impl Membership {
    fn roll(dice: &mut Dice, index: u32) -> Self {
        let (_, rolled) = *weighted(dice, MEMBERSHIPS, |(share, _)| *share);
        match index {
            0..5 => Full,
            5..9 => EXCEPTIONS[(index - 5) as usize],
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

/// Generates crew members; holds the texts of ranks, partners and vessels, which they share.
pub(super) struct CrewGenerator {
    main: Text,
    other: Text,
    names: PersonNames,
    ranks: Box<[Rank]>,
    /// The vessels of the main partner, by number.
    pub(super) fleet: Box<[Text]>,
    /// The vessels of the other partner, by number.
    pub(super) others: Box<[Text]>,
}

impl CrewGenerator {
    /// Creates the generator of a world with this number of members.
    pub(super) fn new(crew: u32) -> Self {
        Self {
            main: MAIN.into(),
            other: OTHER.into(),
            names: PersonNames::new(),
            ranks: data::parse(data::RANKS),
            fleet: vessel_ids("ves_", crew.div_ceil(CREW_PER_VESSEL).max(1)),
            others: vessel_ids("ves_x", crew.div_ceil(CREW_PER_OTHER_VESSEL).max(1)),
        }
    }

    /// Returns the ids of main partner and other partner.
    pub(super) fn partners(&self) -> [Text; 2] {
        [self.main.clone(), self.other.clone()]
    }

    /// Generates the member of this number, without documents; returns the departments, too.
    pub(super) fn member(&self, dice: &mut Dice, index: u32) -> (CrewMember, &[Department]) {
        let name = self.names.pick(dice);
        let Rank { name: rank, departments, .. } = weighted(dice, &self.ranks, |rank| rank.share);
        let membership = Membership::roll(dice, index);
        let consent: BTreeMap<Text, ScopeSet> =
            membership.consent().map(|(partner, scopes)| (self.partner(partner), scopes)).collect();
        let member = CrewMember {
            id: format_compact!("crew_{:03}", index + 1),
            name: Some(name),
            rank: Some(rank.clone()),
            vessels: self.vessels(dice, index, membership).into(),
            consent: consent.into(),
            details: None,
            documents: Vec::new(),
        };
        (member, departments)
    }

    /// Returns the ranks of some departments.
    pub(super) fn ranks_of(&self, departments: &[Department]) -> Box<[Text]> {
        let own = self.ranks.iter().filter(|rank| *rank.departments == *departments);
        own.map(|rank| rank.name.clone()).collect()
    }

    fn partner(&self, id: &str) -> Text {
        if id == OTHER { self.other.clone() } else { self.main.clone() }
    }

    /// Returns a member's vessels: mostly one; a few rotate to the vessel before.
    fn vessels(&self, dice: &mut Dice, index: u32, membership: Membership) -> Box<[Text]> {
        let own = (index / CREW_PER_VESSEL) as usize;
        let rotates = *pick(dice, &[true, false, false, false, false, false, false, false]);
        match membership {
            Ashore => Box::default(),
            Elsewhere => [self.others[(index / CREW_PER_OTHER_VESSEL) as usize].clone()].into(),
            _ if rotates && own > 0 => [self.fleet[own].clone(), self.fleet[own - 1].clone()].into(),
            _ => [self.fleet[own].clone()].into(),
        }
    }
}

fn vessel_ids(prefix: &str, count: u32) -> Box<[Text]> {
    (1..=count).map(|number| format!("{prefix}{number:03}").as_str().into()).collect()
}
