//! Following a link: the token is the credential, and no key is asked for (G).

use std::sync::Arc;

use http::header::{HeaderValue, RANGE};
use jiff::Timestamp;

use crate::app::App;
use crate::ask::{Ask, Call, Step};
use crate::error::Refusal;
use crate::exchange::{self, Answer, Decision};
use crate::link_checks::{self, Link};
use crate::policy::{LinkUse as UsePolicy, Policies, Ranges};
use crate::reply::{FileBody, FileReply, Part, RedirectReply, Reply};
use crate::session::{LinkUse, Live, Session};
use crate::token::{self, Claims};
use crate::world::{Document, World};

/// Gives the file that a link is for.
pub(crate) fn follow(app: &Arc<App>, call: Call) -> Answer {
    let (json, real) = (said(&call), Timestamp::now());
    let followed = FollowedLink::read(app, &call, json.as_deref(), real);
    let Some((world, document)) = followed.to_make() else {
        let (session, decision) = followed.decide(&call, real);
        return exchange::conduct(app, call, &session, decision);
    };
    let app = Arc::clone(app);
    Answer::Later(Box::pin(async move {
        // What goes wrong is told where the file is wanted.
        let _ = tokio::task::spawn_blocking(move || world.content(&document).map(drop)).await;
        let (session, decision) = {
            let (json, real) = (said(&call), Timestamp::now());
            FollowedLink::read(&app, &call, json.as_deref(), real).decide(&call, real)
        };
        exchange::conduct(&app, call, &session, decision).whole().await
    }))
}

/// What the token of a request says, as JSON.
fn said(call: &Call) -> Option<String> {
    Step::File.token(call.parts.uri.path()).and_then(token::payload)
}

/// A link that is followed.
struct FollowedLink<'a> {
    ask: Ask<'a>,
    session: Arc<Session>,
    /// What the token says, if the session made it.
    claims: Option<Claims<'a>>,
}

impl<'a> FollowedLink<'a> {
    fn read(app: &App, call: &'a Call, json: Option<&'a str>, real: Timestamp) -> Self {
        let mut ask = Ask::read(Step::File, call);
        let unproved = link_checks::read(&mut ask, json);
        let token = ask.token.unwrap_or_default();
        let named = unproved.as_ref().and_then(|claims| app.sessions.of_id(&claims.session, real));
        let claims = unproved.filter(|_| named.as_ref().is_some_and(|session| session.signer.made(token)));
        let session = named.unwrap_or_else(|| app.sessions.default_session());
        if claims.is_some() {
            ask.look_in(&session);
        }
        Self { ask, session, claims }
    }

    /// A large generated file that was not asked for before: it is made where nobody waits for it but who asked.
    fn to_make(&self) -> Option<(Arc<World>, Document)> {
        let claims = self.claims.as_ref().filter(|_| self.session.makes_large())?;
        let live = self.session.live();
        let documents = &live.crew(live.position(&claims.crew)?).documents;
        let document = documents.iter().find(|document| *document.id == *claims.document)?;
        live.has_to_make(document).then(|| (Arc::clone(live.world()), document.clone()))
    }

    fn decide(self, call: &Call, real: Timestamp) -> (Arc<Session>, Decision) {
        let Self { ask, session, claims } = self;
        let (range, mut link) = (call.parts.headers.get(RANGE), Link { claims, ..Link::default() });
        let decision = exchange::decide(call, &ask, &session, real, |live, now| {
            link_checks::admit(live, &ask, &mut link, now)?;
            file(live, &session, &ask, &link, range)
        });
        (session, decision)
    }
}

fn file(
    live: &mut Live,
    session: &Arc<Session>,
    ask: &Ask<'_>,
    link: &Link<'_>,
    range: Option<&HeaderValue>,
) -> Result<Reply, Refusal> {
    let claims = link.claims.as_ref().ok_or_else(link_checks::lost)?;
    let Some(content) = &link.content else { return Ok(Reply::Redirect(next_hop(&live.policies, claims))) };
    let found = &live.crew(link.crew).documents[link.document];
    let body = FileBody::open(content).map_err(|_| link_checks::lost())?;
    let length = content.len();
    let (content_type, file_name) = (found.file.content_type.clone(), found.file.name.clone());
    let body = reserved(live, session, ask, claims.serial, body);
    Ok(Reply::File(FileReply {
        body,
        length,
        content_type,
        file_name,
        headers: live.policies.file_headers,
        part: part(live.policies.ranges, range, length),
    }))
}

/// Reserves a link that may be used once; HEAD does not touch it (D).
fn reserved(live: &mut Live, session: &Arc<Session>, ask: &Ask<'_>, serial: u64, body: FileBody) -> FileBody {
    if live.policies.link_use != UsePolicy::Once || ask.head {
        return body;
    }
    live.uses.insert(serial, LinkUse::Reserved);
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
