//! Re-uploads and removals at run time. They take effect at once, and each upload gets a new
//! document id.

use crewpass_diagnostics::did_you_mean;

use super::state::{SessionState, StoredUpload, Upload, day_of};
use crate::world::{Day, Document, DocumentStore, FileSpec, Status, Text, is_header_text};
use jiff::Timestamp;

/// The metadata of an upload. Missing fields are copied from the version that it supersedes.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadMetadata {
    /// The current version that this one replaces; without it, the upload is a new document.
    pub supersedes: Option<String>,
    /// `type`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `category`.
    pub category: Option<String>,
    /// `title`.
    pub title: Option<String>,
    /// `issuer`.
    pub issuer: Option<String>,
    /// `verification_status`; `pending` by default, as nobody has verified it yet.
    pub verification_status: Option<Status>,
    /// `issue_date`.
    pub issue_date: Option<Day>,
    /// `expiry_date`.
    pub expiry_date: Option<Day>,
    /// `document_number`.
    pub document_number: Option<String>,
    /// `file_name`.
    pub file_name: Option<String>,
    /// `content_type`.
    pub content_type: Option<String>,
}

/// The error of an upload or a removal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// All sessions together would hold too much.
    #[error("the sessions would hold too many documents or bytes together: delete finished ones, or reset some")]
    NoRoom,
    /// The crew member does not exist.
    #[error("there is no crew member `{crew}` in this world{hint}")]
    UnknownCrew {
        /// The id in the request.
        crew: String,
        /// The id that may be meant; empty without one.
        hint: String,
    },
    /// The document does not exist, or belongs to another crew member.
    #[error("`{crew}` has no document `{document}`; the current documents are {current}")]
    UnknownDocument {
        /// The crew member.
        crew: String,
        /// The document id in the request.
        document: String,
        /// The ids of the current documents.
        current: String,
    },
    /// The document is superseded.
    #[error("`{document}` is already superseded by `{by}`: name the current version")]
    Superseded {
        /// The document id in the request.
        document: String,
        /// The version that superseded it.
        by: String,
    },
    /// A new document lacks the fields that it can't copy from an older version.
    #[error(
        "a new document needs `type` and `title`; to re-upload a document, set `supersedes` to its current version"
    )]
    MissingTypeOrTitle,
    /// No header can carry the content type.
    #[error("`content_type` must be printable ASCII, such as application/pdf")]
    InvalidContentType,
}

/// The most crew members among which a similar id is looked for.
const MAX_COMPARED: usize = 2_000;

impl SessionState {
    /// Returns the position of a crew member.
    ///
    /// # Errors
    /// Fails if there is no crew member with this id.
    pub(crate) fn find_crew(&self, id: &str) -> Result<u32, ChangeError> {
        self.position(id).ok_or_else(|| {
            let ids = self.spec.world.crew.iter().take(MAX_COMPARED).map(|person| person.id.as_str());
            let hint = did_you_mean(id, ids).map(|hint| format!("; {hint}")).unwrap_or_default();
            ChangeError::UnknownCrew { crew: id.to_owned(), hint }
        })
    }

    /// Adds an upload. Returns the id of the new version.
    ///
    /// # Errors
    /// Fails if the crew member or the document is unknown, the document is superseded, or a new
    /// document has no type or title.
    pub fn upload(
        &mut self,
        crew: &str,
        metadata: &UploadMetadata,
        upload: Upload,
        now: Timestamp,
    ) -> Result<String, ChangeError> {
        let position = self.find_crew(crew)?;
        if metadata.content_type.as_deref().is_some_and(|kind| !is_header_text(kind)) {
            return Err(ChangeError::InvalidContentType);
        }
        let charge = self.budget.charge(1, upload.content.len()).ok_or(ChangeError::NoRoom)?;
        let older = metadata.supersedes.as_deref().map(|id| self.current_document(position, id)).transpose()?;
        let mut new =
            older.map_or_else(|| new_document(metadata), |at| Ok(successor(&self.crew(position).documents[at])))?;
        new.id = self.new_document_id().into();
        new.uploaded = Some(Day::On(day_of(now)));
        apply_metadata(&mut new, metadata);
        let id = new.id.to_string();
        self.uploads.insert(new.id.clone(), StoredUpload { content: upload.content, _charge: charge });
        let documents = &mut self.crew_mut(position).documents;
        if let Some(at) = older {
            documents[at].current = false;
        }
        let at = documents.len();
        documents.push(new);
        self.emit_document_event(position, at, None, now);
        self.update_projections(now);
        Ok(id)
    }

    /// Removes a document with all its versions and their uploads. Links to it stop working.
    ///
    /// # Errors
    /// Fails if the crew member or the document is unknown.
    pub fn remove(&mut self, crew: &str, document: &str, now: Timestamp) -> Result<(), ChangeError> {
        let position = self.find_crew(crew)?;
        let at = self.current_document(position, document)?;
        let documents = &mut self.crew_mut(position).documents;
        let mut next_removed = Some(documents[at].id.clone());
        let mut removed_ids = Vec::new();
        // The older versions form a chain by `supersedes`.
        while let Some(id) = next_removed {
            let removed = documents.iter().position(|document| document.id == id).map(|at| documents.remove(at));
            next_removed = removed.and_then(|document| document.supersedes);
            removed_ids.push(id);
        }
        self.uploads.retain(|id, _| !removed_ids.contains(id));
        self.update_projections(now);
        Ok(())
    }

    /// Returns the index of a document among those of a crew member, current or not.
    pub(crate) fn find_document(&self, position: u32, id: &str) -> Result<usize, ChangeError> {
        match self.current_document(position, id) {
            Err(ChangeError::Superseded { .. }) => {
                let documents = &self.crew(position).documents;
                Ok(documents.iter().position(|document| *document.id == *id).unwrap_or_default())
            }
            found => found,
        }
    }

    /// Returns the index of a current document among those of a crew member.
    pub(crate) fn current_document(&self, position: u32, id: &str) -> Result<usize, ChangeError> {
        let person = self.crew(position);
        let found = person.documents.iter().position(|document| *document.id == *id);
        let current = || person.documents.iter().filter(|document| document.current);
        match found {
            Some(at) if person.documents[at].current => Ok(at),
            Some(_) => {
                let by = person.documents.iter().find(|later| later.supersedes.as_deref() == Some(id));
                Err(ChangeError::Superseded {
                    document: id.to_owned(),
                    by: by.map_or("another", |later| &later.id).to_owned(),
                })
            }
            None => Err(ChangeError::UnknownDocument {
                crew: person.id.to_string(),
                document: id.to_owned(),
                current: current().map(|document| &*document.id).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    fn new_document_id(&mut self) -> String {
        loop {
            let id = format!("doc_u{}", self.next_upload);
            self.next_upload += 1;
            let taken = self.spec.world.crew.iter().any(|person| person.documents.iter().any(|known| *known.id == *id));
            if !taken {
                return id;
            }
        }
    }
}

/// Creates the next version of a document, before the metadata is applied.
fn successor(older: &Document) -> Document {
    Document {
        supersedes: Some(older.id.clone()),
        verification_status: Status::Pending,
        store: DocumentStore::Up,
        version: older.version.saturating_add(1),
        ..older.clone()
    }
}

/// Creates the first version of a new document.
fn new_document(metadata: &UploadMetadata) -> Result<Document, ChangeError> {
    let (Some(kind), Some(title)) = (metadata.kind.as_deref(), metadata.title.as_deref()) else {
        return Err(ChangeError::MissingTypeOrTitle);
    };
    Ok(Document {
        id: "".into(),
        supersedes: None,
        kind: kind.into(),
        category: None,
        title: title.into(),
        issuer: None,
        verification_status: Status::Pending,
        issue_date: None,
        expiry_date: None,
        number: None,
        uploaded: None,
        file: FileSpec::default(),
        store: DocumentStore::Up,
        current: true,
        version: 1,
    })
}

fn apply_metadata(new: &mut Document, metadata: &UploadMetadata) {
    let text = |value: &Option<String>| value.as_deref().map(Text::from);
    if let Some(kind) = text(&metadata.kind) {
        new.kind = kind;
    }
    if let Some(title) = text(&metadata.title) {
        new.title = title;
    }
    new.category = text(&metadata.category).or(new.category.take());
    new.issuer = text(&metadata.issuer).or(new.issuer.take());
    new.verification_status = metadata.verification_status.unwrap_or(new.verification_status);
    new.issue_date = metadata.issue_date.or(new.issue_date);
    new.expiry_date = metadata.expiry_date.or(new.expiry_date);
    new.number = metadata.document_number.as_deref().map(Into::into).or(new.number.take());
    new.file.name = metadata.file_name.as_deref().map(Into::into).or(new.file.name.take());
    new.file.content_type = text(&metadata.content_type).or(new.file.content_type.take());
}

#[cfg(test)]
mod tests {
    use super::super::{Session, SessionSpec};
    use super::*;
    use crate::world::Content;
    use crate::world::World;

    fn upload(state: &mut SessionState, metadata: &UploadMetadata) -> Document {
        let content = Content::Memory(b"new".as_slice().into());
        let id = state.upload("crew_001", metadata, Upload { content }, Timestamp::UNIX_EPOCH).unwrap();
        let at = state.current_document(0, &id).unwrap();
        state.crew(0).documents[at].clone()
    }

    #[test]
    fn each_upload_has_a_new_id_and_is_pending() {
        let session = Session::new_default(SessionSpec::new(World::starter()), Timestamp::UNIX_EPOCH);
        let mut state = session.lock();
        let old = state.crew(0).documents[state.current_document(0, "doc_1").unwrap()].clone();
        assert_eq!(old.verification_status, Status::Verified);
        let over = UploadMetadata { supersedes: Some("doc_1".into()), ..UploadMetadata::default() };
        let new = upload(&mut state, &over);
        assert_eq!((&*new.id, new.verification_status, new.version), ("doc_u1", Status::Pending, old.version + 1));
        assert_eq!((new.supersedes.as_deref(), &new.title), (Some("doc_1"), &old.title));
        let (document, by) = ("doc_1".to_owned(), "doc_u1".to_owned());
        assert_eq!(state.current_document(0, "doc_1"), Err(ChangeError::Superseded { document, by }));
        let fresh = UploadMetadata { kind: Some("X".into()), title: Some("Y".into()), ..UploadMetadata::default() };
        // An id that is taken is skipped.
        state.next_upload = 1;
        drop(state);
        let taken = "{id: doc_u1, type: X, title: Y, verification_status: verified, file: {generate: pdf}}";
        let world = World::parse(&format!("crew: [{{id: crew_001, documents: [{taken}]}}]"), "taken", None);
        session.replace_world(world.unwrap().into(), Timestamp::UNIX_EPOCH);
        let new = upload(&mut session.lock(), &fresh);
        assert_eq!((&*new.id, new.verification_status, new.version), ("doc_u2", Status::Pending, 1));
    }
}
