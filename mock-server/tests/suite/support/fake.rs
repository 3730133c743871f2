//! A fake to a test, and one raw request a connection: nothing between a test and the bytes may tidy them up.

use std::net::SocketAddr;
use std::time::Duration;

use crewpass_mock::{Builder, MockServer, Origins};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Where the crew is.
pub(crate) const CREW: &str = "/api/v2/employers/me/crew";

/// By when a connection has to have answered and ended.
const LIMIT: Duration = Duration::from_mins(2);

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Status and error code, which is empty where there is none.
    pub(crate) fn status_and_code(&self) -> (u16, String) {
        let code = serde_json::from_slice::<Value>(&self.body).ok();
        let code = code.and_then(|json| json["error"]["code"].as_str().map(str::to_owned));
        (self.status, code.unwrap_or_default())
    }

    /// The ids that a list shows, in its order.
    pub(crate) fn ids(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{self:?}");
        let json = self.json();
        let items = json["items"].as_array().unwrap();
        items.iter().map(|item| item["document_id"].as_str().unwrap().to_owned()).collect()
    }

    /// The link of a link step.
    pub(crate) fn url(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()["download_url"].as_str().unwrap().to_owned()
    }

    fn read(bytes: &[u8], head_only: bool) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap()[9..12].parse().unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Self { status, headers, body: bytes[end + 4..].to_vec() };
        if answer.header("transfer-encoding") == Some("chunked") && !head_only {
            answer.body = unchunked(&answer.body);
        }
        answer
    }
}

fn unchunked(mut left: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = left.windows(2).position(|two| two == b"\r\n").expect("a chunk's size");
        let size = usize::from_str_radix(std::str::from_utf8(&left[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&left[end + 2..end + 2 + size]);
        left = &left[end + 2 + size + 2..];
    }
}

/// Sends bytes that ask for the connection to be closed, and reads to its end.
pub(crate) async fn send(address: SocketAddr, request: &str) -> Answer {
    let whole = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        bytes
    };
    let bytes = timeout(LIMIT, whole).await.expect("an answer in time");
    Answer::read(&bytes, request.starts_with("HEAD "))
}

/// The path of a document's link step.
pub(crate) fn download(crew: &str, document: &str) -> String {
    format!("{CREW}/{crew}/documents/{document}/download")
}

/// What stands in a link behind its origin.
pub(crate) fn path_of(url: &str) -> &str {
    &url[url.find("/api/").expect("a link")..]
}

/// A fake on a clock that stands still at 2026-06-08T10:00:00Z.
pub(crate) struct Fake {
    pub(crate) server: MockServer,
}

impl Fake {
    /// Of the starter world with these policies, as `NAME=VALUE`.
    pub(crate) async fn start(policies: &[&str]) -> Self {
        Self::built(policies, |builder| builder).await
    }

    /// The same, with more told to its builder.
    pub(crate) async fn built(policies: &[&str], more: impl FnOnce(Builder) -> Builder) -> Self {
        let origins = Origins { allowed_hosts: vec!["fake.test".into()], ..Origins::default() };
        let builder = MockServer::builder().frozen_at("2026-06-08T10:00:00Z".parse().unwrap()).origins(origins);
        let builder = policies.iter().fold(builder, |builder, policy| builder.policy_from(policy).unwrap());
        Self { server: more(builder).start().await.unwrap() }
    }

    /// A request with these header lines, each with its line end.
    pub(crate) async fn ask(&self, method: &str, target: &str, lines: &str) -> Answer {
        let request = format!("{method} {target} HTTP/1.1\r\nHost: fake.test\r\n{lines}Connection: close\r\n\r\n");
        send(self.server.address(), &request).await
    }

    /// The header line of the key that may do everything.
    pub(crate) fn key(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.server.key().unwrap())
    }

    /// `GET` with that key.
    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &self.key()).await
    }

    /// `POST` of a body of JSON with that key.
    pub(crate) async fn post(&self, target: &str, body: &str) -> Answer {
        let (key, length) = (self.key(), body.len());
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: fake.test\r\n{key}Content-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        send(self.server.address(), &request).await
    }

    /// The list of a person.
    pub(crate) async fn list(&self, crew: &str) -> Answer {
        self.get(&format!("{CREW}/{crew}/documents")).await
    }

    /// The path of a new link to a document of `crew_001`.
    pub(crate) async fn link(&self, document: &str) -> String {
        path_of(&self.get(&download("crew_001", document)).await.url()).to_owned()
    }

    /// Follows a link without a key.
    pub(crate) async fn follow(&self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    /// A control request; `path` counts from `/__mock`.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let length = body.len();
        let request = format!(
            "{method} /__mock{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        send(self.server.address(), &request).await
    }

    /// A control request that is carried out.
    pub(crate) async fn done(&self, method: &str, path: &str, body: &str) -> Value {
        let answer = self.control(method, path, body).await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
        answer.json()
    }
}
