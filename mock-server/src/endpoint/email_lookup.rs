//! Resolves an e-mail address to a person on the caller's fleet (P that it does; the form is D).

use jiff::Timestamp;
use serde::Serialize;

use crate::check::CrewMember;
use crate::error::Refusal;
use crate::reply::{Reply, extra};
use crate::request::RequestContext;
use crate::session::SessionState;

/// The person, on the wire.
#[derive(Serialize)]
struct Found<'a> {
    crew_unique_id: &'a str,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_by: Option<&'static str>,
}

/// Gives the id and the name of the person.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub(super) fn handle(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    crew: CrewMember,
    _: Timestamp,
) -> Result<Reply, Refusal> {
    let person = state.crew(crew.position);
    let found = Found { crew_unique_id: &person.id, name: person.name.as_deref(), matched_by: extra(&state.policies) };
    Ok(Reply::json(&found))
}
