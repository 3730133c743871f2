//! The one receiver of all sequences: plain HTTP on a free port, which records what arrives before it answers.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver as Channel, Sender, channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::parts::{PATHS, ReceiverAnswer};

/// How long a sender may take for one request.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request that arrived.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let value = all.next();
        assert_eq!(all.next(), None, "{name} came twice");
        value
    }
}

/// A receiver, with what arrived and was not taken yet.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    answers: Mutex<[ReceiverAnswer; PATHS.len()]>,
    arrived: Mutex<Channel<io::Result<Received>>>,
}

impl Receiver {
    /// Returns the receiver, which listens from the first call on.
    pub(crate) fn get() -> &'static Self {
        static RECEIVER: OnceLock<Receiver> = OnceLock::new();
        RECEIVER.get_or_init(|| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let (sender, arrived) = channel();
            let address = listener.local_addr().unwrap();
            std::thread::spawn(move || Self::get().serve(&listener, &sender));
            Self { address, answers: Mutex::default(), arrived: Mutex::new(arrived) }
        })
    }

    pub(crate) fn set_answers(&self, answers: [ReceiverAnswer; PATHS.len()]) {
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = answers;
    }

    /// Returns the next request, if one arrives in that time.
    pub(crate) fn next(&self, wait: Duration) -> Option<Received> {
        let arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(wait).ok();
        arrived.map(|received| received.unwrap_or_else(|error| panic!("a delivery that can't be read: {error}")))
    }

    /// One after another, since a sender waits for its turn.
    fn serve(&self, listener: &TcpListener, sender: &Sender<io::Result<Received>>) {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let taken = read(&stream);
            let answer = taken.as_ref().ok().and_then(|received| self.answer_to(&received.target));
            // A test that has ended listens no more.
            let _ = sender.send(taken);
            if let Some(answer) = answer {
                // The sender may be gone.
                let _ = (&stream).write_all(answer.as_bytes());
            }
        }
    }

    /// The answer to a request; none is the end of the connection.
    fn answer_to(&self, target: &str) -> Option<String> {
        let path = PATHS.iter().position(|path| target.ends_with(&format!("/{path}")));
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let ReceiverAnswer { status, retry_after } = path.map(|path| answers[path]).unwrap_or_default();
        let status = status?;
        let retry_after = retry_after.map(|wait| format!("Retry-After: {wait}\r\n")).unwrap_or_default();
        let location = if status == 302 { format!("Location: {target}\r\n") } else { String::new() };
        Some(format!(
            "HTTP/1.1 {status} As set\r\n{location}{retry_after}Content-Length: 0\r\nConnection: close\r\n\r\n"
        ))
    }
}

fn read(stream: &TcpStream) -> io::Result<Received> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut stream = BufReader::new(stream);
    let start = line(&mut stream)?;
    let mut words = start.split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut received = Received { method, target, headers: Vec::new(), body: Vec::new() };
    loop {
        let line = line(&mut stream)?;
        let Some((name, value)) = line.split_once(": ") else { break };
        received.headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    if let Some(length) = received.header("content-length").map(str::to_owned) {
        received.body.resize(length.parse().map_err(io::Error::other)?, 0);
        stream.read_exact(&mut received.body)?;
        return Ok(received);
    }
    loop {
        let size = usize::from_str_radix(&line(&mut stream)?, 16).map_err(io::Error::other)?;
        let mut piece = vec![0; size + 2];
        stream.read_exact(&mut piece)?;
        if size == 0 {
            return Ok(received);
        }
        received.body.extend_from_slice(&piece[..size]);
    }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        None => Err(io::Error::other(format!("the line {line:?} does not end"))),
    }
}
