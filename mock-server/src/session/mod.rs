//! Sessions: a world's live state behind one owner. The key picks the session, and a link token carries it.

mod board;
mod limiter;
mod listing;
mod live;
mod one;
mod sessions;
mod store;
mod uploads;
mod watch;

pub(crate) use listing::{Listed, Listing};
pub(crate) use live::LinkUse;
pub use live::{Live, day_of};
pub(crate) use one::Whereabouts;
pub use one::{Session, SessionSpec};
pub use sessions::{NoRoom, Sessions};
pub use store::{Reach, Store, StoreStep};
pub use uploads::{ChangeError, Upload, UploadNote};
