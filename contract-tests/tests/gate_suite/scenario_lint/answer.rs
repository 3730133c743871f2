//! An answer as it is on the wire, also one that breaks off.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// The longest wait for a byte. No answer that is read to its end takes as long.
const LIMIT: Duration = Duration::from_mins(1);

/// The length of an id that the fake gives a request.
const ID: usize = 36;

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The headers by name, in lower case.
    pub(super) headers: BTreeMap<String, String>,
    /// The bytes of the body that came, without chunks.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Sends a GET and reads the answer: to its end, or until `enough` bytes of the body have come. `None` if the
    /// connection ended without an answer.
    pub(super) fn get(address: SocketAddr, target: &str, headers: &[String], enough: Option<usize>) -> Option<Self> {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let lines = headers.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect::<String>();
        let head = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{lines}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 << 10]);
        loop {
            match Self::read(&bytes) {
                Some(answer) if enough.is_some_and(|enough| answer.body.len() >= enough) => return Some(answer),
                _ => {}
            }
            match stream.read(&mut piece) {
                Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
                // A reset ends an answer, too.
                Ok(_) | Err(_) => return Self::read(&bytes),
            }
        }
    }

    /// Returns the same answer without what differs from server to server: its address, its cursors, and the ids of
    /// its requests.
    pub(super) fn normalized(mut self, address: SocketAddr) -> Self {
        let base = format!("http://{address}");
        for (name, value) in &mut self.headers {
            let is_id = name == "x-request-id" && value.starts_with("req_") && value.len() == ID;
            *value = if is_id { "an id".to_owned() } else { value.replace(&base, "{base}") };
        }
        if let Ok(text) = std::str::from_utf8(&self.body)
            && text.contains(&base)
        {
            self.body = text.replace(&base, "{base}").into_bytes();
        }
        if let Some(mut json) = self.json()
            && json["next_cursor"].as_str().is_some_and(|cursor| cursor.starts_with("cur_"))
        {
            json["next_cursor"] = "a cursor".into();
            self.body = json.to_string().into_bytes();
        }
        self
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: BTreeMap<_, _> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let rest = &bytes[end + 4..];
        let is_chunked = headers.get("transfer-encoding").is_some_and(|value| value == "chunked");
        let body = if is_chunked { without_chunks(rest) } else { rest.to_vec() };
        Some(Self { status, headers, body })
    }

    /// Returns the JSON of the body, if it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Returns the data of the chunks that came.
fn without_chunks(mut rest: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    while let Some(end) = rest.windows(2).position(|part| part == b"\r\n") {
        let length = std::str::from_utf8(&rest[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let Some(length) = length.filter(|length| *length > 0) else { break };
        rest = &rest[end + 2..];
        data.extend_from_slice(&rest[..length.min(rest.len())]);
        rest = rest.get(length + 2..).unwrap_or_default();
    }
    data
}
