//! Following a link: the token is the credential, and no key is asked for (G).

use std::sync::Arc;

use http::header::{HeaderValue, RANGE};
use jiff::Timestamp;

use crate::app::App;
use crate::error::Refusal;
use crate::link_checks::{self, Link};
use crate::pipeline::{self, Answer, RequestDecision};
use crate::policy::{LinkUse as UsePolicy, Policies, Ranges};
use crate::reply::{FileBody, FileReply, Part, RedirectReply, Reply};
use crate::request::{IncomingRequest, RequestContext, Step};
use crate::session::{LinkUse, Session, SessionState};
use crate::token::{self, Claims};
use crate::world::{Document, World};

/// Gives the file that a link is for.
pub(crate) fn follow(app: &Arc<App>, incoming: IncomingRequest) -> Answer {
    let (json, real) = (said(&incoming), Timestamp::now());
    let followed = FollowedLink::read(app, &incoming, json.as_deref(), real);
    let Some((world, document)) = followed.to_make() else {
        let (session, decision) = followed.decide(&incoming, real);
        return pipeline::respond(app, incoming, &session, decision);
    };
    let app = Arc::clone(app);
    Answer::Later(Box::pin(async move {
        // What goes wrong is told where the file is wanted.
        let _ = tokio::task::spawn_blocking(move || world.content(&document).map(drop)).await;
        let (session, decision) = {
            let (json, real) = (said(&incoming), Timestamp::now());
            FollowedLink::read(&app, &incoming, json.as_deref(), real).decide(&incoming, real)
        };
        pipeline::respond(&app, incoming, &session, decision).whole().await
    }))
}

/// What the token of a request says, as JSON.
fn said(incoming: &IncomingRequest) -> Option<String> {
    Step::File.token(incoming.parts.uri.path()).and_then(token::payload)
}

/// A link that is followed.
struct FollowedLink<'a> {
    context: RequestContext<'a>,
    session: Arc<Session>,
    /// What the token says, if the session made it.
    claims: Option<Claims<'a>>,
}

impl<'a> FollowedLink<'a> {
    fn read(app: &App, incoming: &'a IncomingRequest, json: Option<&'a str>, real: Timestamp) -> Self {
        let mut context = RequestContext::new(Step::File, incoming);
        let unproved = link_checks::read(&mut context, json);
        let token = context.token.unwrap_or_default();
        let named = unproved.as_ref().and_then(|claims| app.sessions.by_id(&claims.session, real));
        let claims = unproved.filter(|_| named.as_ref().is_some_and(|session| session.signer.verifies(token)));
        let session = named.unwrap_or_else(|| app.sessions.default_session());
        if claims.is_some() {
            context.resolve_crew(&session);
        }
        Self { context, session, claims }
    }

    /// A large generated file that was not asked for before: it is made where nobody waits for it but who asked.
    fn to_make(&self) -> Option<(Arc<World>, Document)> {
        let claims = self.claims.as_ref().filter(|_| self.session.generates_large_files())?;
        let state = self.session.lock();
        let documents = &state.crew(state.position(&claims.crew)?).documents;
        let document = documents.iter().find(|document| *document.id == *claims.document)?;
        state.must_generate(document).then(|| (Arc::clone(state.world()), document.clone()))
    }

    fn decide(self, incoming: &IncomingRequest, real: Timestamp) -> (Arc<Session>, RequestDecision) {
        let Self { context, session, claims } = self;
        let (range, mut link) = (incoming.parts.headers.get(RANGE), Link { claims, ..Link::default() });
        let decision = pipeline::decide(incoming, &context, &session, real, |state, now| {
            link_checks::admit(state, &context, &mut link, now)?;
            file(state, &session, &context, &link, range)
        });
        (session, decision)
    }
}

fn file(
    state: &mut SessionState,
    session: &Arc<Session>,
    context: &RequestContext<'_>,
    link: &Link<'_>,
    range: Option<&HeaderValue>,
) -> Result<Reply, Refusal> {
    let claims = link.claims.as_ref().ok_or_else(link_checks::lost)?;
    let Some(file) = &link.content else { return Ok(Reply::Redirect(next_hop(&state.policies, claims))) };
    let found = &state.crew(link.crew).documents[link.document];
    let body = FileBody::open(file).map_err(|_| link_checks::lost())?;
    let length = file.len();
    let (content_type, file_name) = (found.file.content_type.clone(), found.file.name.clone());
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

fn next_hop(policies: &Policies, claims: &Claims<'_>) -> RedirectReply {
    let own = |text: &str| std::borrow::Cow::Owned(text.to_owned());
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

/// Which part of the file a request wants. What is no single byte range is ignored (RFC 9110 section 14.2).
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
