//! The endpoints of the API: a table of them, one file for each, and the routing that follows from the table.

mod compliance_check;
mod definition;
mod documents_link;
mod documents_list;
mod email_lookup;
mod endpoint_name;
mod fleet;
mod linked_file;
mod openapi;
mod partners_me;
mod path_lookup;
mod path_template;
mod photo;
mod profile;
mod range;
mod routing;
mod table;
mod vessels;

#[cfg(feature = "cli")]
pub(crate) use compliance_check::described as described_compliance;
pub(crate) use definition::{Access, Answers, Needs};
pub(crate) use documents_link::LinkReply;
pub use endpoint_name::EndpointName;
pub(crate) use path_lookup::{Resource, before_token, find, path_of, resources};
#[cfg(feature = "cli")]
pub(crate) use profile::described as described_profile;
pub(crate) use routing::Routes;
