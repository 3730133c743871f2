//! The probes of the doctor: further cases that show early what an obligation would show late. None
//! keeps a client from being tested.

use super::advice;
use super::examined_case::{ExaminedCase, RunOptions};
use super::step::Step;
use crate::client::case::Case;
use crate::client::trap::Trap;
use crate::client::witness::End;

/// A case that the doctor plays to a client that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// The server has TLS, with a certificate that the client trusts.
    Tls,
    /// The crew member is unknown.
    Refusal,
    /// HOME has a `.netrc`.
    Netrc,
}

impl Probe {
    /// Returns every probe that says more than a run with these options.
    pub fn all(options: RunOptions) -> impl Iterator<Item = Self> {
        [Self::Tls, Self::Refusal, Self::Netrc].into_iter().filter(move |probe| !(options.tls && *probe == Self::Tls))
    }

    /// Returns the id of its scenario.
    pub const fn scenario(self) -> &'static str {
        match self {
            Self::Tls => "auth/tls",
            Self::Refusal => "err/unknown-crew",
            Self::Netrc => "sec/netrc",
        }
    }

    /// Returns the step of a played case.
    pub fn step(self, case: &Case, options: RunOptions) -> Option<Step> {
        let examined = ExaminedCase { case, run: case.last()?, options };
        Some(match self {
            Self::Tls => examined.trusts_the_authority(),
            Self::Refusal => examined.refuses(),
            Self::Netrc => examined.keeps_its_key(),
        })
    }
}

impl ExaminedCase<'_> {
    fn trusts_the_authority(&self) -> Step {
        let all_saved = self.run.missing(&self.case.out_dir).next().is_none();
        if all_saved && self.run.process.end.is_success() {
            return Step::done("it works over TLS, with the certificate of CPK_CA_FILE".to_owned());
        }
        let what = if self.run.wire.is_empty() {
            "it does not trust the certificate of CPK_CA_FILE"
        } else {
            "it does not save every document"
        };
        Step::warning(format!("over TLS, {what}; {}", self.describe_end()), advice::authority())
    }

    fn refuses(&self) -> Step {
        let end = self.run.process.end;
        let with = match end {
            End::Exit(code) => format!("it ends with exit code {code}"),
            _ => self.describe_end(),
        };
        let seen = format!("{with} if the crew member is unknown");
        if end.is_refusal() { Step::done(seen) } else { Step::warning(seen, advice::refusal()) }
    }

    fn keeps_its_key(&self) -> Step {
        match self.run.wire.iter().find_map(Trap::shown_in) {
            Some(trap) => Step::warning(
                format!("it sends {} instead of the key", trap.describe()),
                vec![trap.advice().to_owned()],
            ),
            None => Step::done("it sends no login from a `.netrc`".to_owned()),
        }
    }
}
