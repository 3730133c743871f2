//! Property mode against real clients.

mod real_clients;
