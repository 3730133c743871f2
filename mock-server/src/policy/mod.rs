//! The policies of the contract's section 4: what nobody promised, each with a default and the other values that
//! the real service might just as well show. Pure data; `api` and `session` read it.

mod choice;
mod quantity;

use std::fmt;
use std::str::FromStr;

pub use choice::{
    BothKeys, DeadLink, DocumentOrder, FileHeaders, KeyOnFile, LimiterPosition, LinkAfterReupload, LinkUse,
    OptionalFields, Ranges, RateLimits, RecheckOnFollow, RetryAfter, StatusByDate, StoreDownAt, StoreDownBody,
    SupersededDocument, UnknownFields, UnknownValues,
};
pub use quantity::{FileRedirect, LinkTtl, Nullable};
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

/// A value of a policy, as text.
trait PolicyValue: Sized {
    /// What can be given, for messages.
    const CHOICES: &'static str;

    /// Reads the value; `None` where it is none.
    fn parse(text: &str) -> Option<Self>;

    /// Writes the value so that [`PolicyValue::parse`] reads it.
    fn written(&self) -> String;
}

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
        let (name, value) = Self::setting(setting)?;
        self.set(name, value)
    }

    /// Name and value of `NAME=VALUE`.
    ///
    /// # Errors
    /// Anything else.
    pub fn setting(setting: &str) -> Result<(&str, &str), BadPolicy> {
        let (name, value) = setting.split_once('=').ok_or_else(|| BadPolicy::Form(setting.to_owned()))?;
        Ok((name.trim(), value.trim()))
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
