//! Stopping, and what does not stop the server.

use std::time::Duration;

use super::harness::{Stage, get, soon};
use crate::http::{Ended, Limits};

#[tokio::test]
async fn stopping_ends_idle_connections_and_lets_requests_finish() {
    let mut stage = Stage::new().await;
    let mut fresh = stage.connect().await;
    let mut idle = stage.connect().await;
    idle.ask("/one").await;
    let mut busy = stage.connect().await;
    busy.send(get("/hold")).await;
    soon(stage.arrived.acquire()).await.unwrap().forget();
    stage.begin_stop();
    assert_eq!((fresh.rest().await, idle.rest().await), (String::new(), String::new()));
    assert!(tokio::net::TcpStream::connect(stage.addr).await.is_err(), "nobody is accepted any more");
    stage.go_on.add_permits(1);
    assert!(busy.rest().await.ends_with("/hold"));
    assert_eq!(stage.end().await, Ended { panics: 0, cut_off: 0 });
}

#[tokio::test]
async fn a_request_that_never_finishes_is_cut_off() {
    let stage = Stage::with(Limits { drain: Duration::from_millis(100), ..Limits::default() }, None).await;
    let mut busy = stage.connect().await;
    busy.send(get("/hold")).await;
    soon(stage.arrived.acquire()).await.unwrap().forget();
    assert_eq!(soon(stage.end()).await, Ended { panics: 0, cut_off: 1 });
    assert_eq!(busy.rest().await, "");
}

#[tokio::test]
async fn a_panic_costs_its_own_connection_only() {
    let stage = Stage::new().await;
    let mut other = stage.connect().await;
    other.ask("/one").await;
    assert_eq!(stage.exchange(get("/panic")).await, "");
    other.ask("/two").await;
    assert_eq!(stage.end().await, Ended { panics: 1, cut_off: 0 });
}
