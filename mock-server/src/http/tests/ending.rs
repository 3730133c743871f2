//! Shutdown, and events that do not stop the server.

use std::time::Duration;

use super::harness::{TestServer, get, soon};
use crate::http::{Limits, ServeOutcome};

#[tokio::test]
async fn stopping_ends_idle_connections_and_lets_requests_finish() {
    let mut server = TestServer::new().await;
    let mut fresh = server.connect().await;
    let mut idle = server.connect().await;
    idle.ask("/one").await;
    let mut busy = server.connect().await;
    busy.send(get("/hold")).await;
    soon(server.arrived.acquire()).await.unwrap().forget();
    server.begin_shutdown();
    assert_eq!((fresh.rest().await, idle.rest().await), (String::new(), String::new()));
    assert!(tokio::net::TcpStream::connect(server.addr).await.is_err(), "nobody is accepted any more");
    server.go_on.add_permits(1);
    assert!(busy.rest().await.ends_with("/hold"));
    assert_eq!(server.end().await, ServeOutcome { panics: 0, cut_off: 0 });
}

#[tokio::test]
async fn a_request_that_never_finishes_is_cut_off() {
    let server = TestServer::with(Limits { drain: Duration::from_millis(100), ..Limits::default() }, None).await;
    let mut busy = server.connect().await;
    busy.send(get("/hold")).await;
    soon(server.arrived.acquire()).await.unwrap().forget();
    assert_eq!(soon(server.end()).await, ServeOutcome { panics: 0, cut_off: 1 });
    assert_eq!(busy.rest().await, "");
}

#[tokio::test]
async fn a_panic_ends_its_own_connection_only() {
    let server = TestServer::new().await;
    let mut other = server.connect().await;
    other.ask("/one").await;
    assert_eq!(server.exchange(get("/panic")).await, "");
    other.ask("/two").await;
    assert_eq!(server.end().await, ServeOutcome { panics: 1, cut_off: 0 });
}
