//! Sessions that share one server, and replicas that honour each other's links, over raw connections.

mod isolation;
mod many;
mod tokens;
