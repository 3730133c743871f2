//! The file that a link leads to. The token is the credential; no key is needed (G).

use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderMap;
use jiff::Timestamp;

use super::EndpointName;
use super::range::part;
use crate::app_state::AppState;
use crate::check::{self, LinkedFile, Request, Unobserved};
use crate::error::Refusal;
use crate::pipeline::{self, Answer, RequestDecision};
use crate::policy::{LinkUse as UsePolicy, Policies, Ranges};
use crate::reply::{FileBody, FileReply, Part, RedirectReply, Reply};
use crate::request::{IncomingRequest, RequestContext};
use crate::session::{LinkId, Session, SessionState};
use crate::token::{self, Claims, payload};
use crate::world::{Document, World};

/// Gives the file that a link is for, unless the request is refused already.
pub(super) fn handle(
    app: &Arc<AppState>,
    endpoint: EndpointName,
    incoming: IncomingRequest,
    refusal: Option<Refusal>,
) -> Answer {
    if let Some(refusal) = refusal {
        return refuse(app, endpoint, incoming, refusal);
    }
    let (json, real) = (token_payload(endpoint, &incoming), Timestamp::now());
    let followed = FollowedLink::read(app, endpoint, &incoming, json.as_deref(), real);
    let Some((world, document)) = followed.file_to_generate() else {
        let (session, decision) = followed.decide(&incoming, real);
        return pipeline::respond(app, incoming, &session, decision);
    };
    let app = Arc::clone(app);
    Answer::Later(Box::pin(async move {
        // A failure is reported by the check that wants the file.
        let _ = tokio::task::spawn_blocking(move || world.content(&document).map(drop)).await;
        let (session, decision) = {
            let (json, real) = (token_payload(endpoint, &incoming), Timestamp::now());
            FollowedLink::read(&app, endpoint, &incoming, json.as_deref(), real).decide(&incoming, real)
        };
        pipeline::respond(&app, incoming, &session, decision).whole().await
    }))
}

/// Refuses a request for a link whatever its token says. It belongs to the session of the link.
fn refuse(app: &Arc<AppState>, endpoint: EndpointName, incoming: IncomingRequest, refusal: Refusal) -> Answer {
    let session = {
        let json = token_payload(endpoint, &incoming);
        FollowedLink::read(app, endpoint, &incoming, json.as_deref(), Timestamp::now()).session
    };
    pipeline::refuse_in(app, incoming, &session, refusal)
}

/// Returns the JSON in the token of a request.
fn token_payload(endpoint: EndpointName, incoming: &IncomingRequest) -> Option<String> {
    endpoint.segments(incoming.parts.uri.path()).token.and_then(payload)
}

/// A link that is followed.
struct FollowedLink<'a> {
    context: RequestContext<'a>,
    session: Arc<Session>,
    /// The claims of the token, if the session signed it.
    claims: Option<Claims<'a>>,
}

impl<'a> FollowedLink<'a> {
    fn read(
        app: &AppState,
        endpoint: EndpointName,
        incoming: &'a IncomingRequest,
        json: Option<&'a str>,
        real: Timestamp,
    ) -> Self {
        let mut context = RequestContext::new(endpoint, incoming);
        let (unproved, token) = (json.and_then(Claims::read), context.token.unwrap_or_default());
        let named = match &unproved {
            Some(claims) => app.sessions.by_id(&claims.session, real),
            // What is left of a damaged token may still name its session.
            None => token::damaged_session(token).and_then(|id| app.sessions.by_id(&id, real)),
        };
        let claims = unproved.filter(|_| named.as_ref().is_some_and(|session| session.signer.verifies(token)));
        let session = named.unwrap_or_else(|| app.sessions.default_session());
        if let Some(claims) = &claims {
            context.take_ids(claims);
            context.resolve_crew(&session);
        }
        Self { context, session, claims }
    }

    /// Returns a large generated file that nobody has asked for before. It is generated outside the session's lock,
    /// so that only this caller waits for it.
    fn file_to_generate(&self) -> Option<(Arc<World>, Document)> {
        let claims = self.claims.as_ref().filter(|_| self.session.generates_large_files())?;
        let state = self.session.lock();
        let documents = &state.crew(state.position(&claims.crew)?).documents;
        let document = documents.iter().find(|document| *document.id == *claims.document)?;
        state.must_generate(document).then(|| (Arc::clone(state.world()), document.clone()))
    }

    fn decide(self, incoming: &IncomingRequest, real: Timestamp) -> (Arc<Session>, RequestDecision) {
        let Self { context, session, claims } = self;
        let headers = &incoming.parts.headers;
        let decision = pipeline::decide(incoming, &context, &session, real, |state, now| {
            let request = Request { state, context: &context, now };
            let (Request { state, .. }, file) = check::link(request, &mut Unobserved, claims.as_ref());
            reply(state, &session, &context, &file?, headers, now)
        });
        (session, decision)
    }
}

/// Gives the file, or the next hop in front of it.
fn reply(
    state: &mut SessionState,
    session: &Arc<Session>,
    context: &RequestContext<'_>,
    file: &LinkedFile<'_>,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let LinkedFile { document, content: bytes } = file;
    let claims = document.crew.claims;
    let Some(bytes) = bytes else { return Ok(Reply::Redirect(next_hop(&state.policies, claims))) };
    let body = FileBody::open(bytes).map_err(|_| check::store_unavailable(&state.policies, now))?;
    let length = bytes.len();
    let (part, etag) = match state.policies.ranges {
        Ranges::Ignored => (Part::Whole, None),
        Ranges::Honoured => {
            let etag = state.etag(document.crew.position, document.position, bytes);
            (part(headers, context.head, &etag, length), Some(etag))
        }
    };
    let known = &state.crew(document.crew.position).documents[document.position];
    let (content_type, file_name) = (known.file.content_type.clone(), known.file.name.clone());
    // Only a response with the file uses the link up.
    let is_unused = context.head || matches!(part, Part::NotModified | Part::PreconditionFailed);
    let body = if is_unused { body } else { reserved(state, session, claims, now, body) };
    let headers = state.policies.file_headers;
    Ok(Reply::File(FileReply { body, length, content_type, file_name, headers, part, etag }))
}

/// Reserves a link that may be used once; HEAD does not touch it (D).
fn reserved(
    state: &mut SessionState,
    session: &Arc<Session>,
    claims: &Claims<'_>,
    now: Timestamp,
    body: FileBody,
) -> FileBody {
    if state.policies.link_use != UsePolicy::Once {
        return body;
    }
    let link = LinkId::from_claims(claims);
    state.used_links.reserve(link, claims.expires, now);
    body.once(Arc::clone(session), link)
}

/// Returns the redirect to the next hop of a link.
fn next_hop(policies: &Policies, claims: &Claims<'_>) -> RedirectReply {
    let own = |text: &str| Cow::Owned(text.to_owned());
    RedirectReply {
        status: policies.file_redirect.hops().map_or(302, |(status, _)| status),
        claims: Claims {
            session: own(&claims.session),
            crew: own(&claims.crew),
            document: own(&claims.document),
            partner: own(&claims.partner),
            key: own(&claims.key),
            hops: claims.hops - 1,
            ..*claims
        },
    }
}
