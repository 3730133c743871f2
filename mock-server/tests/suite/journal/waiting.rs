//! Who waits for more: long polls, and streams that go on, come again, and end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{timeout, timeout_at};

use crate::journal::reading::{each, journal};
use crate::support::fake::Fake;

const LIMIT: Duration = Duration::from_mins(2);

/// An open stream of events.
pub(crate) struct Stream {
    socket: TcpStream,
    text: String,
}

impl Stream {
    /// Opens one of the default session, and reads its head.
    pub(crate) async fn open(fake: &Fake, query: &str, lines: &str) -> Self {
        Self::at(fake, &format!("/journal/stream{query}"), lines).await
    }

    async fn at(fake: &Fake, path: &str, lines: &str) -> Self {
        let mut socket = TcpStream::connect(fake.server.address()).await.unwrap();
        let request = format!("GET /__mock{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Self { socket, text: String::new() };
        let first = stream.more(":\n\n").await;
        let (head, rest) = first.split_once(":\n\n").unwrap();
        rest.clone_into(&mut stream.text);
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/event-stream"), "{head}");
        stream
    }

    /// Reads on until a text is there; gives all since the last call.
    async fn more(&mut self, text: &str) -> String {
        let mut buffer = vec![0; 64 << 10];
        let until = Instant::now() + LIMIT;
        while !self.text.contains(text) {
            let read = timeout_at(until.into(), self.socket.read(&mut buffer)).await;
            let read = read.unwrap_or_else(|_| panic!("no {text} in time: {}", self.text)).unwrap();
            assert!(read > 0, "the stream ended before {text}: {}", self.text);
            self.text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        std::mem::take(&mut self.text)
    }

    /// The same, and lets go of the stream.
    pub(crate) async fn until(mut self, text: &str) -> String {
        self.more(text).await
    }

    /// Reads to the end of the body.
    async fn ended(mut self) {
        self.more("0\r\n\r\n").await;
    }
}

/// The places in the order that a text of events names.
fn places(text: &str) -> Vec<String> {
    let numbers = text.split("\"seq\":").skip(1);
    numbers.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect()).collect()
}

#[tokio::test]
async fn a_long_poll_answers_once_there_is_what_it_waits_for() {
    let fake = Arc::new(Fake::start(&[]).await);
    fake.list("crew_001").await;
    let waiting = {
        let fake = Arc::clone(&fake);
        tokio::spawn(async move { journal(&fake, "?status=404&wait=5m").await })
    };
    // What does not fit does not end the wait.
    fake.list("crew_001").await;
    fake.list("crew_003").await;
    let page = timeout(LIMIT, waiting).await.expect("the poll wakes").unwrap();
    assert_eq!(each(&page, "seq"), [3]);
}

#[tokio::test]
async fn a_long_poll_answers_at_once_or_at_its_end() {
    let fake = Fake::start(&[]).await;
    fake.list("crew_001").await;
    let begun = Instant::now();
    assert_eq!(each(&journal(&fake, "?wait=5m").await, "seq"), [1]);
    assert!(begun.elapsed() < LIMIT);
    let page = journal(&fake, "?since=2&wait=50ms").await;
    assert_eq!((each(&page, "seq").len(), page["next"].as_u64()), (0, Some(2)));
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_stream_gives_what_was_and_what_comes() {
    let fake = Fake::start(&[]).await;
    fake.list("crew_001").await;
    let mut stream = Stream::open(&fake, "", "").await;
    assert_eq!(places(&stream.more("\"seq\":1,").await), ["1"]);
    fake.list("crew_003").await;
    let event = stream.more("\"seq\":2,").await;
    assert!(event.contains("id: 2\nevent: exchange\ndata: {"), "{event}");
    fake.done("POST", "/clock", r#"{"advance": "1s"}"#).await;
    assert!(stream.more("\"seq\":3,").await.contains("id: 3\nevent: change\n"));
}

#[tokio::test]
async fn a_stream_that_comes_again_goes_on() {
    let fake = Fake::start(&[]).await;
    for _ in 0..4 {
        fake.list("crew_001").await;
    }
    let text = Stream::open(&fake, "", "Last-Event-ID: 2\r\n").await.until("\"seq\":4,").await;
    assert_eq!(places(&text), ["3", "4"]);
    let text = Stream::open(&fake, "?since=4&step=list", "").await.until("\"seq\":4,").await;
    assert_eq!(places(&text), ["4"]);
    let answer = fake.ask("GET", "/__mock/journal/stream", "Host: 127.0.0.1\r\n").await;
    assert_ne!(answer.status, 200, "a foreign host is refused");
}

#[tokio::test]
async fn what_a_stream_missed_is_counted() {
    let fake = Fake::built(&[], |builder| builder.journal(2)).await;
    for _ in 0..5 {
        fake.list("crew_001").await;
    }
    let text = Stream::open(&fake, "", "").await.until("\"seq\":5,").await;
    assert!(text.contains("event: dropped\ndata: {\"dropped\":3}\n"), "{text}");
    let text = Stream::open(&fake, "", "Last-Event-ID: 1\r\n").await.until("\"seq\":5,").await;
    assert!(text.contains("event: dropped\ndata: {\"dropped\":2}\n"), "{text}");
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let fake = Fake::start(&[]).await;
    fake.done("POST", "/sessions", "").await;
    let stream = Stream::at(&fake, "/sessions/ses_1/journal/stream", "").await;
    fake.done("DELETE", "/sessions/ses_1", "").await;
    stream.ended().await;
}

#[tokio::test]
async fn neither_a_stream_nor_a_poll_holds_the_server_up() {
    let fake = Fake::start(&[]).await;
    let stream = Stream::open(&fake, "", "").await;
    let address = fake.server.address();
    let mut poll = TcpStream::connect(address).await.unwrap();
    poll.write_all(b"GET /__mock/journal?wait=5m HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    fake.control("GET", "/health", "").await;
    let ended = timeout(LIMIT, fake.server.stop()).await.expect("a stop in time").unwrap();
    assert_eq!((ended.panics, ended.cut_off), (0, 0));
    stream.ended().await;
}

/// Sends a control request, ends the client's side, and reads all that comes.
async fn abandoned(fake: &Fake, path: &str) -> String {
    let mut socket = TcpStream::connect(fake.server.address()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n", fake.key());
    socket.write_all(request.as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut text = String::new();
    // A connection that is reset has ended too.
    let _ = timeout(LIMIT, socket.read_to_string(&mut text)).await.expect("an end in time");
    text
}

#[tokio::test]
async fn a_poll_and_a_stream_end_when_their_client_leaves() {
    let fake = Fake::start(&[]).await;
    let poll = abandoned(&fake, "/__mock/journal?wait=5m").await;
    assert!(poll.starts_with("HTTP/1.1 200"), "{poll}");
    assert!(abandoned(&fake, "/__mock/journal.har?wait=5m").await.starts_with("HTTP/1.1 200"));
    let stream = abandoned(&fake, "/__mock/journal/stream").await;
    assert!(stream.ends_with("0\r\n\r\n"), "{stream}");
}

#[tokio::test]
async fn a_latency_ends_when_its_client_leaves() {
    let fake = Fake::start(&[]).await;
    fake.done("POST", "/faults", r#"{"then": {"latency": "5m"}}"#).await;
    assert_eq!(abandoned(&fake, "/api/v2/partners/me").await, "");
    let page = journal(&fake, "?kind=exchange&wait=1m").await;
    let entry = &page["entries"][0];
    assert_eq!((entry["status"].as_u64(), entry["whole"].as_bool()), (None, Some(false)), "{entry}");
}

#[tokio::test]
async fn entries_behind_an_open_one_are_sent_once() {
    let fake = Fake::start(&[]).await;
    fake.done("POST", "/faults", r#"{"match": {"step": "me"}, "then": {"stall": true}}"#).await;
    let mut open = TcpStream::connect(fake.server.address()).await.unwrap();
    let request = format!("GET /api/v2/partners/me HTTP/1.1\r\nHost: a\r\n{}\r\n", fake.key());
    open.write_all(request.as_bytes()).await.unwrap();
    journal(&fake, "?step=me&wait=10ms").await;
    let mut stream = Stream::open(&fake, "?kind=exchange", "").await;
    let mut seen = Vec::new();
    for seq in 3..6 {
        fake.list("crew_001").await;
        seen.extend(places(&stream.more(&format!("\"seq\":{seq},")).await));
    }
    drop(open);
    seen.extend(places(&stream.more("\"seq\":2,").await));
    assert_eq!(seen, ["3", "4", "5", "2"]);
}

#[tokio::test]
async fn a_kind_selects_exchanges_or_changes() {
    let fake = Fake::start(&[]).await;
    fake.list("crew_001").await;
    fake.done("POST", "/clock", r#"{"advance": "1s"}"#).await;
    fake.list("crew_003").await;
    assert_eq!(each(&journal(&fake, "?kind=exchange").await, "seq"), [1, 3]);
    assert_eq!(each(&journal(&fake, "?kind=change").await, "seq"), [2]);
    assert_eq!(each(&journal(&fake, "?kind=change&change=clock").await, "seq"), [2]);
    assert_eq!(each(&journal(&fake, "?kind=exchange&change=clock").await, "seq").len(), 0);
    assert_eq!(each(&journal(&fake, "?kind=change&status=200").await, "seq").len(), 0);
    assert_eq!(each(&journal(&fake, "?kind=exchange&status=404").await, "seq"), [3]);
    assert_eq!(fake.control("GET", "/journal?kind=request", "").await.status, 400);
}
