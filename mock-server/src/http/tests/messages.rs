//! Requests that are odd, large or broken, and their responses.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::harness::{TestServer, get, soon};

#[tokio::test]
async fn an_invalid_request_gets_the_matching_status() {
    let server = TestServer::new().await;
    let long = format!("GET / HTTP/1.1\r\nLong: {}\r\n\r\n", "x".repeat(17 * 1024));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101));
    let endless = format!("GET /{}", "x".repeat(64 * 1024));
    for (request, status) in [
        ("this is no request\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "400"),
        ("PRI * HTTP/2.0\r\n\r\nno preface", "400"),
        (long.as_str(), "431"),
        (many.as_str(), "431"),
        (endless.as_str(), "431"),
    ] {
        let answer = server.exchange(request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{}: {answer}", &request[..20]);
    }
}

#[tokio::test]
async fn a_head_within_the_limits_is_taken() {
    let server = TestServer::new().await;
    let long = format!("GET /a HTTP/1.1\r\nLong: {}\r\n\r\n", "x".repeat(15 * 1024));
    let many = format!("GET /a HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(100));
    for request in [long, many] {
        assert!(server.exchange(request).await.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.send("GET /old HTTP/1.0\r\n\r\n").await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.0 200 ") && answer.ends_with("/old"), "{answer}");
}

#[tokio::test]
async fn a_client_that_half_closes_gets_its_response() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.send(get("/hold")).await;
    client.0.shutdown().await.unwrap();
    soon(server.arrived.acquire()).await.unwrap().forget();
    server.go_on.add_permits(1);
    assert!(client.rest().await.ends_with("/hold"));
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = TestServer::new().await;
    let requests: String = (0..100).map(|n| get(&format!("/{n}"))).collect();
    let mut answers = server.exchange(requests).await;
    for n in 0..100 {
        let (before, after) = answers.split_once(&format!("\r\n\r\n/{n}")).expect("an answer for each, in order");
        assert_eq!(before.matches("HTTP/1.1 200").count(), 1);
        answers = after.to_owned();
    }
    assert_eq!(answers, "");
}

#[tokio::test]
async fn a_large_body_comes_out_whole() {
    let server = TestServer::new().await;
    let answer = server.exchange(get("/big/65536")).await;
    assert!(answer.ends_with(&format!("\r\n\r\n{}", "x".repeat(65536))));
}

/// Linux lets a client read the response even after a RST; other systems do not. So the test checks
/// that there is no RST, by sending everything. 20 MB exceed the buffers of both sides.
#[tokio::test]
async fn a_client_that_still_sends_is_not_reset_before_it_reads_the_response() {
    let server = TestServer::new().await;
    for (head, end) in [
        ("GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n", "/a"),
        ("GET /a HTTP/1.1\r\nLong: ", "\r\n\r\n"),
        ("GET /close HTTP/1.1\r\nHost: x\r\n\r\n", ""),
    ] {
        let (mut reading, mut writing) = server.connect().await.0.into_split();
        writing.write_all(head.as_bytes()).await.unwrap();
        let sending = tokio::spawn(async move { writing.write_all(&vec![b'x'; 20_000_000]).await });
        let mut answer = String::new();
        soon(reading.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.ends_with(end), "{answer}");
        soon(sending).await.unwrap().unwrap();
    }
}

/// Only the time limit ends this connection: it takes the two seconds.
#[tokio::test]
async fn a_client_that_sends_for_ever_is_ended() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.send("GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n").await;
    let piece = vec![b'x'; 100_000];
    soon(async { while client.0.write_all(&piece).await.is_ok() {} }).await;
}

#[tokio::test]
async fn a_missing_body_does_not_delay_the_response() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.send("GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n").await;
    assert!(client.rest().await.ends_with("/a"));
}

#[tokio::test]
async fn a_small_body_that_nobody_reads_keeps_the_connection() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.send("GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc").await;
    client.until("/a").await;
    client.ask("/b").await;
}

#[tokio::test]
async fn garbage_does_not_affect_other_connections() {
    let server = TestServer::with_head_in(1000).await;
    let mut rng = ChaCha8Rng::seed_from_u64(64);
    for _ in 0..300 {
        let garbage: [u8; 64] = rng.random();
        let mut client = server.connect().await;
        client.send(garbage).await;
        // The connection is ended by the client, by a 400, or never if the bytes look like the
        // start of a request.
        let _ = client.0.shutdown().await;
    }
    server.connect().await.ask("/still-here").await;
    assert_eq!(server.end().await.panics, 0);
}
