//! A running fake, reached by its control API.

use std::io::{BufRead, BufReader};

use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::args::Address;
use crate::cli::error::CliError;
use crate::cli::say::say;

/// What is said of a server that does not answer as a fake does.
const STRANGER: &str = "that is no crewpass-mock";

/// A running fake.
pub(in crate::cli) struct Fake<'a> {
    base: reqwest::Url,
    token: Option<&'a str>,
    session: Option<&'a str>,
    client: Client,
}

impl<'a> Fake<'a> {
    pub(in crate::cli) fn new(at: &'a Address) -> Result<Self, CliError> {
        let wrong = |why: &dyn std::fmt::Display| CliError::Usage(format!("--base {}: {why}", at.base));
        let base: reqwest::Url = at.base.parse().map_err(|error| wrong(&error))?;
        if base.cannot_be_a_base() {
            return Err(wrong(&"expected a URL such as http://127.0.0.1:8787"));
        }
        // A proxy in the environment is for the world outside, where no fake is.
        if base.scheme() == "https" {
            return Err(wrong(&"this speaks plain http; reach a fake over TLS with curl --cacert"));
        }
        let client = Client::builder().no_proxy().timeout(None).build().map_err(|error| wrong(&error))?;
        Ok(Self { base, token: at.token.as_deref(), session: at.session.as_deref(), client })
    }

    /// A request about the session that the command line names.
    pub(in crate::cli) fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, CliError> {
        match self.session {
            Some(session) => self.request_to_all(method, &[&["sessions", session], path].concat()),
            None => self.request_to_all(method, path),
        }
    }

    /// A request about the server as a whole.
    pub(super) fn request_to_all(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, CliError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| CliError::Usage("--base is no URL that has a path".to_owned()))?
            .pop_if_empty()
            .push("__mock")
            .extend(path);
        let request = self.client.request(method, url);
        Ok(match self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    }

    /// Sends a request, and gives the JSON that comes back.
    pub(super) fn send(&self, request: RequestBuilder) -> Result<Value, CliError> {
        let answer = self.answered(request)?;
        let status = answer.status();
        answer.json().map_err(|_| self.refused(status, STRANGER))
    }

    /// Sends a request, and prints the data of each event that comes back, until the other side ends.
    pub(super) fn follow(&self, request: RequestBuilder) -> Result<(), CliError> {
        for line in BufReader::new(self.answered(request)?).lines() {
            if let Some(data) = line?.strip_prefix("data:") {
                say(&format!("{}\n", data.trim_start()))?;
            }
        }
        Ok(())
    }

    /// Sends a request, and gives the answer if it was carried out.
    pub(in crate::cli) fn answered(&self, request: RequestBuilder) -> Result<Response, CliError> {
        let answer = request.send().map_err(|error| self.unreachable(error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body: Value = answer.json().unwrap_or_default();
        Err(self.refused(status, body["error"]["message"].as_str().unwrap_or(STRANGER)))
    }

    fn refused(&self, status: StatusCode, message: &str) -> CliError {
        CliError::Control(format!("{} answers {}: {message}", self.base, status.as_u16()))
    }

    fn unreachable(&self, error: reqwest::Error) -> CliError {
        let why = if error.is_connect() { "nothing listens there".to_owned() } else { error.without_url().to_string() };
        CliError::Control(format!("no fake answers at {}: {why}; start one, or name it with --base", self.base))
    }
}
