//! Clients that send a byte now and then: the server ends them, however alive they seem.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::withstand::hasty;
use crate::support::raw::{CREW, LIMIT, Then, connect, read};

/// Sends a byte, then waits that long for the end, again and again; gives how long the connection lasted.
fn trickle(mut stream: &TcpStream, mut byte_at: impl FnMut(usize) -> u8) -> Duration {
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let begun = Instant::now();
    let mut piece = [0; 1024];
    for number in 0.. {
        if stream.write_all(&[byte_at(number)]).is_err() {
            break;
        }
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(_) => break,
        }
        assert!(begun.elapsed() < LIMIT, "a trickling head was let be");
    }
    begun.elapsed()
}

#[test]
fn a_head_that_trickles_is_ended() {
    let fake = hasty();
    let starts = ["", "GE", "GET /api HTTP/1.1\r\n", "GET /api HTTP/1.1\r\nHost: x\r\nX-Slow: "];
    for start in starts {
        let mut stream = connect(fake.address());
        stream.write_all(start.as_bytes()).unwrap();
        let lasted = trickle(&stream, |_| b'a');
        assert!(lasted >= Duration::from_millis(300), "{start:?} was ended after {lasted:?} already");
    }
    fake.stop();
}

#[test]
fn lines_that_trickle_are_ended() {
    let fake = hasty();
    let mut stream = connect(fake.address());
    stream.write_all(b"GET /api HTTP/1.1\r\n").unwrap();
    trickle(&stream, |number| b"a: b\r\n"[number % 6]);
    fake.stop();
}

#[test]
fn a_later_head_that_trickles_is_ended_and_one_that_waits_is_not() {
    let fake = hasty();
    let mut stream = connect(fake.address());
    let request = format!("GET {CREW}/crew_001/documents HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    assert_eq!(read(&stream, Then::Wait).statuses(), [401]);
    // Twice the time that a head may take: between two requests a client takes as long as it likes.
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut rest = vec![0; 4096];
    while let Ok(n) = stream.read(&mut rest) {
        assert_ne!(n, 0, "an idle connection was ended");
    }
    trickle(&stream, |number| request.as_bytes()[number % 4]);
    fake.stop();
}

#[test]
fn silence_is_ended() {
    let fake = hasty();
    for start in ["", "GET", "GET / HTTP/1.1\r\n"] {
        let mut stream = connect(fake.address());
        stream.write_all(start.as_bytes()).unwrap();
        let back = read(&stream, Then::HalfClose);
        assert!(back.ended && back.statuses().iter().all(|status| *status < 500), "{}", back.text());
    }
    fake.stop();
}

#[test]
fn a_body_that_trickles_into_the_control_api_is_ended() {
    let fake = hasty();
    for target in ["clock", "sessions", "crew/crew_001/documents?supersedes=doc_1"] {
        let stream = connect(fake.address());
        let head = format!("POST /__mock/{target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n");
        (&stream).write_all(head.as_bytes()).unwrap();
        let lasted = trickle(&stream, |_| b' ');
        assert!(lasted >= Duration::from_millis(300), "{target} was ended after {lasted:?} already");
    }
    let silent = connect(fake.address());
    (&silent).write_all(b"POST /__mock/clock HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n").unwrap();
    assert_eq!(read(&silent, Then::Wait).statuses(), [408]);
    fake.stop();
}
