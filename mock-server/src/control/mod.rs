//! The control API under `/__mock/`, by which a test controls the fake.
//!
//! Each topic has a file. Every path works on the default session, and below
//! `/__mock/sessions/{id}/` on another one. The API is open on loopback only, or with its token, and
//! refuses a foreign Host or Origin, so that no web page can reach it. Only the health is open.

mod access;
mod body;
mod changes;
mod clock;
mod compliance;
mod crew;
mod document;
mod documents;
mod explain;
mod faults;
mod fire;
mod journal;
mod links;
mod page;
mod policies;
mod problem;
mod routes;
mod sessions;
mod store;
mod stream;
mod target;
mod vessels;
mod webhooks;
mod world;

pub(crate) use problem::Problem;
pub(crate) use routes::router;
pub(crate) use target::TargetSession;
