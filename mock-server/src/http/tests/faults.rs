//! Connections broken below HTTP, as a client sees them.

use std::io::ErrorKind;

use tokio::io::AsyncReadExt;

use super::harness::{TestServer, get, soon};

#[tokio::test]
async fn a_reset_is_a_rst_and_nothing_before_it() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.send(get("/reset")).await;
    let mut received = Vec::new();
    let error = soon(client.0.read_to_end(&mut received)).await.unwrap_err();
    assert_eq!((error.kind(), received.as_slice()), (ErrorKind::ConnectionReset, &b""[..]));
}

#[tokio::test]
async fn a_close_is_a_fin_and_nothing_before_it() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    // Most of this is never read: closing then must not become a reset.
    client.send(format!("{}{}", get("/close"), get("/next").repeat(5000))).await;
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_cut_body_is_cut_at_exactly_the_byte() {
    let server = TestServer::new().await;
    for size in [0, 1, 1000, 1_000_000] {
        let answer = server.exchange(get(&format!("/cut/{size}/length"))).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("the head is out");
        assert!(head.contains(&format!("content-length: {}", size + 1)), "{head}");
        assert_eq!(body.len(), size);

        let answer = server.exchange(get(&format!("/cut/{size}/chunked"))).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("the head is out");
        assert!(head.contains("transfer-encoding: chunked"), "{head}");
        let chunk = format!("{size:X}\r\n{}\r\n", "x".repeat(size));
        assert_eq!(body, if size == 0 { "" } else { chunk.as_str() }, "and no last chunk");
    }
}

#[tokio::test]
async fn a_cut_works_while_other_requests_wait_behind_it() {
    let server = TestServer::new().await;
    let answer = server.exchange(format!("{}{}", get("/cut/1000/length"), get("/next"))).await;
    assert!(answer.ends_with(&"x".repeat(1000)) && answer.matches("HTTP/1.1").count() == 1, "{answer}");
}

#[tokio::test]
async fn a_connection_broken_by_another_task_drops_its_request() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.send(get("/reset-apart")).await;
    let error = soon(client.0.read_to_end(&mut Vec::new())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    soon(server.arrived.acquire()).await.unwrap().forget();
}

#[tokio::test]
async fn another_task_can_wait_for_the_flush_also_when_nothing_is_left_to_flush() {
    let server = TestServer::new().await;
    server.connect().await.ask("/flushed-apart").await;
}

#[tokio::test]
async fn a_request_has_its_peer() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    let me = client.0.local_addr().unwrap().to_string();
    client.send(get("/remote")).await;
    client.until(&format!("\r\n\r\n{me}")).await;
}
