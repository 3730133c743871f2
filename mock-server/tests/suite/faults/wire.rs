//! A fake with rules, and raw connections to it that tell how they ended: nothing tidies up what came.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crewpass_mock::http::Authority;
use crewpass_mock::{Builder, MockServer, Origins};
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Where the list of a person with documents is.
pub(crate) const LIST: &str = "/api/v2/employers/me/crew/crew_001/documents";

/// Where a link to a document is given.
pub(crate) const LINK: &str = "/api/v2/employers/me/crew/crew_001/documents/doc_1/download";

/// By when everything has to have come.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Fin,
    Rst,
}

/// What came over a connection up to its end.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) head: String,
    /// As it came, chunks and all.
    pub(crate) body: Vec<u8>,
    pub(crate) end: End,
}

impl Seen {
    pub(crate) fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn length(&self) -> usize {
        self.header("content-length").unwrap().parse().unwrap()
    }

    /// The path of the link that is given.
    pub(crate) fn link(&self) -> String {
        assert_eq!(self.status(), 200, "{self:?}");
        let url = self.json()["download_url"].as_str().unwrap().to_owned();
        url[url.find("/api/").unwrap()..].to_owned()
    }
}

/// Sends a request, and reads until the connection ends.
pub(crate) async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Seen {
    let talk = async {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = match stream.read_to_end(&mut bytes).await {
            Ok(_) => End::Fin,
            // rustls says so of a FIN without a `close_notify`.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => End::Fin,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => End::Rst,
            Err(error) => panic!("{error}"),
        };
        (bytes, end)
    };
    let (bytes, end) = timeout(LIMIT, talk).await.expect("an end in time");
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    Seen { head: String::from_utf8_lossy(&bytes[..split]).into_owned(), body: bytes[split..].to_vec(), end }
}

/// A fake on a clock that stands still at 2026-06-08T10:00:00Z.
pub(crate) struct Fake {
    pub(crate) server: MockServer,
    authority: Option<Authority>,
}

impl Fake {
    /// With these rules, in YAML.
    pub(crate) async fn with(rules: &[&str]) -> Self {
        Self::built(rules, |builder| builder).await
    }

    pub(crate) async fn built(rules: &[&str], more: impl FnOnce(Builder) -> Builder) -> Self {
        let origins = Origins { allowed_hosts: vec!["fake.test".into()], ..Origins::default() };
        let builder = MockServer::builder().frozen_at("2026-06-08T10:00:00Z".parse().unwrap()).origins(origins);
        let builder = rules.iter().fold(builder, |builder, rule| {
            builder.fault(rule.parse().unwrap_or_else(|error| panic!("{rule}: {error}"))).unwrap()
        });
        Self { server: more(builder).start().await.unwrap(), authority: None }
    }

    /// The same over TLS.
    pub(crate) async fn over_tls(rules: &[&str]) -> Self {
        let authority = Authority::new().unwrap();
        let config = authority.server_config(&["localhost"]).unwrap();
        let fake = Self::built(rules, |builder| builder.tls(config)).await;
        Self { authority: Some(authority), ..fake }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// A request with the key that may do everything, and these header lines.
    pub(crate) fn request(&self, method: &str, target: &str, lines: &str) -> String {
        let key = self.server.key().unwrap();
        format!(
            "{method} {target} HTTP/1.1\r\nHost: fake.test\r\nAuthorization: Bearer {key}\r\n{lines}Connection: close\r\n\r\n"
        )
    }

    pub(crate) async fn ask(&self, method: &str, target: &str, lines: &str) -> Seen {
        let request = self.request(method, target, lines);
        let tcp = TcpStream::connect(self.address()).await.unwrap();
        let Some(authority) = &self.authority else { return talk(tcp, &request).await };
        let mut roots = rustls::RootCertStore::empty();
        let pem = authority.ca_pem();
        roots.add(rustls::pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        talk(TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap(), &request).await
    }

    pub(crate) async fn get(&self, target: &str) -> Seen {
        self.ask("GET", target, "").await
    }

    /// The path of a link to `doc_1`.
    pub(crate) async fn link(&self) -> String {
        self.get(LINK).await.link()
    }

    /// The statuses of so many requests, one after the other.
    pub(crate) async fn statuses(&self, target: &str, count: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..count {
            statuses.push(self.get(target).await.status());
        }
        statuses
    }

    /// A control request; `path` counts from `/__mock`.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> Seen {
        let length = body.len();
        let request = format!(
            "{method} /__mock{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        talk(TcpStream::connect(self.address()).await.unwrap(), &request).await
    }

    /// Matched and fired of each rule.
    pub(crate) fn counts(&self) -> Vec<(u64, u64)> {
        let reports = self.server.session().lock().faults.reports();
        reports.iter().map(|report| (report.matched, report.fired)).collect()
    }
}
