//! Reads and changes of a session in one call each, for tests that embed the fake.

use std::io;

use jiff::{SignedDuration, Timestamp};

use super::handle::Session;
use super::state::{SessionState, Upload};
use super::store::Store;
use super::uploads::{ChangeError, UploadMetadata};
use crate::clock::{Clock, OutOfRange};
use crate::fault::{BadFault, Fault};
use crate::policy::{BadPolicy, FleetOrder};
use crate::world::{Content, CrewMember, Partner, Text};

/// A current document of a crew member, with its file.
#[derive(Debug)]
pub struct CurrentDocument {
    /// The document id.
    pub id: String,
    /// The file name, if the world has one.
    pub file_name: Option<String>,
    content: Content,
}

impl CurrentDocument {
    /// Returns the length of the file in bytes.
    #[expect(clippy::len_without_is_empty, reason = "it is the length of the file, not of the document")]
    pub fn len(&self) -> u64 {
        self.content.len()
    }

    /// Passes the file to `take` in pieces, so that a large file is never in memory as a whole.
    ///
    /// # Errors
    /// A file that can't be read.
    pub fn each_piece(&self, take: impl FnMut(&[u8])) -> io::Result<()> {
        self.content.each(take)
    }
}

impl Session {
    /// Returns the session's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the text of the key with that name.
    pub fn key(&self, name: &str) -> Option<String> {
        self.lock().key_named(Some(name)).map(|key| key.reveal().to_owned())
    }

    /// Returns the session's time.
    pub fn now(&self) -> Timestamp {
        self.lock().clock.now(Timestamp::now())
    }

    /// Sets the clock.
    ///
    /// # Errors
    /// A time before 1970 or after 9999-12-30T22:00:00Z.
    pub fn set_time(&self, to: Timestamp) -> Result<(), OutOfRange> {
        self.change_clock(|clock, real| clock.set(to, real))
    }

    /// Advances the clock by a step; a negative step moves it back.
    ///
    /// # Errors
    /// A step to before 1970 or after 9999-12-30T22:00:00Z.
    pub fn advance(&self, step: SignedDuration) -> Result<(), OutOfRange> {
        self.change_clock(|clock, real| clock.advance(step, real))
    }

    fn change_clock(
        &self,
        change: impl FnOnce(&mut Clock, Timestamp) -> Result<(), OutOfRange>,
    ) -> Result<(), OutOfRange> {
        let real = Timestamp::now();
        let mut state = self.lock();
        let mut clock = state.clock.clone();
        change(&mut clock, real)?;
        state.set_clock(clock, real);
        Ok(())
    }

    /// Sets one policy by name and value.
    ///
    /// # Errors
    /// An unknown name or value.
    pub fn set_policy(&self, name: &str, value: &str) -> Result<(), BadPolicy> {
        let mut state = self.lock();
        state.policies.set(name, value)?;
        state.clear_list_cache();
        Ok(())
    }

    /// Replaces all fault rules.
    ///
    /// # Errors
    /// Two rules with one name, or too many rules.
    pub fn replace_faults(&self, faults: Vec<Fault>) -> Result<(), BadFault> {
        let mut state = self.lock();
        let now = state.clock.now(Timestamp::now());
        state.faults.clear();
        state.faults.add(faults, now)
    }

    /// Sets the reachability of the file store.
    pub fn set_store(&self, store: Store) {
        self.lock().store = store;
    }

    /// Uploads `bytes` as the next version of a document. Returns the id of the new version.
    ///
    /// # Errors
    /// An unknown person or document, or a superseded document.
    pub fn reupload(&self, crew_id: &str, document_id: &str, bytes: Vec<u8>) -> Result<String, ChangeError> {
        let mut state = self.lock();
        let upload = Upload { content: Content::Memory(bytes::Bytes::from(bytes).into()) };
        let metadata = UploadMetadata { supersedes: Some(document_id.to_owned()), ..UploadMetadata::default() };
        let now = state.clock.now(Timestamp::now());
        state.upload(crew_id, &metadata, upload, now)
    }

    /// Removes a document with all its versions. Links to it become dead.
    ///
    /// # Errors
    /// An unknown person or document.
    pub fn remove_document(&self, crew_id: &str, document_id: &str) -> Result<(), ChangeError> {
        let mut state = self.lock();
        let now = state.clock.now(Timestamp::now());
        state.remove(crew_id, document_id, now)
    }

    /// Moves a person to other vessels. Without a vessel of a partner, the person is not on its fleet.
    ///
    /// # Errors
    /// An unknown person.
    pub fn set_vessels(&self, crew_id: &str, vessels: &[String]) -> Result<(), ChangeError> {
        self.change_access(crew_id, |person| {
            person.vessels = vessels.iter().map(|id| Text::from(id.as_str())).collect::<Box<[_]>>().into();
        })
    }

    /// Withdraws everything that a person consents to, for every partner.
    ///
    /// # Errors
    /// An unknown person.
    pub fn withdraw_consent(&self, crew_id: &str) -> Result<(), ChangeError> {
        self.change_access(crew_id, |person| person.consent.to_mut().clear())
    }

    fn change_access(&self, crew_id: &str, change: impl FnOnce(&mut CrewMember)) -> Result<(), ChangeError> {
        let mut state = self.lock();
        let position = state.find_crew(crew_id)?;
        change(state.crew_mut(position));
        let now = state.clock.now(Timestamp::now());
        state.update_projections(now);
        Ok(())
    }

    /// Returns the ids of the people on the fleet of the partner who has the key with that name, each once.
    pub fn people_on_fleet(&self, key: &str) -> Vec<String> {
        let mut state = self.lock();
        let has_key = |partner: &Partner| partner.keys.iter().any(|known| *known.name == *key);
        let Some(partner) = state.partners.iter().position(has_key) else { return Vec::new() };
        let version = state.crew_version();
        let Some(view) = state.fleet_view(partner, FleetOrder::Id, version) else { return Vec::new() };
        let mut ids: Vec<String> = view.rows().iter().map(|row| view.resolve(*row).0.id.to_string()).collect();
        // A person has a row for each vessel, one after the other.
        ids.dedup();
        ids
    }

    /// Returns the current documents of a crew member in the order of the list; none for an unknown
    /// one.
    ///
    /// # Errors
    /// A file that can't be opened or generated.
    pub fn current_documents(&self, crew_id: &str) -> io::Result<Vec<CurrentDocument>> {
        let state = self.lock();
        let Some(position) = state.position(crew_id) else { return Ok(Vec::new()) };
        let documents = SessionState::current_documents(&state, position).into_iter();
        documents
            .map(|document| {
                Ok(CurrentDocument {
                    id: document.id.to_string(),
                    file_name: document.file.name.as_deref().map(str::to_owned),
                    content: state.content(document)?,
                })
            })
            .collect()
    }
}
