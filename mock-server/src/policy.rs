//! The policies of the contract's section 4: what nobody promised, each with a default and the other values that
//! the real service might just as well show. Pure data; `api` and `session` read it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A policy's name or value that is not known, with what there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    /// No policy of that name.
    #[error("there is no policy `{name}`; the policies are {}", Policies::NAMES.join(", "))]
    Name {
        /// What was given.
        name: String,
    },
    /// The policy has no such value.
    #[error("policy `{name}` can't be `{value}`; it can be {choices}")]
    Value {
        /// The policy.
        name: &'static str,
        /// What was given.
        value: String,
        /// What could be given.
        choices: &'static str,
    },
    /// Not of the form NAME=VALUE.
    #[error("`{0}` is no policy setting: write NAME=VALUE, such as dead_link=410")]
    Form(String),
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, the default first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value as it is written in worlds and on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl PolicyValue for $name {
            const CHOICES: &'static str = concat_choices!($($text),+);

            fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == text)
            }

            fn written(&self) -> String { self.name().to_owned() }
        }
    };
}

macro_rules! concat_choices {
    ($first:literal $(, $rest:literal)*) => { concat!("`", $first, "`" $(, ", `", $rest, "`")*) };
}

/// A value of a policy, as text.
trait PolicyValue: Sized {
    /// What can be given, for messages.
    const CHOICES: &'static str;

    /// Reads the value; `None` where it is none.
    fn parse(text: &str) -> Option<Self>;

    /// Writes the value so that [`PolicyValue::parse`] reads it.
    fn written(&self) -> String;
}

choices!(/// Status of a link that is expired, tampered with or unknown.
DeadLink { /// 404 `not_found`.
    #[default] NotFound = "404", /// 403 `link_expired`.
    Forbidden = "403", /// 410 `link_expired`.
    Gone = "410" });
choices!(/// How often a link works.
LinkUse { /// Until it expires.
    #[default] Many = "many", /// Once: reserved when a GET begins, spent when its last byte is out, free again when it breaks off.
    Once = "once" });
choices!(/// At which steps a store that is down shows.
StoreDownAt { /// At both.
    #[default] Both = "both", /// No link is given; links given before still work.
    Link = "link", /// Links are given, and answer 503.
    File = "file" });
choices!(/// The body of the 503.
StoreDownBody { /// The error envelope.
    #[default] Envelope = "envelope", /// No body.
    Empty = "empty", /// An HTML page.
    Html = "html", /// A line of text.
    Text = "text" });
choices!(/// `Retry-After` on 503 and 429.
RetryAfter { /// No such header.
    #[default] Absent = "absent", /// In seconds.
    Seconds = "seconds", /// As an HTTP date.
    HttpDate = "http_date" });
choices!(/// What a superseded version's id gets at the link step.
SupersededDocument { /// 404.
    #[default] NotFound = "404", /// A link to the current version.
    Current = "current" });
choices!(/// What a link to a version does once that version is superseded.
LinkAfterReupload { /// It still gives that version's bytes.
    #[default] Works = "works", /// It is dead.
    Dead = "dead" });
choices!(/// Whether scope, consent and fleet are asked again when a link is followed.
RecheckOnFollow { /// No: the link is the credential.
    #[default] Works = "works", /// Yes, and a link whose ground is gone is dead.
    Dead = "dead" });
choices!(/// The order of a list.
DocumentOrder { /// The newest upload first.
    #[default] Newest = "newest", /// By document id.
    Id = "id", /// Shuffled by the seed.
    Shuffled = "shuffled" });
choices!(/// How an unknown `content_type` or `file_name` is shown.
OptionalFields { /// As null.
    #[default] Null = "null", /// Not at all.
    Absent = "absent" });
choices!(/// Whether answers carry fields that are not documented.
UnknownFields { /// No.
    #[default] None = "none", /// Yes, in answers, items and links.
    Extra = "extra" });
choices!(/// Whether a list shows values that are not documented.
UnknownValues { /// No.
    #[default] None = "none", /// The first item has a new `type`, the last a new `verification_status`.
    New = "new" });
choices!(/// Where `expired` comes from.
StatusByDate { /// From the fixture.
    #[default] Fixture = "fixture", /// `verified` past its `expiry_date` is shown as `expired`.
    Clock = "clock" });
choices!(/// The headers of a file.
FileHeaders { /// Content-Length and Content-Disposition.
    #[default] Full = "full", /// Chunked, without a length.
    Chunked = "chunked", /// No Content-Disposition.
    NoDisposition = "no_disposition" });
choices!(/// Range requests on files.
Ranges { /// Ignored: 200 and the whole body.
    #[default] Ignored = "ignored", /// 206 and 416 (RFC 9110 section 14).
    Honoured = "honoured" });
choices!(/// An API key sent to the file step.
KeyOnFile { /// Accepted, and marked as a leak in the journal.
    #[default] Accepted = "accepted", /// 400.
    Refused = "refused" });
choices!(/// Both key headers, with different keys.
BothKeys { /// The Bearer key decides.
    #[default] Bearer = "bearer", /// 401.
    Refused = "refused" });
choices!(/// Where the rate limiter stands in the order of the checks (two pages contradict each other).
LimiterPosition { /// Before the key.
    #[default] BeforeKey = "before_key", /// After the scope.
    AfterScope = "after_scope" });
choices!(/// Whether the documented rate limits are on.
RateLimits { /// Off.
    #[default] Off = "off", /// 60 a second and 1,000 a minute, per partner and scope.
    On = "on" });

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

macro_rules! policies {
    ($($(#[$doc:meta])* $field:ident: $kind:ty),+ $(,)?) => {
        /// Every policy with its value; the default is the contract's.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct Policies { $($(#[$doc])* pub $field: $kind),+ }

        impl Policies {
            /// The names of all policies, in the contract's order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            /// Sets one policy by name.
            ///
            /// # Errors
            /// A name or a value that is not known, with the choices listed.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), BadPolicy> {
                match name {
                    $(stringify!($field) => {
                        self.$field = <$kind as PolicyValue>::parse(value).ok_or_else(|| BadPolicy::Value {
                            name: stringify!($field),
                            value: value.to_owned(),
                            choices: <$kind as PolicyValue>::CHOICES,
                        })?;
                    })+
                    _ => return Err(BadPolicy::Name { name: name.to_owned() }),
                }
                Ok(())
            }

            /// Every policy as name and written value, in the contract's order.
            pub fn entries(&self) -> Vec<(&'static str, String)> {
                vec![$((stringify!($field), self.$field.written())),+]
            }

            /// Name and possible values of every policy.
            pub fn choices() -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($field), <$kind as PolicyValue>::CHOICES)),+]
            }
        }
    };
}

policies! {
    /// How long a link lives.
    link_ttl: LinkTtl,
    /// Status of a dead link.
    dead_link: DeadLink,
    /// How often a link works.
    link_use: LinkUse,
    /// Where a store that is down shows.
    store_down_at: StoreDownAt,
    /// The body of the 503.
    store_down_body: StoreDownBody,
    /// `Retry-After` on 503 and 429.
    retry_after: RetryAfter,
    /// What a superseded version's id gets.
    superseded_document: SupersededDocument,
    /// What a link does after a re-upload.
    link_after_reupload: LinkAfterReupload,
    /// Whether the ground of a link is asked again.
    recheck_on_follow: RecheckOnFollow,
    /// The order of a list.
    document_order: DocumentOrder,
    /// How unknown optional fields are shown.
    optional_fields: OptionalFields,
    /// Item fields shown as null.
    nullable: Nullable,
    /// Additive fields.
    unknown_fields: UnknownFields,
    /// Values that are not documented.
    unknown_values: UnknownValues,
    /// Where `expired` comes from.
    status_by_date: StatusByDate,
    /// Redirects in front of a file.
    file_redirect: FileRedirect,
    /// The headers of a file.
    file_headers: FileHeaders,
    /// Range requests on files.
    ranges: Ranges,
    /// A key at the file step.
    key_on_file: KeyOnFile,
    /// Two different keys.
    both_keys: BothKeys,
    /// Where the limiter stands.
    limiter_position: LimiterPosition,
    /// Whether the limits are on.
    rate_limits: RateLimits,
}

impl Policies {
    /// Whether every policy has its default.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Sets one policy from `NAME=VALUE`.
    ///
    /// # Errors
    /// Anything else, a name or a value that is not known.
    pub fn set_from(&mut self, setting: &str) -> Result<(), BadPolicy> {
        let (name, value) = setting.split_once('=').ok_or_else(|| BadPolicy::Form(setting.to_owned()))?;
        self.set(name.trim(), value.trim())
    }

    /// The lifetime of a link as a duration.
    pub const fn link_lifetime(&self) -> Duration {
        Duration::from_secs(self.link_ttl.0 as u64)
    }
}

impl FromStr for Policies {
    type Err = BadPolicy;

    fn from_str(settings: &str) -> Result<Self, BadPolicy> {
        let mut policies = Self::default();
        settings.split_whitespace().try_for_each(|setting| policies.set_from(setting))?;
        Ok(policies)
    }
}

impl fmt::Display for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written: Vec<_> = self.entries().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&written.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut policies = Policies::default();
        for setting in ["link_ttl=16m", "dead_link=410", "nullable=issue_date,category", "file_redirect=307x5"] {
            policies.set_from(setting).unwrap();
        }
        assert_eq!(policies.to_string().parse::<Policies>().unwrap(), policies);
        assert_eq!(policies.link_ttl.seconds(), 960);
    }

    #[test]
    fn unknown_names_and_values_list_the_choices() {
        let mut policies = Policies::default();
        let name = policies.set_from("dead_lnk=404").unwrap_err().to_string();
        assert!(name.contains("dead_link"), "{name}");
        let value = policies.set_from("dead_link=418").unwrap_err().to_string();
        assert_eq!(value, "policy `dead_link` can't be `418`; it can be `404`, `403`, `410`");
        for setting in
            ["link_ttl=0s", "link_ttl=25h", "link_ttl=x", "file_redirect=301", "file_redirect=302x6", "nullable=title"]
        {
            assert!(policies.set_from(setting).is_err(), "{setting}");
        }
        assert!(policies.is_default());
    }
}
