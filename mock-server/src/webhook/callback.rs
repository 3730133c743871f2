//! A callback: where a partner wants its events, and the secret that signs them.

use std::fmt;
use std::str::FromStr;

use crewpass_diagnostics::mask_secret;
use http::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::EventType;
use super::resolve::can_be_allowed;
use super::signature::sign;

/// A callback of a partner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// A URL on this machine or on the allowed host, such as `http://127.0.0.1:9000/webhooks`; unique in the world. For
    /// `https`, `serve --callback-ca` names the authority of its certificate.
    #[schemars(with = "String")]
    pub url: CallbackUrl,
    /// The secret that signs its deliveries.
    pub secret: WebhookSecret,
    /// The secret before this one, for the policy `webhook_rotation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret: Option<WebhookSecret>,
    /// The events that it gets; all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Box<[EventType]>>,
    /// The partner that it belongs to; the first one if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<Box<str>>,
}

impl Callback {
    /// Returns true if the callback gets events of that type.
    pub(super) fn wants(&self, kind: EventType) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains(&kind))
    }
}

/// The URL of a callback: `http` or `https`, with a host, and without user information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackUrl(Uri);

impl CallbackUrl {
    /// Returns the URL.
    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    /// Returns the host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        self.0.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// Returns the port.
    pub(super) fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    /// Returns true if deliveries go over TLS.
    pub(super) fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }
}

/// The error of a URL that can't be a callback.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` can't be a callback: {reason}")]
pub struct InvalidCallbackUrl {
    url: String,
    reason: &'static str,
}

impl FromStr for CallbackUrl {
    type Err = InvalidCallbackUrl;

    fn from_str(text: &str) -> Result<Self, InvalidCallbackUrl> {
        let invalid = |reason| InvalidCallbackUrl { url: text.to_owned(), reason };
        let uri: Uri = text.parse().map_err(|_| invalid("it is not a URL"))?;
        match uri.scheme_str() {
            Some("http" | "https") => {}
            _ => return Err(invalid("write it as http://127.0.0.1:9000/path")),
        }
        let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        if authority.contains('@') {
            return Err(invalid("it can't contain a user name"));
        }
        if text.contains('#') {
            return Err(invalid("it can't contain a fragment"));
        }
        if authority.ends_with(':') || uri.port_u16() == Some(0) {
            return Err(invalid("its port must be between 1 and 65535"));
        }
        let url = Self(uri);
        match url.host().parse() {
            Ok(ip) if !can_be_allowed(ip) => Err(invalid("the fake calls this machine and a private network only")),
            _ => Ok(url),
        }
    }
}

impl fmt::Display for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for CallbackUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CallbackUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The secret of a callback. Debug and Display mask it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct WebhookSecret(Box<str>);

impl WebhookSecret {
    /// Wraps a text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the signature of a delivery, the value of `X-CrewPass-Signature`. The timestamp is the text of
    /// `X-CrewPass-Timestamp`.
    pub fn sign(&self, timestamp: &str, body: &[u8]) -> String {
        sign(self, timestamp, body)
    }

    /// Returns true if there is no character in it.
    #[cfg(feature = "cli")]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the secret. Only the signature may use it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_secret(&self.0))
    }
}

impl fmt::Display for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_secret(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_url_with_a_host_is_a_callback() {
        for text in ["http://127.0.0.1:9000/hooks?a=b", "http://[::1]:9000", "https://localhost/x", "http://10.0.0.1/x"]
        {
            assert_eq!(text.parse::<CallbackUrl>().unwrap().to_string().trim_end_matches('/'), text);
        }
        assert_eq!("http://[::1]:9000/".parse::<CallbackUrl>().unwrap().host(), "::1");
        for text in [
            "/hooks",
            "127.0.0.1:9000",
            "ftp://127.0.0.1/",
            "http://a@127.0.0.1/",
            "http://127.0.0.1:0/",
            "http://h/#x",
            "http://192.0.2.1/x",
            "http://[2001:db8::1]/",
            "http://0.0.0.0/",
        ] {
            assert!(text.parse::<CallbackUrl>().is_err(), "{text}");
        }
        let port = |text: &str| text.parse::<CallbackUrl>().unwrap().port();
        assert_eq!((port("http://localhost/"), port("https://localhost/"), port("https://h:9/")), (80, 443, 9));
    }

    #[test]
    fn a_secret_is_never_shown_whole() {
        let secret = WebhookSecret::new("whsec_0123456789abcdef0123");
        assert!(!format!("{secret} {secret:?}").contains("0123456789"));
    }
}
