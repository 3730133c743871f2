//! All sessions of a run: which one a key or a token belongs to.
//!
//! This is the one place that would change if sessions lay in a store that several processes share.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;
use jiff::Timestamp;

use super::one::{DEFAULT_SESSION, Session, SessionSpec};

/// The sessions of a run, by id and by key.
#[derive(Debug)]
pub struct Sessions {
    known: RwLock<Known>,
}

#[derive(Debug)]
struct Known {
    default: Arc<Session>,
    by_id: HashMap<Box<str>, Arc<Session>>,
    by_key: HashMap<Box<str>, Arc<Session>>,
}

impl Sessions {
    /// A run that begins with one session.
    pub fn new(spec: SessionSpec, real: Timestamp) -> Self {
        let default = Arc::new(Session::default_of(spec, real));
        let mut known = Known { default: Arc::clone(&default), by_id: HashMap::new(), by_key: HashMap::new() };
        known.add(default);
        Self { known: RwLock::new(known) }
    }

    /// The session that a run begins with; it also answers for what belongs to none.
    pub fn default_session(&self) -> Arc<Session> {
        Arc::clone(&self.read().default)
    }

    /// The session of a key.
    pub fn of_key(&self, key: &str) -> Option<Arc<Session>> {
        self.read().by_key.get(key).cloned()
    }

    /// The session of that id.
    pub fn of_id(&self, id: &str) -> Option<Arc<Session>> {
        self.read().by_id.get(id).cloned()
    }

    /// Puts another world under the default session, whole; links of the old one still name the session.
    pub fn replace_default(&self, spec: SessionSpec, real: Timestamp) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.forget(DEFAULT_SESSION);
        let default = Arc::new(Session::default_of(spec, real));
        known.default = Arc::clone(&default);
        known.add(default);
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn add(&mut self, session: Arc<Session>) {
        let live = session.live();
        for key in live.partners.iter().flat_map(|partner| &partner.keys).filter_map(|key| key.key.as_ref()) {
            self.by_key.insert(key.reveal().into(), Arc::clone(&session));
        }
        drop(live);
        self.by_id.insert(session.id.clone(), session);
    }

    fn forget(&mut self, id: &str) {
        self.by_key.retain(|_, session| *session.id != *id);
        self.by_id.remove(id);
    }
}
