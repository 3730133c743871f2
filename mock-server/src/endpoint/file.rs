//! The file that a link leads to. The token is the credential; no key is needed (G).

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{HeaderValue, RANGE};
use jiff::Timestamp;

use super::EndpointName;
use crate::app::App;
use crate::check::{self, LinkedFile, Request, Unobserved};
use crate::error::Refusal;
use crate::pipeline::{self, Answer, RequestDecision};
use crate::policy::{LinkUse as UsePolicy, Policies, Ranges};
use crate::reply::{FileBody, FileReply, Part, RedirectReply, Reply};
use crate::request::{IncomingRequest, RequestContext};
use crate::session::{LinkUse, Session, SessionState};
use crate::token::{Claims, payload};
use crate::world::{Document, World};

/// Gives the file that a link is for.
pub(super) fn handle(app: &Arc<App>, endpoint: EndpointName, incoming: IncomingRequest) -> Answer {
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

/// Returns the JSON in the token of a request.
fn token_payload(endpoint: EndpointName, incoming: &IncomingRequest) -> Option<String> {
    endpoint.token(incoming.parts.uri.path()).and_then(payload)
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
        app: &App,
        endpoint: EndpointName,
        incoming: &'a IncomingRequest,
        json: Option<&'a str>,
        real: Timestamp,
    ) -> Self {
        let mut context = RequestContext::new(endpoint, incoming);
        let unproved = context.read_claims(json);
        let token = context.token.unwrap_or_default();
        let named = unproved.as_ref().and_then(|claims| app.sessions.by_id(&claims.session, real));
        let claims = unproved.filter(|_| named.as_ref().is_some_and(|session| session.signer.verifies(token)));
        let session = named.unwrap_or_else(|| app.sessions.default_session());
        if claims.is_some() {
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
        let range = incoming.parts.headers.get(RANGE);
        let decision = pipeline::decide(incoming, &context, &session, real, |state, now| {
            let request = Request { state, context: &context, now };
            let (Request { state, .. }, file) = check::link(request, &mut Unobserved, claims.as_ref());
            reply(state, &session, &context, &file?, range)
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
    range: Option<&HeaderValue>,
) -> Result<Reply, Refusal> {
    let LinkedFile { document, content: bytes } = file;
    let claims = document.crew.claims;
    let Some(bytes) = bytes else { return Ok(Reply::Redirect(next_hop(&state.policies, claims))) };
    let body = FileBody::open(bytes).map_err(|_| check::file_lost())?;
    let known = &state.crew(document.crew.position).documents[document.position];
    let length = bytes.len();
    let (content_type, file_name) = (known.file.content_type.clone(), known.file.name.clone());
    let body = reserved(state, session, context, claims.serial, body);
    Ok(Reply::File(FileReply {
        body,
        length,
        content_type,
        file_name,
        headers: state.policies.file_headers,
        part: part(state.policies.ranges, range, length),
    }))
}

/// Reserves a link that may be used once; HEAD does not touch it (D).
fn reserved(
    state: &mut SessionState,
    session: &Arc<Session>,
    context: &RequestContext<'_>,
    serial: u64,
    body: FileBody,
) -> FileBody {
    if state.policies.link_use != UsePolicy::Once || context.head {
        return body;
    }
    state.link_uses.insert(serial, LinkUse::Reserved);
    body.once(Arc::clone(session), serial)
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
            hops: claims.hops - 1,
            ..*claims
        },
    }
}

/// Returns the part of the file that a request wants. Anything but a single byte range is ignored (RFC 9110 section
/// 14.2).
fn part(policy: Ranges, range: Option<&HeaderValue>, length: u64) -> Part {
    if policy == Ranges::Ignored {
        return Part::Whole;
    }
    let wanted = range.and_then(|value| value.to_str().ok()).and_then(|text| text.strip_prefix("bytes="));
    let Some((first, last)) = wanted.filter(|set| !set.contains(',')).and_then(|range| range.trim().split_once('-'))
    else {
        return Part::WholeOfRanges;
    };
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), _) if last.is_empty() && first < length => Part::Range(first, length - 1),
        (Ok(first), Ok(last)) if first > last => Part::WholeOfRanges,
        (Ok(first), Ok(last)) if first < length => Part::Range(first, last.min(length - 1)),
        (Ok(_), _) if last.is_empty() || last.parse::<u64>().is_ok() => Part::Unsatisfiable,
        (Err(_), Ok(0)) if first.is_empty() => Part::Unsatisfiable,
        (Err(_), Ok(suffix)) if first.is_empty() && length > 0 => {
            Part::Range(length.saturating_sub(suffix), length - 1)
        }
        (Err(_), Ok(_)) if first.is_empty() => Part::Unsatisfiable,
        _ => Part::WholeOfRanges,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        let asked = |value: &str, length| {
            let range = HeaderValue::from_str(value).unwrap();
            part(Ranges::Honoured, Some(&range), length)
        };
        assert_eq!(asked("bytes=0-9", 100), Part::Range(0, 9));
        assert_eq!(asked("bytes=90-", 100), Part::Range(90, 99));
        assert_eq!(asked("bytes=-10", 100), Part::Range(90, 99));
        assert_eq!(asked("bytes=-1000", 100), Part::Range(0, 99));
        assert_eq!(asked("bytes=50-1000", 100), Part::Range(50, 99));
        assert_eq!(asked("bytes=100-", 100), Part::Unsatisfiable);
        assert_eq!(asked("bytes=-0", 100), Part::Unsatisfiable);
        for ignored in ["bytes=9-0", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "bytes=-", "bytes=1-x"] {
            assert_eq!(asked(ignored, 100), Part::WholeOfRanges, "{ignored}");
        }
        assert_eq!(part(Ranges::Ignored, Some(&HeaderValue::from_static("bytes=0-9")), 9), Part::Whole);
    }
}
