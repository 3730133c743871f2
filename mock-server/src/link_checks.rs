//! The checks of the file step, in their one order. The token is the credential (G); nothing of it is believed before
//! its session has verified it.

use jiff::Timestamp;

use crate::checks;
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::policy::{DeadLink, KeyOnFile, LinkAfterReupload, LinkUse, Policies, RecheckOnFollow};
use crate::request::{Credential, RequestContext};
use crate::scope::Scope;
use crate::session::{SessionState, StoreStep};
use crate::token::Claims;
use crate::world::Content;

/// What the checks found of a link, filled as they pass.
#[derive(Debug, Default)]
pub(crate) struct Link<'a> {
    /// What the token says, if the session made it.
    pub(crate) claims: Option<Claims<'a>>,
    /// The crew member's position.
    pub(crate) crew: u32,
    /// The place of the document among the person's.
    pub(crate) document: usize,
    /// The file, where there is no redirect in front of it.
    pub(crate) content: Option<Content>,
}

/// One check.
type Check = fn(&mut SessionState, &RequestContext<'_>, &mut Link<'_>, Timestamp) -> Result<(), Refusal>;

/// The ordered list; one line a check.
pub(crate) const ORDER: &[(&Clause, Check)] = &[
    (clause::KEY_ON_FILE, key_is_accepted),
    (clause::LINK_KNOWN, token_is_known),
    (clause::LINK_ALIVE, has_not_expired),
    (clause::LINK_KNOWN, person_is_known),
    (clause::LINK_VERSION, version_is_there),
    (clause::LINK_GROUND, ground_holds),
    (clause::LINK_UNSPENT, is_unspent),
    (clause::STORE_REACHABLE, store_is_reachable),
    (clause::STORE_REACHABLE, store_has_the_file),
];

/// Reads what a token says into what is asked; nothing of it is known to be true yet.
pub(crate) fn read<'a>(context: &mut RequestContext<'a>, json: Option<&'a str>) -> Option<Claims<'a>> {
    let claims = json.and_then(Claims::read)?;
    context.crew = Some(claims.crew.clone());
    context.document = Some(claims.document.clone());
    Some(claims)
}

/// Walks the checks for a link.
///
/// # Errors
/// The refusal of the first check that fails.
pub(crate) fn admit(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    link: &mut Link<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    ORDER.iter().try_for_each(|(_, check)| check(state, context, link, now))
}

fn key_is_accepted(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    _: &mut Link<'_>,
    _: Timestamp,
) -> Result<(), Refusal> {
    let refused = state.policies.key_on_file == KeyOnFile::Refused && context.credential() != Credential::Missing;
    if refused { Err(Refusal::new(clause::KEY_ON_FILE, error::BAD_REQUEST)) } else { Ok(()) }
}

fn dead(policies: &Policies, clause: &'static Clause) -> Refusal {
    let code = match policies.dead_link {
        DeadLink::NotFound => error::NOT_FOUND,
        DeadLink::Forbidden => error::LINK_EXPIRED_403,
        DeadLink::Gone => error::LINK_EXPIRED_410,
    };
    Refusal::new(clause, code)
}

fn told<'l, 'a>(state: &SessionState, link: &'l Link<'a>) -> Result<&'l Claims<'a>, Refusal> {
    link.claims.as_ref().ok_or_else(|| dead(&state.policies, clause::LINK_KNOWN))
}

fn token_is_known(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    link: &mut Link<'_>,
    _: Timestamp,
) -> Result<(), Refusal> {
    told(state, link).map(drop)
}

fn has_not_expired(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    link: &mut Link<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let alive = now.as_second() < told(state, link)?.expires;
    alive.then_some(()).ok_or_else(|| dead(&state.policies, clause::LINK_ALIVE))
}

fn person_is_known(
    state: &mut SessionState,
    context: &RequestContext<'_>,
    link: &mut Link<'_>,
    _: Timestamp,
) -> Result<(), Refusal> {
    let position = state.resolve_position(&told(state, link)?.crew, context.crew_lookup.as_ref());
    link.crew = position.ok_or_else(|| dead(&state.policies, clause::LINK_KNOWN))?;
    Ok(())
}

fn version_is_there(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    link: &mut Link<'_>,
    _: Timestamp,
) -> Result<(), Refusal> {
    let gone = || dead(&state.policies, clause::LINK_VERSION);
    let documents = &state.crew(link.crew).documents;
    let wanted = &told(state, link)?.document;
    let at = documents.iter().position(|document| *document.id == **wanted).ok_or_else(gone)?;
    if !documents[at].current && state.policies.link_after_reupload == LinkAfterReupload::Dead {
        return Err(gone());
    }
    link.document = at;
    Ok(())
}

fn ground_holds(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    link: &mut Link<'_>,
    _: Timestamp,
) -> Result<(), Refusal> {
    if state.policies.recheck_on_follow != RecheckOnFollow::Dead {
        return Ok(());
    }
    let lost = lost_ground(state, link.crew, &told(state, link)?.partner);
    if lost.is_none() { Ok(()) } else { Err(dead(&state.policies, clause::LINK_GROUND)) }
}

/// What a link was given on and does not stand any more, in words.
pub(crate) fn lost_ground(state: &SessionState, crew: u32, partner: &str) -> Option<&'static str> {
    let person = state.crew(crew);
    let Some(known) = state.partners.iter().find(|known| *known.id == *partner) else { return Some("the partner") };
    if !known.api_enabled {
        return Some("the plan");
    }
    if !known.granted_scopes.contains(Scope::DocumentsDownload) {
        return Some("the scope");
    }
    if !person.on_fleet_of(state.world(), partner) {
        return Some("the place on the fleet");
    }
    (!person.consents(partner, Scope::DocumentsDownload)).then_some("the consent")
}

fn is_unspent(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    link: &mut Link<'_>,
    _: Timestamp,
) -> Result<(), Refusal> {
    let used = state.link_uses.contains_key(&told(state, link)?.serial);
    let spent = state.policies.link_use == LinkUse::Once && used;
    if spent { Err(dead(&state.policies, clause::LINK_UNSPENT)) } else { Ok(()) }
}

fn store_is_reachable(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    _: &mut Link<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    checks::store_answers(state, StoreStep::File, now)
}

/// A file that was there when the world was loaded and is gone now: the store lost it.
fn store_has_the_file(
    state: &mut SessionState,
    _: &RequestContext<'_>,
    link: &mut Link<'_>,
    _: Timestamp,
) -> Result<(), Refusal> {
    if told(state, link)?.hops > 0 {
        return Ok(());
    }
    let found = state.content(&state.crew(link.crew).documents[link.document]);
    link.content = Some(found.map_err(|_| lost())?);
    Ok(())
}

/// The answer where the store has lost a file.
pub(crate) fn lost() -> Refusal {
    Refusal::new(clause::STORE_REACHABLE, error::FILE_STORE_UNAVAILABLE)
}
