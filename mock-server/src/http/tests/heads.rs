//! The time a request head may take, and the time it does not count.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::harness::{Client, Stage, get, soon};

/// Sends a byte now and again until the server ends the connection; gives what it said.
async fn trickle(client: Client) -> String {
    let (mut reading, mut writing) = client.0.into_split();
    let trickling = tokio::spawn(async move {
        while writing.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut said = Vec::new();
    // The last trickled byte may be answered by a RST.
    let _ = soon(reading.read_to_end(&mut said)).await;
    trickling.abort();
    String::from_utf8(said).unwrap()
}

/// Asserts that `bytes`, followed by a trickle, end the connection when the head's time is up; gives the answer.
async fn ends_in_time(bytes: &str) -> String {
    let stage = Stage::with_head_in(300).await;
    let mut client = stage.connect().await;
    let start = Instant::now();
    client.send(bytes).await;
    let said = trickle(client).await;
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(280), "{bytes:?} took {took:?}");
    said
}

#[tokio::test]
async fn a_trickled_head_is_ended_wherever_it_stands() {
    for begin in ["", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\nA: "] {
        assert_eq!(ends_in_time(begin).await, "", "{begin:?}");
    }
}

#[tokio::test]
async fn a_silent_connection_is_ended() {
    let stage = Stage::with_head_in(100).await;
    for begin in ["", "P", "PRI * HT"] {
        let mut client = stage.connect().await;
        client.send(begin).await;
        assert_eq!(client.rest().await, "");
    }
}

#[tokio::test]
async fn a_later_head_has_the_same_time_also_when_it_began_with_the_request_before() {
    let said = ends_in_time(&format!("{}GET /tw", get("/one"))).await;
    assert!(said.ends_with("/one"), "{said}");
    let stage = Stage::with_head_in(100).await;
    let mut client = stage.connect().await;
    client.send(format!("{}GET /tw", get("/one"))).await;
    assert!(client.rest().await.ends_with("/one"), "also when nothing follows");
    let mut client = stage.connect().await;
    client.ask("/one").await;
    client.send("GET").await;
    assert_eq!(client.rest().await, "");
}

/// Real sockets know no paused clock, so this test has to outwait the limit: 0.3 s.
#[tokio::test]
async fn waiting_between_requests_is_not_counted() {
    let stage = Stage::with_head_in(100).await;
    let mut after_get = stage.connect().await;
    after_get.ask("/one").await;
    let mut after_body = stage.connect().await;
    after_body.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody").await;
    after_body.until("\r\n\r\nbody").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    after_get.ask("/two").await;
    after_body.ask("/two").await;
}

/// As above, the limit has to pass.
#[tokio::test]
async fn neither_a_slow_answer_nor_a_slow_body_is_counted() {
    let stage = Stage::with_head_in(100).await;
    let mut held = stage.connect().await;
    held.send(format!("{}GET /ne", get("/hold"))).await;
    let mut body = stage.connect().await;
    body.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nb").await;
    // By the time this is answered, the server has read what was sent before it.
    stage.connect().await.ask("/one").await;
    body.send("o").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    stage.go_on.add_permits(1);
    held.until("/hold").await;
    held.send("xt HTTP/1.1\r\nHost: x\r\n\r\n").await;
    held.until("/next").await;
    body.send("dy").await;
    body.until("\r\n\r\nbody").await;
}

/// Two heads, each slow but in time: 0.6 s.
#[tokio::test]
async fn each_head_has_its_own_time() {
    let stage = Stage::with_head_in(500).await;
    let mut client = stage.connect().await;
    client.send("GET /one HT").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    client.send("TP/1.1\r\nHost: x\r\n\r\nGET /tw").await;
    client.until("/one").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    client.send("o HTTP/1.1\r\nHost: x\r\n\r\n").await;
    client.until("/two").await;
}
