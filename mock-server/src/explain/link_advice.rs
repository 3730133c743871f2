//! Advice for a link that is dead.

use super::advice::{Advice, Situation};
use crate::check::lost_ground;
use crate::session::{LinkId, LinkUse};
use crate::time_format::rfc3339;
use crate::token::Claims;

impl Situation<'_> {
    /// Advises on a key that was sent although the link is the credential.
    pub(crate) fn key_on_file(&self) -> Advice {
        let why = "A key was sent to the file step, and the policy key_on_file refuses that.";
        let order = self.ctl("policies set key_on_file=accepted");
        Advice::new(why, ["send no key: the link is the credential".to_owned().into(), order])
    }

    /// Advises on a link that the session did not give, or that is for nobody in its world.
    pub(crate) fn unknown_link(&self) -> Advice {
        let Some(claims) = &self.question.claims else {
            let why = "The token can't be read: this fake never gave it, or a part of it is missing.";
            return Advice::new(why, ["ask for a link, and follow its download_url as it stands".to_owned()]);
        };
        let session = super::words::shown(&claims.session);
        if self.question.is_signed && claims.epoch.is_before(self.state.epoch) {
            let why = "The link was given before the session was reset, which ended all its links.";
            return Advice::new(why, [again(claims)]);
        }
        if self.question.is_signed {
            let why = format!("The link is for {}, whom this world does not have.", super::words::shown(&claims.crew));
            return Advice::new(why, [again(claims)]);
        }
        if *claims.session == *self.question.session {
            let why = "The token was changed, or signed with another secret: the signature does not fit.";
            return Advice::new(why, [again(claims)]);
        }
        if self.question.belongs_to.is_some() {
            let why = format!("The link was given in the session {session}, and this is {}.", self.question.session);
            return Advice::new(why, ["ask without naming a session: the token picks its own".to_owned()]);
        }
        let why = format!("The link names the session {session}, which is not open: it ended, or never was.");
        Advice::new(why, ["ask for a link in a session that is open".to_owned()])
    }

    /// Advises on a link that has expired.
    pub(crate) fn expired_link(&self, claims: &Claims<'_>) -> Advice {
        let now = rfc3339(self.now.as_second());
        let why = format!("The link expired at {}; the session's clock shows {now}.", rfc3339(claims.expires));
        Advice::new(why, [again(claims)])
    }

    /// Advises on a link to a version that is gone.
    pub(crate) fn gone_version(&self, claims: &Claims<'_>) -> Advice {
        let person = self.state.position(&claims.crew).map(|at| self.state.crew(at));
        let documents = person.map(|person| person.documents.as_slice()).unwrap_or_default();
        let newer = documents.iter().find(|newer| newer.supersedes.as_deref() == Some(&*claims.document));
        let Some(newer) = newer else {
            let why = format!("{} was removed, and every link to it with it.", claims.document);
            return Advice::new(why, ["read the list, and ask for a link to what it shows".to_owned()]);
        };
        let why = format!("{} was superseded by {}, and its links died with it.", claims.document, newer.id);
        let order = self.ctl("policies set link_after_reupload=works");
        Advice::new(why, [format!("ask for a link to {}", newer.id).into(), order])
    }

    /// Advises on a link that lost what it was given on.
    pub(crate) fn gone_ground(&self, claims: &Claims<'_>) -> Advice {
        let crew = self.state.position(&claims.crew);
        let lost = crew.and_then(|crew| lost_ground(self.state, crew, claims)).unwrap_or("the ground");
        let why = format!("{lost} that the link was given on is gone, and the policy recheck_on_follow asks again.");
        let why = why[..1].to_uppercase() + &why[1..];
        Advice::new(why, [self.ctl("policies set recheck_on_follow=works")])
    }

    /// Advises on a link that may be used once, and was.
    pub(crate) fn used_link(&self, claims: &Claims<'_>) -> Advice {
        let spent = self.state.used_links.get(LinkId::from_claims(claims)) == Some(LinkUse::Spent);
        let how = if spent { "has been used" } else { "is in use at this moment" };
        let why = format!("The link {how}, and the policy link_use lets it work once.");
        Advice::new(why, [again(claims).into(), self.ctl("policies set link_use=many")])
    }
}

fn again(claims: &Claims<'_>) -> String {
    let (crew, document) = (super::words::shown(&claims.crew), super::words::shown(&claims.document));
    format!("ask for a new link to {document} of {crew}")
}
