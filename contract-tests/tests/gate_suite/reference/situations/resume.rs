//! A file that broke off: the rest is asked for, and taken only if it belongs to what came before.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use crewpass_mock::http::Authority;
use tokio::net::{TcpSocket, TcpStream};

use super::situation::{Situation, documents};
use crate::reference::client::{Client, Who};
use crate::reference::harness::{Ask, Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation { title: "the rest of a file", play: rest, bugs: &["saves-tail"] },
    Situation { title: "the whole instead of a rest", play: whole, bugs: &["appends-whole"] },
    Situation { title: "another range", play: elsewhere, bugs: &["appends-any-range"] },
    Situation { title: "the rest of another version", play: other_version, bugs: &["appends-other-version"] },
    Situation { title: "no answer to a link request", play: silent_link, bugs: &["no-link-timeout"] },
    Situation { title: "silence in the middle of a body", play: silent_body, bugs: &["no-body-timeout"] },
    Situation { title: "silence behind a redirect", play: silent_redirect, bugs: &["no-redirect-timeout"] },
    Situation { title: "no connection", play: unreachable, bugs: &["no-connect-timeout"] },
    Situation { title: "no TLS handshake", play: silent_handshake, bugs: &["no-handshake-timeout"] },
];

/// The bytes that come before a file breaks off.
const BEGUN: usize = 10;

/// The first bytes of the file, of a version with this tag; without one, the rest can't be asked for.
fn begun(tag: Option<&str>, bytes: &[u8]) -> Reply {
    let length = bytes.len().to_string();
    let mut headers = vec![("Content-Length", length.as_str())];
    headers.extend(tag.iter().flat_map(|tag| [("ETag", *tag), ("Accept-Ranges", "bytes")]));
    Reply::head(200, &headers, &bytes[..BEGUN])
}

/// As much of the file as its rest has, from this byte on.
fn range(from: usize) -> Reply {
    let bytes = &documents(1)[0].bytes;
    let last = bytes.len() - BEGUN + from;
    let range = format!("bytes {from}-{}/{}", last - 1, bytes.len());
    Reply::new(206, &[("ETag", "\"a\""), ("Accept-Ranges", "bytes"), ("Content-Range", &range)], &bytes[from..last])
}

/// Gives the first two answers of the file step; all others are as agreed.
fn answering(
    first: impl Fn() -> Reply + Send + Sync + 'static,
    second: impl Fn(&Ask) -> Option<Reply> + Send + Sync + 'static,
) -> ScriptedServer {
    ScriptedServer::new(documents(1), move |ask| match (ask.step, ask.nth) {
        (Step::File(_), 0) => Some(first()),
        (Step::File(_), 1) => second(ask),
        _ => None,
    })
}

fn is_saved(stage: &ScriptedServer, who: Who) -> bool {
    Client::new(stage, who).run().is_whole(stage)
}

/// Whether a request asks for the rest alone.
fn asks_for_rest(ask: &Ask) -> bool {
    ask.head.to_lowercase().contains(&format!("range: bytes={BEGUN}-"))
}

fn rest(who: Who) -> bool {
    let first = || begun(Some("\"a\""), &documents(1)[0].bytes);
    is_saved(&answering(first, |ask| asks_for_rest(ask).then(|| range(BEGUN))), who)
}

fn whole(who: Who) -> bool {
    is_saved(&answering(|| begun(None, &documents(1)[0].bytes), |_| None), who)
}

fn elsewhere(who: Who) -> bool {
    let first = || begun(Some("\"a\""), &documents(1)[0].bytes);
    is_saved(&answering(first, |ask| asks_for_rest(ask).then(|| range(BEGUN - 4))), who)
}

fn other_version(who: Who) -> bool {
    let other: Vec<u8> = documents(1)[0].bytes.iter().map(|byte| !byte).collect();
    let unless_same = |ask: &Ask| !ask.head.to_lowercase().contains("if-range: \"b\"");
    let second = move |ask: &Ask| (asks_for_rest(ask) && unless_same(ask)).then(|| range(BEGUN));
    is_saved(&answering(move || begun(Some("\"b\""), &other), second), who)
}

fn gives_up(stage: &ScriptedServer, who: Who) -> bool {
    Client::new(stage, who).within(8).run().code == Some(22)
}

fn silent_link(who: Who) -> bool {
    let silent = |ask: &Ask| matches!(ask.step, Step::Link(_)).then(|| Reply::nothing().hanging());
    gives_up(&ScriptedServer::new(documents(1), silent), who)
}

fn silent_body(who: Who) -> bool {
    let stops = || Reply::head(200, &[("Content-Length", "100000")], &[b'x'; 2_000]).hanging();
    gives_up(&ScriptedServer::new(documents(1), move |ask| matches!(ask.step, Step::File(_)).then(stops)), who)
}

fn silent_redirect(who: Who) -> bool {
    let redirect = || Reply::new(302, &[("Location", "/api/v2/files/eyJ0.hop")], "");
    let stage = ScriptedServer::new(documents(1), move |ask| {
        let silent = || Reply::nothing().hanging();
        matches!(ask.step, Step::File(_)).then(|| if ask.target.contains(".hop") { silent() } else { redirect() })
    });
    gives_up(&stage, who)
}

/// A listener whose queue is full, with what fills it.
async fn full_listener() -> (tokio::net::TcpListener, TcpStream) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).unwrap();
    let listener = socket.listen(0).unwrap();
    let filler = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (listener, filler)
}

fn unreachable(who: Who) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (listener, _filler) = runtime.block_on(full_listener());
    let place = listener.local_addr().unwrap().to_string();
    let there = format!("http://{place}/api/v2/files/eyJ0.0");
    let stage = ScriptedServer::new(documents(1), move |ask| super::situation::link_with(ask, "download_url", &*there));
    Client::new(&stage, who).env("CPK_LINK_HOSTS", &place).within(8).run().code == Some(22)
}

fn silent_handshake(who: Who) -> bool {
    // The system accepts the connection, and nobody reads it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let authority = Authority::new().unwrap();
    Client::at(&base, who).trusting(authority.ca_pem()).within(8).run().code == Some(22)
}
