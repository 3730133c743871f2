//! The endpoints of the API: a table of them, one file for each, and the routing that follows from the table.

mod definition;
mod documents_link;
mod documents_list;
mod file;
mod fleet;
mod name;
mod openapi;
mod partners_me;
mod path;
mod paths;
mod range;
mod routes;
mod table;
mod vessels;

pub(crate) use definition::{Access, Answers, Needs};
pub(crate) use documents_link::LinkReply;
pub use name::EndpointName;
pub(crate) use paths::{Resource, before_token, find, resources};
pub(crate) use routes::Routes;
