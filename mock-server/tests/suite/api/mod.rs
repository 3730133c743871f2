//! The API over real sockets: its answers byte for byte, the order of its checks, its clock, its links and its policies.

mod bodies;
mod follow;
mod goldens;
mod large;
mod links;
mod order;
mod origins;
mod policies;
mod refusals;
mod time;
mod uploads;
mod vessels;
mod wire;
