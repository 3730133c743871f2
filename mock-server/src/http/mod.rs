//! The layer between a TCP socket and an HTTP request: accepting, TLS, protocol detection, limits
//! on heads, draining on shutdown, and a handle that breaks a connection below HTTP.
//!
//! Nothing here knows an API path, a header of the API or a world. A connection's way: [`serve`]
//! accepts it, `open` does the handshake and detects the protocol, `drive` runs hyper on it under a
//! head's deadline, and `connection` owns the TCP socket.
//!
//! Rationale: `axum::serve` gives no access to the socket, which a fault needs to cut or reset it.
//! `hyper_util::server::conn::auto` waits for the first bytes without a limit, so a slow client
//! could hold the server's sockets for ever.

mod connection;
mod deadline;
mod drive;
mod frame_tracker;
mod head;
mod header_names;
mod limits;
mod observed_stream;
mod open;
mod sendfile;
mod serve;
mod server_context;
mod shutdown;
mod socket;
#[cfg(feature = "tls")]
mod tls;
mod tls_config;
mod traffic;

#[cfg(test)]
mod tests;

pub use connection::{ConnectionHandle, Flushed, KnownHost, Peer};
pub use header_names::HeaderNames;
pub use limits::Limits;
pub use sendfile::{SendfileBytes, SendfileCache};
pub use serve::{ServeOutcome, serve};
#[cfg(feature = "tls")]
pub use tls::{Authority, DEFAULT_NAMES, Leaf, TlsError, Validity};
pub use tls_config::TlsConfig;
pub use traffic::Traffic;
