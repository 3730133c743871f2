//! Policies that are a time, a set of fields, or a number of redirects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PolicyValue;

/// How long a link lives, in seconds: 1 s to 24 h, 900 s by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkTtl(u32);

impl LinkTtl {
    /// The lifetime in seconds.
    pub const fn seconds(self) -> i64 {
        self.0 as i64
    }

    /// Whether it is "about 15 minutes" (G): 780 to 1,020 seconds.
    pub const fn is_about_15_minutes(self) -> bool {
        matches!(self.0, 780..=1020)
    }
}

impl Default for LinkTtl {
    fn default() -> Self {
        Self(900)
    }
}

impl PolicyValue for LinkTtl {
    const CHOICES: &'static str = "a time from `1s` to `24h`, such as `900s`, `16m` or `1h30m`";

    fn parse(text: &str) -> Option<Self> {
        let seconds = crate::clock::parse_duration(text).ok()?.as_secs();
        u32::try_from(seconds).ok().filter(|seconds| (1..=86_400).contains(seconds)).map(Self)
    }

    fn written(&self) -> String {
        format!("{}s", self.0)
    }
}

/// Item fields that are shown as null although the world knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nullable(u8);

impl Nullable {
    const FIELDS: [&'static str; 4] = ["issue_date", "expiry_date", "document_number", "category"];

    /// Whether the field of that name is nulled.
    pub fn nulls(self, field: &str) -> bool {
        Self::FIELDS.iter().position(|name| *name == field).is_some_and(|at| self.0 & (1 << at) != 0)
    }
}

impl PolicyValue for Nullable {
    const CHOICES: &'static str =
        "`fixture`, `all`, or a comma-separated list of `issue_date`, `expiry_date`, `document_number`, `category`";

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

    fn written(&self) -> String {
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

/// Redirects in front of a file (cURL's `-L` in G): none, or a status and a number of hops on the same origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileRedirect(Option<(u16, u8)>);

impl FileRedirect {
    /// The status and the number of hops, or `None` where the link gives the file itself.
    pub const fn hops(self) -> Option<(u16, u8)> {
        self.0
    }
}

impl PolicyValue for FileRedirect {
    const CHOICES: &'static str =
        "`none`, or one of `302`, `303`, `307`, `308`, with a number of hops from 1 to 5 if wanted, such as `302x3`";

    fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self(None));
        }
        let (status, hops) = text.split_once('x').unwrap_or((text, "1"));
        let status = ["302", "303", "307", "308"].contains(&status).then(|| status.parse().ok())??;
        let hops = hops.parse().ok().filter(|hops| (1..=5).contains(hops))?;
        Some(Self(Some((status, hops))))
    }

    fn written(&self) -> String {
        match self.0 {
            None => "none".to_owned(),
            Some((status, 1)) => status.to_string(),
            Some((status, hops)) => format!("{status}x{hops}"),
        }
    }
}

macro_rules! text_policy {
    ($($name:ident),+) => { $(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.written())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| {
                    serde::de::Error::custom(format!("`{text}` can't be used here; it can be {}", Self::CHOICES))
                })
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "description": Self::CHOICES})
            }
        }
    )+ };
}
text_policy!(LinkTtl, Nullable, FileRedirect);
