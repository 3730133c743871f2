//! As much of HTTP/1.1 as the bench has to read, and no more: it shares the cores with what it measures.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::Result;

/// What the load has to know of an answer's head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// Where the body begins.
    pub(crate) end: usize,
    /// The length of the body.
    pub(crate) length: usize,
    /// Whether the status is 200.
    pub(crate) ok: bool,
}

/// Reads a head, or gives nothing as long as it is not complete.
pub(crate) fn head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(blank) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let ok = bytes.starts_with(b"HTTP/1.1 200");
    let length = bytes[..blank].split(|byte| *byte == b'\n').find_map(content_length);
    let length = length.ok_or("an answer without a valid Content-Length")?;
    Ok(Some(Head { end: blank + 4, length, ok }))
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// An answer in full.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The bytes as they came over the wire.
    pub(crate) raw: Vec<u8>,
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers, without those that a server sets by itself.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// Takes an answer apart.
    pub(crate) fn parse(raw: Vec<u8>) -> Result<Self> {
        let head = head(&raw)?.ok_or("an answer that ends within its head")?;
        let mut lines = std::str::from_utf8(&raw[..head.end])?.split("\r\n");
        let status =
            lines.next().and_then(|line| line.split(' ').nth(1)).ok_or("an answer without a status")?.parse()?;
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            headers.append(name.parse::<HeaderName>()?, value.trim().parse::<HeaderValue>()?);
        }
        for own in [header::CONTENT_LENGTH, header::DATE, header::CONNECTION] {
            headers.remove(own);
        }
        let body = Bytes::copy_from_slice(raw.get(head.end..head.end + head.length).ok_or("a body cut short")?);
        Ok(Self { raw, status, headers, body })
    }

    /// The names of its headers, in order.
    pub(crate) fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }
}

/// Sends one request on a connection of its own and waits for the answer, which has to be 200.
pub(crate) fn fetch(from: SocketAddr, request: &[u8]) -> Result<Answer> {
    let mut stream = TcpStream::connect(from)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(request)?;
    let (mut raw, mut buffer) = (Vec::new(), [0; 16_384]);
    while head(&raw)?.is_none_or(|head| raw.len() < head.end + head.length) {
        match stream.read(&mut buffer)? {
            0 => return Err("the connection was closed before the answer was complete".into()),
            read => raw.extend_from_slice(&buffer[..read]),
        }
    }
    let answer = Answer::parse(raw)?;
    if answer.status != StatusCode::OK {
        let body = String::from_utf8_lossy(&answer.body);
        return Err(format!("{} to {}: {body}", answer.status, String::from_utf8_lossy(request)).into());
    }
    Ok(answer)
}
