//! What a gate does now, for people who wait for it.

use std::fmt;
use std::sync::Arc;

/// Gets the words about a step.
type Tell = dyn Fn(&str) + Send + Sync;

/// Gets a few words about each step of a run when the step begins. By default nobody gets them.
#[derive(Clone, Default)]
pub struct Steps(Option<Arc<Tell>>);

impl Steps {
    /// Creates steps that are told to `tell`.
    pub fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    /// Tells that a step begins.
    pub(crate) fn begin(&self, what: &str) {
        if let Some(tell) = &self.0 {
            tell(what);
        }
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        form.debug_tuple("Steps").field(&self.0.is_some()).finish()
    }
}
