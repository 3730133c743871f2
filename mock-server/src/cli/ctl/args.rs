//! What `ctl` takes: one order for each thing that the control API can do.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use jiff::Timestamp;

/// `ctl`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Ctl {
    #[command(flatten)]
    pub(crate) at: Address,
    #[command(subcommand)]
    pub(crate) order: Order,
}

/// Where the running fake is.
#[derive(Debug, ClapArgs)]
pub(crate) struct Address {
    /// The base URL of the running fake
    #[arg(long, global = true, value_name = "URL", default_value = "http://127.0.0.1:8787", env = "BASE")]
    pub(crate) base: String,
    /// The control token, if the fake is not on loopback
    #[arg(long, global = true, value_name = "TOKEN", env = "CREWPASS_MOCK_CONTROL_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Trust the authority in this file, which `serve --tls-ca` wrote
    #[arg(long, global = true, value_name = "FILE", env = "CPK_CA_FILE")]
    pub(crate) ca: Option<OsString>,
    /// The session to work on, if not the one that the server began with
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) session: Option<String>,
}

/// What to tell a running fake.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Read or move the clock
    #[command(subcommand)]
    Clock(ClockOrder),
    /// Take the file store down or bring it up
    #[command(subcommand)]
    Store(StoreOrder),
    /// Upload a file: a new version of a document, or a new document if DOCUMENT is left out
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
        /// verified, pending, rejected or expired
        status: String,
    },
    /// Change the vessels or the consent of a crew member
    Crew(CrewOrder),
    /// Change the scopes or the plan of a partner
    Partner(PartnerOrder),
    /// Revoke a key, or give it back
    Key {
        /// The name of the key in its world
        name: String,
        /// What becomes of it
        #[arg(value_enum)]
        fate: KeyFate,
    },
    /// Print or set policies
    #[command(subcommand)]
    Policies(PoliciesOrder),
    /// Print, add, verify or remove faults
    #[command(subcommand)]
    Faults(FaultsOrder),
    /// Print, follow or clear the journal
    #[command(subcommand)]
    Journal(JournalOrder),
    /// List, open or close sessions
    #[command(subcommand)]
    Sessions(SessionsOrder),
    /// Print whether it runs, and as which version
    Health,
    /// Put everything back to how it began
    Reset,
}

/// `ctl crew`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CrewOrder {
    /// The crew member's id
    pub(crate) crew: String,
    /// A vessel that the person is on; repeat it for several
    #[arg(long, value_name = "ID", conflicts_with = "off_fleet")]
    pub(crate) vessel: Vec<String>,
    /// Takes the person off every vessel
    #[arg(long)]
    pub(crate) off_fleet: bool,
    /// What the person lets a partner see; nothing after the sign takes all of it away
    #[arg(long, value_name = "PARTNER=SCOPES", value_parser = consent)]
    pub(crate) consent: Vec<(String, Scopes)>,
}

/// `ctl partner`.
#[derive(Debug, ClapArgs)]
pub(crate) struct PartnerOrder {
    /// The partner's id
    pub(crate) partner: String,
    /// The scopes that its plan grants, with commas between them; empty for none
    #[arg(long, value_name = "SCOPES", value_parser = scopes)]
    pub(crate) scopes: Option<Scopes>,
    /// Whether its plan has API access
    #[arg(long, value_name = "BOOL")]
    pub(crate) api_enabled: Option<bool>,
}

/// Scopes with commas between them.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Scopes(Vec<String>);

impl Scopes {
    fn of(text: &str) -> Self {
        Self(text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
    }
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFate {
    /// It is refused from now on
    Revoke,
    /// It works again
    Restore,
}

/// `ctl policies`.
#[derive(Debug, Subcommand)]
pub(crate) enum PoliciesOrder {
    /// Print every policy with its value
    Show,
    /// Set policies
    Set {
        /// One or several
        #[arg(required = true, value_name = "NAME=VALUE", value_parser = setting)]
        settings: Vec<(String, String)>,
    },
}

/// `ctl faults`.
#[derive(Debug, Subcommand)]
pub(crate) enum FaultsOrder {
    /// Print the rules, and how often each matched and fired
    Show,
    /// Add the rules of a YAML or JSON file
    Add {
        /// The file; - reads standard input
        file: PathBuf,
    },
    /// Fail unless every rule was consumed as told
    Verify,
    /// Remove a rule, or all of them
    Clear {
        /// The name of the rule
        name: Option<String>,
    },
}

/// `ctl journal`.
#[derive(Debug, Subcommand)]
pub(crate) enum JournalOrder {
    /// Print the entries as JSON
    Show {
        /// A filter, such as step=link, status=404, leaks=true or since=17; repeat it for several
        #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
        only: Vec<(String, String)>,
    },
    /// Print it as a HAR file, which a browser's network panel opens
    Har,
    /// Print entries as they come, a line each, until interrupted
    Follow,
    /// Forget every entry
    Clear,
}

/// `ctl sessions`.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionsOrder {
    /// Print every session with its keys
    List,
    /// Open one, and print its id, base URL and keys
    Open {
        /// What it begins with, as JSON: world, seed, policies, faults, clock (docs/sessions.md)
        #[arg(long, value_name = "JSON", value_parser = object)]
        with: Option<serde_json::Value>,
    },
    /// End one
    Close {
        /// Its id
        id: String,
    },
}

/// `ctl clock`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClockOrder {
    /// Print what it shows
    Show,
    /// Stop it where it is
    Freeze,
    /// Let it run on
    Run,
    /// Move it, such as 16m or 1h30m; -16m moves it back
    Advance {
        /// How far
        #[arg(allow_hyphen_values = true)]
        by: String,
    },
    /// Set it to an instant, such as 2026-06-08T10:00:00Z
    Set {
        /// The instant
        to: Timestamp,
    },
}

/// `ctl store`.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreOrder {
    /// Print how each step stands
    Show,
    /// Take it down
    Down {
        /// For so many requests of each step; until told if left out
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
        times: Option<u64>,
        /// At which steps
        #[arg(long, value_enum, default_value = "both")]
        at: At,
    },
    /// Bring it up
    Up,
}

/// At which steps of a download.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum At {
    /// Asking for a link and following it
    Both,
    /// Asking for a link
    Link,
    /// Following it
    File,
}

/// `ctl upload`.
#[derive(Debug, ClapArgs)]
#[command(allow_missing_positional = true)]
pub(crate) struct UploadOrder {
    /// The crew member's id
    pub(crate) crew: String,
    /// The id of the current version that is superseded; left out for a new document
    pub(crate) document: Option<String>,
    /// The file
    pub(crate) file: PathBuf,
    /// The type of a new document, such as STCW
    #[arg(long = "type")]
    pub(crate) kind: Option<String>,
    /// The title of a new document
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The file name that the link shows [default: the older version's, or the file's own]
    #[arg(long)]
    pub(crate) file_name: Option<String>,
    /// The content type that the link shows [default: the older version's]
    #[arg(long)]
    pub(crate) content_type: Option<String>,
    /// verified, pending, rejected or expired [default: pending]
    #[arg(long)]
    pub(crate) status: Option<String>,
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a parser")]
fn scopes(text: &str) -> Result<Scopes, std::convert::Infallible> {
    Ok(Scopes::of(text))
}

fn setting(text: &str) -> Result<(String, String), &'static str> {
    let parts = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    parts.ok_or("write NAME=VALUE")
}

fn consent(text: &str) -> Result<(String, Scopes), &'static str> {
    let (partner, named) = text.split_once('=').ok_or("write PARTNER=SCOPE,SCOPE")?;
    Ok((partner.to_owned(), Scopes::of(named)))
}

fn object(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("that is no JSON: {error}"))
}
