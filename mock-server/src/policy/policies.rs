//! All policies of a session, by field and by name.

use std::fmt;
use std::str::FromStr;

use crewpass_diagnostics::did_you_mean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::{
    BothKeys, DeadLink, DocumentOrder, FileHeaders, KeyOnFile, LimiterPosition, LinkAfterReupload, LinkUse,
    OptionalFields, Ranges, RateLimits, RecheckOnFollow, RetryAfter, StatusByDate, StoreDownAt, StoreDownBody,
    SupersededDocument, UnknownFields, UnknownValues,
};
use super::fleet::{
    BadCursor, CursorQuery, CursorTtl, EmptyPages, ExpiredCount, FleetOrder, FleetWithoutStatus, LastCursor, LimitOver,
    PageDrift, PageRows, UnknownInput, ValidationPosition, WithheldFields,
};
use super::person::{
    ComplianceProjection, ComplianceVessel, EmptyBody, FullBlockWithoutConsent, LookupWithoutConsent, MeWithoutPlan,
    PendingCountsAs, PhotoUrlWithoutPhoto, RejectedCountsAs, UnparsableBody,
};
use super::quantity::{FileRedirect, LinkTtl, Nullable, ProjectionLag};
use super::value::PolicyValue;
use super::webhook::{WebhookRetryAfter, WebhookRotation, WebhookTimestamp};

/// An unknown name or value of a policy, with the choices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    /// There is no policy of that name.
    #[error("there is no policy `{name}`; {}", known_names(name))]
    Name {
        /// The given name.
        name: String,
    },
    /// The policy does not have that value.
    #[error("policy `{name}` can't be `{value}`; it can be {choices}")]
    Value {
        /// The policy.
        name: &'static str,
        /// The given value.
        value: String,
        /// The possible values.
        choices: String,
    },
    /// The setting does not have the form NAME=VALUE.
    #[error("`{0}` is not a policy setting: write NAME=VALUE, such as dead_link=410")]
    Form(String),
}

/// Says which policy a name may have meant, or else all that there are.
fn known_names(name: &str) -> String {
    did_you_mean(name, Policies::names())
        .unwrap_or_else(|| format!("the policies are {}", Policies::names().collect::<Vec<_>>().join(", ")))
}

/// Every policy with its value; the default is the contract's.
///
/// A new policy is a field here with its line in `Policies::table`, its type in the file of its topic, the code that
/// reads it, and a row of docs/policies.md.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(description = "Every policy with its value; the default is the contract's.")]
pub struct Policies {
    /// The lifetime of a link.
    pub link_ttl: LinkTtl,
    /// Status of a dead link.
    pub dead_link: DeadLink,
    /// The number of times that a link works.
    pub link_use: LinkUse,
    /// The steps at which an unavailable store is visible.
    pub store_down_at: StoreDownAt,
    /// The body of the 503.
    pub store_down_body: StoreDownBody,
    /// `Retry-After` on 503 and 429.
    pub retry_after: RetryAfter,
    /// The response to a link request for a superseded version.
    pub superseded_document: SupersededDocument,
    /// The state of a link after a re-upload.
    pub link_after_reupload: LinkAfterReupload,
    /// The recheck of scope, consent and fleet when a link is followed.
    pub recheck_on_follow: RecheckOnFollow,
    /// The order of a list.
    pub document_order: DocumentOrder,
    /// The form of unknown optional fields.
    pub optional_fields: OptionalFields,
    /// Item fields that are null although the world has a value.
    pub nullable: Nullable,
    /// Undocumented fields in responses.
    pub unknown_fields: UnknownFields,
    /// Undocumented values of types and statuses, in lists and fleet pages.
    pub unknown_values: UnknownValues,
    /// The source of the status `expired`.
    pub status_by_date: StatusByDate,
    /// The number of redirects before a file is served.
    pub file_redirect: FileRedirect,
    /// The headers of a file.
    pub file_headers: FileHeaders,
    /// Range requests on files.
    pub ranges: Ranges,
    /// What happens if a key is sent when a link is followed.
    pub key_on_file: KeyOnFile,
    /// What happens if both key headers are sent with different keys.
    pub both_keys: BothKeys,
    /// The position of the rate limiter.
    pub limiter_position: LimiterPosition,
    /// The documented rate limits.
    pub rate_limits: RateLimits,
    /// The order of a fleet.
    pub fleet_order: FleetOrder,
    /// What a request with a cursor has to repeat.
    pub cursor_query: CursorQuery,
    /// `next_cursor` on the last page.
    pub last_cursor: LastCursor,
    /// Whether `documents_expiring` counts what has expired already.
    pub expired_count: ExpiredCount,
    /// The form of a status that the person did not consent to.
    pub withheld_fields: WithheldFields,
    /// A fleet for a partner who is not granted the scope of the status fields.
    pub fleet_without_status: FleetWithoutStatus,
    /// Status of a bad cursor.
    pub bad_cursor: BadCursor,
    /// The lifetime of a cursor.
    pub cursor_ttl: CursorTtl,
    /// What pages show when the fleet changes between them.
    pub page_drift: PageDrift,
    /// Pages without rows that are not the last.
    pub empty_pages: EmptyPages,
    /// The most rows of a page.
    pub page_rows: PageRows,
    /// A `limit` over the maximum.
    pub limit_over: LimitOver,
    /// Query parameters and body fields that the endpoint does not know.
    pub unknown_input: UnknownInput,
    /// The position of the validation.
    pub validation_position: ValidationPosition,
    /// A lookup of a person without consent.
    pub lookup_without_consent: LookupWithoutConsent,
    /// The position at which a body that is not JSON is refused.
    pub unparsable_body: UnparsableBody,
    /// A compliance check without a body.
    pub empty_body: EmptyBody,
    /// The vessel of a compliance check that names none.
    pub compliance_vessel: ComplianceVessel,
    /// What a rejected document is for a requirement.
    pub rejected_counts_as: RejectedCountsAs,
    /// What a pending requirement is for the overall status.
    pub pending_counts_as: PendingCountsAs,
    /// What a compliance check shows.
    pub compliance_projection: ComplianceProjection,
    /// The time from a change to the projection that shows it.
    pub projection_lag: ProjectionLag,
    /// The fields of the full profile without its scope or consent.
    pub full_block_without_consent: FullBlockWithoutConsent,
    /// `profile_photo_url` of a person without a photo.
    pub photo_url_without_photo: PhotoUrlWithoutPhoto,
    /// `partners/me` for a partner whose plan has no API.
    pub me_without_plan: MeWithoutPlan,
    /// The time in `X-CrewPass-Timestamp`.
    pub webhook_timestamp: WebhookTimestamp,
    /// `Retry-After` of a receiver.
    pub webhook_retry_after: WebhookRetryAfter,
    /// The signatures after the secret of a callback has changed.
    pub webhook_rotation: WebhookRotation,
}

impl Policies {
    /// Returns name and value of every policy, in the contract's order.
    #[expect(clippy::too_many_lines, reason = "two lines for each policy")]
    fn table(&mut self) -> [(&'static str, &mut dyn PolicyValue); 50] {
        // Taken apart by field, so that the build refuses a policy without a line.
        let Self {
            link_ttl,
            dead_link,
            link_use,
            store_down_at,
            store_down_body,
            retry_after,
            superseded_document,
            link_after_reupload,
            recheck_on_follow,
            document_order,
            optional_fields,
            nullable,
            unknown_fields,
            unknown_values,
            status_by_date,
            file_redirect,
            file_headers,
            ranges,
            key_on_file,
            both_keys,
            limiter_position,
            rate_limits,
            fleet_order,
            cursor_query,
            last_cursor,
            expired_count,
            withheld_fields,
            fleet_without_status,
            bad_cursor,
            cursor_ttl,
            page_drift,
            empty_pages,
            page_rows,
            limit_over,
            unknown_input,
            validation_position,
            lookup_without_consent,
            unparsable_body,
            empty_body,
            compliance_vessel,
            rejected_counts_as,
            pending_counts_as,
            compliance_projection,
            projection_lag,
            full_block_without_consent,
            photo_url_without_photo,
            me_without_plan,
            webhook_timestamp,
            webhook_retry_after,
            webhook_rotation,
        } = self;
        [
            ("link_ttl", link_ttl),
            ("dead_link", dead_link),
            ("link_use", link_use),
            ("store_down_at", store_down_at),
            ("store_down_body", store_down_body),
            ("retry_after", retry_after),
            ("superseded_document", superseded_document),
            ("link_after_reupload", link_after_reupload),
            ("recheck_on_follow", recheck_on_follow),
            ("document_order", document_order),
            ("optional_fields", optional_fields),
            ("nullable", nullable),
            ("unknown_fields", unknown_fields),
            ("unknown_values", unknown_values),
            ("status_by_date", status_by_date),
            ("file_redirect", file_redirect),
            ("file_headers", file_headers),
            ("ranges", ranges),
            ("key_on_file", key_on_file),
            ("both_keys", both_keys),
            ("limiter_position", limiter_position),
            ("rate_limits", rate_limits),
            ("fleet_order", fleet_order),
            ("cursor_query", cursor_query),
            ("last_cursor", last_cursor),
            ("expired_count", expired_count),
            ("withheld_fields", withheld_fields),
            ("fleet_without_status", fleet_without_status),
            ("bad_cursor", bad_cursor),
            ("cursor_ttl", cursor_ttl),
            ("page_drift", page_drift),
            ("empty_pages", empty_pages),
            ("page_rows", page_rows),
            ("limit_over", limit_over),
            ("unknown_input", unknown_input),
            ("validation_position", validation_position),
            ("lookup_without_consent", lookup_without_consent),
            ("unparsable_body", unparsable_body),
            ("empty_body", empty_body),
            ("compliance_vessel", compliance_vessel),
            ("rejected_counts_as", rejected_counts_as),
            ("pending_counts_as", pending_counts_as),
            ("compliance_projection", compliance_projection),
            ("projection_lag", projection_lag),
            ("full_block_without_consent", full_block_without_consent),
            ("photo_url_without_photo", photo_url_without_photo),
            ("me_without_plan", me_without_plan),
            ("webhook_timestamp", webhook_timestamp),
            ("webhook_retry_after", webhook_retry_after),
            ("webhook_rotation", webhook_rotation),
        ]
    }

    /// Returns the names of all policies, in the contract's order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::default().table().map(|(name, _)| name).into_iter()
    }

    /// Sets one policy by name.
    ///
    /// # Errors
    /// An unknown name or value, with the choices listed.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), BadPolicy> {
        let field = self.table().into_iter().find(|(known, _)| *known == name);
        let (name, field) = field.ok_or_else(|| BadPolicy::Name { name: name.to_owned() })?;
        if field.replace(value) {
            return Ok(());
        }
        Err(BadPolicy::Value { name, value: value.to_owned(), choices: field.choices() })
    }

    /// Returns name and value of every policy, in the contract's order.
    pub fn entries(&self) -> Vec<(&'static str, String)> {
        self.clone().table().map(|(name, field)| (name, field.to_text())).into()
    }

    /// Returns name and values of every policy whose values can be listed.
    pub(crate) fn listed_values() -> Vec<(&'static str, &'static [&'static str])> {
        let mut policies = Self::default();
        policies.table().into_iter().filter_map(|(name, field)| Some((name, field.values()?))).collect()
    }

    /// Returns name and possible values of every policy.
    pub fn choices() -> Vec<(&'static str, String)> {
        Self::default().table().map(|(name, field)| (name, field.choices())).into()
    }
}

impl Policies {
    /// Returns true if every policy has its default.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Sets one policy from `NAME=VALUE`.
    ///
    /// # Errors
    /// Another form, an unknown name or value.
    pub fn set_from(&mut self, setting: &str) -> Result<(), BadPolicy> {
        let (name, value) = Self::parse_setting(setting)?;
        self.set(name, value)
    }

    /// Splits `NAME=VALUE`.
    ///
    /// # Errors
    /// Another form.
    pub fn parse_setting(setting: &str) -> Result<(&str, &str), BadPolicy> {
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
    fn a_written_policy_is_read_back() {
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
