//! What the checks establish about a request. Each of these exists only after the checks before it passed.

use crate::clause;
use crate::cursor::PageCursor;
use crate::error::{self, Refusal};
use crate::scope::{Scope, ScopeSet};
use crate::secret::Mode;
use crate::session::SessionState;
use crate::token::Claims;
use crate::world::{Content, CrewMember as Person};

/// A caller with a known, active key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The position of the partner in the session's list.
    pub(crate) partner: usize,
    /// The position of the key among those of the partner.
    pub(crate) key: usize,
    /// The scopes of the partner, narrowed to those of the key.
    pub(crate) granted: ScopeSet,
    /// The mode of the key.
    pub(crate) mode: Mode,
}

/// A caller who was granted the scope that the endpoint needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Authorized {
    /// The caller.
    pub(crate) caller: Caller,
    /// The scope, if the endpoint needs one.
    pub(crate) scope: Option<Scope>,
}

/// A page of the caller's fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FleetPage {
    /// The caller and the scope.
    pub(crate) authorized: Authorized,
    /// The window in days.
    pub(crate) window: u16,
    /// The most rows of the page.
    pub(crate) limit: u16,
    /// The place of the page; `None` for the first one.
    pub(crate) cursor: Option<PageCursor>,
}

/// A crew member on the caller's fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CrewMember {
    /// The caller and the scope.
    pub(crate) authorized: Authorized,
    /// The position of the crew member in the world.
    pub(crate) position: u32,
}

impl CrewMember {
    /// Returns the crew member at a position, if it is on the caller's fleet.
    pub(super) fn on_fleet(
        state: &SessionState,
        authorized: Authorized,
        position: Option<u32>,
    ) -> Result<Self, Refusal> {
        let partner = &state.partners[authorized.caller.partner].id;
        let position = position.filter(|at| state.crew(*at).on_fleet_of(state.world(), partner));
        let position = position.ok_or_else(|| Refusal::new(clause::CREW_ON_FLEET, error::NOT_FOUND))?;
        Ok(Self { authorized, position })
    }

    /// Returns the scope that the endpoint needs and the crew member does not consent to, if there is one.
    pub(super) fn withheld_scope(&self, state: &SessionState) -> Option<Scope> {
        let partner = &*state.partners[self.authorized.caller.partner].id;
        let person = state.crew(self.position);
        self.authorized.scope.filter(|scope| !person.consents(partner, *scope))
    }
}

/// A crew member with the vessels that a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The crew member.
    pub(crate) crew: CrewMember,
    /// The vessels.
    pub(crate) vessels: Vessels,
}

/// The vessels that a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vessels {
    /// The vessel at this position in the world.
    One(usize),
    /// Every vessel of the partner that the person serves on.
    All,
}

impl Vessels {
    /// Returns the positions of the vessels, by their names and then their ids.
    pub(crate) fn positions(self, state: &SessionState, person: &Person, partner: &str) -> Vec<usize> {
        let world = state.world();
        if let Self::One(position) = self {
            return vec![position];
        }
        let is_managed = |at: &usize| world.vessels[*at].partners.iter().any(|id| id.as_str() == partner);
        let own = person.vessels.iter().filter_map(|id| world.vessel_position(id)).filter(is_managed);
        let mut positions: Vec<usize> = own.collect();
        positions.sort_by_key(|at| (&state.vessel(*at).name, &state.vessel(*at).id));
        positions.dedup();
        positions
    }
}

/// A current document of a crew member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    /// The crew member.
    pub(crate) crew: CrewMember,
    /// The position of the document among those of the crew member.
    pub(crate) position: usize,
}

/// A link before it is proved; `None` if the session did not sign its token.
pub(crate) type UnprovedLink<'a> = Option<&'a Claims<'a>>;

/// A link to a crew member's document who is in the world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkedCrew<'a> {
    /// The claims of the token.
    pub(crate) claims: &'a Claims<'a>,
    /// The position of the crew member in the world.
    pub(crate) position: u32,
}

/// A link to a document that is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkedDocument<'a> {
    /// The link, with its crew member.
    pub(crate) crew: LinkedCrew<'a>,
    /// The position of the document among those of the crew member.
    pub(crate) position: usize,
}

/// A link with the file that it leads to.
#[derive(Clone, Debug)]
pub(crate) struct LinkedFile<'a> {
    /// The link, with its document.
    pub(crate) document: LinkedDocument<'a>,
    /// The file; `None` where a redirect comes first.
    pub(crate) content: Option<Content>,
}
