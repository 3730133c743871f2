//! The wire over real sockets, under a small service that does what its path says.

mod ending;
mod faults;
mod harness;
mod heads;
mod http2;
mod messages;
mod sendfile;
mod tls;
