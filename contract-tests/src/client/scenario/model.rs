//! What a scenario file says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::task::Task;
use crate::client::trap::Trap;

/// A scenario: a world, how the server behaves in it, and what of the contract that puts to a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the file, and independent of the others")]
pub struct Scenario {
    /// `area/name`: the file's place below the folder of scenarios. Not written in the file.
    #[serde(skip)]
    pub id: String,
    /// What happens, in one sentence.
    pub title: String,
    /// The task of the client.
    #[serde(default, skip_serializing_if = "Task::is_default")]
    pub task: Task,
    /// The version of the catalogue that brought it: a pinned catalogue leaves out what came later.
    #[serde(default = "first_version", skip_serializing_if = "is_first_version")]
    pub since: u32,
    /// The obligations that it provokes, such as `CPK-RTY-01`; those of every scenario need no mention.
    #[serde(default)]
    pub provokes: Vec<String>,
    /// The scenario with the friendly value, by id: it must pass too, or a refusal here counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    /// The server gives a wrong 200 here: only what `provokes` names is judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only: bool,
    /// It leaves what the contract allows a server (a link that lives two seconds).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off_contract: bool,
    /// The world: the name of a file in `worlds/` below the folder of scenarios, or a whole one.
    pub world: Value,
    /// The crew member whose documents the client shall save; of no meaning in a scenario that is written for the task
    /// `fleet`.
    #[serde(default = "crew_001")]
    pub crew_id: String,
    /// The reason why the task `fleet` leaves it out. Any other scenario about one person is played there, too, with
    /// that person alone on the fleet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_in_fleet: Option<String>,
    /// Is true if it was written about one person and is played in the task `fleet`. Not written in the file.
    #[serde(skip)]
    pub is_adapted: bool,
    /// The key that the client gets, by its name in the world.
    #[serde(default = "full")]
    pub key: String,
    /// Policies of this scenario, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policies: BTreeMap<String, String>,
    /// Policies under each of whose values it is played, each value in a separate case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vary: BTreeMap<String, Vec<String>>,
    /// Fault rules, as the fake takes them. `{base}`, `{second}` and `{foreign}` stand for the origins of the run,
    /// `{beside}` for a foreign one at the address of `{base}`, `{alike}` for a foreign one whose URL begins as
    /// `{base}` does, `{unreachable}` for one of `CPK_LINK_HOSTS` to which no connection is made, `{second_host}` and
    /// `{foreign_host}` for their host and port, `{canary}` for a file beside the sandbox.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Value>,
    /// The session's clock at the start.
    #[serde(default, skip_serializing_if = "Clock::is_real")]
    pub clock: Clock,
    /// The form of `BASE`.
    #[serde(default, skip_serializing_if = "BaseForm::is_plain")]
    pub base: BaseForm,
    /// Whether it is played over TLS, and with which certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The certificate of the second origin, if it has another than one that the client trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_certificate: Option<Certificate>,
    /// How the servers write the names of response headers.
    #[serde(default, skip_serializing_if = "HeaderNames::is_lower_case")]
    pub header_names: HeaderNames,
    /// Traps that are planted in HOME.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traps: Vec<Trap>,
    /// Is true if the second origin is listed in `CPK_LINK_HOSTS`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_is_ours: bool,
    /// The runs of the client, in order; one plain run if left out.
    #[serde(default = "one_run")]
    pub runs: Vec<RunPlan>,
    /// What the last run's exit must say.
    #[serde(default)]
    pub right_exit: RightExit,
    /// What must be in the transcript, or the scenario was not met by this client.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub met: Vec<Need>,
    /// The time limit of a run, if it differs from the default: `30s`. Where a client may wait or try again, a run goes on
    /// after that while the client does something: until 65 s after its last request or the end of its last answer, and
    /// 150 s at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// The deadline in the environment of the client, if it is less than the time limit: a client that keeps it ends
    /// soon, one that has limits of its own has longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_deadline: Option<String>,
}

const fn first_version() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_first_version(version: &u32) -> bool {
    *version == 1
}

fn crew_001() -> String {
    "crew_001".to_owned()
}

fn full() -> String {
    "full".to_owned()
}

fn one_run() -> Vec<RunPlan> {
    vec![RunPlan::default()]
}

/// The session's clock: at the real time and running, or away from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// At the real time.
    #[default]
    Real,
    /// Behind it by so much: `{behind: 16m}`.
    Behind(String),
    /// Ahead of it by so much.
    Ahead(String),
}

impl Clock {
    fn is_real(&self) -> bool {
        *self == Self::Real
    }
}

/// The form of `BASE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaseForm {
    /// The usual address.
    #[default]
    Plain,
    /// With a slash at its end.
    TrailingSlash,
    /// With a path below which the API is.
    Prefix,
    /// An origin to which no connection is ever made.
    Unreachable,
    /// An origin that accepts connections and never sends anything.
    Mute,
    /// With the host name of `--plain-http-host`, over plain HTTP; the usual address if none is given.
    Named,
}

impl BaseForm {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// The certificate of a scenario over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    /// A certificate that the client trusts.
    Good,
    /// A certificate of an authority that it does not know.
    UnknownAuthority,
    /// A certificate for another host.
    WrongHost,
}

/// How the servers of a scenario write the names of response headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeaderNames {
    /// As `content-type`.
    #[default]
    LowerCase,
    /// As `Content-Type`.
    TitleCase,
}

impl HeaderNames {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(super) fn is_lower_case(&self) -> bool {
        *self == Self::LowerCase
    }
}

/// One run of the client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunPlan {
    /// What changes before it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Action>,
    /// The files that are in its folder before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plant: Vec<Plant>,
    /// A new, empty folder instead of the one of the run before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fresh_folder: bool,
    /// SIGTERM, when this has happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminate: Option<Terminate>,
}

/// What changes between two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The clock moves forward: `16m`.
    Advance(String),
    /// The clock goes to the real time.
    RealTime,
    /// A newer version of a document is uploaded.
    Upload {
        /// The document that it supersedes.
        supersedes: String,
    },
    /// A document is removed.
    Remove {
        /// Its id.
        document: String,
    },
    /// A person is on other vessels from here on: joins the fleet, or leaves it.
    Vessels {
        /// The person's id.
        crew: String,
        /// The ids of the vessels.
        vessels: Vec<String>,
    },
    /// A person withdraws every consent.
    Withdraw {
        /// The person's id.
        crew: String,
    },
    /// The store is cut off, or back.
    Store {
        /// Is true if it can be reached.
        up: bool,
    },
    /// Other fault rules from here on.
    Faults(Vec<Value>),
    /// Another value of a policy.
    Policy {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
}

/// A file that is in the folder before a run, under the name under which an earlier run saved a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plant {
    /// The document whose name is taken.
    pub as_saved: String,
    /// The kind of the file.
    pub kind: PlantKind,
}

/// What is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlantKind {
    /// A symbolic link to a file outside of the folder.
    Symlink,
    /// A file with other bytes.
    OtherFile,
}

/// When SIGTERM is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Terminate {
    /// When this fault has fired.
    Fault(String),
}

/// What the exit must say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RightExit {
    /// 0, and every current document saved.
    #[default]
    Saved,
    /// Not 0: not every document can be had.
    Refused,
    /// Saved or refused: either is a fair answer.
    Either,
}

/// The name of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// A page of the fleet.
    Fleet,
    /// The list.
    List,
    /// A link.
    Link,
    /// A link that is followed.
    File,
}

impl StepName {
    /// Returns the name as files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fleet => "fleet",
            Self::List => "list",
            Self::Link => "link",
            Self::File => "file",
        }
    }
}

/// A fact that must be in the transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Need {
    /// This fault fired at least once.
    Fault(String),
    /// The step was asked for at least so often, in all runs together.
    Asked {
        /// The step.
        step: StepName,
        /// The number of requests; 1 by default.
        #[serde(default = "once")]
        times: usize,
    },
    /// A connection was tried: a handshake or a request.
    Connected,
}

fn once() -> usize {
    1
}
