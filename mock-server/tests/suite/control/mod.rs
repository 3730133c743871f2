//! The control API and its document.

mod document;
