//! API keys as a separate type, so that no log, error or debug output shows a whole key (invariant
//! 6).

use std::fmt;

use crewpass_diagnostics::mask_secret;
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The mode, live or test, of a world, a partner, or a key by its prefix (P, /authentication).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Production data; keys begin `cpk_live_`.
    Live,
    /// Test-flagged data; keys begin `cpk_test_`.
    #[default]
    Test,
}

impl Mode {
    /// Returns the prefix of keys of this mode (P).
    pub const fn key_prefix(self) -> &'static str {
        match self {
            Self::Live => "cpk_live_",
            Self::Test => "cpk_test_",
        }
    }

    /// Returns the name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// A partner's API key: `cpk_live_…` or `cpk_test_…` (P, /authentication).
///
/// Debug and Display show only the prefix and the last four characters; [`ApiKey::reveal`] returns
/// the text.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ApiKey(Box<str>);

impl ApiKey {
    /// Wraps any text: a text that is not a key of the world is simply unknown.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the whole key. Only the wire, and output that the user asked for, may contain it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the mode that the prefix names, or `None` if the text is not a partner key.
    pub fn mode(&self) -> Option<Mode> {
        mode_of(&self.0)
    }

    /// Derives a key from a seed and a label: the same for the same two.
    pub fn derive(seed: u64, label: &str, mode: Mode) -> Self {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&seed.to_be_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        mac.update(label.as_bytes());
        let digest = mac.finalize().into_bytes();
        let mut text = String::with_capacity(41);
        text.push_str(mode.key_prefix());
        for byte in &digest[..16] {
            use fmt::Write;
            let _ = write!(text, "{byte:02x}");
        }
        Self(text.into())
    }
}

/// Returns the mode that a key's prefix names (P). `cppk_…` and all other prefixes name none.
pub fn mode_of(key: &str) -> Option<Mode> {
    [Mode::Live, Mode::Test]
        .into_iter()
        .find(|mode| key.strip_prefix(mode.key_prefix()).is_some_and(|rest| !rest.is_empty()))
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_secret(&self.0))
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_secret(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown_whole() {
        let key = ApiKey::new("cpk_test_0123456789abcdef0123456789abcdef");
        assert_eq!(key.to_string(), "cpk_test_…cdef");
        assert_eq!(format!("{key:?}"), "cpk_test_…cdef");
    }

    #[test]
    fn a_derived_key_depends_on_seed_and_label() {
        let key = ApiKey::derive(1, "full", Mode::Test);
        assert_eq!(key, ApiKey::derive(1, "full", Mode::Test));
        assert_ne!(key, ApiKey::derive(2, "full", Mode::Test));
        assert_ne!(key, ApiKey::derive(1, "other", Mode::Test));
        assert_eq!(key.reveal().len(), "cpk_test_".len() + 32);
    }
}
