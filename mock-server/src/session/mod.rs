//! Sessions: a world's live state behind one owner. The key picks the session, and a link token carries it.

mod board;
mod limiter;
mod listing;
mod live;
mod one;
mod sessions;
mod spec;
mod store;
mod uploads;
mod watch;
mod whereabouts;

pub(crate) use listing::{Listed, Listing};
pub(crate) use live::LinkUse;
pub use live::{Live, Upload, day_of};
pub use one::Session;
pub use sessions::{NoRoom, Sessions};
pub use spec::SessionSpec;
pub use store::{Reach, Store, StoreStep};
pub use uploads::{ChangeError, UploadNote};
pub(crate) use whereabouts::Whereabouts;
