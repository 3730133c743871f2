//! What is known of a crew member before the session's lock is taken.

use std::cell::RefCell;
use std::sync::Arc;

use arc_swap::Guard;
use bytes::Bytes;

use super::list_cache::ListCache;
use crate::world::World;

/// Where a crew member is in the world that a session had a moment ago.
#[derive(Debug)]
pub(crate) struct CrewLookup {
    pub(super) world: Guard<Arc<World>>,
    pub(super) position: Option<u32>,
    pub(super) list_cache: Guard<Arc<ListCache>>,
    /// The list, as it was put up; taken by who gives it out.
    pub(super) list: RefCell<Option<Bytes>>,
}
