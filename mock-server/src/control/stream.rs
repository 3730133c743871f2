//! `/__mock/journal/stream`: the journal as server-sent events, as it grows.
//!
//! Each finished entry is sent once, as `event: exchange` or `event: change` with its JSON. Its
//! `id` is the sequence number up to which every entry was finished. A client that reconnects with
//! it as `Last-Event-ID` (or with `?since=`, which starts at that number) misses nothing, and may
//! get some entries twice. `event: dropped` has the number of entries that were evicted or cleared
//! before they could be sent. The stream ends with the session or the server.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http_body::Frame;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::journal::{Query, is_kept};
use super::target::QueryParams;
use super::{Problem, TargetSession};
use crate::http::Peer;
use crate::journal::{Entry, EntryKind, Filter, Journal, Log};
use crate::session::Session;

/// The interval of comments on a silent stream. They keep it open in proxies, and detect a client that left.
const HEARTBEAT: Duration = Duration::from_secs(15);

pub(crate) async fn open(
    TargetSession(session): TargetSession,
    QueryParams(query): QueryParams<Query>,
    Extension(peer): Extension<Arc<Peer>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    is_kept(&session)?;
    let (mut filter, _) = query.read()?;
    // A limit would end the stream in the middle.
    filter.limit = None;
    if let Some(last) = headers.get("last-event-id") {
        let seen = last.to_str().ok().and_then(|text| text.parse::<u64>().ok());
        let seen =
            seen.ok_or_else(|| Problem::bad_request("`Last-Event-ID` must be the id of an event of this stream"))?;
        filter.since = seen.saturating_add(1);
    }
    let (sender, receiver) = channel(1);
    tokio::spawn(send_all(session, filter, sender, peer));
    let mut response = Response::new(Body::new(Events(receiver)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Sends events until the session ends or the client leaves.
async fn send_all(session: Arc<Session>, filter: Filter, sender: Sender<Bytes>, peer: Arc<Peer>) {
    let changed = session.lock().journal.changed();
    let mut position = StreamPosition { filter, sent: BTreeSet::new(), seen: None };
    let mut client_left = std::pin::pin!(peer.connection.client_left());
    let mut text = ":\n\n".to_owned();
    loop {
        let mut notified = std::pin::pin!(changed.notified());
        // Register before checking, so that no change between the two is missed.
        notified.as_mut().enable();
        let (journal, first, ended) = {
            let state = session.lock();
            (position.read(&state.journal), state.journal.first(), state.journal.is_closed())
        };
        position.write(&mut text, &journal, first);
        if !text.is_empty() && sender.send(Bytes::from(std::mem::take(&mut text))).await.is_err() || ended {
            return;
        }
        tokio::select! {
            () = &mut notified => {}
            () = sender.closed() => return,
            () = &mut client_left => return,
            () = tokio::time::sleep(HEARTBEAT) => text.push_str(":\n\n"),
        }
    }
}

/// The position of a stream: `filter.since` is the first unfinished entry, and `sent` has the later
/// entries that were sent.
struct StreamPosition {
    filter: Filter,
    sent: BTreeSet<u64>,
    /// The number of entries that had finished at the last read.
    seen: Option<u64>,
}

impl StreamPosition {
    /// Reads every entry at first, then those that have finished since.
    fn read(&mut self, log: &Log) -> Journal {
        let seen = self.seen.replace(log.finish_count());
        seen.map_or_else(|| log.read(&self.filter), |seen| log.read_finished_after(seen, &self.filter))
    }

    fn write(&mut self, text: &mut String, journal: &Journal, first: u64) {
        let gone = match self.filter.since {
            0 => journal.dropped,
            since => (since..first).filter(|seq| !self.sent.contains(seq)).count() as u64,
        };
        if gone > 0 {
            let _ = write!(text, "event: dropped\ndata: {{\"dropped\":{gone}}}\n\n");
        }
        self.filter.since = journal.next;
        for entry in &journal.entries {
            if self.sent.insert(entry.seq) {
                write_event(text, entry, journal.next - 1);
            }
        }
        // Entries below `next` are never read again.
        self.sent = self.sent.split_off(&journal.next);
    }
}

fn write_event(text: &mut String, entry: &Entry, id: u64) {
    let name = match &entry.kind {
        EntryKind::Exchange(_) => "exchange",
        EntryKind::Change(_) => "change",
    };
    let _ = write!(text, "id: {id}\nevent: {name}\ndata: {}\n\n", entry.to_json());
}

/// The body that receives the sending task's events.
struct Events(Receiver<Bytes>);

impl http_body::Body for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
