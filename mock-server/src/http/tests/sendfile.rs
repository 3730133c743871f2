//! Bytes that are sent from a mirror: which are, and that nobody sees it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::harness::{Stage, get, soon};
use super::{http2, tls};
use crate::http::{Authority, Limits, SendfileBytes};

/// What is shorter is not worth it.
const WORTH_IT: usize = 32 << 10;

/// More than what the kernel takes at once for a client that does not read.
const LARGE: usize = 12 << 20;

fn mirrored(size: usize) -> String {
    ('a'..='w').cycle().take(size).collect()
}

fn copied(size: usize) -> String {
    "x".repeat(size)
}

fn in_two_forms(size: usize) -> SendfileBytes {
    SendfileBytes::in_two_forms(copied(size), mirrored(size))
}

async fn stage(bytes: SendfileBytes) -> Stage {
    Stage::sending(Limits::default(), None, bytes).await
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
async fn what_is_long_comes_from_the_mirror_in_whatever_pieces() {
    for (size, piece, body) in [
        (WORTH_IT, WORTH_IT, mirrored(WORTH_IT)),
        (WORTH_IT, 1000, mirrored(WORTH_IT)),
        (WORTH_IT - 1, WORTH_IT, copied(WORTH_IT - 1)),
        (100_000, usize::MAX, mirrored(100_000)),
        (LARGE + 1, usize::MAX, mirrored(LARGE + 1)),
        (LARGE + 1, 65_536, mirrored(LARGE + 1)),
    ] {
        let stage = stage(in_two_forms(size)).await;
        let answer = stage.exchange(get(&format!("/these/length/{piece}"))).await;
        assert!(with_length(&body)(&answer), "{size} in pieces of {piece}");
        let answer = stage.exchange(get(&format!("/these/chunked/{piece}"))).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{}", in_chunks(&body, piece))), "{size} in chunks of {piece}");
    }
}

#[tokio::test]
async fn a_part_comes_from_its_place_in_the_mirror() {
    for (range, body) in
        [(12_345..92_345, &mirrored(100_000)[12_345..92_345]), (5..WORTH_IT + 4, &copied(WORTH_IT - 1))]
    {
        let stage = stage(in_two_forms(100_000).slice(range.clone())).await;
        let answer = stage.exchange(get("/these/length/80000")).await;
        assert!(with_length(body)(&answer), "{range:?}");
    }
}

#[tokio::test]
async fn a_client_that_reads_late_gets_it_whole() {
    let stage = stage(in_two_forms(LARGE)).await;
    let mut client = stage.connect().await;
    client.send(get("/these/length/1000000000")).await;
    client.until("\r\n\r\n").await;
    // The other one's answer takes the server as long as it takes to fill what it may of the first.
    assert!(with_length(&mirrored(LARGE))(&stage.exchange(get("/these/length/1000000000")).await));
    let mut body = vec![0; LARGE];
    soon(client.0.read_exact(&mut body)).await.unwrap();
    assert!(body == mirrored(LARGE).as_bytes());
    client.ask("/next").await;
}

#[tokio::test]
async fn pipelined_answers_come_in_order() {
    let stage = stage(in_two_forms(WORTH_IT)).await;
    let requests: String = ["/a", "/these/length/65536", "/b", "/these/length/65536"].map(get).concat();
    let answers = stage.exchange(requests).await;
    let bodies: Vec<_> =
        answers.split("HTTP/1.1 200 OK").skip(1).map(|one| one.split_once("\r\n\r\n").unwrap().1).collect();
    assert!(bodies == ["/a", &mirrored(WORTH_IT), "/b", &mirrored(WORTH_IT)]);
}

#[tokio::test]
async fn what_is_encrypted_or_framed_comes_from_memory() {
    let authority = Authority::new().unwrap();
    let config = authority.server_config(&["localhost"]).unwrap();
    let encrypted = Stage::sending(Limits::default(), Some(config), in_two_forms(1_000_000)).await;
    let mut client = tls::connect(&encrypted, &authority, "localhost", &[]).await.unwrap();
    let request = get("/these/length/1000000000").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(client.read_to_string(&mut answer)).await.unwrap();
    assert!(with_length(&copied(1_000_000))(&answer));

    let plain = stage(in_two_forms(1_000_000)).await;
    let body = http2::ask(&mut http2::client(plain.connect().await.0).await, "/these/length/1000000000").await;
    assert!(body.unwrap() == copied(1_000_000));
}

#[tokio::test]
async fn where_the_mirror_fails_it_comes_from_memory() {
    let broken = [in_two_forms(LARGE).with_mirror_lost(), in_two_forms(LARGE).with_mirror_unreadable()];
    for bytes in broken {
        let stage = stage(bytes).await;
        for (framing, piece) in [("length", usize::MAX), ("length", 100_000), ("chunked", 100_000)] {
            let answer = stage.exchange(get(&format!("/these/{framing}/{piece}"))).await;
            let (_, body) = answer.split_once("\r\n\r\n").unwrap();
            let expected = if framing == "length" { copied(LARGE) } else { in_chunks(&copied(LARGE), piece) };
            assert!(body == expected, "{framing} {piece}");
        }
    }
}

#[tokio::test]
async fn nothing_is_held_of_what_was_sent() {
    for bytes in [in_two_forms(LARGE), in_two_forms(LARGE).slice(1..LARGE - 1), in_two_forms(LARGE).with_mirror_lost()]
    {
        let stage = stage(bytes.clone()).await;
        let mut client = stage.connect().await;
        client.ask("/first").await;
        let before = bytes.holders();
        client.send(get("/these/length/1000000")).await;
        client.until("\r\n\r\n").await;
        soon(client.0.read_exact(&mut vec![0; bytes.len()])).await.unwrap();
        // By its answer, the one before is over.
        client.ask("/next").await;
        assert_eq!(bytes.holders(), before);
    }
}
