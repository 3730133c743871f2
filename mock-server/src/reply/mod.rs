//! The replies of handlers, and their form on the wire: JSON, a signed link, a file, a redirect.

mod disposition;
pub(crate) mod faulty;
mod file_body;
mod json;
mod optional;
mod rendered;
mod unknown_fields;
mod wire_form;

pub(crate) use file_body::FileBody;
pub(crate) use json::{JsonWriter, to_json, write_json};
pub(crate) use optional::Optional;
pub(crate) use rendered::Rendered;
pub(crate) use unknown_fields::extra;
pub(crate) use wire_form::{FileReply, Part, RedirectReply, Reply, SMALL, page, redirect};
