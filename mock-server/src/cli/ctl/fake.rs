//! A running fake, reached by its control API.

use std::path::Path;

use http::{Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::args::Address;
use super::http::{Answer, Http, Request};
use crate::cli::error::CliError;

/// The message about a server that does not answer as a fake does.
const NOT_A_FAKE: &str = "that is not a crewpass-mock";

/// What stays as it is in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A running fake.
pub(in crate::cli) struct Fake<'a> {
    base: &'a str,
    token: Option<&'a str>,
    session: Option<&'a str>,
    http: Http,
}

impl<'a> Fake<'a> {
    pub(in crate::cli) fn new(at: &'a Address) -> Result<Self, CliError> {
        if at.base.trim().is_empty() {
            return Err(CliError::Usage(
                "the base URL is empty: unset the variable BASE, or set it (or --base) to the URL of the fake, such as \
                 http://127.0.0.1:8787"
                    .to_owned(),
            ));
        }
        let scheme = scheme(&at.base).ok_or_else(|| {
            CliError::Usage(format!("--base {}: expected a URL such as http://127.0.0.1:8787", at.base))
        })?;
        // The environment may name a file for others; without TLS nobody reads it.
        let ca = at.ca.as_deref().filter(|path| !path.is_empty() && scheme == "https");
        let http = Http::new(ca.map(Path::new))?;
        Ok(Self {
            base: at.base.trim_end_matches('/'),
            token: at.token.as_deref().filter(|token| !token.is_empty()),
            session: at.session.as_deref(),
            http,
        })
    }

    /// Returns a request about the session that the command line names.
    pub(in crate::cli) fn request(&self, method: Method, path: &[&str]) -> Request {
        match self.session {
            Some(session) => self.request_to_all(method, &[&["sessions", session], path].concat()),
            None => self.request_to_all(method, path),
        }
    }

    /// Returns a request about the server as a whole.
    pub(super) fn request_to_all(&self, method: Method, path: &[&str]) -> Request {
        let mut uri = format!("{}/__mock", self.base);
        for segment in path {
            uri.push('/');
            uri.extend(utf8_percent_encode(segment, SEGMENT));
        }
        Request::new(method, uri, self.token)
    }

    /// Sends a request, and gives the JSON that comes back.
    pub(super) fn send(&self, request: Request) -> Result<Value, CliError> {
        let answer = self.answered(request)?;
        let status = answer.head().status();
        serde_json::from_slice(&answer.bytes()?).map_err(|_| self.refused(status, NOT_A_FAKE))
    }

    /// Sends a request, and passes on the data of each event that comes back, until the other side ends. `begun` is
    /// called once the request is accepted.
    pub(super) fn follow(
        &self,
        request: Request,
        begun: impl FnOnce() -> Result<(), CliError>,
        mut event: impl FnMut(&str) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let answer = self.answered(request)?;
        begun()?;
        answer.lines(|line| match line.strip_prefix("data:") {
            Some(data) => event(data.trim_start()),
            None => Ok(()),
        })
    }

    /// Sends a request, and gives the answer if it was carried out.
    pub(in crate::cli) fn answered(&self, request: Request) -> Result<Answer, CliError> {
        let unreachable =
            |why| CliError::Control { status: None, message: format!("no fake answers at {}: {why}", self.base) };
        let answer = self.http.send(request).map_err(unreachable)?;
        let status = answer.head().status();
        if status.is_success() {
            return Ok(answer);
        }
        let body: Value = serde_json::from_slice(&answer.bytes()?).unwrap_or_default();
        Err(self.refused(status, body["error"]["message"].as_str().unwrap_or(NOT_A_FAKE)))
    }

    /// Sends a request that asks whether all that was demanded has happened: 409 means that it has not.
    pub(super) fn verify(&self, request: Request) -> Result<Value, CliError> {
        match self.answered(request) {
            Err(CliError::Control { status: Some(StatusCode::CONFLICT), message }) => Err(CliError::Unmet(message)),
            answered => serde_json::from_slice(&answered?.bytes()?)
                .map_err(|_| CliError::Control { status: None, message: NOT_A_FAKE.to_owned() }),
        }
    }

    fn refused(&self, status: StatusCode, message: &str) -> CliError {
        let message = format!("{} answers {}: {message}", self.base, status.as_u16());
        CliError::Control { status: Some(status), message }
    }
}

/// Returns the scheme of a base URL, if it is one: `http` or `https`, a host, and no query.
fn scheme(base: &str) -> Option<String> {
    let uri: Uri = base.parse().ok()?;
    let usable = uri.host().is_some_and(|host| !host.is_empty()) && uri.query().is_none();
    uri.scheme_str().filter(|scheme| usable && matches!(*scheme, "http" | "https")).map(str::to_owned)
}
