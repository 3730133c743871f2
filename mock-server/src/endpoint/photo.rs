//! The profile photo of a person. It is streamed; its place is never shown (P).

use jiff::Timestamp;

use crate::check::CrewMember;
use crate::clause;
use crate::error::{self, Refusal};
use crate::policy::FileHeaders;
use crate::reply::{FileBody, FileReply, Part, Reply};
use crate::request::RequestContext;
use crate::session::SessionState;

/// Gives the photo. One that is gone from the disk is not there any more.
pub(super) fn handle(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    crew: CrewMember,
    _: Timestamp,
) -> Result<Reply, Refusal> {
    let gone = || Refusal::new(clause::PHOTO_THERE, error::NOT_FOUND);
    let person = state.crew(crew.position);
    let content = state.world().photo(person).ok_or_else(gone)?;
    let body = FileBody::open(&content).map_err(|_| gone())?;
    let photo = person.details.as_ref().and_then(|details| details.photo.as_ref());
    let content_type = photo.and_then(|photo| photo.picture_type());
    Ok(Reply::File(FileReply {
        body,
        length: content.len(),
        content_type,
        file_name: None,
        headers: FileHeaders::NoDisposition,
        part: Part::Whole,
        etag: None,
    }))
}
