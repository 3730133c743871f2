//! The fleets of a world: a row for each person and vessel, sorted once, when the world is loaded.

use super::index::Index;
use super::{CrewMember, Partner, Vessel};

/// A person on a vessel, by their positions in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FleetRow {
    /// The position of the person.
    pub(crate) crew: u32,
    /// The position of the vessel.
    pub(crate) vessel: u32,
}

/// The fleet of each partner, in the order of the partners; its rows are in the order of names, then ids, then vessels.
#[derive(Debug, Default)]
pub(super) struct Fleets(Box<[Box<[FleetRow]>]>);

impl Fleets {
    /// Sorts the people of a world into the fleets of its partners.
    pub(super) fn new(partners: &[Partner], vessels: &[Vessel], vessel_ids: &Index, crew: &[CrewMember]) -> Self {
        let managers: Vec<Vec<usize>> = vessels.iter().map(|vessel| managers_of(vessel, partners)).collect();
        let mut fleets: Vec<Vec<FleetRow>> = partners.iter().map(|_| Vec::new()).collect();
        for (at, person) in crew.iter().enumerate() {
            for row in rows_of(at, person, |id| vessel_ids.find(id, |at| &vessels[at].id)) {
                for partner in &managers[row.vessel as usize] {
                    fleets[*partner].push(row);
                }
            }
        }
        for fleet in &mut fleets {
            fleet.sort_unstable_by(|one, other| {
                let of = |row: &FleetRow| (&crew[row.crew as usize], &vessels[row.vessel as usize]);
                by_name(of(one), of(other))
            });
        }
        Self(fleets.into_iter().map(Vec::into_boxed_slice).collect())
    }

    /// Returns the rows of the partner at a position.
    pub(super) fn of_partner(&self, partner: usize) -> &[FleetRow] {
        self.0.get(partner).map_or(&[], |rows| rows)
    }
}

/// Returns the rows of a person, one for each vessel that `find` knows, each vessel once.
pub(crate) fn rows_of(at: usize, person: &CrewMember, find: impl Fn(&str) -> Option<usize>) -> Vec<FleetRow> {
    let mut rows: Vec<FleetRow> = Vec::with_capacity(person.vessels.len());
    for vessel in person.vessels.iter().filter_map(|id| find(id)) {
        let row = FleetRow { crew: position(at), vessel: position(vessel) };
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// Compares two rows by name, then id, then vessel. A person without a name comes first.
pub(crate) fn by_name(one: (&CrewMember, &Vessel), other: (&CrewMember, &Vessel)) -> std::cmp::Ordering {
    one.0.name.cmp(&other.0.name).then_with(|| by_id(one, other))
}

/// Compares two rows by id, then vessel.
pub(crate) fn by_id(one: (&CrewMember, &Vessel), other: (&CrewMember, &Vessel)) -> std::cmp::Ordering {
    one.0.id.cmp(&other.0.id).then_with(|| one.1.id.cmp(&other.1.id))
}

/// Returns the positions of the partners whose fleet a vessel is on, each once.
fn managers_of(vessel: &Vessel, partners: &[Partner]) -> Vec<usize> {
    let is_manager = |partner: &Partner| vessel.partners.iter().any(|id| *id.as_str() == *partner.id);
    partners.iter().enumerate().filter(|(_, partner)| is_manager(partner)).map(|(at, _)| at).collect()
}

/// Converts a position: a world has fewer people and vessels than a `u32` can count.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
