//! A rule as data: the requests that it matches, when it fires, and its effect.

use std::str::FromStr;

use http::Method;

use super::effect::{Effect, Then};
use super::when::When;
use crate::endpoint::EndpointName;
use crate::present::present;

/// A rule; read from JSON or YAML, and refused if it could never fire.
///
/// ```
/// use crewpass_mock::Fault;
///
/// let fault: Fault = "{match: {step: link}, when: {times: 2}, then: {status: 503}}".parse()?;
/// assert!("{match: {step: link}, when: {times: 0}, then: {status: 503}}".parse::<Fault>().is_err());
/// # Ok::<(), crewpass_mock::BadFault>(())
/// ```
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(try_from = "Fields")]
pub struct Fault {
    /// The name; a rule without one is named by its number.
    pub name: Option<Box<str>>,
    /// The requests that it matches.
    pub on: Match,
    /// The matches at which it fires.
    pub when: When,
    /// Its effect and its wait.
    pub then: Then,
}

/// A rule that can't be parsed or could never fire, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadFault(pub(super) String);

/// The requests that a rule matches; a missing field matches any.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// The endpoint.
    #[serde(deserialize_with = "present")]
    pub step: Option<EndpointName>,
    /// The crew member's id; at the file step, the one that the token names.
    #[serde(deserialize_with = "present")]
    pub crew: Option<Box<str>>,
    /// The document's id, the same way.
    #[serde(deserialize_with = "present")]
    pub document: Option<Box<str>>,
    /// The method.
    #[serde(deserialize_with = "present")]
    pub method: Option<Verb>,
}

/// A method, by name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Verb(Method);

impl TryFrom<String> for Verb {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.to_ascii_uppercase();
        Method::from_bytes(text.as_bytes()).map(Self).map_err(|_| format!("`{text}` is not a method"))
    }
}

/// The facts of a request that rules look at.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'a> {
    /// The endpoint.
    pub step: EndpointName,
    /// The method.
    pub method: &'a Method,
    /// The crew member's id in the path; `None` if the endpoint has none.
    pub crew: Option<&'a str>,
    /// The document's id in the path; `None` if the endpoint has none.
    pub document: Option<&'a str>,
    /// The query string as it was sent, without the question mark.
    pub query: Option<&'a str>,
    /// Is true if the client accepts gzip.
    pub takes_gzip: bool,
}

impl Match {
    /// Returns true if the rule matches the request.
    pub(super) fn matches(&self, request: &RequestFacts<'_>) -> bool {
        self.step.is_none_or(|step| step == request.step)
            && self.crew.as_deref().is_none_or(|crew| request.crew == Some(crew))
            && self.document.as_deref().is_none_or(|document| request.document == Some(document))
            && self.method.as_ref().is_none_or(|method| method.0 == *request.method)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default, deserialize_with = "present")]
    name: Option<Box<str>>,
    #[serde(default, rename = "match")]
    on: Match,
    #[serde(default)]
    when: When,
    then: Then,
}

impl TryFrom<Fields> for Fault {
    type Error = String;

    fn try_from(Fields { name, on, when, then }: Fields) -> Result<Self, String> {
        Self { name, on, when, then }.checked()
    }
}

impl FromStr for Fault {
    type Err = BadFault;

    /// Parses one rule from YAML, of which JSON is a part.
    fn from_str(text: &str) -> Result<Self, BadFault> {
        let options = serde_saphyr::options! { with_snippet: false };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| BadFault(error.to_string()))
    }
}

impl Fault {
    /// Returns the wire name of its effect.
    pub const fn effect(&self) -> &'static str {
        self.then.name
    }

    /// Refuses a bad name, and an effect that the matched step can't have.
    fn checked(self) -> Result<Self, String> {
        if self.name.as_deref().is_some_and(|name| !is_rule_name(name)) {
            return Err("a rule's `name` is made of letters, digits, `-`, `_` and `.`, 100 at most".to_owned());
        }
        if let Some(name) = self.name.as_deref().filter(|name| UNADDRESSABLE.contains(name)) {
            return Err(format!("a rule can't have the name `{name}`, by which no request could remove it"));
        }
        let Some(Effect::Response(effect)) = &self.then.effect else { return Ok(self) };
        match self.on.step {
            Some(step) if !step.answers().is_some_and(|answers| effect.can_change(answers)) => {
                let allowed = EndpointName::all()
                    .filter(|known| known.answers().is_some_and(|answers| effect.can_change(answers)));
                let names: Vec<_> = allowed.map(|known| format!("`{}`", known.as_str())).collect();
                Err(format!(
                    "`{}` changes nothing at the step `{}`: match {}",
                    self.effect(),
                    step.as_str(),
                    names.join(", ")
                ))
            }
            _ => Ok(self),
        }
    }
}

/// Names that the path of a rule can't have: a route of its own, and parts that a URL resolves.
const UNADDRESSABLE: [&str; 3] = ["verify", ".", ".."];

fn is_rule_name(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    (1..=100).contains(&name.len()) && name.chars().all(is_plain)
}
