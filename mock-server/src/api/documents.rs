//! The list of a person's current documents, and the short-lived link to one of them (G).

use jiff::Timestamp;

use crate::ask::Ask;
use crate::checks::Found;
use crate::error::Refusal;
use crate::policy::OptionalFields;
use crate::reply::{LinkReply, Reply, extra};
use crate::session::{Listed, Live, day_of};

/// Lists the current documents of a crew member.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every endpoint")]
pub(crate) fn list(live: &mut Live, ask: &Ask<'_>, found: &Found, now: Timestamp) -> Result<Reply, Refusal> {
    Ok(match live.list(found.crew, day_of(now), ask.whereabouts.as_ref()) {
        Listed::Kept(body) => Reply::Json(body),
        Listed::Fresh(listing) => Reply::List(listing),
    })
}

/// Gives a link to the file of a document.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every endpoint")]
pub(crate) fn link(live: &mut Live, _: &Ask<'_>, found: &Found, now: Timestamp) -> Result<Reply, Refusal> {
    let serial = live.next_link;
    live.next_link += 1;
    let (person, policies) = (live.crew(found.crew), &live.policies);
    let document = &person.documents[found.document];
    Ok(Reply::Link(LinkReply {
        crew: person.id.clone(),
        document: document.id.clone(),
        version: document.version,
        partner: live.partners[found.partner].id.clone(),
        expires: now.as_second() + policies.link_ttl.seconds(),
        serial,
        hops: policies.file_redirect.hops().map_or(0, |(_, hops)| hops),
        content_type: document.file.content_type.clone(),
        file_name: document.file.name.clone(),
        leave_out_unknown: policies.optional_fields == OptionalFields::Absent,
        extra: extra(policies),
    }))
}
