//! Everything between a TCP socket and an HTTP request, whatever the API on top: accepting, TLS, telling HTTP/2 from
//! HTTP/1, limits on heads, draining on shutdown, and a handle to break a connection beneath HTTP.
//!
//! Nothing here knows a path, a header of ours or a world. The way of a connection: [`serve`] accepts it, `open` ends
//! the handshake and finds the protocol, `drive` runs hyper on it under a head's deadline, `line` owns the TCP socket.
//!
//! Why not `axum::serve`, nor `hyper_util::server::conn::auto`: the first gives no access to the socket, which a fault
//! needs to cut or reset it; the second waits without any limit for the first bytes, which is how a slow client holds
//! a server's sockets for ever.

mod connection;
mod deadline;
mod drive;
mod frames;
mod head;
mod limits;
mod open;
mod sendfile;
mod serve;
mod server_context;
mod shutdown;
mod socket;
mod tap;
#[cfg(feature = "tls")]
mod tls;
mod tls_config;
mod traffic;

#[cfg(test)]
mod tests;

pub use connection::{ConnectionHandle, Flushed, Peer};
pub use limits::Limits;
pub use sendfile::{SendfileBytes, SendfileCache};
pub use serve::{Ended, serve, serve_counted};
#[cfg(feature = "tls")]
pub use tls::{Authority, DEFAULT_NAMES, Leaf, TlsError, Validity};
pub use tls_config::TlsConfig;
pub use traffic::Traffic;
