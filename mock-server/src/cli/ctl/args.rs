//! The arguments of `ctl`: one order for each operation of the control API.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCandidates;
use crewpass_diagnostics::strict_json;
use jiff::Timestamp;

use super::super::shell::{filters, policies, statuses};
use super::compliance::ComplianceOrder;
use super::crew::CrewOrder;
use super::vessel::VesselOrder;
use super::webhooks::WebhooksOrder;
use crate::world::Status;

/// `ctl`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Ctl {
    #[command(flatten)]
    pub(crate) at: Address,
    #[command(subcommand)]
    pub(crate) order: Order,
}

/// The heading of the options that all orders share.
const CONNECTION: &str = "Connection";

/// The address of a running fake, and the means to reach it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Address {
    /// The base URL of the running fake
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:8787", env = "BASE", hide_env_values = true, help_heading = CONNECTION)]
    pub(crate) base: String,
    /// The control token, if the fake was started with one
    #[arg(long, global = true, value_name = "TOKEN", env = "CREWPASS_MOCK_CONTROL_TOKEN", hide_env_values = true, help_heading = CONNECTION)]
    pub(crate) token: Option<String>,
    /// Trust the certificate authority in this file, which `serve --tls-ca` wrote
    #[arg(long, global = true, value_name = "FILE", env = "CPK_CA_FILE", hide_env_values = true, help_heading = CONNECTION)]
    pub(crate) ca: Option<OsString>,
    /// The id of the session, see `ctl sessions` [default: the session that the server started with]
    #[arg(long, global = true, value_name = "ID", help_heading = CONNECTION)]
    pub(crate) session: Option<String>,
}

/// An order to a running fake.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Print the clock as JSON, or change it
    Clock {
        #[command(subcommand)]
        order: Option<ClockOrder>,
    },
    /// Print the state of the file store as JSON, or change it
    Store {
        #[command(subcommand)]
        order: Option<StoreOrder>,
    },
    /// Upload a file: a new version of a document, or a new document if DOCUMENT is omitted
    Upload(UploadOrder),
    /// Remove a document with all its versions
    Remove {
        /// The crew member's id
        crew: String,
        /// The id of the current version
        document: String,
    },
    /// Change the verification status of a document
    Status {
        /// The crew member's id
        crew: String,
        /// The id of the current version
        document: String,
        /// The status: verified, pending, rejected or expired
        #[arg(add = ArgValueCandidates::new(statuses), value_parser = status)]
        status: String,
    },
    /// Change a crew member: vessels, consent, statuses, role and profile
    Crew(CrewOrder),
    /// Change a vessel's name, flag, type or IMO number
    Vessel(VesselOrder),
    /// Change the scopes or the plan of a partner
    Partner(PartnerOrder),
    /// Revoke or restore a key
    Key {
        /// The name of the key in its world
        name: String,
        /// The action
        #[arg(value_enum, value_name = "revoke|restore")]
        action: KeyAction,
    },
    /// Print policies as JSON, or set them
    Policies {
        #[command(subcommand)]
        order: Option<PoliciesOrder>,
    },
    /// Print fault rules as JSON; add, verify or remove them
    Faults {
        #[command(subcommand)]
        order: Option<FaultsOrder>,
    },
    /// Follow, print or clear the journal
    Journal(JournalArgs),
    /// List sessions as JSON; open or close them
    Sessions {
        #[command(subcommand)]
        order: Option<SessionsOrder>,
    },
    /// Print changes that compliance checks do not show yet, or refresh the stored results
    Compliance {
        #[command(subcommand)]
        order: Option<ComplianceOrder>,
    },
    /// Print webhooks as JSON; add, fire or verify them
    Webhooks {
        #[command(subcommand)]
        order: Option<WebhooksOrder>,
    },
    /// Print as JSON whether the fake is running, and its version; the exit code is 1 if it is not
    Health,
    /// Reset the session to its initial state; its keys and journal stay
    Reset,
}

/// `ctl partner`.
#[derive(Debug, ClapArgs)]
pub(crate) struct PartnerOrder {
    /// The partner's id
    pub(crate) partner: String,
    /// The scopes that the partner's plan grants, such as vessels:fleet:read,crew:documents:read; an
    /// empty list revokes all
    #[arg(long, value_name = "SCOPES", value_parser = scopes)]
    pub(crate) scopes: Option<Scopes>,
    /// Whether the partner's plan has API access
    #[arg(long, value_name = "BOOL")]
    pub(crate) api_enabled: Option<bool>,
}

/// A list of scopes, separated by commas.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Scopes(Vec<String>);

impl Scopes {
    pub(super) fn parse(text: &str) -> Self {
        Self(text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
    }
}

/// A change to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyAction {
    /// Refuse the key from now on
    Revoke,
    /// Accept the key again
    Restore,
}

/// `ctl policies`.
#[derive(Debug, Subcommand)]
pub(crate) enum PoliciesOrder {
    /// Print every policy with its value [default]
    Show,
    /// Set policies
    Set {
        /// Policies to set, such as `dead_link=410`
        #[arg(required = true, value_name = "NAME=VALUE", value_parser = setting, add = ArgValueCandidates::new(policies))]
        settings: Vec<(String, String)>,
    },
}

/// `ctl faults`.
#[derive(Debug, Subcommand)]
pub(crate) enum FaultsOrder {
    /// Print the fault rules, and how often each matched and fired [default]
    Show,
    /// Add fault rules, in YAML or JSON
    Add {
        /// A rule or a list of rules as text, such as '{then: {status: 503}}'; or a file with them;
        /// - reads standard input
        #[arg(value_name = "RULE|FILE", allow_hyphen_values = true)]
        rules: String,
    },
    /// End with exit code 1 unless every rule fired as often as its `times` says; a rule without `times` must fire
    /// at least once
    Verify,
    /// Remove a fault rule, or all of them
    Clear {
        /// The name of the fault rule; omit it to remove all
        name: Option<String>,
    },
}

/// `ctl journal`. Options before the order count as if they were after it.
#[derive(Debug, ClapArgs)]
pub(crate) struct JournalArgs {
    #[command(flatten)]
    pub(crate) format: JournalFormat,
    #[command(flatten)]
    pub(crate) filter: JournalFilter,
    #[command(subcommand)]
    pub(crate) order: Option<JournalOrder>,
}

/// The form in which entries are printed.
#[derive(Clone, Copy, Debug, ClapArgs)]
pub(crate) struct JournalFormat {
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// The entries that are printed.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct JournalFilter {
    /// Print only entries with this value (repeatable): kind, step, status, clause, crew, document,
    /// key, fault, leaks or change. For example status=404. since=N starts at entry N
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting, add = ArgValueCandidates::new(filters))]
    pub(crate) only: Vec<(String, String)>,
}

/// An order about the journal.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum JournalOrder {
    /// Print the entries, and each new one as it is recorded, until interrupted [default]
    Follow {
        #[command(flatten)]
        format: JournalFormat,
        #[command(flatten)]
        filter: JournalFilter,
    },
    /// Print the entries
    Show {
        #[command(flatten)]
        format: JournalFormat,
        #[command(flatten)]
        filter: JournalFilter,
    },
    /// Print the journal as a HAR file, which browser developer tools can open
    Har {
        #[command(flatten)]
        filter: JournalFilter,
    },
    /// Delete every entry
    Clear,
}

/// `ctl sessions`.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionsOrder {
    /// Print every session with its keys [default]
    List,
    /// Open a session, and print its id, base URL and keys
    Open {
        /// The initial state, as JSON: world, seed, policies, faults, clock (docs/sessions.md)
        #[arg(long, value_name = "JSON", value_parser = object)]
        with: Option<serde_json::Value>,
    },
    /// Close a session
    Close {
        /// The session id
        id: String,
    },
}

/// `ctl clock`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClockOrder {
    /// Print the clock's time [default]
    Show,
    /// Freeze the clock at its present time
    Freeze,
    /// Let the clock run again
    Run,
    /// Move the clock by a duration, such as 16m; a negative one moves it back
    Advance {
        /// The duration
        #[arg(value_name = "DURATION", allow_hyphen_values = true)]
        by: String,
    },
    /// Set the clock to a time, such as 2026-06-08T10:00:00Z
    Set {
        /// The time
        #[arg(value_name = "TIME", value_parser = time)]
        to: Timestamp,
    },
}

/// `ctl store`.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreOrder {
    /// Print the state of the store for each download step [default]
    Show,
    /// Make the file store unavailable
    Down {
        /// The number of requests of each step that fail; without it, the store stays down until
        /// `store up`
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "crew")]
        times: Option<u64>,
        /// The steps that fail
        #[arg(long, value_enum, default_value = "both", conflicts_with = "crew")]
        at: At,
        #[command(flatten)]
        of: OneDocument,
    },
    /// Make the file store available
    Up {
        #[command(flatten)]
        of: OneDocument,
    },
}

/// The document that an order about the store is for, if it is not for all of them.
#[derive(Debug, ClapArgs)]
pub(crate) struct OneDocument {
    /// Change the store for one document only: the crew member's id (needs --document)
    #[arg(long, value_name = "ID", requires = "document")]
    pub(crate) crew: Option<String>,
    /// The id of the document's current version (needs --crew)
    #[arg(long, value_name = "ID", requires = "crew")]
    pub(crate) document: Option<String>,
}

/// The steps of a download that fail.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum At {
    /// Link requests and file downloads
    Both,
    /// Link requests only
    Link,
    /// File downloads only
    File,
}

/// Examples of `ctl upload`.
const UPLOADS: &str = "\
Examples:
  crewpass-mock ctl upload crew_001 doc_1 new.pdf --status verified
  crewpass-mock ctl upload crew_001 new.pdf --type STCW --title 'Personal Survival Techniques'";

/// `ctl upload`.
#[derive(Debug, ClapArgs)]
#[command(allow_missing_positional = true, after_help = UPLOADS)]
pub(crate) struct UploadOrder {
    /// The crew member's id
    pub(crate) crew: String,
    /// The id of the version to replace; omit it for a new document
    pub(crate) document: Option<String>,
    /// The file to upload
    pub(crate) file: PathBuf,
    /// The type, such as STCW; a new document needs one
    #[arg(long = "type")]
    pub(crate) kind: Option<String>,
    /// The title; a new document needs one
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The file name that the link shows [default: the name of the replaced version, or of FILE]
    #[arg(long)]
    pub(crate) file_name: Option<String>,
    /// The content type that the link shows [default: the type of the replaced version]
    #[arg(long)]
    pub(crate) content_type: Option<String>,
    /// The status: verified, pending, rejected or expired [default: pending]
    #[arg(long, add = ArgValueCandidates::new(statuses), value_parser = status)]
    pub(crate) status: Option<String>,
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a parser")]
fn scopes(text: &str) -> Result<Scopes, std::convert::Infallible> {
    Ok(Scopes::parse(text))
}

/// Reads the status of a document.
fn status(text: &str) -> Result<String, String> {
    let known = [Status::Verified, Status::Pending, Status::Rejected, Status::Expired].map(Status::name);
    let is_known = known.contains(&text);
    is_known.then(|| text.to_owned()).ok_or_else(|| format!("write one of {}", known.join(", ")))
}

/// Reads a time of the clock.
fn time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "write it as 2026-06-08T10:00:00Z, with the zone")
}

pub(super) fn setting(text: &str) -> Result<(String, String), &'static str> {
    let parts = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    parts.ok_or("write NAME=VALUE")
}

pub(super) fn object(text: &str) -> Result<serde_json::Value, String> {
    strict_json::from_str(text).map_err(|error| format!("that is not JSON: {}", strict_json::message(&error)))
}
