//! A fake in this process, and raw requests to it: nothing on the way may tidy a target up.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use crewpass_mock::world::World;
use crewpass_mock::{Exchange, MockServer};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Where the crew is.
pub(crate) const CREW: &str = "/api/v2/employers/me/crew";

/// Where links lead to.
pub(crate) const FILES: &str = "/api/v2/files/";

/// A fake on threads of its own, with its clock standing still and no limit on reads.
pub(crate) struct Fake {
    pub(crate) server: MockServer,
    _runtime: Runtime,
}

impl Fake {
    pub(crate) fn new(world: Arc<World>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let builder = MockServer::builder().world(world).policy("rate_limits", "off").unwrap();
        let server = runtime.block_on(builder.frozen_at("2026-06-08T10:00:00Z".parse().unwrap()).start()).unwrap();
        Self { server, _runtime: runtime }
    }

    /// The answer to a GET with the key, or without one where a link is followed.
    pub(crate) fn get(&self, target: &str) -> Answer {
        let key = if target.starts_with(FILES) { String::new() } else { self.authorization() };
        let mut stream = TcpStream::connect(self.server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        let head =
            format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{key}\r\n", self.server.address());
        stream.write_all(head.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::read(&bytes)
    }

    fn authorization(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.server.key().unwrap())
    }

    /// The path of a link to a document, each id as it is written.
    pub(crate) fn link(&self, crew: &str, document: &str) -> String {
        let answer = self.get(&format!("{CREW}/{crew}/documents/{document}/download"));
        assert_eq!(answer.status, 200, "{crew} {document}: {answer:?}");
        let url = answer.json["download_url"].as_str().unwrap();
        url.strip_prefix(&self.server.base()).unwrap().to_owned()
    }

    /// What the journal holds of the last request.
    pub(crate) fn last(&self) -> Arc<Exchange> {
        self.server.journal().into_exchanges().last().unwrap()
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The body, null where it is no JSON.
    pub(crate) json: Value,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let status = std::str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap();
        Self { status, json: serde_json::from_slice(&bytes[end + 4..]).unwrap_or_default() }
    }

    pub(crate) fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or_default()
    }
}

/// Each byte of a text in hexadecimal: the longest way to write it as one segment of a path.
pub(crate) fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}
