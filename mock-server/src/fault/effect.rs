//! What a rule does: one thing in front of the checks, or one thing to the answer, and perhaps a wait.

use std::sync::Arc;
use std::time::Duration;

use http::header::HeaderValue;
use serde::de::{Deserialize, Deserializer, Error};

use super::json::JsonChange;
use super::read::{Yes, present, wait, word_or_fields};
use super::status::{StatusFault, header_value};
use super::template::{Filling, Template};

/// What happens in place of the checks and the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum PreCheckEffect {
    /// A status.
    Status(StatusFault),
    /// A redirect.
    Redirect(Redirect),
    /// The connection ends with a RST.
    Reset,
    /// The connection ends with a FIN.
    Close,
    /// Nothing comes.
    Stall,
}

/// What happens to an answer that the checks let through.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseEffect {
    /// Another JSON.
    Json(JsonChange),
    /// Another link; `None` is null.
    Link(Option<Template>),
    /// No JSON at all.
    Malformed,
    /// So many bytes, told as if they were all.
    Truncated(u64),
    /// Compressed.
    Gzip(Gzip),
    /// Another type.
    ContentType(HeaderValue),
    /// A little at a time.
    Drip(Drip),
    /// So many bytes, then nothing.
    StallAfter(u64),
    /// So many bytes, then the connection ends.
    Cut(Cut),
}

/// When an answer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gzip {
    /// Where the client takes it.
    Honoured,
    /// Also where it does not.
    Always,
}

/// How a body trickles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drip {
    /// So many bytes at a time.
    pub bytes: u64,
    /// With so much time in between.
    pub every: Duration,
}

/// How a body breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// After so many bytes.
    pub after: u64,
    /// By a FIN or a RST.
    #[serde(default)]
    pub how: CutHow,
    /// In chunks, without a length.
    #[serde(default)]
    pub chunked: bool,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CutHow {
    /// With a FIN.
    #[default]
    Fin,
    /// With a RST.
    Reset,
}

/// A redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
    /// Where to.
    pub to: Destination,
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To itself.
    Own,
    /// Over so many URLs to the answer.
    Chain(u32),
    /// Elsewhere.
    Elsewhere(Template),
}

/// A wait before the answer, of real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// At least.
    pub from: Duration,
    /// At most.
    pub to: Duration,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq)]
pub struct Then {
    /// Its effect, if it is more than a wait.
    pub effect: Option<Effect>,
    /// Its wait.
    pub latency: Option<Latency>,
}

/// An effect, by where it takes hold; shared, so that firing copies nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// In front of the checks.
    PreCheckEffect(Arc<PreCheckEffect>),
    /// On the answer.
    Answer(Arc<ResponseEffect>),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    status: Option<StatusFault>,
    redirect: Option<Redirect>,
    reset: Option<Yes>,
    close: Option<Yes>,
    stall: Option<Stall>,
    cut: Option<Cut>,
    drip: Option<Drip>,
    content_type: Option<String>,
    malformed: Option<Yes>,
    truncated: Option<u64>,
    json: Option<JsonChange>,
    #[serde(default, deserialize_with = "present")]
    link: Option<LinkTo>,
    gzip: Option<Gzip>,
    latency: Option<Latency>,
}

impl<'de> Deserialize<'de> for Then {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(from)?;
        let latency = fields.latency;
        let mut effects = fields.effects().map_err(D::Error::custom)?;
        match (effects.pop(), effects.pop()) {
            (Some((one, _)), Some((another, _))) => Err(D::Error::custom(format!(
                "`{another}` and `{one}` are two effects: write a rule for each, which may fire together"
            ))),
            (None, _) if latency.is_none() => Err(D::Error::custom(format!(
                "`then` has no effect: write one of {}, latency",
                EFFECTS.map(|name| format!("`{name}`")).join(", ")
            ))),
            (effect, _) => Ok(Self { effect: effect.map(|(_, effect)| effect), latency }),
        }
    }
}

const EFFECTS: [&str; 13] = [
    "status",
    "redirect",
    "reset",
    "close",
    "stall",
    "cut",
    "drip",
    "content_type",
    "malformed",
    "truncated",
    "json",
    "link",
    "gzip",
];

impl Fields {
    /// Every effect that is written, by name.
    fn effects(self) -> Result<Vec<(&'static str, Effect)>, String> {
        let front = |front| Effect::PreCheckEffect(Arc::new(front));
        let answer = |change| Effect::Answer(Arc::new(change));
        let kind = self.content_type.as_deref().map(header_value).transpose()?;
        let all = [
            self.status.map(|status| front(PreCheckEffect::Status(status))),
            self.redirect.map(|redirect| front(PreCheckEffect::Redirect(redirect))),
            self.reset.map(|_| front(PreCheckEffect::Reset)),
            self.close.map(|_| front(PreCheckEffect::Close)),
            self.stall.map(|stall| {
                stall.0.map_or(front(PreCheckEffect::Stall), |after| answer(ResponseEffect::StallAfter(after)))
            }),
            self.cut.map(|cut| answer(ResponseEffect::Cut(cut))),
            self.drip.map(|drip| answer(ResponseEffect::Drip(drip))),
            kind.map(|kind| answer(ResponseEffect::ContentType(kind))),
            self.malformed.map(|_| answer(ResponseEffect::Malformed)),
            self.truncated.map(|length| answer(ResponseEffect::Truncated(length))),
            self.json.map(|json| answer(ResponseEffect::Json(json))),
            self.link.map(|link| answer(ResponseEffect::Link(link.0))),
            self.gzip.map(|gzip| answer(ResponseEffect::Gzip(gzip))),
        ];
        Ok(EFFECTS.into_iter().zip(all).filter_map(|(name, effect)| Some((name, effect?))).collect())
    }
}

/// Another link, or null.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct LinkTo(Option<Template>);

/// Before the head, or after so many bytes of the body.
struct Stall(Option<u64>);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StallFields {
    after: u64,
}

impl<'de> Deserialize<'de> for Stall {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        word_or_fields(
            from,
            "`true`, or `after` with a number of bytes",
            |word| if word == "true" { Ok(Self(None)) } else { Err(format!("`{word}` is no stall: write `true`")) },
            |fields: StallFields| Ok(Self(Some(fields.after))),
        )
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DripFields {
    bytes: u64,
    every: String,
}

impl<'de> Deserialize<'de> for Drip {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let DripFields { bytes, every } = DripFields::deserialize(from)?;
        if bytes == 0 {
            return Err(D::Error::custom("`bytes` is 0, which is a stall: write 1 or more"));
        }
        Ok(Self { bytes, every: wait(&every).map_err(D::Error::custom)? })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeFields {
    from: String,
    to: String,
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        word_or_fields(
            from,
            "a duration such as 250ms, or `from` and `to`",
            |word| wait(word).map(|length| Self { from: length, to: length }),
            |fields: RangeFields| {
                let range = Self { from: wait(&fields.from)?, to: wait(&fields.to)? };
                if range.from <= range.to { Ok(range) } else { Err("`from` is longer than `to`".to_owned()) }
            },
        )
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RedirectFields {
    #[serde(default = "found")]
    status: u16,
    to: Destination,
}

const fn found() -> u16 {
    302
}

impl<'de> Deserialize<'de> for Redirect {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let RedirectFields { status, to } = RedirectFields::deserialize(from)?;
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Ok(Self { status, to });
        }
        Err(D::Error::custom(format!("{status} is no redirect: write 301, 302, 303, 307 or 308")))
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainFields {
    chain: u32,
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        word_or_fields(from, "`self`, a URL, or `chain` with a number", Self::word, |ChainFields { chain }| {
            if (1..=1_000).contains(&chain) {
                return Ok(Self::Chain(chain));
            }
            Err(format!("a chain of {chain} can't be walked: write a number from 1 to 1000"))
        })
    }
}

impl Destination {
    fn word(text: &str) -> Result<Self, String> {
        if text == "self" {
            return Ok(Self::Own);
        }
        let template = Template::parse(text)?;
        let sample = Filling { base: "", path: "", token: "", url: "" };
        HeaderValue::from_str(&template.fill(sample)).map_err(|_| format!("a header can't hold `{text}`"))?;
        Ok(Self::Elsewhere(template))
    }
}
