//! Levers: changes that the tester can make to the server, by a command or by the fake's control
//! API.

use std::path::Path;
use std::process::Stdio;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, RequestBuilder, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
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
    /// Changes the status of `{document_id}` of `{crew_id}` to `{status}`, so that a webhook is sent.
    pub event: Option<String>,
    /// Changes the background check and the profile of `{crew_id}`, so that webhooks of two types are sent.
    pub person_event: Option<String>,
    /// Names `{url}` as the callback of the tester's partner, with the secret of the tester, which is in the variable
    /// `WEBHOOK_SECRET`.
    pub callback: Option<String>,
    /// Prints the event ids of all dead letters.
    pub dead_letters: Option<String>,
    /// Sends all dead letters again.
    pub redeliver: Option<String>,
}

impl Levers {
    /// Returns every given command.
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        let of_server = [&self.clock, &self.store_down, &self.store_up, &self.reupload];
        let of_sender = [&self.event, &self.person_event, &self.callback, &self.dead_letters, &self.redeliver];
        of_server.into_iter().chain(of_sender).flatten()
    }
}

/// One change to the server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LeverAction<'a> {
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
    /// Changes the status of a document.
    Event {
        /// The crew member's id.
        crew: &'a str,
        /// The document's id.
        document: &'a str,
        /// The new status.
        status: &'a str,
    },
    /// Changes the background check and the profile of a crew member.
    PersonEvent {
        /// The crew member's id.
        crew: &'a str,
        /// A number that no earlier change had.
        turn: usize,
    },
    /// Names a callback.
    Callback {
        /// Its URL.
        url: &'a str,
        /// The secret that signs its deliveries.
        secret: &'a str,
        /// The types of events that it gets.
        events: &'a [String],
    },
    /// Lists the event ids of the dead letters.
    DeadLetters,
    /// Sends the dead letters again.
    Redeliver,
    /// Undoes every change.
    Reset,
}

/// The way in which levers are used.
#[derive(Debug)]
pub(crate) enum LeverDriver<'a> {
    /// By commands, for the levers that have one.
    Commands(&'a Levers),
    /// By the control API at a URL.
    Control(String, Result<Client, String>),
}

impl<'a> LeverDriver<'a> {
    /// Uses the control API if there is a URL, else commands.
    pub(crate) fn new(control: Option<&str>, levers: &'a Levers) -> Self {
        match control {
            Some(url) => {
                let url = url.trim_end_matches('/');
                let is_whole = url.split('/').any(|segment| segment == "__mock");
                let whole = if is_whole { url.to_owned() } else { format!("{url}/__mock") };
                let client = control_client(&whole);
                Self::Control(whole, client)
            }
            None => Self::Commands(levers),
        }
    }

    /// Returns true if the change can be made.
    pub(crate) const fn has(&self, pull: LeverAction<'_>) -> bool {
        match self {
            Self::Control(..) => true,
            Self::Commands(levers) => command(levers, pull).is_some(),
        }
    }

    /// Returns true if the change can be made to any crew member, and not only to one that a command names.
    pub(crate) fn has_for_anybody(&self, pull: LeverAction<'_>) -> bool {
        match self {
            Self::Control(..) => true,
            Self::Commands(levers) => command(levers, pull).is_some_and(|command| command.contains("{crew_id}")),
        }
    }

    /// Makes the change, waits until it is done, and returns what was printed.
    pub(crate) async fn pull(&self, pull: LeverAction<'_>) -> Result<String, String> {
        match self {
            Self::Commands(levers) => match command(levers, pull) {
                Some(command) => run(command, pull).await,
                None => Ok(String::new()),
            },
            Self::Control(url, http) => {
                let http = http.as_ref().map_err(Clone::clone)?;
                let answer = request(url, http, pull)?.send().await;
                let answer =
                    answer.map_err(|error| format!("the control API can't be reached: {}", error.without_url()))?;
                if !answer.status().is_success() {
                    return Err(format!("the control API answered {}", answer.status()));
                }
                match pull {
                    LeverAction::DeadLetters => dead_letters(answer).await,
                    _ => Ok(String::new()),
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
        LeverAction::Event { .. } => levers.event.as_ref(),
        LeverAction::PersonEvent { .. } => levers.person_event.as_ref(),
        LeverAction::Callback { .. } => levers.callback.as_ref(),
        LeverAction::DeadLetters => levers.dead_letters.as_ref(),
        LeverAction::Redeliver => levers.redeliver.as_ref(),
        LeverAction::Reset => None,
    }
}

/// Returns the event ids of the dead letters that the control API lists, one a line.
async fn dead_letters(answer: Response) -> Result<String, String> {
    let text = answer.text().await.map_err(|error| error.without_url().to_string())?;
    let listed: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let deliveries = listed["deliveries"].as_array().into_iter().flatten();
    let dead = deliveries.filter(|delivery| delivery["state"] == "dead");
    let ids: Vec<_> = dead.filter_map(|delivery| delivery["event_id"].as_str()).collect();
    Ok(ids.join("\n"))
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
        LeverAction::Event { crew, document, status } => {
            let path = [url, "crew", &segment(crew), "documents", &segment(document)].join("/");
            http.post(path).json(&json!({"verification_status": status}))
        }
        LeverAction::PersonEvent { crew, turn } => {
            let check = ["completed", "pending"][turn % 2];
            let details = json!({"background_check": check, "profile": {"bio": format!("Bio {turn}.")}});
            http.post(format!("{url}/crew/{}", segment(crew))).json(&json!({"details": details}))
        }
        LeverAction::Callback { url: callback, secret, events } => {
            let body = json!({"url": callback, "secret": secret, "events": events});
            http.post(format!("{url}/webhooks/callbacks")).json(&body)
        }
        LeverAction::DeadLetters => http.get(format!("{url}/webhooks")),
        LeverAction::Redeliver => http.post(format!("{url}/webhooks/redeliver")).json(&json!({})),
    })
}

/// Splits a command into words as a shell would.
pub(super) fn words(command: &str) -> Result<Vec<String>, ()> {
    shlex::split(command).filter(|words| !words.is_empty()).ok_or(())
}

/// Returns the words of a command with its placeholders replaced. No shell sees them unless the
/// command is one.
fn filled(command: &str, pull: LeverAction<'_>) -> Vec<String> {
    let path = match pull {
        LeverAction::Reupload { path, .. } => path.display().to_string(),
        _ => String::new(),
    };
    let (crew_id, document_id) = match pull {
        LeverAction::Reupload { crew, document, .. } | LeverAction::Event { crew, document, .. } => (crew, document),
        LeverAction::PersonEvent { crew, .. } => (crew, ""),
        _ => ("", ""),
    };
    let (duration, status, url) = match pull {
        LeverAction::Clock(step) => (step, "", ""),
        LeverAction::Event { status, .. } => ("", status, ""),
        LeverAction::Callback { url, .. } => ("", "", url),
        _ => ("", "", ""),
    };
    let values = [
        ("{duration}", duration),
        ("{crew_id}", crew_id),
        ("{document_id}", document_id),
        ("{path}", &path),
        ("{status}", status),
        ("{url}", url),
    ];
    let fill = |word: String| values.iter().fold(word, |word, (name, value)| word.replace(name, value));
    words(command).unwrap_or_default().into_iter().map(fill).collect()
}

async fn run(command: &str, pull: LeverAction<'_>) -> Result<String, String> {
    let words = filled(command, pull);
    let Some((program, arguments)) = words.split_first() else { return Err("the command is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    if let LeverAction::Callback { secret, .. } = pull {
        // Not an argument, which everybody on the machine could read.
        command.env("WEBHOOK_SECRET", secret);
    }
    let output = command.output().await.map_err(|error| format!("`{program}` can't be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
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
