//! One HTTP request as it arrives, within bounds: whatever a sender does, it costs little memory and little time.

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

/// The largest head of a request.
const HEAD: u64 = 64 << 10;
/// The largest body that is read.
pub(super) const BODY: u64 = 256 << 10;

/// A request, with names of headers in lower case. What is broken is kept as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    /// The reason why it is not whole.
    pub(super) broken: Option<String>,
}

impl Message {
    /// Reads a request into `self`, so that what has come is known even if the rest never does.
    pub(super) async fn read(&mut self, stream: &mut (impl AsyncBufRead + AsyncWriteExt + Unpin)) {
        let read = async {
            self.read_head(stream).await?;
            if self.is(b"expect", b"100-continue") {
                stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|error| error.to_string())?;
            }
            if self.is(b"transfer-encoding", b"chunked") {
                return self.read_chunks(stream).await;
            }
            let length = self.header("content-length").map(|value| String::from_utf8_lossy(value).into_owned());
            match length.map(|text| text.parse::<u64>()) {
                None => Ok(()),
                Some(Ok(length)) => self.read_piece(stream, length).await,
                Some(Err(_)) => Err("a Content-Length that is not a number".to_owned()),
            }
        };
        let result = read.await;
        self.broken = result.err();
    }

    /// Returns the first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    fn is(&self, name: &[u8], value: &[u8]) -> bool {
        self.headers.iter().any(|(known, found)| known.as_bytes() == name && found.eq_ignore_ascii_case(value))
    }

    async fn read_head(&mut self, stream: &mut (impl AsyncBufRead + Unpin)) -> Result<(), String> {
        let mut left = HEAD;
        let first = line(stream, &mut left).await?;
        let mut words = first.split(|byte| *byte == b' ').map(|word| String::from_utf8_lossy(word).into_owned());
        self.method = words.next().unwrap_or_default();
        self.target = words.next().unwrap_or_default();
        loop {
            let line = line(stream, &mut left).await?;
            if line.is_empty() {
                return Ok(());
            }
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                return Err("a line of the head without a colon".to_owned());
            };
            let name = String::from_utf8_lossy(&line[..colon]).to_lowercase();
            self.headers.push((name, line[colon + 1..].trim_ascii().to_vec()));
        }
    }

    /// Reads bytes of the body, as far as it is not too large.
    async fn read_piece(&mut self, stream: &mut (impl AsyncBufRead + Unpin), length: u64) -> Result<(), String> {
        let room = BODY.saturating_sub(self.body.len() as u64);
        let read = stream.take(length.min(room)).read_to_end(&mut self.body).await;
        let read = read.map_err(|error| error.to_string())? as u64;
        match read {
            _ if length > room => Err(format!("a body of more than {} KiB", BODY >> 10)),
            read if read < length => Err("the connection ended within the body".to_owned()),
            _ => Ok(()),
        }
    }

    async fn read_chunks(&mut self, stream: &mut (impl AsyncBufRead + Unpin)) -> Result<(), String> {
        // Sizes and trailers count as a head; a sender of tiny chunks is soon at its end.
        let mut left = HEAD;
        loop {
            let size = line(stream, &mut left).await?;
            let digits = size.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
            let size = std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
            let size = size.ok_or("a chunk without a size")?;
            if size == 0 {
                while !line(stream, &mut left).await?.is_empty() {}
                return Ok(());
            }
            self.read_piece(stream, size).await?;
            line(stream, &mut left).await?;
        }
    }
}

/// Reads a line, without its end.
async fn line(stream: &mut (impl AsyncBufRead + Unpin), left: &mut u64) -> Result<Vec<u8>, String> {
    let mut line = Vec::new();
    let read = stream.take(*left).read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
    *left -= read as u64;
    if line.pop() != Some(b'\n') {
        let why = if *left == 0 { "a head of more than 64 KiB" } else { "the connection ended within the head" };
        return Err(why.to_owned());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use tokio::io::BufStream;

    use super::*;

    async fn read(text: &[u8]) -> Message {
        let (mut sender, receiver) = tokio::io::duplex(1 << 20);
        sender.write_all(text).await.unwrap();
        drop(sender);
        let mut message = Message::default();
        message.read(&mut BufStream::new(receiver)).await;
        message
    }

    #[tokio::test]
    async fn a_body_has_a_length_or_comes_in_chunks() {
        let with_length = read(b"POST /x HTTP/1.1\r\nA: b \r\ncontent-length: 2\r\n\r\n{}more").await;
        assert_eq!((with_length.method.as_str(), with_length.target.as_str()), ("POST", "/x"));
        assert_eq!((with_length.body.as_slice(), with_length.header("a")), (&b"{}"[..], Some(&b"b"[..])));
        let chunked =
            read(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x\r\n}\r\n0\r\n\r\n").await;
        assert_eq!((chunked.body.as_slice(), chunked.broken), (&b"{}"[..], None));
    }

    #[tokio::test]
    async fn what_is_broken_says_why_and_is_bounded() {
        let long = [b"POST / HTTP/1.1\r\nx: ".as_slice(), &vec![b'a'; 70 << 10]].concat();
        let large =
            [b"POST / HTTP/1.1\r\nContent-Length: 10485760\r\n\r\n".as_slice(), &vec![b'a'; 300 << 10]].concat();
        let tiny = b"1\r\na\r\n".repeat(20_000);
        let tiny = [b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n".as_slice(), &tiny].concat();
        for (text, why) in [
            (&long[..], "a head of more than 64 KiB"),
            (&large, "a body of more than 256 KiB"),
            (&tiny, "a head of more than 64 KiB"),
            (b"POST / HTTP/1.1\r\nx", "the connection ended within the head"),
            (b"POST / HTTP/1.1\r\nno colon\r\n", "a line of the head without a colon"),
            (b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\n{}", "the connection ended within the body"),
            (b"POST / HTTP/1.1\r\ncontent-length: -9\r\n\r\n{}", "a Content-Length that is not a number"),
        ] {
            let message = read(text).await;
            assert_eq!(message.broken.as_deref(), Some(why));
            assert!(message.body.len() as u64 <= BODY);
        }
    }
}
