//! The load: connections kept open from one thread, each with one request under way at a time.
//!
//! Rationale: an external tool could not be told apart from the servers on two cores, would have to be installed, and
//! checks less. This one sends bytes made beforehand and reads just the end of the head and the length.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::Result;
use crate::world::crew_id;

/// An answer of 64 KiB with its head fits, so it takes one read where it has all arrived.
const BUFFER: usize = 72 * 1024;

/// How long a round may last beyond its end, until a server counts as stuck.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request as bytes, perhaps about another crew member each time.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    drawn: Option<Drawn>,
}

/// Where the number of the crew member stands, and from how many it is drawn.
#[derive(Clone, Debug)]
struct Drawn {
    digits: Range<usize>,
    crew: u32,
    state: u64,
}

impl Request {
    /// A GET of `path`, with a key if there is one.
    pub(crate) fn new(path: &str, key: Option<&str>, to: SocketAddr) -> Self {
        let key = key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: {to}\r\n{key}\r\n").into_bytes();
        Self { bytes, drawn: None }
    }

    /// Draws another crew member for each request; the path has to name the first.
    pub(crate) fn for_any_of(mut self, crew: u32) -> Result<Self> {
        let id = crew_id(1);
        let at = self.bytes.windows(id.len()).position(|part| part == id.as_bytes());
        let end = at.ok_or("the request names no crew member")? + id.len();
        self.drawn = Some(Drawn { digits: end - 7..end, crew, state: 1 });
        Ok(self)
    }

    /// What is sent.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same with a sequence of its own, so that no two connections ask for the same in step.
    fn with_seed(&self, seed: u64) -> Self {
        let mut request = self.clone();
        if let Some(drawn) = &mut request.drawn {
            drawn.state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        }
        request
    }

    fn advance(&mut self) {
        let Some(drawn) = &mut self.drawn else { return };
        // xorshift64: a draw has to cost nothing, and need not be good.
        drawn.state ^= drawn.state << 13;
        drawn.state ^= drawn.state >> 7;
        drawn.state ^= drawn.state << 17;
        let mut number = drawn.state % u64::from(drawn.crew) + 1;
        for digit in self.bytes[drawn.digits.clone()].iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
    }
}

/// How long a body has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    /// The length of the first answer's body.
    pub(crate) length: usize,
    /// By how much another may differ.
    pub(crate) slack: usize,
}

/// What one turn of the load did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// How many answers came, all of them complete.
    pub(crate) answers: u32,
    /// How long it took until the last one.
    pub(crate) seconds: f64,
}

/// Connections to one server.
#[derive(Debug, Default)]
pub(crate) struct Load {
    connections: Vec<Connection>,
}

impl Load {
    /// Opens the connections.
    pub(crate) fn open(
        runtime: &Runtime,
        count: usize,
        to: SocketAddr,
        request: &Request,
        expected: Expected,
    ) -> Result<Self> {
        runtime.block_on(async {
            let mut connections = Vec::with_capacity(count);
            for seed in 1..=count as u64 {
                let stream = TcpStream::connect(to).await?;
                stream.set_nodelay(true)?;
                connections.push(Connection::new(stream, &request.with_seed(seed), expected));
            }
            Ok(Self { connections })
        })
    }

    /// Takes the connections of another load along.
    pub(crate) fn join(&mut self, other: Self) {
        self.connections.extend(other.connections);
    }

    /// Asks on all connections for so long.
    pub(crate) fn turn(&mut self, runtime: &Runtime, lasts: Duration) -> Result<Turn> {
        runtime.block_on(async {
            let begun = Instant::now();
            let mut driven = JoinSet::new();
            for connection in self.connections.drain(..) {
                driven.spawn(connection.drive(begun + lasts));
            }
            let ended = tokio::time::timeout(lasts + PATIENCE, driven.join_all()).await;
            let mut answers = 0;
            for end in ended.map_err(|_| "a server does not answer any more")? {
                let (connection, count) = end?;
                self.connections.push(connection);
                answers += count;
            }
            Ok(Turn { answers, seconds: begun.elapsed().as_secs_f64() })
        })
    }
}

/// A connection that asks for one thing.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    request: Request,
    expected: Expected,
    buffer: Box<[u8]>,
}

impl Connection {
    /// Of a stream that is open.
    pub(crate) fn new(stream: TcpStream, request: &Request, expected: Expected) -> Self {
        Self { stream, request: request.clone(), expected, buffer: vec![0; BUFFER].into_boxed_slice() }
    }

    /// The stream, still open.
    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    async fn drive(mut self, until: Instant) -> Result<(Self, u32)> {
        let mut answers = 0;
        while Instant::now() < until {
            self.exchange().await?;
            answers += 1;
        }
        Ok((self, answers))
    }

    /// Asks once, and reads the answer to its end.
    pub(crate) async fn exchange(&mut self) -> Result<()> {
        self.request.advance();
        self.stream.write_all(&self.request.bytes).await?;
        let mut filled = 0;
        let head = loop {
            filled += self.read(filled..BUFFER).await?;
            if let Some(head) = crate::wire::head(&self.buffer[..filled])? {
                break head;
            }
        };
        if !head.ok || head.length.abs_diff(self.expected.length) > self.expected.slack {
            return Err(self.unexpected(filled));
        }
        let whole = head.end + head.length;
        let mut left = whole.checked_sub(filled).ok_or("more came than was asked for")?;
        while left > 0 {
            left -= self.read(0..left.min(BUFFER)).await?;
        }
        Ok(())
    }

    async fn read(&mut self, into: Range<usize>) -> Result<usize> {
        match self.stream.read(&mut self.buffer[into]).await? {
            0 => Err("the server closed a connection".into()),
            read => Ok(read),
        }
    }

    fn unexpected(&self, filled: usize) -> Box<dyn std::error::Error + Send + Sync> {
        let begin = String::from_utf8_lossy(&self.buffer[..filled.min(600)]);
        format!("not the 200 with {} bytes that was expected, but: {begin}", self.expected.length).into()
    }
}
