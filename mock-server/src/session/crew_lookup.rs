//! A crew lookup done before the session lock is taken.

use std::cell::RefCell;
use std::sync::Arc;

use arc_swap::Guard;
use bytes::Bytes;

use super::list_cache::ListCache;
use crate::world::World;

/// A crew lookup in the world that the session had a moment ago.
#[derive(Debug)]
pub(crate) struct CrewLookup {
    pub(super) world: Guard<Arc<World>>,
    pub(super) position: Option<u32>,
    pub(super) list_cache: Guard<Arc<ListCache>>,
    /// The cached list; taken by the request that sends it.
    pub(super) list: RefCell<Option<Bytes>>,
}
