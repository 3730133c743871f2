//! The endpoints, one file a family. Each says what a request that passed the checks gets.

pub(crate) mod documents;
pub(crate) mod files;
pub(crate) mod openapi;
pub(crate) mod partners_me;
