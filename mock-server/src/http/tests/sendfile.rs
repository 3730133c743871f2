//! Bytes that are sent from a cache file: which ones are, and that no client notices.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::harness::{TestServer, get, soon};
use super::{http2, tls};
use crate::http::{Authority, Limits, SendfileBytes};

/// The minimum size for sendfile.
const MIN_SENDFILE_BYTES: usize = 32 << 10;

/// More bytes than the kernel buffers for a client that does not read.
const LARGE: usize = 12 << 20;

fn in_file(size: usize) -> String {
    ('a'..='w').cycle().take(size).collect()
}

fn in_memory(size: usize) -> String {
    "x".repeat(size)
}

fn with_different_file(size: usize) -> SendfileBytes {
    SendfileBytes::with_different_file(in_memory(size), in_file(size))
}

async fn server(bytes: SendfileBytes) -> TestServer {
    TestServer::sending(Limits::default(), None, bytes).await
}

fn with_length(body: &str) -> impl Fn(&str) -> bool {
    move |answer| {
        let (head, rest) = answer.split_once("\r\n\r\n").expect("a head");
        head.contains(&format!("content-length: {}", body.len())) && rest == body
    }
}

fn in_chunks(body: &str, piece: usize) -> String {
    let chunks = body.as_bytes().chunks(piece);
    let chunks = chunks.map(|chunk| format!("{:X}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)));
    chunks.chain(["0\r\n\r\n".to_owned()]).collect()
}

#[tokio::test]
async fn large_bodies_are_sent_from_the_file_in_pieces_of_any_size() {
    for (size, piece, body) in [
        (MIN_SENDFILE_BYTES, MIN_SENDFILE_BYTES, in_file(MIN_SENDFILE_BYTES)),
        (MIN_SENDFILE_BYTES, 1000, in_file(MIN_SENDFILE_BYTES)),
        (MIN_SENDFILE_BYTES - 1, MIN_SENDFILE_BYTES, in_memory(MIN_SENDFILE_BYTES - 1)),
        (100_000, usize::MAX, in_file(100_000)),
        (LARGE + 1, usize::MAX, in_file(LARGE + 1)),
        (LARGE + 1, 65_536, in_file(LARGE + 1)),
    ] {
        let server = server(with_different_file(size)).await;
        let answer = server.exchange(get(&format!("/these/length/{piece}"))).await;
        assert!(with_length(&body)(&answer), "{size} in pieces of {piece}");
        let answer = server.exchange(get(&format!("/these/chunked/{piece}"))).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{}", in_chunks(&body, piece))), "{size} in chunks of {piece}");
    }
}

#[tokio::test]
async fn a_range_is_sent_from_its_position_in_the_file() {
    for (range, body) in [
        (12_345..92_345, &in_file(100_000)[12_345..92_345]),
        (5..MIN_SENDFILE_BYTES + 4, &in_memory(MIN_SENDFILE_BYTES - 1)),
    ] {
        let server = server(with_different_file(100_000).slice(range.clone())).await;
        let answer = server.exchange(get("/these/length/80000")).await;
        assert!(with_length(body)(&answer), "{range:?}");
    }
}

#[tokio::test]
async fn a_client_that_reads_late_gets_the_whole_body() {
    let server = server(with_different_file(LARGE)).await;
    let mut client = server.connect().await;
    client.send(get("/these/length/1000000000")).await;
    client.until("\r\n\r\n").await;
    // By the time the second client is answered, the server has filled the socket buffer of the
    // first.
    assert!(with_length(&in_file(LARGE))(&server.exchange(get("/these/length/1000000000")).await));
    let mut body = vec![0; LARGE];
    soon(client.0.read_exact(&mut body)).await.unwrap();
    assert!(body == in_file(LARGE).as_bytes());
    client.ask("/next").await;
}

#[tokio::test]
async fn pipelined_answers_come_in_order() {
    let server = server(with_different_file(MIN_SENDFILE_BYTES)).await;
    let requests: String = ["/a", "/these/length/65536", "/b", "/these/length/65536"].map(get).concat();
    let answers = server.exchange(requests).await;
    let bodies: Vec<_> =
        answers.split("HTTP/1.1 200 OK").skip(1).map(|one| one.split_once("\r\n\r\n").unwrap().1).collect();
    assert!(bodies == ["/a", &in_file(MIN_SENDFILE_BYTES), "/b", &in_file(MIN_SENDFILE_BYTES)]);
}

#[tokio::test]
async fn tls_and_http2_bodies_are_sent_from_memory() {
    let authority = Authority::new().unwrap();
    let config = authority.server_config(&["localhost"]).unwrap();
    let encrypted = TestServer::sending(Limits::default(), Some(config), with_different_file(1_000_000)).await;
    let mut client = tls::connect(&encrypted, &authority, "localhost", &[]).await.unwrap();
    let request = get("/these/length/1000000000").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(client.read_to_string(&mut answer)).await.unwrap();
    assert!(with_length(&in_memory(1_000_000))(&answer));

    let plain = server(with_different_file(1_000_000)).await;
    let body = http2::ask(&mut http2::client(plain.connect().await.0).await, "/these/length/1000000000").await;
    assert!(body.unwrap() == in_memory(1_000_000));
}

#[tokio::test]
async fn a_body_is_sent_from_memory_if_the_file_fails() {
    let broken = [with_different_file(LARGE).with_file_lost(), with_different_file(LARGE).with_file_unreadable()];
    for bytes in broken {
        let server = server(bytes).await;
        for (framing, piece) in [("length", usize::MAX), ("length", 100_000), ("chunked", 100_000)] {
            let answer = server.exchange(get(&format!("/these/{framing}/{piece}"))).await;
            let (_, body) = answer.split_once("\r\n\r\n").unwrap();
            let expected = if framing == "length" { in_memory(LARGE) } else { in_chunks(&in_memory(LARGE), piece) };
            assert!(body == expected, "{framing} {piece}");
        }
    }
}

#[tokio::test]
async fn no_file_handle_is_kept_after_sending() {
    for bytes in [
        with_different_file(LARGE),
        with_different_file(LARGE).slice(1..LARGE - 1),
        with_different_file(LARGE).with_file_lost(),
    ] {
        let server = server(bytes.clone()).await;
        let mut client = server.connect().await;
        client.ask("/first").await;
        let before = bytes.holders();
        client.send(get("/these/length/1000000")).await;
        client.until("\r\n\r\n").await;
        soon(client.0.read_exact(&mut vec![0; bytes.len()])).await.unwrap();
        // Once this is answered, the request before it is done.
        client.ask("/next").await;
        assert_eq!(bytes.holders(), before);
    }
}
