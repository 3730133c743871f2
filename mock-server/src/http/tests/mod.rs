//! Tests over real sockets, with a small service that is controlled by the request path.

mod ending;
mod faults;
mod harness;
mod heads;
mod http2;
mod messages;
mod sendfile;
mod tls;
