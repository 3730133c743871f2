//! HTTP to a running fake, plain or over TLS, one request after the other.
//!
//! Rationale: ureq blocks, which is all that a command needs, and takes the cryptography that it is given. reqwest
//! would need one that the whole process agrees on.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use http::{Method, Response};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, SendBody};

use crate::cli::error::CliError;
use crate::regular_file::read_at_most;

/// The largest file of an authority's certificates in bytes.
const MAX_CA_BYTES: u64 = 1 << 20;

/// Sends requests over kept connections.
pub(super) struct Http(Agent);

impl Http {
    /// Makes a client that trusts the authorities of a PEM file, or without one no server that speaks TLS.
    pub(super) fn new(ca: Option<&Path>) -> Result<Self, CliError> {
        let roots = ca.map(authorities).transpose()?.unwrap_or_default();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            // A fake is local: a proxy of the environment would not reach it.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build();
        Ok(Self(config.into()))
    }

    /// Sends a request, and waits for the head of its response.
    pub(super) fn send(&self, request: Request) -> Result<Answer, Unreachable> {
        let Request { method, uri, accept, token, timeout, body } = request;
        let mut request = http::Request::builder().method(method).uri(uri);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
        let body = match body {
            RequestBody::None => SendBody::none(),
            RequestBody::Json(text) => {
                request = request.header(CONTENT_TYPE, "application/json").header(CONTENT_LENGTH, text.len());
                SendBody::from_owned_reader(io::Cursor::new(text))
            }
            RequestBody::File(file) => {
                // A refusal comes before the file is sent, and is read.
                request = request.header(EXPECT, "100-continue");
                // A pipe has no known length. A regular file is sent as long as it was when it was opened.
                let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|about| about.len());
                if let Some(length) = length {
                    request = request.header(CONTENT_LENGTH, length);
                }
                SendBody::from_owned_reader(Uninterrupted(file.take(length.unwrap_or(u64::MAX))))
            }
        };
        let request = request.body(body).map_err(|error| Unreachable::Other(error.to_string()))?;
        let request = self.0.configure_request(request).timeout_global(timeout).build();
        let response = self.0.run(request).map_err(|error| Unreachable::from_error(&error))?;
        Ok(Answer(response))
    }
}

/// Reads the certificates of a PEM file, of which there must be one at least.
fn authorities(path: &Path) -> Result<Vec<Certificate<'static>>, CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let wrong = || {
        let expected = "expected certificates in PEM, as `serve --tls-ca` writes them";
        failed(io::Error::new(io::ErrorKind::InvalidData, expected))
    };
    let pem = File::open(path).and_then(|file| read_at_most(file, MAX_CA_BYTES)).map_err(failed)?;
    let mut parsed = rustls::RootCertStore::empty();
    let mut roots = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|_| wrong())?;
        roots.push(Certificate::from_der(&certificate).to_owned());
        parsed.add(certificate).map_err(|_| wrong())?;
    }
    if roots.is_empty() { Err(wrong()) } else { Ok(roots) }
}

/// A reader that goes on after a signal: a process that is stopped while it waits for a pipe meets one.
struct Uninterrupted<R>(R);

impl<R: Read> Read for Uninterrupted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

/// A request.
pub(in crate::cli) struct Request {
    method: Method,
    uri: String,
    accept: Option<&'static str>,
    token: Option<String>,
    timeout: Option<Duration>,
    body: RequestBody,
}

enum RequestBody {
    None,
    Json(Vec<u8>),
    File(File),
}

impl Request {
    /// Makes a request without a body; a token is sent as a bearer's.
    pub(super) fn new(method: Method, uri: String, token: Option<&str>) -> Self {
        Self { method, uri, accept: None, token: token.map(str::to_owned), timeout: None, body: RequestBody::None }
    }

    /// Adds to the query.
    pub(in crate::cli) fn query<N: AsRef<str>, V: AsRef<str>>(mut self, pairs: &[(N, V)]) -> Self {
        if !pairs.is_empty() {
            self.uri.push(if self.uri.contains('?') { '&' } else { '?' });
            let start = self.uri.len();
            let mut query = form_urlencoded::Serializer::for_suffix(self.uri, start);
            query.extend_pairs(pairs);
            self.uri = query.finish();
        }
        self
    }

    /// Limits the time until the end of the response.
    pub(super) fn within(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Asks for a media type.
    pub(in crate::cli) fn accept(self, media_type: &'static str) -> Self {
        Self { accept: Some(media_type), ..self }
    }

    /// Sends JSON.
    pub(super) fn json(self, value: &impl Serialize) -> Self {
        // Texts, numbers and maps with text keys always serialise.
        Self { body: RequestBody::Json(serde_json::to_vec(value).unwrap_or_default()), ..self }
    }

    /// Sends a file.
    pub(super) fn file(self, file: File) -> Self {
        Self { body: RequestBody::File(file), ..self }
    }
}

/// A response whose body is still to come.
pub(in crate::cli) struct Answer(Response<Body>);

impl Answer {
    /// Returns the head.
    pub(in crate::cli) const fn head(&self) -> &Response<Body> {
        &self.0
    }

    /// Reads all of the body.
    pub(in crate::cli) fn bytes(self) -> Result<Vec<u8>, CliError> {
        let mut bytes = Vec::new();
        self.0.into_body().into_reader().read_to_end(&mut bytes).map_err(|error| broken_off(&error))?;
        Ok(bytes)
    }

    /// Gives each line of the body as it comes.
    pub(super) fn lines(self, mut line: impl FnMut(&str) -> Result<(), CliError>) -> Result<(), CliError> {
        let mut body = BufReader::new(self.0.into_body().into_reader());
        let mut bytes = Vec::new();
        while body.read_until(b'\n', &mut bytes).map_err(|error| broken_off(&error))? > 0 {
            line(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']))?;
            bytes.clear();
        }
        Ok(())
    }
}

fn broken_off(error: &dyn Error) -> CliError {
    CliError::Control { status: None, message: format!("the answer broke off: {error}") }
}

/// The errors of a connection that the other side closed.
const CLOSED: [io::ErrorKind; 3] =
    [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe];

/// Why a fake could not be reached, and what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("nothing listens there; start one, or name it with --base")]
    NobodyListens,
    #[error("its certificate is not trusted ({0}); name the file that `serve --tls-ca` wrote with --ca")]
    Untrusted(String),
    #[error("it does not speak TLS as it should ({0}); if it speaks none, say http in --base")]
    NoTls(String),
    #[error("it does not answer in HTTP ({0}); if it speaks TLS, say https in --base")]
    NoHttp(String),
    #[error("it closed the connection before it answered; its own output may tell why")]
    Closed,
    #[error("{0}")]
    Other(String),
}

impl Unreachable {
    fn from_error(error: &ureq::Error) -> Self {
        match error {
            ureq::Error::Io(io) => Self::from_io(io),
            ureq::Error::Rustls(tls) => Self::from_tls(tls),
            ureq::Error::ConnectionFailed => Self::NobodyListens,
            ureq::Error::Protocol(why) => Self::NoHttp(why.to_string()),
            other => Self::Other(other.to_string()),
        }
    }

    fn from_io(error: &io::Error) -> Self {
        // An error of rustls, and of ureq, may be within that of a read.
        let within = error.get_ref();
        if let Some(tls) = within.and_then(|within| within.downcast_ref()) {
            return Self::from_tls(tls);
        }
        if let Some(ureq) = within.and_then(|within| within.downcast_ref()) {
            return Self::from_error(ureq);
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::NobodyListens,
            kind if CLOSED.contains(&kind) => Self::Closed,
            _ => Self::Other(error.to_string()),
        }
    }

    fn from_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(why) => Self::Untrusted(why.to_string()),
            other => Self::NoTls(other.to_string()),
        }
    }
}
