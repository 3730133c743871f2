//! The API over real sockets: its answers byte for byte, the order of its checks, its clock, its links and its policies.

mod bodies;
mod compliance;
mod disk;
mod fleet;
mod fleet_cursors;
mod fleet_policies;
mod follow;
mod goldens;
mod hosts_http2;
mod large;
mod links;
mod lives;
mod lookup;
mod order;
mod origins;
mod person_policies;
mod policies;
mod profile;
mod projections;
mod ranges;
mod refusals;
mod time;
mod uploads;
mod vessels;
mod wire;
