//! Traps: values that the gate plants for a client to fall into, only in the scenario that is about them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::witness::Exchange;

const LOGIN: &str = "netrc-canary";
const PASSWORD: &str = "planted-by-crewpass-contract";

/// A trap of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trap {
    /// A `.netrc` in HOME with a login for every host.
    Netrc,
}

impl Trap {
    /// Every trap.
    pub const ALL: [Self; 1] = [Self::Netrc];

    /// Returns the name of its file in HOME.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Netrc => ".netrc",
        }
    }

    /// Returns the content of its file.
    pub(crate) fn content(self) -> String {
        match self {
            Self::Netrc => format!("default login {LOGIN} password {PASSWORD}\n"),
        }
    }

    /// Returns its value in words, such as "the login of `.netrc` in HOME".
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Netrc => "the login of `.netrc` in HOME",
        }
    }

    /// Returns advice that keeps a client out of the trap.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Netrc => {
                "The HTTP library replaces the Authorization header by a login from `~/.netrc`. Turn that off: \
                 `trust_env = False` of a requests Session or an httpx Client, no `--netrc` for curl."
            }
        }
    }

    /// Returns the trap whose value a request shows in a header or its target, if there is one.
    pub fn shown_in(exchange: &Exchange) -> Option<Self> {
        let target = exchange.target.as_bytes();
        let texts = || exchange.headers.iter().map(|(_, value)| value.as_slice()).chain([target]);
        Self::ALL.into_iter().find(|trap| texts().any(|text| trap.is_in(text)))
    }

    /// Returns true if a text contains the value, as it is or as Basic credentials.
    fn is_in(self, text: &[u8]) -> bool {
        let values = match self {
            Self::Netrc => [PASSWORD.to_owned(), STANDARD.encode(format!("{LOGIN}:{PASSWORD}"))],
        };
        values.iter().any(|value| memchr::memmem::find(text, value.as_bytes()).is_some())
    }
}
