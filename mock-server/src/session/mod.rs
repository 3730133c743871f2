//! Sessions: the mutable state of a world, behind one lock. An API key selects the session; a link
//! token contains the session's id.

mod budget;
mod crew_lookup;
mod handle;
mod limiter;
mod list_cache;
mod list_snapshot;
mod operations;
mod registry;
mod spec;
mod state;
mod store;
mod uploads;
mod wait;

pub(crate) use budget::{Budget, MAX_BYTES};
pub(crate) use crew_lookup::CrewLookup;
pub use handle::Session;
pub(crate) use list_snapshot::{CachedList, ListSnapshot};
pub use operations::CurrentDocument;
pub use registry::{Sessions, TooManySessions};
pub use spec::SessionSpec;
pub(crate) use state::LinkUse;
pub use state::{SessionState, Upload, day_of};
pub use store::{Reach, Store, StoreStep};
pub use uploads::{ChangeError, UploadMetadata};
