//! A running fake, reached by its control API.

use std::path::Path;

use http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::args::Address;
use super::http::{Answer, Http, Request};
use crate::cli::error::CliError;
use crate::cli::output::say;

/// What is said of a server that does not answer as a fake does.
const STRANGER: &str = "that is no crewpass-mock";

/// A running fake.
pub(in crate::cli) struct Fake<'a> {
    base: Url,
    token: Option<&'a str>,
    session: Option<&'a str>,
    http: Http,
}

impl<'a> Fake<'a> {
    pub(in crate::cli) fn new(at: &'a Address) -> Result<Self, CliError> {
        let wrong = |why: &dyn std::fmt::Display| CliError::Usage(format!("--base {}: {why}", at.base));
        let base: Url = at.base.parse().map_err(|error| wrong(&error))?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(wrong(&"expected a URL such as http://127.0.0.1:8787"));
        }
        // The environment may name a file for others; without TLS nobody reads it.
        let ca = at.ca.as_deref().filter(|path| !path.is_empty() && base.scheme() == "https");
        let http = Http::new(ca.map(Path::new))?;
        Ok(Self { base, token: at.token.as_deref(), session: at.session.as_deref(), http })
    }

    /// A request about the session that the command line names.
    pub(in crate::cli) fn request(&self, method: Method, path: &[&str]) -> Result<Request, CliError> {
        match self.session {
            Some(session) => self.request_to_all(method, &[&["sessions", session], path].concat()),
            None => self.request_to_all(method, path),
        }
    }

    /// A request about the server as a whole.
    pub(super) fn request_to_all(&self, method: Method, path: &[&str]) -> Result<Request, CliError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| CliError::Usage("--base is no URL that has a path".to_owned()))?
            .pop_if_empty()
            .push("__mock")
            .extend(path);
        Ok(Request::new(method, url, self.token))
    }

    /// Sends a request, and gives the JSON that comes back.
    pub(super) fn send(&self, request: Request) -> Result<Value, CliError> {
        let answer = self.answered(request)?;
        let status = answer.head().status();
        serde_json::from_slice(&answer.bytes()?).map_err(|_| self.refused(status, STRANGER))
    }

    /// Sends a request, and prints the data of each event that comes back, until the other side ends.
    pub(super) fn follow(&self, request: Request) -> Result<(), CliError> {
        self.answered(request)?.lines(|line| match line.strip_prefix("data:") {
            Some(data) => say(&format!("{}\n", data.trim_start())),
            None => Ok(()),
        })
    }

    /// Sends a request, and gives the answer if it was carried out.
    pub(in crate::cli) fn answered(&self, request: Request) -> Result<Answer<'_>, CliError> {
        let unreachable = |why| CliError::Control(format!("no fake answers at {}: {why}", self.base));
        let answer = self.http.send(request).map_err(unreachable)?;
        let status = answer.head().status();
        if status.is_success() {
            return Ok(answer);
        }
        let body: Value = serde_json::from_slice(&answer.bytes()?).unwrap_or_default();
        Err(self.refused(status, body["error"]["message"].as_str().unwrap_or(STRANGER)))
    }

    fn refused(&self, status: StatusCode, message: &str) -> CliError {
        CliError::Control(format!("{} answers {}: {message}", self.base, status.as_u16()))
    }
}
