//! Policies that are a time, a set of fields, or a number of redirects.

use crewpass_diagnostics::parse_duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::Choice;

/// The lifetime of a link in seconds: 1 s to 24 h, 900 s by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(description = LinkTtl::TEXTS, extend("pattern" = "^([0-9]+(ms|s|m|h|d))+$"))]
pub struct LinkTtl(u32);

impl LinkTtl {
    /// Returns the lifetime in seconds.
    pub const fn seconds(self) -> i64 {
        self.0 as i64
    }

    /// Returns true if it is "about 15 minutes" (G): 780 to 1,020 seconds.
    pub const fn is_about_15_minutes(self) -> bool {
        matches!(self.0, 780..=1020)
    }
}

impl Default for LinkTtl {
    fn default() -> Self {
        Self(900)
    }
}

impl LinkTtl {
    /// The possible values.
    const TEXTS: &'static str = "a time from `1s` to `24h`, such as `900s`, `16m` or `1h30m`";

    /// Parses the value.
    fn parse(text: &str) -> Option<Self> {
        let seconds = parse_duration(text).ok()?.as_secs();
        u32::try_from(seconds).ok().filter(|seconds| (1..=86_400).contains(seconds)).map(Self)
    }

    /// Returns the value in the form that is parsed.
    fn written(self) -> String {
        format!("{}s", self.0)
    }
}

impl Choice for LinkTtl {
    const CHOICES: Option<&'static str> = Some(LinkTtl::TEXTS);
}

impl TryFrom<String> for LinkTtl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| refusal(&text, Self::TEXTS))
    }
}

impl From<LinkTtl> for String {
    fn from(value: LinkTtl) -> Self {
        value.written()
    }
}

/// The time from a change of a person to the projection that shows it: up to 24 h, none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(description = ProjectionLag::TEXTS, extend("pattern" = "^([0-9]+(ms|s|m|h|d))+$"))]
pub struct ProjectionLag(u32);

impl ProjectionLag {
    /// The possible values.
    const TEXTS: &'static str = "a time from `0s` to `24h`, such as `30s` or `5m`";

    /// Returns the time in seconds.
    pub const fn seconds(self) -> i64 {
        self.0 as i64
    }

    /// Parses the value.
    fn parse(text: &str) -> Option<Self> {
        let seconds = parse_duration(text).ok()?.as_secs();
        u32::try_from(seconds).ok().filter(|seconds| *seconds <= 86_400).map(Self)
    }
}

impl Choice for ProjectionLag {
    const CHOICES: Option<&'static str> = Some(ProjectionLag::TEXTS);
}

impl TryFrom<String> for ProjectionLag {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| refusal(&text, Self::TEXTS))
    }
}

impl From<ProjectionLag> for String {
    fn from(value: ProjectionLag) -> Self {
        format!("{}s", value.0)
    }
}

/// Item fields that are null although the world has a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(description = Nullable::TEXTS, extend("pattern" = "^(fixture|all|(issue_date|expiry_date|document_number|category)(,(issue_date|expiry_date|document_number|category))*)$"))]
pub struct Nullable(u8);

impl Nullable {
    const FIELDS: [&'static str; 4] = ["issue_date", "expiry_date", "document_number", "category"];

    /// Returns true if the field of that name is null.
    pub fn nulls(self, field: &str) -> bool {
        Self::FIELDS.iter().position(|name| *name == field).is_some_and(|at| self.0 & (1 << at) != 0)
    }
}

impl Nullable {
    /// The possible values.
    const TEXTS: &'static str =
        "`fixture`, `all`, or a comma-separated list of `issue_date`, `expiry_date`, `document_number`, `category`";

    /// Parses the value.
    fn parse(text: &str) -> Option<Self> {
        match text {
            "fixture" => Some(Self(0)),
            "all" => Some(Self(0b1111)),
            list => list.split(',').try_fold(Self(0), |set, field| {
                let at = Self::FIELDS.iter().position(|name| *name == field.trim())?;
                Some(Self(set.0 | (1 << at)))
            }),
        }
    }

    /// Returns the value in the form that is parsed.
    fn written(self) -> String {
        match self.0 {
            0 => "fixture".to_owned(),
            0b1111 => "all".to_owned(),
            bits => {
                let named = Self::FIELDS.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
                named.map(|(_, name)| *name).collect::<Vec<_>>().join(",")
            }
        }
    }
}

impl Choice for Nullable {
    const CHOICES: Option<&'static str> = Some(Nullable::TEXTS);
}

impl TryFrom<String> for Nullable {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| refusal(&text, Self::TEXTS))
    }
}

impl From<Nullable> for String {
    fn from(value: Nullable) -> Self {
        value.written()
    }
}

/// Redirects in front of a file (cURL's `-L` in G): none, or a status and a number of hops on the same origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(description = FileRedirect::TEXTS, extend("pattern" = "^(none|30[2378](x[1-5])?)$"))]
pub struct FileRedirect(Option<(u16, u8)>);

impl FileRedirect {
    /// Returns the status and the number of hops; `None` if the link returns the file itself.
    pub const fn hops(self) -> Option<(u16, u8)> {
        self.0
    }
}

impl FileRedirect {
    /// The possible values.
    const TEXTS: &'static str =
        "`none`, or one of `302`, `303`, `307`, `308`, with a number of hops from 1 to 5 if wanted, such as `302x3`";

    /// Parses the value.
    fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self(None));
        }
        let (status, hops) = text.split_once('x').unwrap_or((text, "1"));
        let status = ["302", "303", "307", "308"].contains(&status).then(|| status.parse().ok())??;
        let hops = hops.parse().ok().filter(|hops| (1..=5).contains(hops))?;
        Some(Self(Some((status, hops))))
    }

    /// Returns the value in the form that is parsed.
    fn written(self) -> String {
        match self.0 {
            None => "none".to_owned(),
            Some((status, 1)) => status.to_string(),
            Some((status, hops)) => format!("{status}x{hops}"),
        }
    }
}

impl Choice for FileRedirect {
    const CHOICES: Option<&'static str> = Some(FileRedirect::TEXTS);
}

impl TryFrom<String> for FileRedirect {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| refusal(&text, Self::TEXTS))
    }
}

impl From<FileRedirect> for String {
    fn from(value: FileRedirect) -> Self {
        value.written()
    }
}

fn refusal(text: &str, choices: &str) -> String {
    format!("`{text}` can't be used here; it can be {choices}")
}
