//! Bytes to a server and bytes back, with a limit on every wait.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Where the crew is.
pub(crate) const CREW: &str = "/api/v2/employers/me/crew";

/// By when a connection has to have answered or ended.
pub(crate) const LIMIT: Duration = Duration::from_mins(2);

/// What a client does once its bytes are out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Keeps its side open, and is content with the first answer.
    Wait,
    /// Ends its side, and reads to the end.
    HalfClose,
}

/// What came back.
pub(crate) struct Back {
    pub(crate) bytes: Vec<u8>,
    /// Whether the server ended the connection.
    pub(crate) ended: bool,
}

impl Back {
    /// The status of each answer, in order.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let text = String::from_utf8_lossy(&self.bytes);
        let starts = text.match_indices("HTTP/1.").filter_map(|(at, _)| text.get(at + 9..at + 12)?.parse().ok());
        starts.collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Connects, with a limit on each read and write.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.set_write_timeout(Some(LIMIT)).unwrap();
    stream
}

/// Sends bytes, and reads what comes back by [`LIMIT`]; neither an answer nor an end by then is a failure.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8], then: Then) -> Back {
    let stream = connect(address);
    thread::scope(|scope| {
        // A server that refuses early reads no further, so that the writing may fail or stall.
        scope.spawn(|| {
            let _ = (&stream).write_all(bytes);
            if then == Then::HalfClose {
                let _ = stream.shutdown(Shutdown::Write);
            }
        });
        let back = read(&stream, then);
        let _ = stream.shutdown(Shutdown::Both);
        back
    })
}

/// Reads until the server ends the connection, or has answered where that is enough.
pub(crate) fn read(mut stream: &TcpStream, then: Then) -> Back {
    let until = Instant::now() + LIMIT;
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        stream.set_read_timeout(Some(left)).unwrap();
        match stream.read(&mut piece) {
            Ok(0) => return Back { bytes, ended: true },
            Ok(n) => bytes.extend_from_slice(&piece[..n]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("neither an answer nor an end within {LIMIT:?}, only {:?}", String::from_utf8_lossy(&bytes));
            }
            // A process that was stopped and goes on finds its reads with a limit broken off.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Back { bytes, ended: true },
        }
        if then == Then::Wait && bytes.windows(4).any(|four| four == b"\r\n\r\n") {
            return Back { bytes, ended: false };
        }
    }
}
