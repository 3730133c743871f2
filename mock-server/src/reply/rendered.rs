//! A JSON document that is written after the session's lock is released.

use std::fmt;

use bytes::Bytes;

/// Writes a document. It gets the origin that the caller used, which is computed when it is asked for.
type Write = dyn FnOnce(&mut dyn FnMut() -> String) -> Bytes + Send;

/// The work of writing a document.
pub(crate) struct Rendered(Box<Write>);

impl Rendered {
    /// Keeps the work for later.
    pub(crate) fn new(write: impl FnOnce(&mut dyn FnMut() -> String) -> Bytes + Send + 'static) -> Self {
        Self(Box::new(write))
    }

    /// Writes the document.
    pub(super) fn write(self, origin: impl FnOnce() -> String) -> Bytes {
        let mut origin = Some(origin);
        (self.0)(&mut || origin.take().map(|origin| origin()).unwrap_or_default())
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rendered")
    }
}
