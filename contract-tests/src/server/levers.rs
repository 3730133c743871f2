//! Levers: changes that the tester can make to the server, by a command or by the fake's control
//! API.

use std::path::Path;
use std::process::Stdio;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, RequestBuilder};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use super::ask::control_client;

/// Commands that change the server; placeholders in braces are replaced.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Levers {
    /// Moves the server's clock by `{duration}`.
    pub clock: Option<String>,
    /// Makes the file store unreachable.
    pub store_down: Option<String>,
    /// Makes the file store reachable again.
    pub store_up: Option<String>,
    /// Uploads `{path}` as the next version of `{document_id}` of `{crew_id}`.
    pub reupload: Option<String>,
}

impl Levers {
    /// Returns every given command.
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        [&self.clock, &self.store_down, &self.store_up, &self.reupload].into_iter().flatten()
    }
}

/// One change to the server.
#[derive(Clone, Copy, Debug)]
pub(super) enum LeverAction<'a> {
    /// Moves the clock forward.
    Clock(&'a str),
    /// Makes the file store unreachable.
    StoreDown,
    /// Makes the file store reachable again.
    StoreUp,
    /// Uploads the next version of a document.
    Reupload {
        /// The crew member's id.
        crew: &'a str,
        /// The id of the document that is superseded.
        document: &'a str,
        /// The file to upload.
        path: &'a Path,
    },
    /// Undoes every change.
    Reset,
}

/// The way in which levers are used.
#[derive(Debug)]
pub(super) enum LeverDriver<'a> {
    /// By commands, for the levers that have one.
    Commands(&'a Levers),
    /// By the control API at a URL.
    Control(String, Result<Client, String>),
}

impl<'a> LeverDriver<'a> {
    /// Uses the control API if there is a URL, else commands.
    pub(super) fn new(control: Option<&str>, levers: &'a Levers) -> Self {
        match control {
            Some(url) => {
                let url = url.trim_end_matches('/');
                let whole = if url.contains("/__mock") { url.to_owned() } else { format!("{url}/__mock") };
                let client = control_client(&whole);
                Self::Control(whole, client)
            }
            None => Self::Commands(levers),
        }
    }

    /// Returns true if the change can be made.
    pub(super) const fn has(&self, pull: LeverAction<'_>) -> bool {
        match self {
            Self::Control(..) => true,
            Self::Commands(levers) => command(levers, pull).is_some(),
        }
    }

    /// Makes the change, and waits until it is done.
    pub(super) async fn pull(&self, pull: LeverAction<'_>) -> Result<(), String> {
        match self {
            Self::Commands(levers) => match command(levers, pull) {
                Some(command) => run(command, pull).await,
                None => Ok(()),
            },
            Self::Control(url, http) => {
                let http = http.as_ref().map_err(Clone::clone)?;
                let answer = request(url, http, pull)?.send().await;
                let answer =
                    answer.map_err(|error| format!("the control API can't be reached: {}", error.without_url()))?;
                if answer.status().is_success() {
                    Ok(())
                } else {
                    Err(format!("the control API answered {}", answer.status()))
                }
            }
        }
    }
}

const fn command<'a>(levers: &'a Levers, pull: LeverAction<'_>) -> Option<&'a String> {
    match pull {
        LeverAction::Clock(_) => levers.clock.as_ref(),
        LeverAction::StoreDown => levers.store_down.as_ref(),
        LeverAction::StoreUp => levers.store_up.as_ref(),
        LeverAction::Reupload { .. } => levers.reupload.as_ref(),
        LeverAction::Reset => None,
    }
}

fn request(url: &str, http: &Client, pull: LeverAction<'_>) -> Result<RequestBuilder, String> {
    let segment = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    Ok(match pull {
        LeverAction::Clock(step) => http.post(format!("{url}/clock")).json(&json!({"advance": step})),
        LeverAction::StoreDown => http.post(format!("{url}/store")).json(&json!({"down": true})),
        LeverAction::StoreUp => http.post(format!("{url}/store")).json(&json!({"down": false})),
        LeverAction::Reset => http.post(format!("{url}/reset")),
        LeverAction::Reupload { crew, document, path } => {
            let body = std::fs::read(path).map_err(|error| error.to_string())?;
            let (crew, document) = (segment(crew), segment(document));
            http.post(format!("{url}/crew/{crew}/documents?supersedes={document}")).body(body)
        }
    })
}

/// Splits a command into words as a shell would.
pub(super) fn words(command: &str) -> Result<Vec<String>, ()> {
    shlex::split(command).filter(|words| !words.is_empty()).ok_or(())
}

/// Returns the words of a command with its placeholders replaced. No shell sees them unless the
/// command is one.
fn filled(command: &str, pull: LeverAction<'_>) -> Vec<String> {
    let (crew_id, document_id, path, duration) = match pull {
        LeverAction::Reupload { crew, document, path } => (crew, document, path.display().to_string(), ""),
        LeverAction::Clock(step) => ("", "", String::new(), step),
        _ => ("", "", String::new(), ""),
    };
    let fill = |word: String| {
        word.replace("{duration}", duration)
            .replace("{crew_id}", crew_id)
            .replace("{document_id}", document_id)
            .replace("{path}", &path)
    };
    words(command).unwrap_or_default().into_iter().map(fill).collect()
}

async fn run(command: &str, pull: LeverAction<'_>) -> Result<(), String> {
    let words = filled(command, pull);
    let Some((program, arguments)) = words.split_first() else { return Err("the command is empty".to_owned()) };
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map_err(|error| format!("`{program}` can't be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let output_text = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{program}` ended with {}: {}", output.status, output_text.lines().next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_value_stays_one_word() {
        let pull = LeverAction::Reupload { crew: "c 1; rm", document: "d", path: Path::new("/a b") };
        let words = filled("up --crew {crew_id} '{document_id} x' {path}", pull);
        assert_eq!(words, ["up", "--crew", "c 1; rm", "d x", "/a b"]);
        assert_eq!(filled("ctl {duration}", LeverAction::Clock("16m")), ["ctl", "16m"]);
        assert!(super::words("a 'b").is_err() && super::words(" ").is_err());
    }
}
