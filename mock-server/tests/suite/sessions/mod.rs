//! Sessions that share one server, and replicas that honour each other's links, over raw connections.

mod many;
mod sessions;
mod tokens;
