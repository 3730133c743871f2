//! A service on a socket that says just what a situation wants, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crewpass_mock::TlsConfig;
use serde_json::{Value, json};

/// How long it is between two bytes of a body that drips.
const DRIP: Duration = Duration::from_millis(50);

/// A document that the service has.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) file_name: Value,
    pub(crate) bytes: Vec<u8>,
}

/// What a request is for; the number is the document's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    List,
    Link(usize),
    File(usize),
    Other,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) step: Step,
    /// How many there were of this step and document before.
    pub(crate) nth: usize,
    pub(crate) target: String,
    /// All of the head, as it came.
    pub(crate) head: String,
    pub(crate) at: Instant,
    pub(crate) base: String,
}

/// What goes out, and whether the connection stays open in silence.
pub(crate) struct Reply {
    bytes: Vec<u8>,
    hangs: bool,
    drips: bool,
}

impl Reply {
    /// A whole answer.
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = body.len().to_string();
        Self::head(status, &[headers, &[("Content-Length", length.as_str())]].concat(), body)
    }

    /// An answer with just these headers.
    pub(crate) fn head(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}"));
        let lines: Vec<_> =
            [format!("HTTP/1.1 {status} X"), "Connection: close".to_owned()].into_iter().chain(lines).collect();
        let head = format!("{}\r\n\r\n", lines.join("\r\n"));
        Self { bytes: [head.as_bytes(), body].concat(), hangs: false, drips: false }
    }

    /// A JSON answer.
    pub(crate) fn json(value: &Value) -> Self {
        Self::new(200, &[("Content-Type", "application/json")], value.to_string())
    }

    /// A refusal in the envelope.
    pub(crate) fn refusal(status: u16, code: &str) -> Self {
        Self::new(status, &[], json!({"error": {"code": code, "message": "no"}}).to_string())
    }

    /// Nothing at all: the connection just ends.
    pub(crate) fn nothing() -> Self {
        Self { bytes: Vec::new(), hangs: false, drips: false }
    }

    /// The same, and then silence until the other side ends it.
    pub(crate) fn hanging(self) -> Self {
        Self { hangs: true, ..self }
    }

    /// The same, and then a byte every now and then for as long as the other side reads.
    pub(crate) fn dripping(self) -> Self {
        Self { drips: true, ..self }
    }
}

type Act = dyn Fn(&Ask) -> Option<Reply> + Send + Sync;

/// What all connections of a stage share.
struct Shared {
    base: String,
    documents: Vec<Document>,
    act: Box<Act>,
    asked: Mutex<Vec<Ask>>,
    /// Replies that are out.
    out: AtomicUsize,
    over: Mutex<bool>,
    ended: Condvar,
}

/// A running service, until it is dropped.
#[must_use = "it ends when this is dropped"]
pub(crate) struct ScriptedServer {
    shared: Arc<Shared>,
    address: std::net::SocketAddr,
}

impl ScriptedServer {
    /// A service that does what the contract says, but for where `act` gives an answer of its own.
    pub(crate) fn new(documents: Vec<Document>, act: impl Fn(&Ask) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::open(None, documents, Box::new(act))
    }

    /// The same over TLS.
    pub(crate) fn tls(
        config: TlsConfig,
        documents: Vec<Document>,
        act: impl Fn(&Ask) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::open(Some(config.into_rustls()), documents, Box::new(act))
    }

    fn open(tls: Option<Arc<rustls::ServerConfig>>, documents: Vec<Document>, act: Box<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{address}");
        let shared = Arc::new(Shared {
            base,
            documents,
            act,
            asked: Mutex::default(),
            out: AtomicUsize::new(0),
            over: Mutex::new(false),
            ended: Condvar::new(),
        });
        let for_connections = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if for_connections.is_over_within(Duration::ZERO) {
                    break;
                }
                let (shared, tls) = (Arc::clone(&for_connections), tls.clone());
                thread::spawn(move || match tls {
                    None => shared.serve(stream.unwrap()),
                    Some(config) => {
                        let connection = rustls::ServerConnection::new(config).unwrap();
                        shared.serve(rustls::StreamOwned::new(connection, stream.unwrap()));
                    }
                });
            }
        });
        Self { shared, address }
    }

    pub(crate) fn base(&self) -> &str {
        &self.shared.base
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Ask> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// What was asked of one step.
    pub(crate) fn asked_for(&self, step: Step) -> Vec<Ask> {
        self.asked().into_iter().filter(|ask| ask.step == step).collect()
    }

    /// Waits until so many replies are out.
    pub(crate) fn wait_for_replies(&self, count: usize) {
        while self.shared.out.load(Ordering::SeqCst) < count {
            thread::yield_now();
        }
    }

    pub(crate) fn documents(&self) -> &[Document] {
        &self.shared.documents
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        *self.shared.over.lock().unwrap() = true;
        self.shared.ended.notify_all();
        // Wakes the listener up, so that it sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, mut stream: impl Read + Write) {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            // A client that hangs up here asked nothing.
            if !matches!(stream.read(&mut byte), Ok(1)) {
                return;
            }
            head.push(byte[0]);
        }
        let ask = self.note(String::from_utf8(head).unwrap());
        let reply = (self.act)(&ask).unwrap_or_else(|| self.as_agreed(&ask));
        // The client may have gone away meanwhile.
        let _ = stream.write_all(&reply.bytes).and_then(|()| stream.flush());
        self.out.fetch_add(1, Ordering::SeqCst);
        while reply.drips && stream.write_all(b"x").and_then(|()| stream.flush()).is_ok() {
            if self.is_over_within(DRIP) {
                return;
            }
        }
        if reply.hangs {
            let _ = stream.read(&mut byte);
        }
    }

    /// Waits for the end of the stage, for so long.
    fn is_over_within(&self, wait: Duration) -> bool {
        *self.ended.wait_timeout_while(self.over.lock().unwrap(), wait, |over| !*over).unwrap().0
    }

    fn note(&self, head: String) -> Ask {
        let target = head.split(' ').nth(1).unwrap().to_owned();
        let step = self.step(&target);
        let mut asked = self.asked.lock().unwrap();
        let nth = asked.iter().filter(|earlier| earlier.step == step).count();
        let ask = Ask { step, nth, target, head, at: Instant::now(), base: self.base.clone() };
        asked.push(ask.clone());
        ask
    }

    fn step(&self, target: &str) -> Step {
        let path = target.split('?').next().unwrap();
        if path.contains("/api/v2/employers/me/crew/") && path.ends_with("/documents") {
            return Step::List;
        }
        if let Some(token) = path.split("/files/eyJ").nth(1) {
            let place = token.split('.').next().unwrap();
            return place.parse().map_or(Step::Other, Step::File);
        }
        let segment = path.split_once("/crew/crew_001/documents/").and_then(|(_, rest)| rest.strip_suffix("/download"));
        let id = segment.filter(|segment| !segment.contains('/'));
        let id = id.map(|id| percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned());
        let place = self.documents.iter().position(|document| Some(&document.id) == id.as_ref());
        place.map_or(Step::Other, Step::Link)
    }

    fn as_agreed(&self, ask: &Ask) -> Reply {
        match ask.step {
            Step::List => Reply::json(&list(&self.documents)),
            Step::Link(place) => Reply::json(&link(ask, &self.documents[place])),
            Step::File(place) => Reply::new(200, &[("Content-Type", "application/pdf")], &self.documents[place].bytes),
            Step::Other => Reply::refusal(404, "not_found"),
        }
    }
}

/// The list as the contract has it.
pub(crate) fn list(documents: &[Document]) -> Value {
    let items = documents.iter().map(|document| {
        json!({
            "document_id": document.id, "type": "STCW", "category": "STCW Modules", "title": "A title",
            "issuer": "An authority", "verification_status": "verified", "issue_date": "2023-03-01",
            "expiry_date": "2028-03-01", "document_number": "PST-1",
        })
    });
    json!({"crew_unique_id": "crew_001", "items": items.collect::<Vec<_>>()})
}

/// The link as the contract has it; each has a token of its own.
pub(crate) fn link(ask: &Ask, document: &Document) -> Value {
    let Step::Link(place) = ask.step else { panic!("{:?} is no link", ask.step) };
    json!({
        "document_id": document.id,
        "download_url": format!("{}/api/v2/files/eyJ{place}.{}", ask.base, ask.nth),
        "expires_at": "2126-06-08T10:15:00Z",
        "content_type": "application/pdf",
        "file_name": document.file_name,
    })
}
