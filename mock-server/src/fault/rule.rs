//! A rule as data: which requests it is about, when it fires, and what it does then.

use std::str::FromStr;

use http::Method;
use serde::de::{Deserialize, Deserializer, Error};

use super::effect::{Effect, PreCheckEffect, ResponseEffect, Then};
use super::when::When;
use crate::request::Step;

/// A rule; read from JSON or YAML, and refused where it could not mean anything.
///
/// ```
/// use crewpass_mock::Fault;
///
/// let fault: Fault = "{match: {step: link}, when: {times: 2}, then: {status: 503}}".parse()?;
/// assert!("{match: {step: link}, when: {times: 0}, then: {status: 503}}".parse::<Fault>().is_err());
/// # Ok::<(), crewpass_mock::BadFault>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What it is called; one without a name is called by its number.
    pub name: Option<Box<str>>,
    /// Which requests it is about.
    pub on: Match,
    /// When it fires.
    pub when: When,
    /// What it does.
    pub then: Then,
}

/// A rule that can't be read or has no sense, with what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadFault(pub(super) String);

/// Which requests a rule is about; what is left out is any.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// The step.
    pub step: Option<Step>,
    /// The crew member's id; at the file step, the one that the token names.
    pub crew: Option<Box<str>>,
    /// The document's id, the same way.
    pub document: Option<Box<str>>,
    /// The method.
    pub method: Option<Verb>,
}

/// A method, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verb(Method);

impl<'de> Deserialize<'de> for Verb {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?.to_ascii_uppercase();
        Method::from_bytes(text.as_bytes()).map(Self).map_err(|_| D::Error::custom(format!("`{text}` is no method")))
    }
}

/// A request, as far as a rule looks at it.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'a> {
    /// The step.
    pub step: Step,
    /// The method.
    pub method: &'a Method,
    /// The crew member's id.
    pub crew: Option<&'a str>,
    /// The document's id.
    pub document: Option<&'a str>,
    /// The query.
    pub query: Option<&'a str>,
    /// Whether the client takes gzip.
    pub takes_gzip: bool,
}

impl Match {
    /// Whether a request is one of those.
    pub(super) fn fits(&self, subject: &RequestFacts<'_>) -> bool {
        self.step.is_none_or(|step| step == subject.step)
            && self.crew.as_deref().is_none_or(|crew| subject.crew == Some(crew))
            && self.document.as_deref().is_none_or(|document| subject.document == Some(document))
            && self.method.as_ref().is_none_or(|method| method.0 == *subject.method)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    name: Option<Box<str>>,
    #[serde(default, rename = "match")]
    on: Match,
    #[serde(default)]
    when: When,
    then: Then,
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Fields { name, on, when, then } = Fields::deserialize(from)?;
        let fault = Self { name, on, when, then };
        fault.checked().map_err(D::Error::custom)
    }
}

impl FromStr for Fault {
    type Err = BadFault;

    /// Reads one rule from YAML, of which JSON is a part.
    fn from_str(text: &str) -> Result<Self, BadFault> {
        let options = serde_saphyr::options! { with_snippet: false };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| BadFault(error.to_string()))
    }
}

impl Fault {
    /// The name of its effect.
    pub fn effect(&self) -> &'static str {
        match &self.then.effect {
            None => "latency",
            Some(Effect::PreCheckEffect(front)) => match **front {
                PreCheckEffect::Status(_) => "status",
                PreCheckEffect::Redirect(_) => "redirect",
                PreCheckEffect::Reset => "reset",
                PreCheckEffect::Close => "close",
                PreCheckEffect::Stall => "stall",
            },
            Some(Effect::Answer(change)) => match **change {
                ResponseEffect::Json(_) => "json",
                ResponseEffect::Link(_) => "link",
                ResponseEffect::Malformed => "malformed",
                ResponseEffect::Truncated(_) => "truncated",
                ResponseEffect::Gzip(_) => "gzip",
                ResponseEffect::ContentType(_) => "content_type",
                ResponseEffect::Drip(_) => "drip",
                ResponseEffect::StallAfter(_) => "stall",
                ResponseEffect::Cut(_) => "cut",
            },
        }
    }

    /// What the parts can't see for themselves: a rule that could never fire.
    fn checked(self) -> Result<Self, String> {
        let plain = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
        if self.name.as_deref().is_some_and(|name| name.is_empty() || name.len() > 100 || !plain(name)) {
            return Err("a rule's `name` is made of letters, digits, `-`, `_` and `.`, 100 at most".to_owned());
        }
        let Some(Effect::Answer(change)) = &self.then.effect else { return Ok(self) };
        let allowed = match **change {
            ResponseEffect::Link(_) => &[Step::Link][..],
            ResponseEffect::Json(_) | ResponseEffect::Malformed => &[Step::Me, Step::List, Step::Link],
            _ => &[Step::Me, Step::List, Step::Link, Step::File],
        };
        match self.on.step {
            Some(step) if !allowed.contains(&step) => Err(format!(
                "`{}` changes nothing at the step `{}`: match {}",
                self.effect(),
                step_name(step),
                allowed.iter().map(|step| format!("`{}`", step_name(*step))).collect::<Vec<_>>().join(", ")
            )),
            _ => Ok(self),
        }
    }
}

const fn step_name(step: Step) -> &'static str {
    match step {
        Step::Me => "me",
        Step::List => "list",
        Step::Link => "link",
        Step::File => "file",
        Step::None => "none",
    }
}
