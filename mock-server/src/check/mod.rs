//! The checks of the contract, one file each. `order` lists them; `walk` runs them, for the answer and
//! for `explain` alike. The letter in parentheses is the source of a rule: (G) the guide, (P) the public pages, (H) HTTP
//! and safety, (D) ours, where no page says it.

mod body_fits;
mod crew_on_fleet;
mod cursor_known;
mod document_current;
mod established;
mod input_valid;
mod key;
mod key_on_file;
mod link_alive;
mod link_ground;
mod link_known;
mod link_unspent;
mod link_version;
mod lookup_found;
mod mode;
mod order;
mod photo_there;
mod plan;
mod rate_limit;
mod refusal;
mod scope_consented;
mod scope_granted;
mod store_reachable;
mod vessel_known;
mod walk;

pub(crate) use cursor_known::{CursorFault, cursor_faults};
pub(crate) use established::{Assignment, Authorized, Caller, CrewMember, Document, FleetPage, LinkedFile};
pub(crate) use link_ground::lost_ground;
pub(crate) use order::{assignment, authorized, crew_member, document, fleet_page, link, looked_up, photo};
pub(crate) use refusal::{bad_cursor, store_unavailable};
pub(crate) use walk::{Check, Observer, Request, Unobserved};
