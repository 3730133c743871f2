//! Sessions: the mutable state of a world, behind one lock. An API key selects the session; a link
//! token contains the session's id.

mod budget;
mod contents;
mod crew_lookup;
mod etag;
mod events;
mod fleet;
mod handle;
mod held;
mod limiter;
mod list_cache;
mod list_snapshot;
mod operations;
mod people;
mod projections;
mod registry;
mod request_ids;
mod spec;
mod state;
mod store;
mod uploads;
mod used_links;
mod vessels;
mod wait;

pub(crate) use budget::{Budget, Charge, MAX_BYTES};
pub(crate) use crew_lookup::CrewLookup;
pub(crate) use fleet::FleetView;
pub use handle::Session;
pub(crate) use list_snapshot::{CachedList, ListSnapshot};
pub use operations::CurrentDocument;
pub(crate) use people::{Edit, PersonChange, PersonError};
#[cfg(feature = "generate")]
pub(crate) use registry::BYTES_PER_PERSON;
pub use registry::{Sessions, TooManySessions};
pub(crate) use request_ids::RequestId;
pub use spec::SessionSpec;
pub use state::{SessionState, Upload, day_of};
pub use store::{Reach, Store, StoreStep};
pub use uploads::{ChangeError, UploadMetadata};
pub(crate) use used_links::{LinkId, LinkSubject, LinkUse};
pub(crate) use vessels::{VesselChange, VesselError};
