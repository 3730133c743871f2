//! The registry of all sessions of a run, by id and by key.
//!
//! Only this file would change if sessions were in a store that several processes share.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use hashbrown::HashMap;
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::budget::{Budget, MAX_BYTES, MAX_DOCUMENTS};
use super::handle::{DEFAULT_SESSION, Session};
use super::spec::SessionSpec;
use crate::webhook::{Waker, Wakes, wake_channel};
use crate::world::World;

/// The maximum number of sessions beside the default one.
const MAX_SESSIONS: usize = 10_000;

/// The number of bytes that a person with its details takes, documents not counted.
pub(crate) const BYTES_PER_PERSON: u64 = 2 << 10;

/// The sessions of a run, by id and by key.
#[derive(Debug)]
pub struct Sessions {
    index: RwLock<Index>,
    idle: Duration,
    /// The maximum number of sessions beside the default one.
    capacity: usize,
    budget: Arc<Budget>,
    /// Wakes the worker that delivers webhooks, and its end until the worker takes it.
    wake: UnboundedSender<Arc<str>>,
    wakes: Mutex<Option<Wakes>>,
}

#[derive(Debug)]
struct Index {
    default: Arc<Session>,
    by_id: HashMap<Box<str>, Arc<Session>>,
    by_key: HashMap<Box<str>, Arc<Session>>,
    next: u64,
}

/// The error when no other session can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooManySessions {
    /// The number of sessions is at its maximum.
    #[error("{MAX_SESSIONS} sessions are open, which is the maximum: delete finished ones")]
    Sessions,
    /// The sessions would have too much of their own together.
    #[error(
        "the sessions would have more than {MAX_DOCUMENTS} documents and people, or {MAX_BYTES} bytes, together: \
         delete finished ones"
    )]
    Documents,
}

impl Sessions {
    /// Creates the registry with its default session. Additional sessions end when they were not
    /// used for `idle` of real time.
    pub fn new(spec: SessionSpec, idle: Duration, real: Timestamp) -> Self {
        let budget = Arc::<Budget>::default();
        let default = Arc::new(Session::new_default_within(spec, real, Arc::clone(&budget)));
        let mut index = Index { default: Arc::clone(&default), by_id: HashMap::new(), by_key: HashMap::new(), next: 1 };
        let (wake, wakes) = wake_channel();
        default.lock().outbox.set_waker(Some(Waker::new(&default.id, wake.clone())));
        index.add(default);
        let wakes = Mutex::new(Some(wakes));
        Self { index: RwLock::new(index), idle, capacity: MAX_SESSIONS, budget, wake, wakes }
    }

    /// Returns the default session. It also answers requests that belong to no session.
    pub fn default_session(&self) -> Arc<Session> {
        Arc::clone(&self.read().default)
    }

    /// Returns the session of a key.
    pub fn by_key(&self, key: &str, real: Timestamp) -> Option<Arc<Session>> {
        let found = self.read().by_key.get(key).cloned();
        found.filter(|session| self.touch(session, real))
    }

    /// Returns the session with that id, without using it.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Session>> {
        self.read().by_id.get(id).cloned()
    }

    /// Returns the wake-ups of all sessions, once.
    pub(crate) fn take_wakes(&self) -> Option<Wakes> {
        self.wakes.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Returns the session with that id.
    pub fn by_id(&self, id: &str, real: Timestamp) -> Option<Arc<Session>> {
        let found = self.read().by_id.get(id).cloned();
        found.filter(|session| self.touch(session, real))
    }

    /// Opens an additional session.
    ///
    /// # Errors
    /// Too many are open, and none of them is idle.
    pub fn open(&self, spec: SessionSpec, real: Timestamp) -> Result<Arc<Session>, TooManySessions> {
        self.open_holding(spec, 0, real)
    }

    /// Opens an additional session that was made from a text of that many bytes.
    pub(crate) fn open_holding(
        &self,
        spec: SessionSpec,
        bytes: u64,
        real: Timestamp,
    ) -> Result<Arc<Session>, TooManySessions> {
        let number = {
            let mut index = self.write();
            index.remove_idle(self.idle, real);
            if index.by_id.len() > self.capacity {
                return Err(TooManySessions::Sessions);
            }
            index.next += 1;
            index.next - 1
        };
        let (entries, people_bytes) = self.own_entries(&spec.world);
        let charge = self.budget.charge(entries, bytes + people_bytes).ok_or(TooManySessions::Documents)?;
        // Built outside the lock: a large world takes a while.
        let numbers = (number, self.default_session().run_seed());
        let session = Arc::new(Session::new_additional(numbers, spec, real, Arc::clone(&self.budget), charge));
        session.lock().outbox.set_waker(Some(Waker::new(&session.id, self.wake.clone())));
        self.write().add(Arc::clone(&session));
        Ok(session)
    }

    /// Returns the number of documents and people that a session would not share with the served world, and the bytes
    /// of the people.
    fn own_entries(&self, world: &Arc<World>) -> (u64, u64) {
        if Arc::ptr_eq(world, &self.default_session().world()) {
            return (0, 0);
        }
        let documents: u64 = world.crew.iter().map(|person| person.documents.len() as u64).sum();
        let people = world.crew.len() as u64;
        (documents + people, people * BYTES_PER_PERSON)
    }

    /// Replaces the world of the default session. A request sees the old world or the new one,
    /// together with its keys. Additional sessions keep theirs.
    pub fn replace_world(&self, world: Arc<World>, real: Timestamp) {
        let mut index = self.write();
        let session = Arc::clone(&index.default);
        index.by_key.retain(|_, owner| !Arc::ptr_eq(owner, &session));
        session.replace_world(world, real);
        index.add(session);
    }

    /// Ends a session: its keys and links become unknown. Returns false for an unknown id and for
    /// the default session, which can't be ended.
    pub fn close(&self, id: &str) -> bool {
        let mut index = self.write();
        let exists = id != DEFAULT_SESSION && index.by_id.contains_key(id);
        if exists {
            index.remove_where(|session| *session.id == *id);
        }
        exists
    }

    /// Returns every open session, the default one included, ordered by id.
    pub fn all(&self, real: Timestamp) -> Vec<Arc<Session>> {
        let mut all: Vec<_> =
            self.read().by_id.values().filter(|session| !session.is_idle(self.idle, real)).cloned().collect();
        all.sort_by(|a, b| (a.id.len(), &a.id).cmp(&(b.id.len(), &b.id)));
        all
    }

    fn touch(&self, session: &Session, real: Timestamp) -> bool {
        let is_alive = !session.is_idle(self.idle, real);
        if is_alive {
            session.touch(real);
        }
        is_alive
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    fn add(&mut self, session: Arc<Session>) {
        for key in session.lock().partners.iter().flat_map(|partner| &partner.keys) {
            if let Some(text) = &key.text {
                // A world that is loaded later takes no key away from a session that has it.
                self.by_key.entry(text.reveal().into()).or_insert_with(|| Arc::clone(&session));
            }
        }
        self.by_id.insert(session.id.clone(), session);
    }

    fn remove_idle(&mut self, idle: Duration, real: Timestamp) {
        if self.by_id.values().any(|session| session.is_idle(idle, real)) {
            self.remove_where(|session| session.is_idle(idle, real));
        }
    }

    fn remove_where(&mut self, gone: impl Fn(&Session) -> bool) {
        self.by_key.retain(|_, session| !gone(session));
        self.by_id.extract_if(|_, session| gone(session)).for_each(|(_, session)| session.close_journal());
    }
}

#[cfg(test)]
mod tests {
    use super::super::budget::MAX_BYTES;
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn with_idle_limit() -> Sessions {
        Sessions::new(spec(), Duration::from_mins(1), at(0))
    }

    fn spec() -> SessionSpec {
        SessionSpec::new(World::starter())
    }

    fn ids(sessions: &Sessions, second: i64) -> Vec<String> {
        sessions.all(at(second)).iter().map(|session| session.id.to_string()).collect()
    }

    #[test]
    fn an_idle_session_ends() {
        let sessions = with_idle_limit();
        let (used, left) = (sessions.open(spec(), at(0)).unwrap(), sessions.open(spec(), at(0)).unwrap());
        assert_eq!([&*used.id, &*left.id], ["ses_1", "ses_2"]);
        assert_eq!(format!("{used:?}"), r#"Session { id: "ses_1", .. }"#);
        let key = |session: &Session| session.lock().key_named(None).unwrap().reveal().to_owned();
        assert!(sessions.by_key(&key(&used), at(59)).is_some() && sessions.by_id("ses_1", at(118)).is_some());
        assert!(sessions.by_key(&key(&left), at(60)).is_none() && sessions.by_id("ses_2", at(60)).is_none());
        assert_eq!(ids(&sessions, 177), ["ses_1", "default"]);
        assert!(sessions.by_id(DEFAULT_SESSION, at(1_000_000)).is_some());
    }

    #[test]
    fn no_seed_repeats_the_request_ids_of_another_session() {
        let sessions = with_idle_limit();
        let ids: std::collections::BTreeSet<_> = (1..=3_u64)
            .map(|number| SessionSpec { seed: Some(5 ^ (number << 32)), ..spec() })
            .map(|spec| sessions.open(spec, at(0)).unwrap().lock().request_id().as_bytes().to_vec())
            .collect();
        assert_eq!(ids.len(), 3);
    }

    #[test]
    fn a_closed_session_closes_its_journal() {
        let sessions = with_idle_limit();
        let [closed, other] = [(); 2].map(|()| sessions.open(spec(), at(0)).unwrap());
        assert!(sessions.close("ses_1") && !sessions.close("ses_1") && !sessions.close(DEFAULT_SESSION));
        assert!(closed.lock().journal.is_closed() && !other.lock().journal.is_closed());
        let key = closed.lock().key_named(None).unwrap().reveal().to_owned();
        assert!(sessions.by_key(&key, at(0)).is_none());
        assert_eq!(ids(&sessions, 0), ["ses_2", "default"]);
    }

    #[test]
    fn another_world_of_the_default_session_brings_its_own_keys() {
        let sessions = with_idle_limit();
        let of_old = sessions.default_session().lock().key_named(None).unwrap().reveal().to_owned();
        let additional = sessions.open(spec(), at(0)).unwrap();
        let of_new = "cpk_test_another0another0another0another0";
        let world = format!("partners: [{{id: p, keys: [{{name: k, key: {of_new}}}]}}]");
        sessions.replace_world(World::parse(&world, "new", None).unwrap().into(), at(0));
        let of_key = |key: &str| sessions.by_key(key, at(0)).map(|session| session.id.to_string());
        assert_eq!((of_key(&of_old), of_key(of_new)), (None, Some(DEFAULT_SESSION.to_owned())));
        let of_further = additional.lock().key_named(None).unwrap().reveal().to_owned();
        assert_eq!(of_key(&of_further).as_deref(), Some("ses_1"));
        assert_eq!(&*sessions.default_session().world().name, "new");
    }

    #[test]
    fn at_the_maximum_only_an_idle_session_is_replaced() {
        let sessions = Sessions { capacity: 2, ..with_idle_limit() };
        (0..2).for_each(|_| drop(sessions.open(spec(), at(0)).unwrap()));
        sessions.open(spec(), at(59)).unwrap_err();
        sessions.open(spec(), at(60)).unwrap();
        assert_eq!(ids(&sessions, 60), ["ses_3", "default"]);
        assert_eq!(with_idle_limit().capacity, MAX_SESSIONS);
    }

    #[test]
    fn sessions_have_a_number_of_documents_together() {
        let sessions = with_idle_limit();
        let rest = sessions.budget.charge(MAX_DOCUMENTS - 1, 0).unwrap();
        let own = || {
            let document = "{type: A, title: B, verification_status: verified, file: {path: a}, id: ";
            let text = format!("crew: [{{id: c, documents: [{document}d1}}, {document}d2}}]}}]")
                .replace("path: a", "generate: pdf");
            SessionSpec::new(World::parse(&text, "w", None).unwrap().into())
        };
        assert_eq!(sessions.open(own(), at(0)).unwrap_err(), TooManySessions::Documents);
        assert!(sessions.open(spec(), at(0)).is_ok(), "the served world is shared");
        drop(rest);
        let opened = sessions.open(own(), at(0)).unwrap();
        assert!(sessions.budget.charge(MAX_DOCUMENTS - 1, 0).is_none());
        sessions.close(&opened.id);
        drop(opened);
        assert!(sessions.budget.charge(MAX_DOCUMENTS, 0).is_some());
    }

    #[test]
    fn people_and_the_text_of_a_world_count_too() {
        let sessions = with_idle_limit();
        let own = || SessionSpec::new(World::parse("crew: [{id: a}, {id: b}]", "w", None).unwrap().into());
        let opened = sessions.open_holding(own(), 100, at(0)).unwrap();
        assert!(sessions.budget.charge(MAX_DOCUMENTS - 1, 0).is_none());
        assert!(sessions.budget.charge(0, MAX_BYTES - 2 * BYTES_PER_PERSON - 99).is_none());
        sessions.close(&opened.id);
        drop(opened);
        let rest = sessions.budget.charge(MAX_DOCUMENTS, 0).unwrap();
        assert_eq!(sessions.open(own(), at(0)).unwrap_err(), TooManySessions::Documents);
        drop(rest);
        sessions.open_holding(own(), MAX_BYTES, at(0)).unwrap_err();
    }

    #[test]
    fn a_document_that_is_removed_gives_its_bytes_back() {
        let sessions = with_idle_limit();
        let session = sessions.open(spec(), at(0)).unwrap();
        let id = session.reupload("crew_001", "doc_1", b"new".to_vec()).unwrap();
        let id = session.reupload("crew_001", &id, b"newer".to_vec()).unwrap();
        assert!(sessions.budget.charge(0, MAX_BYTES - 7).is_none());
        session.remove_document("crew_001", &id).unwrap();
        assert!(sessions.budget.charge(MAX_DOCUMENTS, MAX_BYTES).is_some());
    }

    #[test]
    fn sessions_have_a_number_of_bytes_together() {
        let sessions = with_idle_limit();
        let rest = sessions.budget.charge(0, MAX_BYTES - 2).unwrap();
        let session = sessions.open(spec(), at(0)).unwrap();
        let upload = || session.reupload("crew_001", "doc_1", b"new".to_vec());
        assert!(upload().unwrap_err().to_string().contains("together"));
        drop(rest);
        upload().unwrap();
        assert!(sessions.budget.charge(0, MAX_BYTES).is_none());
        session.reset(at(0));
        assert!(sessions.budget.charge(0, MAX_BYTES).is_some());
    }
}
