//! What a gate does now, for people who wait for it.

use std::fmt;
use std::sync::Arc;

/// Gets the words about a step.
type Show = dyn Fn(&str) + Send + Sync;

/// Gets a few words about each step of a run when the step begins. By default nobody gets them.
#[derive(Clone, Default)]
pub struct Steps(Option<Arc<Show>>);

impl Steps {
    /// Creates steps that call `show` with the words about each.
    pub fn new(show: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(show)))
    }

    /// Shows that a step begins.
    pub(crate) fn begin(&self, what: &str) {
        if let Some(show) = &self.0 {
            show(what);
        }
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        form.debug_tuple("Steps").field(&self.0.is_some()).finish()
    }
}
