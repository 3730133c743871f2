//! The messages of a session, version 1 of the protocol.

use crewpass_diagnostics::strict_json;
use serde::{Deserialize, Serialize};

use crate::client::task::Task;
use crate::client::transport::environment::ClientEnv;
use crate::client::transport::report::Report;

/// The protocol version of this gate.
const PROTOCOL: u32 = 1;

/// A message from the gate.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToClient<'a> {
    Hello {
        protocol: u32,
    },
    Job {
        id: &'a str,
        op: &'static str,
        base: &'a str,
        key: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        crew_id: Option<&'a str>,
        out_dir: std::borrow::Cow<'a, str>,
        deadline_ms: u64,
        ca_pem: Option<String>,
        link_hosts: &'a [String],
    },
    Bye,
}

impl<'a> ToClient<'a> {
    pub(super) const fn hello() -> Self {
        Self::Hello { protocol: PROTOCOL }
    }

    /// Returns the job that a command would find in its environment.
    pub(super) fn job(id: &'a str, env: &'a ClientEnv) -> std::io::Result<Self> {
        Ok(Self::Job {
            id,
            op: env.task.op(),
            base: &env.base,
            key: &env.key,
            crew_id: (env.task == Task::Documents).then_some(env.crew_id.as_str()),
            out_dir: env.out_dir.to_string_lossy(),
            deadline_ms: u64::try_from(env.deadline.as_millis()).unwrap_or(u64::MAX),
            ca_pem: env.authority.as_deref().map(std::fs::read_to_string).transpose()?,
            link_hosts: &env.link_hosts,
        })
    }

    /// Formats the message as a line with its end.
    pub(super) fn line(&self) -> String {
        // Texts and numbers can always be written as JSON.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// The first message of a client.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Ready {
    /// The client's name, version and language.
    #[serde(default)]
    pub client: About,
    /// The most jobs that it takes at once.
    #[serde(default = "one")]
    pub max_inflight: usize,
    /// True if its outcomes follow the classes.
    #[serde(default)]
    pub exit_classes: bool,
}

fn one() -> usize {
    1
}

/// A client's description of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The language that it is written in.
    pub language: String,
}

/// A message from a client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromClient {
    Ready(Ready),
    Result {
        id: String,
        #[serde(flatten)]
        report: Report,
    },
    AdapterError {
        #[serde(default)]
        id: Option<String>,
        message: String,
    },
}

impl FromClient {
    /// Parses a line; the error describes what is wrong with it.
    pub(super) fn read(line: &[u8]) -> Result<Self, String> {
        strict_json::from_slice(line).map_err(|error| {
            format!("it sent a line that is not a message of the protocol: {}", strict_json::message(&error))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_those_of_the_protocol() {
        assert_eq!(ToClient::hello().line(), "{\"type\":\"hello\",\"protocol\":1}\n");
        assert_eq!(ToClient::Bye.line(), "{\"type\":\"bye\"}\n");
        let Ok(FromClient::Ready(ready)) = FromClient::read(br#"{"type":"ready","client":{"name":"x"},"odd":[]}"#)
        else {
            panic!("no ready")
        };
        assert_eq!((ready.client.name.as_str(), ready.max_inflight, ready.exit_classes), ("x", 1, false));
        assert!(FromClient::read(br#"{"type":"result","id":"j1","outcome":"fine"}"#).is_err());
        assert!(FromClient::read(b"Starting up...").is_err());
    }
}
