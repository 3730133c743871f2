//! A receiver of webhooks on a free port, which answers as its script says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A delivery that arrived.
#[derive(Clone, Debug)]
pub(super) struct Received {
    /// Names in lower case.
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &value[..])
    }

    pub(super) fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.header(name).unwrap()).unwrap()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A receiver: what arrived, and the answers to what follows.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    received: Mutex<Vec<Received>>,
    arrived: Notify,
}

impl Receiver {
    /// Starts a receiver that answers each delivery with the next of these raw answers, and the last one for ever. An
    /// empty answer keeps the connection open in silence.
    pub(super) async fn start(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, state) = (listener.local_addr().unwrap(), Arc::<State>::default());
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, Arc::clone(&shared), answers));
            }
        });
        Self { address, state, task }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hooks?x=1", self.address)
    }

    /// Waits until so many deliveries have arrived, and returns them.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<Received> {
        loop {
            let arrived = self.state.arrived.notified();
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            arrived.await;
        }
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(stream: TcpStream, state: Arc<State>, answers: &[&str]) {
    let mut stream = BufReader::new(stream);
    let Some(received) = read(&mut stream).await else { return };
    let at = {
        let mut all = state.received.lock().unwrap();
        all.push(received);
        all.len() - 1
    };
    state.arrived.notify_waiters();
    let answer = answers[at.min(answers.len() - 1)];
    if answer.is_empty() {
        // Until the sender gives up.
        let _ = stream.read(&mut [0]).await;
        return;
    }
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await.ok()?;
    assert_eq!(line, b"POST /hooks?x=1 HTTP/1.1\r\n");
    let mut headers = Vec::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await.ok()?;
        if line == b"\r\n" {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap();
        let name = String::from_utf8(line[..colon].to_ascii_lowercase()).unwrap();
        headers.push((name, line[colon + 2..line.len() - 2].to_vec()));
    }
    let mut received = Received { headers, body: Vec::new() };
    if received.header("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            stream.read_line(&mut size).await.ok()?;
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            let mut piece = vec![0; size + 2];
            stream.read_exact(&mut piece).await.ok()?;
            if size == 0 {
                return Some(received);
            }
            received.body.extend_from_slice(&piece[..size]);
        }
    }
    received.body = vec![0; received.text("content-length").parse().unwrap()];
    stream.read_exact(&mut received.body).await.ok()?;
    Some(received)
}
