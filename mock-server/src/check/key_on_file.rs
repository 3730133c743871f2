//! An API key at the file step is accepted, unless policy `key_on_file` refuses it (D).

use super::established::UnprovedLink;
use super::walk::{Check, Request};
use crate::clause::{self, Clause};
use crate::error::{self, Refusal};
use crate::explain::{Advice, Situation};
use crate::policy;
use crate::request::Credential;

/// The check of a key that is sent although the link is the credential.
pub(super) struct KeyOnFile;

impl<'a> Check<'a> for KeyOnFile {
    type Input = UnprovedLink<'a>;
    type Output = UnprovedLink<'a>;
    const CLAUSE: &'static Clause = clause::KEY_ON_FILE;

    fn is_asked(request: &Request<'_, '_>) -> bool {
        request.state.policies.key_on_file == policy::KeyOnFile::Refused
    }

    fn check(request: &mut Request<'_, '_>, link: UnprovedLink<'a>) -> Result<UnprovedLink<'a>, Refusal> {
        if Self::is_asked(request) && request.context.credential() != Credential::Missing {
            return Err(Refusal::new(clause::KEY_ON_FILE, error::BAD_REQUEST));
        }
        Ok(link)
    }

    fn advice(situation: &Situation<'_>, _: UnprovedLink<'a>, _: &Refusal) -> Advice {
        situation.key_on_file()
    }
}
