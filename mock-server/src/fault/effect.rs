//! The effects of rules: everything about an effect but its execution, which is in `reply::faulty`.
//!
//! A new effect is a variant of [`PreCheckEffect`] or [`ResponseEffect`] with its line in [`Fields`] here, and an arm
//! in `reply::faulty::pre_check` or `reply::faulty::response_effect`. A test checks that no other file names a variant.

use std::sync::Arc;

use http::header::HeaderValue;
use serde::Deserialize;

use super::effect_values::{
    Cut, Destination, Drip, Gzip, HeaderChange, Latency, LinkTarget, OtherBody, OtherRange, Redirect, Stall,
};
use super::json::JsonChange;
use super::read::Yes;
use super::rule::RequestFacts;
use super::status::{StatusFault, header_value};
use super::template::Template;
use crate::endpoint::Answers;
use crate::present::present;

/// An effect in place of the checks and the response.
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
    /// Nothing is sent.
    Stall,
}

/// An effect on a response that the checks let through.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseEffect {
    /// Changes fields of the JSON body.
    Json(JsonChange),
    /// Another link; `None` is null.
    Link(Option<Template>),
    /// A link that is dead at once, although its answer names a later time.
    Expire,
    /// Another range than the one that was asked for.
    Range(OtherRange),
    /// The bytes and the entity tag of another version of a file.
    OtherVersion,
    /// Another body of the same type.
    Body(OtherBody),
    /// Other headers.
    Headers(HeaderChange),
    /// A body that is not JSON.
    Malformed,
    /// The first bytes, with a `Content-Length` as if they were all.
    Truncated(u64),
    /// Compresses the body with gzip.
    Gzip(Gzip),
    /// Replaces `Content-Type`.
    ContentType(HeaderValue),
    /// Sends a few bytes at a time.
    Drip(Drip),
    /// Sends the body without its length: in chunks, or over HTTP/1.0 to the end of the connection.
    Chunked,
    /// The first bytes, then nothing.
    StallAfter(u64),
    /// The first bytes, then the connection ends.
    Cut(Cut),
}

/// The properties of a response that decide whether an effect on it is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that an effect asks for alone")]
pub struct ResponseShape {
    /// Is true if the body is JSON.
    pub json: bool,
    /// Is true if bytes of a body will be sent.
    pub body: bool,
    /// Is true if the body is small enough to be compressed in memory.
    pub small: bool,
    /// Is true if the body is a range of a file.
    pub part: bool,
}

impl ResponseShape {
    /// Returns the shape of a JSON response.
    pub const fn json(body: bool) -> Self {
        Self { json: true, body, small: true, part: false }
    }

    /// Returns the shape of a response without a body.
    pub const fn bare() -> Self {
        Self { json: false, body: false, small: true, part: false }
    }
}

impl PreCheckEffect {
    /// Returns the status of the response; `None` if there is no response.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Status(fault) => Some(fault.status.as_u16()),
            Self::Redirect(redirect) => Some(redirect.status),
            Self::Reset | Self::Close | Self::Stall => None,
        }
    }

    /// Returns status and length of a chain of redirects.
    pub(super) const fn chain(&self) -> Option<(u16, u32)> {
        match self {
            Self::Redirect(Redirect { status, to: Destination::Chain(length) }) => Some((*status, *length)),
            _ => None,
        }
    }
}

impl ResponseEffect {
    /// Returns true if a client can see the effect. An invisible one is not a match, so that no count is lost.
    pub(super) fn applies_to(&self, request: &RequestFacts<'_>, shape: ResponseShape) -> bool {
        match self {
            Self::ContentType(_) | Self::Headers(_) => shape.json || shape.body,
            Self::Json(_) | Self::Malformed => shape.body && shape.json,
            Self::Link(_) | Self::Expire => shape.body && request.step.answers() == Some(Answers::Link),
            Self::Gzip(Gzip::Honoured) => shape.body && shape.small && request.takes_gzip,
            Self::Gzip(Gzip::Always) => shape.body && shape.small,
            Self::Range(_) => shape.part,
            Self::OtherVersion => shape.body && shape.small && !shape.json,
            Self::Truncated(_) | Self::Drip(_) | Self::Chunked | Self::StallAfter(_) | Self::Cut(_) | Self::Body(_) => {
                shape.body
            }
        }
    }

    /// Returns the facts about the effect. A new effect has to state each of them.
    const fn facts(&self) -> Facts {
        let (changes, rank, rewrites_body) = match self {
            Self::Link(_) => (Changes::Links, 0, true),
            Self::Expire => (Changes::Links, 0, false),
            Self::Range(_) => (Changes::Files, 0, false),
            Self::Json(_) => (Changes::Json, 1, true),
            Self::OtherVersion => (Changes::Files, 1, true),
            Self::Malformed => (Changes::Json, 2, true),
            Self::Body(_) => (Changes::Any, 2, true),
            Self::Truncated(_) => (Changes::Any, 3, true),
            Self::Gzip(_) => (Changes::Any, 4, true),
            Self::ContentType(_) => (Changes::Any, 5, false),
            Self::Headers(_) => (Changes::Any, 6, false),
            Self::StallAfter(_) => (Changes::Any, 7, true),
            Self::Cut(_) => (Changes::Any, 8, true),
            Self::Drip(_) => (Changes::Any, 9, true),
            Self::Chunked => (Changes::Any, 10, true),
        };
        Facts { changes, rank, rewrites_body }
    }

    /// Returns true if the effect can change answers of a kind.
    pub(super) fn can_change(&self, answers: Answers) -> bool {
        match self.facts().changes {
            Changes::Any => true,
            Changes::Json => answers.is_json(),
            Changes::Links => answers == Answers::Link,
            Changes::Files => answers == Answers::File,
        }
    }

    /// Returns the place in the order of execution: content before coding before transport.
    pub(super) const fn rank(&self) -> u8 {
        self.facts().rank
    }

    /// Returns true if the bytes of the body are no longer sent as they are.
    pub(super) const fn rewrites_body(&self) -> bool {
        self.facts().rewrites_body
    }
}

/// The facts about an effect on a response.
#[derive(Clone, Copy)]
struct Facts {
    changes: Changes,
    rank: u8,
    rewrites_body: bool,
}

/// The answers that an effect can change.
#[derive(Clone, Copy)]
enum Changes {
    Any,
    Json,
    Links,
    Files,
}

/// The wire name of an effect.
pub type EffectName = &'static str;

/// The `then` of a rule.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Then {
    /// The name of the effect on the wire; `latency` for a mere wait.
    pub name: EffectName,
    /// The effect, if it is more than a wait.
    pub effect: Option<Effect>,
    /// The wait before the response.
    pub latency: Option<Latency>,
}

/// An effect, by where it happens; shared, so that firing copies nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Before the checks.
    PreCheck(Arc<PreCheckEffect>),
    /// On the response.
    Response(Arc<ResponseEffect>),
}

/// The wire form: one field for each effect.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default, deserialize_with = "present")]
    status: Option<StatusFault>,
    #[serde(default, deserialize_with = "present")]
    redirect: Option<Redirect>,
    #[serde(default, deserialize_with = "present")]
    reset: Option<Yes>,
    #[serde(default, deserialize_with = "present")]
    close: Option<Yes>,
    #[serde(default, deserialize_with = "present")]
    stall: Option<Stall>,
    #[serde(default, deserialize_with = "present")]
    cut: Option<Cut>,
    #[serde(default, deserialize_with = "present")]
    drip: Option<Drip>,
    #[serde(default, deserialize_with = "present")]
    chunked: Option<Yes>,
    #[serde(default, deserialize_with = "present")]
    range: Option<OtherRange>,
    #[serde(default, deserialize_with = "present")]
    other_version: Option<Yes>,
    #[serde(default, deserialize_with = "present")]
    body: Option<OtherBody>,
    #[serde(default, deserialize_with = "present")]
    headers: Option<HeaderChange>,
    #[serde(default, deserialize_with = "present")]
    content_type: Option<String>,
    #[serde(default, deserialize_with = "present")]
    malformed: Option<Yes>,
    #[serde(default, deserialize_with = "present")]
    truncated: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    json: Option<JsonChange>,
    #[serde(default, deserialize_with = "present")]
    link: Option<LinkTarget>,
    #[serde(default, deserialize_with = "present")]
    expire: Option<Yes>,
    #[serde(default, deserialize_with = "present")]
    gzip: Option<Gzip>,
    #[serde(default, deserialize_with = "present")]
    latency: Option<Latency>,
}

impl Fields {
    /// Returns every effect by name, `None` where it is not written.
    fn effects(self) -> Result<Vec<(EffectName, Option<Effect>)>, String> {
        let content_type = self.content_type.as_deref().map(header_value).transpose()?;
        Ok(vec![
            ("status", self.status.map(PreCheckEffect::Status).map(Effect::from)),
            ("redirect", self.redirect.map(PreCheckEffect::Redirect).map(Effect::from)),
            ("reset", self.reset.map(|Yes| PreCheckEffect::Reset.into())),
            ("close", self.close.map(|Yes| PreCheckEffect::Close.into())),
            ("stall", self.stall.map(Effect::from)),
            ("cut", self.cut.map(ResponseEffect::Cut).map(Effect::from)),
            ("drip", self.drip.map(ResponseEffect::Drip).map(Effect::from)),
            ("chunked", self.chunked.map(|Yes| ResponseEffect::Chunked.into())),
            ("range", self.range.map(ResponseEffect::Range).map(Effect::from)),
            ("other_version", self.other_version.map(|Yes| ResponseEffect::OtherVersion.into())),
            ("body", self.body.map(ResponseEffect::Body).map(Effect::from)),
            ("headers", self.headers.map(ResponseEffect::Headers).map(Effect::from)),
            ("content_type", content_type.map(ResponseEffect::ContentType).map(Effect::from)),
            ("malformed", self.malformed.map(|Yes| ResponseEffect::Malformed.into())),
            ("truncated", self.truncated.map(ResponseEffect::Truncated).map(Effect::from)),
            ("json", self.json.map(ResponseEffect::Json).map(Effect::from)),
            ("link", self.link.map(|LinkTarget(to)| ResponseEffect::Link(to).into())),
            ("expire", self.expire.map(|Yes| ResponseEffect::Expire.into())),
            ("gzip", self.gzip.map(ResponseEffect::Gzip).map(Effect::from)),
        ])
    }
}

impl TryFrom<Fields> for Then {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let latency = fields.latency;
        let effects = fields.effects()?;
        let names: Vec<_> = effects.iter().map(|(name, _)| format!("`{name}`")).collect();
        let mut written = effects.into_iter().filter_map(|(name, effect)| Some((name, effect?)));
        match (written.next(), written.last()) {
            (Some((one, _)), Some((other, _))) => {
                Err(format!("`{one}` and `{other}` are two effects: write a rule for each, which may fire together"))
            }
            (None, _) if latency.is_none() => {
                Err(format!("`then` has no effect: write one of {}, `latency`", names.join(", ")))
            }
            (None, _) => Ok(Self { name: "latency", effect: None, latency }),
            (Some((name, effect)), None) => Ok(Self { name, effect: Some(effect), latency }),
        }
    }
}

impl From<PreCheckEffect> for Effect {
    fn from(effect: PreCheckEffect) -> Self {
        Self::PreCheck(Arc::new(effect))
    }
}

impl From<ResponseEffect> for Effect {
    fn from(effect: ResponseEffect) -> Self {
        Self::Response(Arc::new(effect))
    }
}

impl From<Stall> for Effect {
    fn from(stall: Stall) -> Self {
        match stall {
            Stall::BeforeHead => PreCheckEffect::Stall.into(),
            Stall::After(bytes) => ResponseEffect::StallAfter(bytes).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::EndpointName;

    #[test]
    fn a_compressed_response_has_a_body_that_fits_into_memory() {
        let list = |takes_gzip| RequestFacts {
            step: EndpointName::named("list"),
            method: &http::Method::GET,
            crew: None,
            document: None,
            query: None,
            takes_gzip,
        };
        for (body, small) in [(false, false), (false, true), (true, false), (true, true)] {
            let shape = ResponseShape { json: true, body, small, part: false };
            assert_eq!(ResponseEffect::Gzip(Gzip::Always).applies_to(&list(false), shape), body && small, "{shape:?}");
            assert_eq!(ResponseEffect::Gzip(Gzip::Honoured).applies_to(&list(true), shape), body && small, "{shape:?}");
            assert!(!ResponseEffect::Gzip(Gzip::Honoured).applies_to(&list(false), shape), "{shape:?}");
        }
    }
}
