//! A short-lived link to the file of a document (G).

use bytes::Bytes;
use compact_str::CompactString;
use jiff::Timestamp;
use serde::Serialize;

use super::before_token;
use crate::check::Document;
use crate::error::Refusal;
use crate::policy::OptionalFields;
use crate::reply::{Reply, extra, to_json};
use crate::request::RequestContext;
use crate::session::{LinkSubject, Session, SessionState};
use crate::token::{Claims, Epoch};
use crate::world::Text;

/// The link, on the wire.
#[derive(Serialize)]
struct Link<'a> {
    document_id: &'a str,
    download_url: &'a str,
    expires_at: &'a str,
    #[serde(skip_serializing_if = "Optional::is_left_out")]
    content_type: Optional<'a>,
    #[serde(skip_serializing_if = "Optional::is_left_out")]
    file_name: Optional<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes_hint: Option<&'static str>,
}

/// A nullable field that may be left out.
#[derive(Serialize)]
#[serde(untagged)]
enum Optional<'a> {
    Value(Option<&'a str>),
    LeftOut,
}

/// A link before it is signed: signing needs no lock.
#[derive(Debug)]
pub(crate) struct LinkReply {
    crew: CompactString,
    document: CompactString,
    version: u16,
    partner: Box<str>,
    expires: i64,
    /// The first second at which the token is dead; a fault may let it come early.
    token_expires: i64,
    epoch: Epoch,
    serial: u64,
    key: CompactString,
    hops: u8,
    content_type: Option<Text>,
    file_name: Option<CompactString>,
    leave_out_unknown: bool,
    extra: Option<&'static str>,
}

/// Gives a link to the file of a document.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub(super) fn handle(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    Document { crew, position }: Document,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let (person, policies) = (state.crew(crew.position), &state.policies);
    let document = &person.documents[position];
    let partner = &state.partners[crew.authorized.caller.partner];
    let expires = now.as_second() + policies.link_ttl.seconds();
    let mut link = LinkReply {
        crew: person.id.clone(),
        document: document.id.clone(),
        version: document.version,
        partner: partner.id.clone(),
        expires,
        token_expires: expires,
        epoch: state.epoch,
        serial: 0,
        key: (&*partner.keys[crew.authorized.caller.key].name).into(),
        hops: policies.file_redirect.hops().map_or(0, |(_, hops)| hops),
        content_type: document.file.content_type.clone(),
        file_name: document.file.name.clone(),
        leave_out_unknown: policies.optional_fields == OptionalFields::Absent,
        extra: extra(policies),
    };
    link.serial = state.next_serial(|| LinkSubject::from_claims(&link.claims("")));
    Ok(Reply::Link(link))
}

impl LinkReply {
    /// Makes the token dead from `now` on, although the answer names a later time.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        self.token_expires = now.as_second();
    }

    /// Returns what the token of the link claims.
    fn claims<'a>(&'a self, session: &'a str) -> Claims<'a> {
        Claims {
            session: session.into(),
            crew: (&*self.crew).into(),
            document: (&*self.document).into(),
            version: self.version,
            partner: (&*self.partner).into(),
            expires: self.token_expires,
            epoch: self.epoch,
            serial: self.serial,
            key: (&*self.key).into(),
            hops: self.hops,
        }
    }

    /// Signs the link for an origin, and serialises it.
    pub(crate) fn signed(&self, session: &Session, origin: &str) -> Bytes {
        let token = session.signer.sign(&self.claims(&session.id));
        to_json(&Link {
            document_id: &self.document,
            download_url: &format!("{origin}{}{token}", before_token()),
            expires_at: &crate::time_format::rfc3339(self.expires),
            content_type: Optional::new(self.content_type.as_deref(), self.leave_out_unknown),
            file_name: Optional::new(self.file_name.as_deref(), self.leave_out_unknown),
            size_bytes_hint: self.extra,
        })
    }
}

impl<'a> Optional<'a> {
    fn new(value: Option<&'a str>, leave_out_unknown: bool) -> Self {
        if value.is_none() && leave_out_unknown { Self::LeftOut } else { Self::Value(value) }
    }

    fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }
}
