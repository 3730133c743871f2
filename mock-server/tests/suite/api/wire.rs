//! A fake on a frozen clock, and a client that shows every byte of an answer: nothing is followed, added or hidden.

use std::net::SocketAddr;

use crewpass_mock::{Builder, MockServer, Origins};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Where every clock of these tests stands.
pub(crate) const START: &str = "2026-06-08T10:00:00Z";

/// The list of the starter world's first crew member.
pub(crate) const LIST: &str = "/api/v2/employers/me/crew/crew_001/documents";

/// The origin of links for callers that say `Host: fake.test`.
const ORIGIN: &str = "http://fake.test";

/// The path at which a link to a document of `crew_001` is given.
pub(crate) fn link_path(document: &str) -> String {
    format!("{LIST}/{document}/download")
}

/// A builder of the starter world with the clock frozen, and some policies.
pub(crate) fn builder(settings: &[&str]) -> Builder {
    let builder = MockServer::builder().frozen_at(START.parse().unwrap()).origins(origins());
    settings.iter().fold(builder, |builder, setting| builder.policy_from(setting).unwrap())
}

/// Origins that let links be on `fake.test`, although the fake is on loopback.
pub(crate) fn origins() -> Origins {
    Origins { allowed_hosts: vec!["fake.test".into()], ..Origins::default() }
}

/// The same, started.
pub(crate) async fn starter(settings: &[&str]) -> MockServer {
    builder(settings).start().await.unwrap()
}

/// Moves the frozen clock to an instant.
pub(crate) fn set_clock(fake: &MockServer, to: &str) {
    fake.session().lock().clock.set(to.parse().unwrap(), Timestamp::UNIX_EPOCH).unwrap();
}

/// An answer as it came.
pub(crate) struct Answer {
    /// The status line and the header lines, as they stand.
    pub(crate) head: String,
    /// The body, with the framing of chunks taken off.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The status code.
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// `error.code` of the envelope.
    pub(crate) fn code(&self) -> Option<String> {
        self.json()["error"]["code"].as_str().map(str::to_owned)
    }

    /// Status and code in one, for comparisons.
    pub(crate) fn outcome(&self) -> String {
        format!("{} {}", self.status(), self.code().unwrap_or_default()).trim_end().to_owned()
    }

    /// The path of the link that this answer gives.
    pub(crate) fn link(&self) -> String {
        let url = self.json()["download_url"].as_str().unwrap().to_owned();
        url.strip_prefix(ORIGIN).unwrap().to_owned()
    }

    /// Everything; of a body that is no text, or a file, its length, digest and first line.
    pub(crate) fn whole(&self) -> String {
        let file = self.head.contains("nosniff");
        let body = match std::str::from_utf8(&self.body) {
            Ok(text) if !file => text.to_owned(),
            _ => shown(&self.body),
        };
        format!("{}\n\n{body}", self.head)
    }
}

fn shown(body: &[u8]) -> String {
    if body.is_empty() {
        return String::new();
    }
    let hex = Sha256::digest(body).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let line = body.split(|byte| b"\r\n".contains(byte)).next().unwrap_or_default();
    format!("<{} bytes, sha256 {hex}, beginning {}>", body.len(), line.escape_ascii())
}

/// A connection that stays open.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self { stream: BufReader::new(TcpStream::connect(address).await.unwrap()) }
    }

    /// Sends a request as it is written, and reads its answer.
    pub(crate) async fn send(&mut self, request: &str) -> Answer {
        self.begin(request).await;
        self.answer(request.starts_with("HEAD ")).await
    }

    /// Sends a request as it is written, and waits for nothing.
    pub(crate) async fn begin(&mut self, request: &str) {
        self.stream.get_mut().write_all(request.as_bytes()).await.unwrap();
    }

    /// Reads the head of an answer, and of the body no more than came along.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap().trim_end().replace("\r\n", "\n")
    }

    async fn answer(&mut self, bodiless: bool) -> Answer {
        let mut answer = Answer { head: self.head().await, body: Vec::new() };
        if bodiless {
            return answer;
        }
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = self.chunks().await;
        } else {
            let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
            answer.body = self.exactly(length).await;
        }
        answer
    }

    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            while !line.ends_with("\r\n") {
                line.push(char::from(self.stream.read_u8().await.unwrap()));
            }
            let length = usize::from_str_radix(line.trim_end(), 16).unwrap();
            body.extend(self.exactly(length).await);
            assert_eq!(self.exactly(2).await, b"\r\n");
            if length == 0 {
                return body;
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await.unwrap();
        bytes
    }
}

/// A request in HTTP/1.1, to `fake.test`.
pub(crate) fn request(method: &str, path: &str, headers: &[&str]) -> String {
    let lines: String = headers.iter().flat_map(|line| [line, "\r\n"]).collect();
    format!("{method} {path} HTTP/1.1\r\nHost: fake.test\r\n{lines}\r\n")
}

/// Sends one request on a connection of its own.
pub(crate) async fn send(fake: &MockServer, method: &str, path: &str, headers: &[&str]) -> Answer {
    Connection::open(fake.address()).await.send(&request(method, path, headers)).await
}

/// The `Authorization` line of the key of that name.
pub(crate) fn bearer(fake: &MockServer, name: &str) -> String {
    format!("Authorization: Bearer {}", fake.key_of(name).unwrap())
}

/// Sends a GET with the key of that name.
pub(crate) async fn get_as(fake: &MockServer, name: &str, path: &str) -> Answer {
    send(fake, "GET", path, &[&bearer(fake, name)]).await
}

/// Sends a GET with the key that may do everything.
pub(crate) async fn get(fake: &MockServer, path: &str) -> Answer {
    get_as(fake, "full", path).await
}

/// Asks for a link to a document of `crew_001`; gives its path.
pub(crate) async fn link(fake: &MockServer, document: &str) -> String {
    get(fake, &link_path(document)).await.link()
}

/// Follows a link, without a key.
pub(crate) async fn follow(fake: &MockServer, path: &str) -> Answer {
    send(fake, "GET", path, &[]).await
}

/// The ids of a list.
pub(crate) fn ids(list: &Answer) -> Vec<String> {
    let json = list.json();
    let items = json["items"].as_array().unwrap();
    items.iter().map(|item| item["document_id"].as_str().unwrap().to_owned()).collect()
}
