//! The order of the checks, as section "The order of the checks" of the contract has it. An endpoint's
//! needs say how far a request walks; each check takes what the one before it established.

use super::body_fits::{BodyFits, BodyParses};
use super::crew_on_fleet::CrewOnFleet;
use super::cursor_known::CursorKnown;
use super::document_current::DocumentCurrent;
use super::established::{Assignment, Authorized, CrewMember, Document, FleetPage, LinkedFile, UnprovedLink};
use super::input_valid::{InputAfterKey, InputAfterScope};
use super::key::KeyKnown;
use super::key_on_file::KeyOnFile;
use super::link_alive::LinkAlive;
use super::link_ground::LinkGround;
use super::link_known::{CrewKnown, TokenKnown};
use super::link_unspent::LinkUnspent;
use super::link_version::LinkVersion;
use super::lookup_found::{LookupConsented, LookupFound};
use super::mode::ModeFits;
use super::photo_there::PhotoThere;
use super::plan::PlanHasApi;
use super::rate_limit::{LimitAfterScope, LimitBeforeKey};
use super::scope_consented::ScopeConsented;
use super::scope_granted::ScopeGranted;
use super::store_reachable::{FileStoreReachable, FileThere, LinkStoreReachable};
use super::vessel_known::VesselKnown;
use super::walk::{Observer, Request, Walk};
use crate::error::Refusal;

/// The request again, and what its checks established or the refusal of the first that failed.
type Walked<'w, 'r, T> = (Request<'w, 'r>, Result<T, Refusal>);

/// Walks to a caller who was granted the endpoint's scope.
#[inline]
pub(crate) fn authorized<'w, 'r, 'a>(
    request: Request<'w, 'r>,
    observer: &mut impl Observer<'a>,
) -> Walked<'w, 'r, Authorized> {
    to_authorized(request, observer).end()
}

/// Walks on to a page of the fleet, at the place of a known cursor.
#[inline]
pub(crate) fn fleet_page<'w, 'r, 'a>(
    request: Request<'w, 'r>,
    observer: &mut impl Observer<'a>,
) -> Walked<'w, 'r, FleetPage> {
    to_authorized(request, observer).check::<CursorKnown>().end()
}

/// Walks on to a crew member who is on the fleet and consented.
#[inline]
pub(crate) fn crew_member<'w, 'r, 'a>(
    request: Request<'w, 'r>,
    observer: &mut impl Observer<'a>,
) -> Walked<'w, 'r, CrewMember> {
    to_crew_member(request, observer).end()
}

/// Walks on to a crew member whose address is looked up.
#[inline]
pub(crate) fn looked_up<'w, 'r, 'a>(
    request: Request<'w, 'r>,
    observer: &mut impl Observer<'a>,
) -> Walked<'w, 'r, CrewMember> {
    to_authorized(request, observer).check::<LookupFound>().check::<LookupConsented>().end()
}

/// Walks on to the vessels of a crew member.
#[inline]
pub(crate) fn assignment<'w, 'r, 'a>(
    request: Request<'w, 'r>,
    observer: &mut impl Observer<'a>,
) -> Walked<'w, 'r, Assignment> {
    to_crew_member(request, observer).check::<VesselKnown>().end()
}

/// Walks on to a crew member who has a photo.
#[inline]
pub(crate) fn photo<'w, 'r, 'a>(
    request: Request<'w, 'r>,
    observer: &mut impl Observer<'a>,
) -> Walked<'w, 'r, CrewMember> {
    to_crew_member(request, observer).check::<PhotoThere>().end()
}

/// Walks on to a current document that the file store can give.
#[inline]
pub(crate) fn document<'w, 'r, 'a>(
    request: Request<'w, 'r>,
    observer: &mut impl Observer<'a>,
) -> Walked<'w, 'r, Document> {
    to_crew_member(request, observer).check::<DocumentCurrent>().check::<LinkStoreReachable>().end()
}

// The limiter has two places, of which policy `limiter_position` chooses one. So has the validation of query and
// body, by policy `validation_position`.
#[inline]
fn to_authorized<'w, 'r, 'o, 'a, O: Observer<'a>>(
    request: Request<'w, 'r>,
    observer: &'o mut O,
) -> Walk<'w, 'r, 'o, O, Authorized> {
    Walk::begin(request, observer, ())
        .check::<LimitBeforeKey>()
        .check::<BodyParses>()
        .check::<KeyKnown>()
        .check::<BodyFits>()
        .check::<InputAfterKey>()
        .check::<ModeFits>()
        .check::<PlanHasApi>()
        .check::<ScopeGranted>()
        .check::<LimitAfterScope>()
        .check::<InputAfterScope>()
}

#[inline]
fn to_crew_member<'w, 'r, 'o, 'a, O: Observer<'a>>(
    request: Request<'w, 'r>,
    observer: &'o mut O,
) -> Walk<'w, 'r, 'o, O, CrewMember> {
    to_authorized(request, observer).check::<CrewOnFleet>().check::<ScopeConsented>()
}

/// Walks the checks of a link to its file. The token is the credential (G).
#[inline]
pub(crate) fn link<'w, 'r, 'a>(
    request: Request<'w, 'r>,
    observer: &mut impl Observer<'a>,
    link: UnprovedLink<'a>,
) -> Walked<'w, 'r, LinkedFile<'a>> {
    Walk::begin(request, observer, link)
        .check::<KeyOnFile>()
        .check::<TokenKnown>()
        .check::<LinkAlive>()
        .check::<CrewKnown>()
        .check::<LinkVersion>()
        .check::<LinkGround>()
        .check::<LinkUnspent>()
        .check::<FileStoreReachable>()
        .check::<FileThere>()
        .end()
}
