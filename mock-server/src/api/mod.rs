//! The endpoints, one file a family. Each says what a request that passed the checks gets.

pub(crate) mod disposition;
pub(crate) mod documents;
pub(crate) mod file_body;
pub(crate) mod files;
pub(crate) mod partners;
mod reply;

pub(crate) use reply::{FileReply, LinkReply, RedirectReply, Reply};
