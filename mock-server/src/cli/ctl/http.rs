//! HTTP to a running fake, plain or over TLS, one request after the other.
//!
//! Rationale: reqwest needs a cryptography of its own choice for TLS, or one that the whole process agrees on, and would
//! choose so for every program that has the fake among its tests. hyper-rustls takes the one that is named.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde::Serialize;
use tokio::runtime::Runtime;
use url::Url;

use crate::cli::error::CliError;

type Sent = UnsyncBoxBody<Bytes, io::Error>;

/// A client, and the runtime that it works in.
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Sent>,
    runtime: Runtime,
}

impl Http {
    /// Over TLS it trusts the authorities of a PEM file, and nobody without one.
    pub(super) fn new(ca: Option<&Path>) -> Result<Self, CliError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = tls.map_err(|error| CliError::Tls(error.into()))?;
        let tls = tls.with_root_certificates(ca.map(authorities).transpose()?.unwrap_or_else(RootCertStore::empty));
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls.with_no_client_auth());
        let client = Client::builder(TokioExecutor::new()).build(connector.https_or_http().enable_http1().build());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { client, runtime })
    }

    /// Sends a request, and waits for the head of its answer.
    pub(super) fn send(&self, request: Request) -> Result<Answer<'_>, Unreachable> {
        let Request { method, url, accept, token, body } = request;
        let mut request = http::Request::builder().method(method).uri(url.as_str());
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
        let body = match body {
            Given::Nothing => sent(Bytes::new()),
            Given::Json(text) => {
                request = request.header(CONTENT_TYPE, "application/json");
                sent(text)
            }
            Given::File(file) => FileBody::of(file).boxed_unsync(),
        };
        let request = request.body(body).map_err(|error| Unreachable::Other(error.to_string()))?;
        let response = self.runtime.block_on(self.client.request(request));
        Ok(Answer { response: response.map_err(|error| Unreachable::of(&error))?, runtime: &self.runtime })
    }
}

fn sent(bytes: impl Into<Bytes>) -> Sent {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

fn authorities(path: &Path) -> Result<RootCertStore, CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let wrong = || {
        let expected = "expected certificates in PEM, as `serve --tls-ca` writes them";
        failed(io::Error::new(io::ErrorKind::InvalidData, expected))
    };
    let pem = std::fs::read(path).map_err(failed)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
    }
    if roots.is_empty() { Err(wrong()) } else { Ok(roots) }
}

/// A request.
pub(in crate::cli) struct Request {
    method: Method,
    url: Url,
    accept: Option<&'static str>,
    token: Option<String>,
    body: Given,
}

enum Given {
    Nothing,
    Json(Vec<u8>),
    File(File),
}

impl Request {
    /// One without a body; a token is sent as a bearer's.
    pub(super) fn new(method: Method, url: Url, token: Option<&str>) -> Self {
        Self { method, url, accept: None, token: token.map(str::to_owned), body: Given::Nothing }
    }

    /// Adds to the query.
    pub(in crate::cli) fn query<N: AsRef<str>, V: AsRef<str>>(mut self, pairs: &[(N, V)]) -> Self {
        if !pairs.is_empty() {
            self.url.query_pairs_mut().extend_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
        }
        self
    }

    /// Asks for a media type.
    pub(in crate::cli) fn accept(self, media_type: &'static str) -> Self {
        Self { accept: Some(media_type), ..self }
    }

    /// With JSON as its body.
    pub(super) fn json(self, value: &impl Serialize) -> Self {
        // Texts, numbers and maps with text keys always serialise.
        Self { body: Given::Json(serde_json::to_vec(value).unwrap_or_default()), ..self }
    }

    /// With a file as its body.
    pub(super) fn file(self, file: File) -> Self {
        Self { body: Given::File(file), ..self }
    }
}

/// A file on its way. To wait for the disk is no harm: nothing else goes on.
struct FileBody {
    file: File,
    /// As long as it was when it was opened; that much is sent.
    left: Option<u64>,
}

impl FileBody {
    fn of(file: File) -> Self {
        // Of a pipe nobody knows the length.
        let left = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|about| about.len());
        Self { file, left }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let most = self.left.unwrap_or(u64::MAX).min(1 << 16);
        let mut piece = vec![0; usize::try_from(most).unwrap_or_default()];
        let read = loop {
            match self.file.read(&mut piece) {
                Ok(read) => break read,
                // As of a process that was stopped while it waited for a pipe.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        };
        piece.truncate(read);
        if let Some(left) = &mut self.left {
            *left -= read as u64;
        }
        Poll::Ready((read > 0).then(|| Ok(Frame::data(piece.into()))))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// An answer whose body is still to come.
pub(in crate::cli) struct Answer<'a> {
    response: Response<Incoming>,
    runtime: &'a Runtime,
}

impl Answer<'_> {
    /// The head.
    pub(in crate::cli) const fn head(&self) -> &Response<Incoming> {
        &self.response
    }

    /// All of the body.
    pub(in crate::cli) fn bytes(self) -> Result<Bytes, CliError> {
        let body = self.runtime.block_on(self.response.into_body().collect());
        Ok(body.map_err(|error| broken(&error))?.to_bytes())
    }

    /// Gives each line of the body as it comes.
    pub(super) fn lines(mut self, mut line: impl FnMut(&str) -> Result<(), CliError>) -> Result<(), CliError> {
        let mut begun = Vec::new();
        while let Some(frame) = self.runtime.block_on(self.response.body_mut().frame()) {
            begun.extend_from_slice(frame.map_err(|error| broken(&error))?.data_ref().map_or(&[], |data| data));
            while let Some(end) = begun.iter().position(|byte| *byte == b'\n') {
                let whole: Vec<u8> = begun.drain(..=end).collect();
                line(String::from_utf8_lossy(&whole).trim_end_matches(['\r', '\n']))?;
            }
        }
        Ok(())
    }
}

fn broken(error: &dyn Error) -> CliError {
    CliError::Control(format!("the answer broke off: {error}"))
}

/// How a connection that the other side closed is met, by where it was then.
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
    #[error("what comes is no answer ({0}); if it speaks TLS, say https in --base")]
    NoHttp(String),
    #[error("it closed the connection before it answered; what it says itself may tell why")]
    Closed,
    #[error("{0}")]
    Other(String),
}

impl Unreachable {
    fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = error;
        loop {
            let io = cause.downcast_ref::<io::Error>();
            if io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
                return Self::NobodyListens;
            }
            if cause.downcast_ref::<hyper::Error>().is_some_and(|http| http.is_parse() || http.is_incomplete_message())
            {
                return Self::NoHttp(cause.to_string());
            }
            if io.is_some_and(|io| CLOSED.contains(&io.kind())) {
                return Self::Closed;
            }
            // What an I/O error is made of is not its source.
            if let Some(within) = io.and_then(io::Error::get_ref) {
                cause = within;
            } else if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
                return match tls {
                    rustls::Error::InvalidCertificate(why) => Self::Untrusted(why.to_string()),
                    other => Self::NoTls(other.to_string()),
                };
            } else if let Some(deeper) = cause.source() {
                cause = deeper;
            } else {
                return Self::Other(cause.to_string());
            }
        }
    }
}
