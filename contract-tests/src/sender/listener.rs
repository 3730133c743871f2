//! The callback: it takes one request a connection, keeps it, and answers as the situation of its event wants.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::message::Message;
use super::seen::Attempt;
use super::situation::{Answer, RETRY_AFTER, Situation};

/// The connections that are read at once; the others wait.
const AT_ONCE: usize = 512;
/// The time in which a request must have arrived.
const READING: Duration = Duration::from_secs(15);
/// The time in which a sender closes a connection that is over.
const CLOSING: Duration = Duration::from_secs(1);
/// The most attempts that are kept.
const MOST: usize = 1_000;
/// The most bytes of all attempts that are kept.
const MOST_BYTES: usize = 16 << 20;
/// The target of a redirect.
const ELSEWHERE: &str = "/crewpass-contract/elsewhere";

/// The listening callback. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) address: SocketAddr,
    pub(super) record: Arc<Record>,
    task: JoinHandle<()>,
}

/// What arrived, and what is answered.
#[derive(Debug)]
pub(super) struct Record {
    state: Mutex<State>,
    /// Is notified of each attempt, and of the end of each answer and silence.
    pub(super) changed: Notify,
    /// The longest time without an answer.
    silence: Duration,
}

/// The state of a record.
#[derive(Debug)]
pub(super) struct State {
    pub(super) situation: Situation,
    pub(super) attempts: Vec<Attempt>,
    pub(super) followed: Vec<String>,
    /// The number of attempts that wait for an answer in vain.
    pub(super) silent: usize,
    /// The number of attempts whose answer the sender may not have yet.
    pub(super) open: usize,
    pub(super) is_flooded: bool,
    /// The time by which the clock of the sender was moved for sure, and at most, in seconds.
    pub(super) moved: (f64, f64),
    /// Is true if the clock is moved by a lever, and may stand still otherwise.
    pub(super) has_lever: bool,
    bytes: usize,
    /// The situation of each event, and the number of its attempts.
    events: HashMap<String, (Situation, usize)>,
    started: Instant,
}

impl Record {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a request and returns its number and answer; `None` if it is not a kept attempt.
    fn keep(&self, message: Message) -> Option<(u64, Answer)> {
        let mut state = self.lock();
        let is_full = state.attempts.len() >= MOST || state.bytes >= MOST_BYTES;
        if is_full {
            state.is_flooded = true;
            self.changed.notify_waiters();
            return None;
        }
        if message.target == ELSEWHERE {
            state.followed.push(message.method);
            return None;
        }
        let headers = message.headers.iter().map(|(name, value)| name.len() + value.len());
        state.bytes += message.body.len() + headers.sum::<usize>();
        let during = state.situation;
        let mut attempt = Attempt {
            seq: state.attempts.len() as u64 + 1,
            during,
            method: message.method,
            target: message.target,
            headers: message.headers,
            body: message.body,
            broken: message.broken,
            arrived: Timestamp::now().as_second(),
            time: state.time(),
            answer: Answer::Status(400),
            gave_up: None,
        };
        if attempt.broken.is_none() {
            let (first, earlier) = state.events.entry(attempt.key()).or_insert((during, 0));
            attempt.answer = first.answer(*earlier);
            *earlier += 1;
        }
        match attempt.answer {
            Answer::Silence => state.silent += 1,
            Answer::Reset | Answer::Status(_) => state.open += 1,
        }
        let kept = (attempt.seq, attempt.answer);
        state.attempts.push(attempt);
        drop(state);
        self.changed.notify_waiters();
        Some(kept)
    }

    /// Records that the sender has an answer.
    fn end_answer(&self) {
        self.lock().open -= 1;
        self.changed.notify_waiters();
    }

    /// Records the end of a silence.
    fn end_silence(&self, seq: u64, gave_up: Option<f64>) {
        let mut state = self.lock();
        state.silent -= 1;
        if let Some(attempt) = state.attempts.iter_mut().find(|one| one.seq == seq) {
            attempt.gave_up = gave_up;
        }
        drop(state);
        self.changed.notify_waiters();
    }
}

impl State {
    /// Returns the time on the clock of the sender: at least, and at most.
    fn time(&self) -> (f64, f64) {
        let real = self.started.elapsed().as_secs_f64();
        let (sure, most) = self.moved;
        if self.has_lever { (sure, most + real) } else { (real, real) }
    }

    /// Returns the number of attempts of the events that came first in a situation.
    pub(super) fn count(&self, situation: Situation) -> usize {
        self.events.values().filter(|(first, _)| *first == situation).map(|(_, count)| count).sum()
    }

    /// Returns the number of events that came first in a situation.
    pub(super) fn events(&self, situation: Situation) -> usize {
        self.events.values().filter(|(first, _)| *first == situation).count()
    }
}

impl Listener {
    /// Listens on an address.
    pub(super) async fn start(address: SocketAddr, has_lever: bool, silence: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = State {
            situation: Situation::OtherType,
            attempts: Vec::new(),
            followed: Vec::new(),
            silent: 0,
            open: 0,
            is_flooded: false,
            moved: (0.0, 0.0),
            has_lever,
            bytes: 0,
            events: HashMap::new(),
            started: Instant::now(),
        };
        let record = Arc::new(Record { state: Mutex::new(state), changed: Notify::new(), silence });
        let task = tokio::spawn(accept(listener, Arc::clone(&record)));
        Ok(Self { address, record, task })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, record: Arc<Record>) {
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut serving = tokio::task::JoinSet::new();
    // The semaphore is never closed.
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        while serving.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let record = Arc::clone(&record);
                serving.spawn(async move {
                    serve(stream, &record).await;
                    drop(permit);
                });
            }
            // Too many open files, for example: a later connection may be accepted again.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Takes one request, and answers it.
async fn serve(stream: TcpStream, record: &Record) {
    let mut stream = BufStream::new(stream);
    let mut message = Message::default();
    if timeout(READING, message.read(&mut stream)).await.is_err() {
        message.broken = Some(format!("no whole request within {} s", READING.as_secs()));
    }
    if message.method.is_empty() {
        // A connection without a request, such as a probe of the port.
        return;
    }
    let Some((seq, answer)) = record.keep(message) else {
        respond(&mut stream, 200, "").await;
        return;
    };
    match answer {
        Answer::Silence => {
            let started = Instant::now();
            let ended = timeout(record.silence, stream.read(&mut [0])).await;
            record.end_silence(seq, ended.is_ok().then(|| started.elapsed().as_secs_f64()));
        }
        Answer::Reset => {
            // With linger 0 the close sends a RST. If it can't be set, the sender sees an end without an answer.
            let _ = rustix::net::sockopt::set_socket_linger(stream.get_ref(), Some(Duration::ZERO));
        }
        Answer::Status(302) => respond(&mut stream, 302, &format!("location: {ELSEWHERE}\r\n")).await,
        Answer::Status(429) => {
            respond(&mut stream, 429, &format!("retry-after: {}\r\n", RETRY_AFTER.as_secs())).await;
        }
        Answer::Status(status) => respond(&mut stream, status, "").await,
    }
    if answer != Answer::Silence {
        // A sender that has the answer closes the connection, as the answer says.
        if answer != Answer::Reset {
            let _ = timeout(CLOSING, stream.read(&mut [0])).await;
        }
        drop(stream);
        record.end_answer();
    }
}

/// Sends an answer, and ends the connection.
async fn respond(stream: &mut BufStream<TcpStream>, status: u16, headers: &str) {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let reason = reason.unwrap_or_default();
    let length = if status == 204 { "" } else { "content-length: 0\r\n" };
    let head = format!("HTTP/1.1 {status} {reason}\r\n{headers}{length}connection: close\r\n\r\n");
    // A sender that is gone is none of the listener's business.
    let sent = timeout(READING, async {
        stream.write_all(head.as_bytes()).await?;
        stream.shutdown().await
    });
    let _ = sent.await;
}
