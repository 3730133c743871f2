//! The gate as a partner's crate uses it: the client is a function.

mod client;
mod obligations;
mod page;
