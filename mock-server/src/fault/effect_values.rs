//! The values of effects: forms of gzip, drips, cuts, redirects, stalls and waits, as they are written in a rule.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer};

use super::loopback::foreign_host_within;
use super::read::{Scalar, Wait, scalar_or_fields};
use super::status::{header_name, parse_headers};
use super::template::off_loopback;
use super::template::{Filling, Template};
use crate::present::present;

/// The condition for a compressed response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gzip {
    /// Only if the client accepts gzip.
    Honoured,
    /// Even if the client does not accept gzip.
    Always,
}

/// A slow body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "DripFields")]
pub struct Drip {
    /// The chunk size in bytes.
    pub bytes: u64,
    /// The delay between chunks.
    pub every: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DripFields {
    bytes: u64,
    every: Wait,
}

impl TryFrom<DripFields> for Drip {
    type Error = &'static str;

    fn try_from(DripFields { bytes, every }: DripFields) -> Result<Self, Self::Error> {
        if bytes == 0 {
            return Err("`bytes` is 0, which is a stall: write 1 or more");
        }
        Ok(Self { bytes, every: every.0 })
    }
}

/// A body that ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "CutFields")]
pub struct Cut {
    /// The number of bytes that are sent.
    pub after: u64,
    /// The way in which the connection ends.
    pub how: CutHow,
    /// The length that is announced.
    pub announced: Announced,
}

/// The length that a response announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// The length of the body.
    Whole,
    /// Another one.
    Other(u64),
    /// None: the body is sent in chunks.
    Chunks,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CutFields {
    after: u64,
    #[serde(default)]
    how: CutHow,
    #[serde(default)]
    chunked: bool,
    #[serde(default, deserialize_with = "present")]
    of: Option<u64>,
}

impl TryFrom<CutFields> for Cut {
    type Error = String;

    fn try_from(CutFields { after, how, chunked, of }: CutFields) -> Result<Self, Self::Error> {
        let announced = match (chunked, of) {
            (false, None) => Announced::Whole,
            (true, None) => Announced::Chunks,
            (false, Some(length)) if length > after => Announced::Other(length),
            (false, Some(length)) => {
                return Err(format!("`of: {length}` is not more than `after`, so that the body would be whole"));
            }
            (true, Some(_)) => return Err("a body in chunks has no length: leave out `chunked` or `of`".to_owned()),
        };
        Ok(Self { after, how, announced })
    }
}

/// The end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CutHow {
    /// With a FIN.
    #[default]
    Fin,
    /// With a RST.
    Reset,
}

/// Another range than the one that was asked for, of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherRange {
    /// The number of bytes by which it begins and ends earlier.
    pub earlier: u64,
}

/// Another body, of the type that the response has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherBody(pub Bytes);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherBodyFields {
    #[serde(default, deserialize_with = "present")]
    text: Option<String>,
    #[serde(default, deserialize_with = "present")]
    base64: Option<String>,
}

/// The page of a service that wants its user to sign in.
const LOGIN_PAGE: &str =
    "<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n";

impl<'de> Deserialize<'de> for OtherBody {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar_or_fields(
            from,
            "`empty`, `html`, or `text` or `base64`",
            |word| match word.text()? {
                "empty" => Ok(Self(Bytes::new())),
                "html" => Ok(Self(Bytes::from_static(LOGIN_PAGE.as_bytes()))),
                word => Err(format!("there is no body `{word}`; it can be empty, html, or a field `text` or `base64`")),
            },
            Self::from_fields,
        )
    }
}

impl OtherBody {
    fn from_fields(fields: OtherBodyFields) -> Result<Self, String> {
        let bytes = match (fields.text, fields.base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(text)) => STANDARD.decode(&text).map_err(|error| format!("`base64` can't be read: {error}"))?,
            _ => return Err("a body has either `text` or `base64`".to_owned()),
        };
        match std::str::from_utf8(&bytes).ok().and_then(foreign_host_within) {
            Some(host) => Err(off_loopback(&host)),
            None => Ok(Self(bytes.into())),
        }
    }
}

/// Headers to set and to remove.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "HeaderFields")]
pub struct HeaderChange {
    /// Headers that replace those of the same name.
    pub set: HeaderMap,
    /// Headers that are left out.
    pub remove: Vec<HeaderName>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct HeaderFields {
    set: BTreeMap<String, String>,
    remove: Vec<String>,
}

impl TryFrom<HeaderFields> for HeaderChange {
    type Error = String;

    fn try_from(HeaderFields { set, remove }: HeaderFields) -> Result<Self, String> {
        if set.is_empty() && remove.is_empty() {
            return Err("`headers` needs `set` or `remove`".to_owned());
        }
        let remove = remove.iter().map(|name| header_name(name)).collect::<Result<_, _>>()?;
        Ok(Self { set: parse_headers(&set)?, remove })
    }
}

/// A redirect.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RedirectFields")]
pub struct Redirect {
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
    /// The target.
    pub to: Destination,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedirectFields {
    #[serde(default = "default_redirect_status")]
    status: u16,
    to: Destination,
}

const fn default_redirect_status() -> u16 {
    302
}

impl TryFrom<RedirectFields> for Redirect {
    type Error = String;

    fn try_from(RedirectFields { status, to }: RedirectFields) -> Result<Self, String> {
        match status {
            301 | 302 | 303 | 307 | 308 => Ok(Self { status, to }),
            _ => Err(format!("{status} is not a redirect: write 301, 302, 303, 307 or 308")),
        }
    }
}

/// The target of a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The same URL.
    Own,
    /// The response, over this number of URLs.
    Chain(u32),
    /// Another URL.
    Elsewhere(Template),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainFields {
    chain: u32,
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar_or_fields(
            from,
            "`self`, a URL, or `chain` with a number",
            |to| Self::parse(to.text()?),
            |ChainFields { chain }| {
                if (1..=1_000).contains(&chain) {
                    return Ok(Self::Chain(chain));
                }
                Err(format!("a chain can't have {chain} redirects: write a number from 1 to 1000"))
            },
        )
    }
}

impl Destination {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "self" {
            return Ok(Self::Own);
        }
        let template = Template::parse(text)?;
        let sample = Filling { base: "", path: "", token: "", url: "" };
        HeaderValue::from_str(&template.fill(sample)).map_err(|_| format!("a header can't hold `{text}`"))?;
        Ok(Self::Elsewhere(template))
    }
}

/// Another link, or null.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct LinkTarget(pub(super) Option<Template>);

/// The place of a stall.
pub(super) enum Stall {
    /// Nothing is sent.
    BeforeHead,
    /// This number of bytes of the body is sent.
    After(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StallFields {
    after: u64,
}

impl<'de> Deserialize<'de> for Stall {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar_or_fields(
            from,
            "`true`, or `after` with a number of bytes",
            |stall| match stall {
                Scalar::Bool(true) => Ok(Self::BeforeHead),
                _ => Err(format!("`{stall}` is not a stall: write `true`, or `after` with a number of bytes")),
            },
            |StallFields { after }| Ok(Self::After(after)),
        )
    }
}

/// A wait before the response, in real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// The shortest.
    pub from: Duration,
    /// The longest.
    pub to: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LatencyFields {
    from: Wait,
    to: Wait,
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        scalar_or_fields(
            from,
            "a duration such as 250ms, or `from` and `to`",
            |latency| Wait::parse(latency.text()?).map(|Wait(length)| Self { from: length, to: length }),
            |LatencyFields { from: Wait(from), to: Wait(to) }| {
                if from <= to { Ok(Self { from, to }) } else { Err("`from` is longer than `to`".to_owned()) }
            },
        )
    }
}
