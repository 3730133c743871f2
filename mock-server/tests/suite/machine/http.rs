//! The smallest client that can tell status, headers and body of one answer after another on one connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// One answer.
#[derive(Debug, Default)]
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
}

/// A connection that is kept.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    pub(crate) fn to(host: &str) -> Self {
        let stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), host: host.to_owned() }
    }

    pub(crate) fn send(&mut self, method: &str, target: &str, key: Option<&str>, body: &[u8]) -> Answer {
        self.send_with(method, target, key, "", body)
    }

    /// Sends a request with further header lines.
    pub(crate) fn send_with(
        &mut self,
        method: &str,
        target: &str,
        key: Option<&str>,
        lines: &str,
        body: &[u8],
    ) -> Answer {
        let key = key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
        let host = &self.host;
        let mut request =
            format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{key}{lines}Content-Length: {}\r\n\r\n", body.len())
                .into_bytes();
        request.extend_from_slice(body);
        self.stream.get_mut().write_all(&request).unwrap();
        self.read()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn read(&mut self) -> Answer {
        let start = self.line();
        let mut answer = Answer { status: start.split(' ').nth(1).unwrap().parse().unwrap(), ..Answer::default() };
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else { break };
            answer.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        // A 304 has none.
        let length = if answer.status == 304 { 0 } else { answer.header("content-length").unwrap().parse().unwrap() };
        answer.body.resize(length, 0);
        self.stream.read_exact(&mut answer.body).unwrap();
        answer
    }
}
