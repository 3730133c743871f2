//! Senders that do harm: the gate stays within its bounds, ends, and shows nothing that a terminal would obey.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crewpass_contract::report::{Format, Look, Run};
use crewpass_contract::requirement::{Catalogue, Grade};
use crewpass_contract::sender::{Options, Seen, entries, judged, run};
use crewpass_contract::server::Expectation;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::sender::harness::{clauses, quick};

/// An expectation whose lever does nothing: what arrives comes by itself.
const EXPECTATION: &str = "keys: {full: {key: cpk_test_1}}\n\
    crew: {crew_001: {fleet: true, documents: [{document_id: doc_1}]}}\nlevers: {event: 'true', clock: 'true'}\n";

/// A request that is whole.
const WHOLE: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}";

/// Runs the gate, and attacks it from the moment at which it listens.
async fn attacked<F: Future<Output = ()> + Send + 'static>(
    expect: &Expectation,
    options: &Options,
    attack: impl FnOnce(SocketAddr) -> F,
) -> (usize, bool, String) {
    let started = Instant::now();
    let mut task = None;
    let seen = run(expect, options, |gate| task = Some(tokio::spawn(attack(gate)))).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(90), "{:?}", started.elapsed());
    task.unwrap().abort();
    (seen.attempts.len(), seen.is_flooded, report(&seen))
}

/// Returns the report for people, and that for machines.
fn report(seen: &Seen<'_>) -> String {
    let (catalogue, wanted) = (Catalogue::of_sender().unwrap(), clauses());
    let entries = entries(&judged(seen, &wanted), seen, &wanted, ToOwned::to_owned);
    let run = Run::from_entries(entries, &catalogue, 0, Grade::MUST);
    let look = Look { verbose: true, ..Look::from(100) };
    [Format::Human, Format::Json, Format::Junit].map(|format| format.render(&run, look).unwrap()).concat()
}

async fn send(gate: SocketAddr, bytes: &[u8]) {
    // The gate may have ended, or end the connection before all of it was sent.
    let Ok(mut stream) = TcpStream::connect(gate).await else { return };
    let _ = stream.write_all(bytes).await;
}

fn expect() -> Expectation {
    Expectation::parse(EXPECTATION, "e.yaml").unwrap()
}

fn options() -> Options {
    // An attacked machine answers late.
    let silence = Duration::from_secs(20);
    Options { arrival: Duration::from_secs(1), settle: Duration::from_millis(10), silence, ..quick() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_header_holds_is_escaped_in_every_report() {
    let (expect, options) = (expect(), options());
    let (attempts, _, text) = attacked(&expect, &options, |gate| async move {
        let hostile = b"PO\x1b[2JST /\x1b]0;x\x07 HTTP/1.1\r\nX-CrewPass-Event-Id: a\x1b[31mb\x00\x85\r\n\
            X-CrewPass-Timestamp: \x1b[1m\r\nX-CrewPass-Event-Type: ::error::x\r\n\x9b\x1b: 1\r\n\
            content-length: 40\r\n\r\n{\"event_id\": \"\\u001b[2J\", \"data\": {\"\\u001b\": 1}}";
        send(gate, hostile).await;
    })
    .await;
    assert_eq!(attempts, 1);
    assert!(text.contains("CPS-HOOK-05") && text.contains("FAIL"), "{text}");
    let harmful: Vec<_> = text.chars().filter(|c| c.is_control() && *c != '\n').collect();
    assert!(harmful.is_empty(), "{harmful:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_slow_and_endless_requests_cost_little() {
    let (expect, options) = (expect(), options());
    let (attempts, is_flooded, text) = attacked(&expect, &options, |gate| async move {
        let large = [b"POST / HTTP/1.1\r\ncontent-length: 10485760\r\n\r\n".as_slice(), &vec![b' '; 10 << 20]].concat();
        send(gate, &large).await;
        tokio::spawn(async move {
            let mut endless = TcpStream::connect(gate).await.unwrap();
            let _ = endless.write_all(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n").await;
            while endless.write_all(b"400\r\n").await.is_ok() && endless.write_all(&[b' '; 0x400]).await.is_ok() {
                let _ = endless.write_all(b"\r\n").await;
            }
        });
        let mut slow = TcpStream::connect(gate).await.unwrap();
        while slow.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    assert!((1..=3).contains(&attempts) && !is_flooded, "{attempts}");
    assert!(text.contains("a body of more than 256 KiB"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_neither_stop_nor_fill_the_gate() {
    // The gate waits no longer once it is flooded.
    let (expect, options) = (expect(), Options { arrival: Duration::from_mins(1), ..options() });
    let (attempts, is_flooded, text) = attacked(&expect, &options, |gate| async move {
        let mut idle = Vec::new();
        for _ in 0..400 {
            idle.push(TcpStream::connect(gate).await.unwrap());
        }
        for _ in 0..2_000 {
            send(gate, WHOLE).await;
        }
    })
    .await;
    assert!(is_flooded && attempts == 1_000, "{attempts}");
    assert!(text.contains("the sender sent more than can be kept"), "{text}");
}
