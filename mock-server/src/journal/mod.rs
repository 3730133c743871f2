//! The journal: what each session was asked and what it answered, in the order in which that was decided.
//!
//! The core is pure. An exchange is begun under the session's lock, where its order is decided, and is finished when the
//! last byte of its answer is out or its client is gone. Of its heads the bytes are kept, in one buffer that the oldest
//! entry left behind; all that is derived from them (maps of headers, ids, leaks, masks, forms) is worked out when
//! somebody reads, never on a request's way.

mod body;
mod open_exchange;
mod entry;
mod exchange;
mod filter;
mod har;
mod heads;
mod json;
mod leak;
mod log;
mod masking;
mod record;
mod ring;

pub use entry::{Change, Entry, EntryKind};
pub use exchange::Exchange;
pub use filter::{Filter, StatusFilter};
pub use leak::Leak;
pub use log::CAPACITY;
pub use ring::Journal;

pub(crate) use exchange::StartedExchange;
pub(crate) use log::Log;
pub(crate) use masking::mask;
pub(crate) use record::Record;
pub(crate) use ring::ReservedEntry;
