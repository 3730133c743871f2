//! The fleet of a partner as a walk of pages sees it: the rows in an order, and the people at one moment.

use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::HashMap;

use super::state::SessionState;
use crate::policy::FleetOrder;
use crate::split_mix64::split_mix64;
use crate::world::{CrewMember, FleetRow, Vessel, World, by_id, by_name, rows_of};

/// The number of views that a session keeps. A walk whose view was dropped begins again.
const VIEWS_AT_MOST: usize = 8;

/// A fleet in one order and at one moment.
#[derive(Debug)]
pub(crate) struct FleetView {
    world: Arc<World>,
    partner: usize,
    /// The rows, if they are not those of the world.
    rows: Option<Box<[FleetRow]>>,
    /// The people who are not as the world has them.
    people: HashMap<u32, CrewMember>,
    /// The vessels that are not as the world has them.
    vessels: HashMap<u32, Vessel>,
}

/// What makes two views the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ViewKey {
    partner: usize,
    order: FleetOrder,
    version: u64,
}

/// The views of a session, the last used one first.
#[derive(Debug, Default)]
pub(super) struct FleetViews(VecDeque<(ViewKey, Arc<FleetView>)>);

impl FleetView {
    /// Returns the rows, in their order.
    pub(crate) fn rows(&self) -> &[FleetRow] {
        self.rows.as_deref().unwrap_or_else(|| self.world.fleet(self.partner))
    }

    /// Returns the person and the vessel of a row.
    pub(crate) fn resolve(&self, row: FleetRow) -> (&CrewMember, &Vessel) {
        let as_loaded = || &self.world.crew[row.crew as usize];
        let vessel = self.vessels.get(&row.vessel).unwrap_or_else(|| &self.world.vessels[row.vessel as usize]);
        (self.people.get(&row.crew).unwrap_or_else(as_loaded), vessel)
    }
}

impl SessionState {
    /// Returns the number of changes of people so far.
    pub(crate) fn crew_version(&self) -> u64 {
        self.crew_version
    }

    /// Returns a partner's fleet as it was after this number of changes; `None` if that is not kept any more.
    pub(crate) fn fleet_view(&mut self, partner: usize, order: FleetOrder, version: u64) -> Option<Arc<FleetView>> {
        let key = ViewKey { partner, order, version };
        let can_be_made = self.can_make_view(version);
        let views = &mut self.fleet_views.0;
        if let Some(at) = views.iter().position(|(known, _)| *known == key) {
            let found = views.remove(at)?;
            let view = Arc::clone(&found.1);
            views.push_front(found);
            return Some(view);
        }
        // The world as it was loaded is there for ever; of later moments only the present one is.
        if !can_be_made {
            return None;
        }
        let view = Arc::new(self.new_fleet_view(key));
        self.fleet_views.0.push_front((key, Arc::clone(&view)));
        self.fleet_views.0.truncate(VIEWS_AT_MOST);
        Some(view)
    }

    /// Returns true if [`Self::fleet_view`] has that fleet.
    pub(crate) fn has_fleet_view(&self, partner: usize, order: FleetOrder, version: u64) -> bool {
        let key = ViewKey { partner, order, version };
        self.can_make_view(version) || self.fleet_views.0.iter().any(|(known, _)| *known == key)
    }

    /// Returns true if a moment is the present one or that of the world as it was loaded.
    fn can_make_view(&self, version: u64) -> bool {
        version == 0 || version == self.crew_version
    }

    fn new_fleet_view(&self, ViewKey { partner, order, version }: ViewKey) -> FleetView {
        let world = Arc::clone(self.world());
        let people: HashMap<u32, CrewMember> = match version {
            0 => HashMap::new(),
            _ => self.modified_crew.iter().map(|(at, changed)| (*at, changed.person.clone())).collect(),
        };
        let vessels = if version == 0 { HashMap::new() } else { self.modified_vessels.clone() };
        let as_loaded = people.is_empty() && order == FleetOrder::Name;
        let mut view = FleetView { world, partner, rows: None, people, vessels };
        if !as_loaded {
            view.rows = Some(self.sorted_rows(&view, order));
        }
        view
    }

    fn sorted_rows(&self, view: &FleetView, order: FleetOrder) -> Box<[FleetRow]> {
        let (world, id) = (&view.world, &*self.partners[view.partner].id);
        let is_unchanged = |row: &&FleetRow| !view.people.contains_key(&row.crew);
        let mut rows: Vec<FleetRow> = world.fleet(view.partner).iter().filter(is_unchanged).copied().collect();
        for (at, person) in &view.people {
            let own = rows_of(*at as usize, person, |id| world.vessel_position(id));
            let is_managed = |vessel: &Vessel| vessel.partners.iter().any(|partner| partner.as_str() == id);
            rows.extend(own.into_iter().filter(|row| is_managed(&world.vessels[row.vessel as usize])));
        }
        match order {
            // Most rows are in this order already, which a stable sort makes use of.
            FleetOrder::Name => rows.sort_by(|one, other| by_name(view.resolve(*one), view.resolve(*other))),
            FleetOrder::Id => rows.sort_unstable_by(|one, other| by_id(view.resolve(*one), view.resolve(*other))),
            FleetOrder::Shuffled => rows.sort_by_cached_key(|row| {
                let (person, vessel) = view.resolve(*row);
                shuffle_key(self.seed, &person.id, &vessel.id)
            }),
        }
        rows.into()
    }
}

/// Returns a number that looks random and depends on a seed, a person and a vessel.
fn shuffle_key(seed: u64, person: &str, vessel: &str) -> u64 {
    let bytes = person.bytes().chain([0]).chain(vessel.bytes());
    bytes.fold(split_mix64(seed), |key, byte| split_mix64(key ^ u64::from(byte)))
}
