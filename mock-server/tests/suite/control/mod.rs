//! The control API: its document, and the callers that it admits.

mod access;
mod document;
mod messages;
mod vessels;
