//! The journal: the requests of a session and its responses, in the order of its decisions.
//!
//! The core is pure. An exchange starts under the session's lock, which decides its order, and is
//! finished when the last byte of its response is sent or its client disconnects. Heads are kept as
//! bytes, in a buffer that an evicted entry left behind. Everything derived from them (header maps,
//! ids, leaks, masks, formats) is computed when the journal is read, never while a request is
//! served.

mod address;
mod body;
mod entry;
mod exchange;
mod filter;
mod har;
mod heads;
mod json;
mod leak;
mod log;
mod masking;
mod open_exchange;
mod record;
mod ring;
mod words;

pub use entry::{Change, Entry, EntryKind};
pub use exchange::Exchange;
pub use filter::{Filter, KindFilter, StatusFilter};
pub use leak::Leak;
pub use log::CAPACITY;
pub use ring::Journal;

#[cfg(feature = "cli")]
pub(crate) use address::mask_line;
pub(crate) use entry::CHANGE_TOPICS;
pub(crate) use exchange::StartedExchange;
pub(crate) use log::Log;
pub(crate) use masking::mask_json;
pub(crate) use record::Record;
pub(crate) use ring::ReservedEntry;
