//! The time limit for a request head, and the time that it does not count.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::harness::{Client, TestServer, get, soon};

/// Sends a byte every 20 ms until the server ends the connection. Returns the bytes received.
async fn trickle(client: Client) -> String {
    let (mut reading, mut writing) = client.0.into_split();
    let trickling = tokio::spawn(async move {
        while writing.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut received = Vec::new();
    // The last trickled byte may be answered by a RST.
    let _ = soon(reading.read_to_end(&mut received)).await;
    trickling.abort();
    String::from_utf8(received).unwrap()
}

/// Asserts that `bytes`, followed by a trickle, end the connection at the head's deadline. Returns
/// the response.
async fn ends_in_time(bytes: &str) -> String {
    let server = TestServer::with_head_in(300).await;
    let mut client = server.connect().await;
    let start = Instant::now();
    client.send(bytes).await;
    let received = trickle(client).await;
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(280), "{bytes:?} took {took:?}");
    received
}

#[tokio::test]
async fn a_trickled_head_is_ended_at_any_point() {
    for begin in ["", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nA: "] {
        assert_eq!(ends_in_time(begin).await, "", "{begin:?}");
    }
}

#[tokio::test]
async fn a_silent_connection_is_ended() {
    let server = TestServer::with_head_in(100).await;
    for begin in ["", "P", "PRI * HT"] {
        let mut client = server.connect().await;
        client.send(begin).await;
        assert_eq!(client.rest().await, "");
    }
}

#[tokio::test]
async fn a_later_head_has_the_same_limit_also_when_it_started_with_the_request_before() {
    let received = ends_in_time(&format!("{}GET /tw", get("/one"))).await;
    assert!(received.ends_with("/one"), "{received}");
    let server = TestServer::with_head_in(100).await;
    let mut client = server.connect().await;
    client.send(format!("{}GET /tw", get("/one"))).await;
    assert!(client.rest().await.ends_with("/one"), "also when nothing follows");
    let mut client = server.connect().await;
    client.ask("/one").await;
    client.send("GET").await;
    assert_eq!(client.rest().await, "");
}

/// Real sockets do not follow a paused clock, so this test has to outwait the limit: 0.3 s.
#[tokio::test]
async fn waiting_between_requests_is_not_counted() {
    let server = TestServer::with_head_in(100).await;
    let mut after_get = server.connect().await;
    after_get.ask("/one").await;
    let mut after_body = server.connect().await;
    after_body.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody").await;
    after_body.until("\r\n\r\nbody").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    after_get.ask("/two").await;
    after_body.ask("/two").await;
}

/// The limit has to pass here, too: 0.3 s.
#[tokio::test]
async fn slow_responses_and_slow_bodies_are_not_counted() {
    let server = TestServer::with_head_in(100).await;
    let mut held = server.connect().await;
    held.send(format!("{}GET /ne", get("/hold"))).await;
    let mut body = server.connect().await;
    body.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nb").await;
    // By the time this is answered, the server has read the bytes sent before it.
    server.connect().await.ask("/one").await;
    body.send("o").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.go_on.add_permits(1);
    held.until("/hold").await;
    held.send("xt HTTP/1.1\r\nHost: x\r\n\r\n").await;
    held.until("/next").await;
    body.send("dy").await;
    body.until("\r\n\r\nbody").await;
}

/// Two heads, each slow but in time: 0.6 s.
#[tokio::test]
async fn each_head_has_its_own_deadline() {
    let server = TestServer::with_head_in(500).await;
    let mut client = server.connect().await;
    client.send("GET /one HT").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    client.send("TP/1.1\r\nHost: x\r\n\r\nGET /tw").await;
    client.until("/one").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    client.send("o HTTP/1.1\r\nHost: x\r\n\r\n").await;
    client.until("/two").await;
}
