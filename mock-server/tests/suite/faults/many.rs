//! Many callers at once: a rule that is to fire twice fires twice, whoever comes.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;

use crate::faults::wire::{Fake, LIST};

const CALLERS: usize = 64;
const ROUNDS: usize = 1_000;

/// A kept connection that asks once a round, and counts in which rounds it saw the fault.
async fn caller(mut stream: TcpStream, request: String, start: Arc<Barrier>, end: Arc<Barrier>) -> Vec<bool> {
    let mut seen = Vec::with_capacity(ROUNDS);
    let mut bytes = vec![0; 64 << 10];
    for _ in 0..ROUNDS {
        start.wait().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut have = 0;
        let head = loop {
            have += stream.read(&mut bytes[have..]).await.unwrap();
            assert!(have > 0);
            if let Some(at) = bytes[..have].windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
        let length = text.split("content-length: ").nth(1).unwrap().split('\r').next().unwrap();
        let rest = head + length.parse::<usize>().unwrap() - have;
        stream.read_exact(&mut bytes[..rest]).await.unwrap();
        seen.push(text.starts_with("http/1.1 503"));
        end.wait().await;
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_two_of_sixty_four_see_a_fault_that_fires_twice() {
    let fake = Fake::with(&["{when: {times: 2}, then: {status: {code: 503, body: text}}}"]).await;
    let request = fake.request("GET", LIST, "").replace("Connection: close\r\n", "");
    let (start, end) = (Arc::new(Barrier::new(CALLERS + 1)), Arc::new(Barrier::new(CALLERS + 1)));
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        let stream = TcpStream::connect(fake.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        callers.push(tokio::spawn(caller(stream, request.clone(), Arc::clone(&start), Arc::clone(&end))));
    }
    for round in 0..ROUNDS {
        start.wait().await;
        end.wait().await;
        assert_eq!(fake.counts(), [(64, 2)], "round {round}");
        fake.server.session().reset(jiff::Timestamp::now());
    }
    let mut firings = vec![0; ROUNDS];
    for caller in callers {
        for (round, fired) in caller.await.unwrap().into_iter().enumerate() {
            firings[round] += usize::from(fired);
        }
    }
    assert_eq!(firings, vec![2; ROUNDS]);
}
