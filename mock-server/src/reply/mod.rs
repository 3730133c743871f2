//! What an endpoint gives, and how it looks on the wire: JSON, a signed link, a file, a redirect.

mod disposition;
pub(crate) mod faulty;
mod file_body;
mod json;
mod list;
mod wire_form;

pub(crate) use file_body::FileBody;
pub(crate) use json::to_json;
pub(crate) use list::extra;
pub(crate) use wire_form::{FileReply, LinkReply, Part, RedirectReply, Reply, SMALL};
