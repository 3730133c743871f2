//! Witnesses of a client's behaviour that it can't fake: the wire, the file tree and the process.

mod files;
mod machine;
mod monitor;
mod process;
mod pulse;
mod strain;
mod wire;

pub(crate) use files::sha256_in_pieces;
pub use files::{Entry, Kind, Tree, sha256_of};
pub use monitor::{Monitor, Watch};
pub use process::{End, Process};
pub use strain::{Losses, Strain};
pub use wire::{Exchange, Handshake, Listener, Step};
