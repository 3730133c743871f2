//! The list of a person's current documents, and the short-lived link to one of them (G).

use jiff::Timestamp;

use crate::checks::Found;
use crate::error::Refusal;
use crate::policy::OptionalFields;
use crate::reply::{LinkReply, Reply, extra};
use crate::request::RequestContext;
use crate::session::{CachedList, SessionState, day_of};

/// Lists the current documents of a crew member.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every endpoint")]
pub(crate) fn list(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    found: &Found,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    Ok(match state.list(found.crew, day_of(now), context.crew_lookup.as_ref()) {
        CachedList::Hit(body) => Reply::Json(body),
        CachedList::Miss(listing) => Reply::List(listing),
    })
}

/// Gives a link to the file of a document.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every endpoint")]
pub(crate) fn link(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    found: &Found,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let serial = state.next_link;
    state.next_link += 1;
    let (person, policies) = (state.crew(found.crew), &state.policies);
    let document = &person.documents[found.document];
    Ok(Reply::Link(LinkReply {
        crew: person.id.clone(),
        document: document.id.clone(),
        version: document.version,
        partner: state.partners[found.partner].id.clone(),
        expires: now.as_second() + policies.link_ttl.seconds(),
        serial,
        hops: policies.file_redirect.hops().map_or(0, |(_, hops)| hops),
        content_type: document.file.content_type.clone(),
        file_name: document.file.name.clone(),
        leave_out_unknown: policies.optional_fields == OptionalFields::Absent,
        extra: extra(policies),
    }))
}
