//! What no honest client sends: the server answers or hangs up, says no 5xx, and lives.

use std::io::Write;
use std::net::TcpStream;

use proptest::prelude::{Just, Strategy, any, prop};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use crate::support::executable::Fake;
use crate::support::raw::{Back, CREW, Then, connect, exchange};

/// A server that gives a head half a second, so that those which never end don't take long.
pub(crate) fn hasty() -> Fake {
    Fake::start(&["--header-timeout", "500ms"])
}

/// A request for the list with the key, with more header lines and a body.
fn list(fake: &Fake, more: &str) -> String {
    format!("GET {CREW}/crew_001/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{more}\r\n", fake.key)
}

/// A request for a target with the key.
fn target(fake: &Fake, target: &str) -> String {
    list(fake, "").replace(&format!("{CREW}/crew_001/documents"), target)
}

/// Sends bytes in both ways; every answer has a status of `expected`, and there is one unless `expected` is empty.
fn withstands(fake: &Fake, bytes: impl AsRef<[u8]>, expected: &[u16]) {
    let bytes = bytes.as_ref();
    for then in [Then::Wait, Then::HalfClose] {
        let back = exchange(fake.address(), bytes, then);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]);
        let statuses = back.statuses();
        assert!(expected.is_empty() || !statuses.is_empty(), "no answer to {shown:?} ({then:?})");
        for status in statuses {
            assert!(status < 500, "{status} to {shown:?} ({then:?})");
            assert!(expected.is_empty() || expected.contains(&status), "{status} to {shown:?} ({then:?})");
        }
        lives(fake, &shown);
    }
}

/// A usual request is answered as ever.
fn lives(fake: &Fake, after: &str) {
    assert_eq!(fake.get(&format!("{CREW}/crew_001/documents")).status(), 200, "after {after:?}");
}

#[test]
fn what_is_no_http_request() {
    let fake = hasty();
    let lines =
        ["\r\n\r\n", "GET\r\n\r\n", "GET  /  HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1 x\r\n\r\n"];
    for line in lines {
        withstands(&fake, line, &[]);
    }
    for line in [
        "G@T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
    ] {
        withstands(&fake, line, &[400]);
    }
    // HTTP/0.9, and a greeting of another protocol.
    withstands(&fake, "GET /\r\n", &[]);
    withstands(&fake, "SSH-2.0-OpenSSH_9.9\r\n", &[]);
    withstands(&fake, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", &[]);
    let every_byte: Vec<u8> = (0..=255).cycle().take(4096).collect();
    withstands(&fake, &every_byte, &[]);
    withstands(&fake, vec![0; 100_000], &[]);
    withstands(&fake, "", &[]);
    withstands(&fake, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[]);
    withstands(&fake, [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(), &every_byte].concat(), &[]);
    fake.stop();
}

#[test]
fn heads_that_are_too_large() {
    let fake = hasty();
    withstands(&fake, list(&fake, &format!("X-Long: {}\r\n", "a".repeat(20_000))), &[431]);
    withstands(&fake, list(&fake, &"X-Many: 1\r\n".repeat(200)), &[431]);
    withstands(&fake, list(&fake, &format!("X-Endless: {}", "a".repeat(1 << 20))), &[431]);
    fake.stop();
}

#[test]
fn ids_and_targets_that_are_long() {
    let fake = hasty();
    for (length, statuses) in [(10_000, [404].as_slice()), (100_000, &[414, 431])] {
        let id = "a".repeat(length);
        withstands(&fake, target(&fake, &format!("{CREW}/{id}/documents")), statuses);
        withstands(&fake, target(&fake, &format!("{CREW}/crew_001/documents/{id}/download")), statuses);
        withstands(&fake, target(&fake, &format!("/api/v2/files/{id}")), statuses);
        withstands(&fake, target(&fake, &format!("/{id}")), statuses);
        withstands(&fake, target(&fake, &"/a".repeat(length / 2)), statuses);
    }
    fake.stop();
}

#[test]
fn ids_and_targets_that_are_odd() {
    let fake = hasty();
    let control = |path: &str| target(&fake, path).replace("Host: x", &format!("Host: {}", fake.address()));
    let ids =
        ["%ff", "%00", "%2F", "crew_001%2F", "%2e%2e", "..", ".", "%", "%zz", "%E2%82", " crew_001", "%20crew_001"];
    for id in ids {
        let expected: &[u16] = if id.starts_with(' ') { &[400, 404] } else { &[404] };
        withstands(&fake, target(&fake, &format!("{CREW}/{id}/documents")), expected);
        withstands(&fake, target(&fake, &format!("{CREW}/crew_001/documents/{id}/download")), expected);
        withstands(&fake, target(&fake, &format!("/api/v2/files/{id}")), expected);
        withstands(&fake, control(&format!("/__mock/crew/{id}/documents")), &[400, 404, 405]);
        withstands(&fake, control(&format!("/__mock/sessions/{id}/clock")), &[400, 404]);
    }
    for path in [
        CREW.replacen("/v2/", "/v2/../v2/", 1) + "/crew_001/documents",
        CREW.replacen("/v2/", "/v2/%2e%2e/v2/", 1) + "/crew_001/documents",
        format!("/.{CREW}/crew_001/documents"),
        format!("/{CREW}/crew_001/documents"),
        format!("{CREW}/crew_001/documents/"),
        format!("{CREW}//documents"),
    ] {
        withstands(&fake, target(&fake, &path), &[404]);
    }
    withstands(&fake, target(&fake, &format!("{CREW}/crew_001/documents?%ff=%00&&=;#")), &[200, 400]);
    // The raw byte is not a part of a URI; both to refuse it and not to know it are right.
    let raw = target(&fake, &format!("{CREW}/\u{fc}/documents"));
    withstands(&fake, raw.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>(), &[400, 404]);
    fake.stop();
}

#[test]
fn bodies_that_nobody_asked_for() {
    let fake = hasty();
    let large = vec![b'x'; 10 << 20];
    let with_length = list(&fake, &format!("Content-Length: {}\r\n", large.len())).into_bytes();
    withstands(&fake, [with_length, large.clone()].concat(), &[200]);
    let chunked = list(&fake, "Transfer-Encoding: chunked\r\n") + &format!("{:x}\r\n", large.len());
    withstands(&fake, [chunked.as_bytes(), &large, b"\r\n0\r\n\r\n"].concat(), &[200]);
    // Bodies that never come, or are none.
    withstands(&fake, list(&fake, "Content-Length: 10\r\n"), &[200]);
    withstands(&fake, list(&fake, "Transfer-Encoding: chunked\r\n"), &[200]);
    withstands(&fake, list(&fake, "Transfer-Encoding: chunked\r\n") + "zz\r\n", &[200, 400]);
    withstands(&fake, list(&fake, "Content-Length: 10\r\nExpect: 100-continue\r\n"), &[100, 200]);
    // Lengths that can't be, or contradict one another.
    for length in ["-1", "1x", "18446744073709551616", "1, 2"] {
        withstands(&fake, list(&fake, &format!("Content-Length: {length}\r\n")), &[400]);
    }
    withstands(&fake, list(&fake, "Content-Length: 1\r\nContent-Length: 2\r\n") + "ab", &[400]);
    let both = list(&fake, "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n";
    withstands(&fake, both, &[200, 400]);
    withstands(&fake, list(&fake, "Transfer-Encoding: gzip\r\n") + "abc", &[400, 200]);
    let upload =
        format!("POST /__mock/crew/crew_001/documents?supersedes=doc_1 HTTP/1.1\r\nHost: {}\r\n", fake.address());
    let broken = exchange(fake.address(), format!("{upload}Content-Length: 10\r\n\r\nabc").as_bytes(), Then::HalfClose);
    assert!(broken.statuses().iter().all(|status| *status == 400), "{}", broken.text());
    assert!(fake.listed("crew_001").contains(&"doc_1".to_owned()), "a broken upload is none");
    fake.stop();
}

#[test]
fn keys_that_contradict_one_another() {
    let fake = hasty();
    let key = fake.key.clone();
    let keyless = list(&fake, "").replace(&format!("Authorization: Bearer {key}\r\n"), "");
    let with = |lines: &str| keyless.replace("Host: x\r\n", &format!("Host: x\r\n{lines}"));
    let right = format!("Authorization: Bearer {key}\r\n");
    withstands(&fake, &keyless, &[401]);
    withstands(&fake, with(&right.repeat(2)), &[401]);
    withstands(&fake, with(&format!("{right}Authorization: Basic eDp5\r\n")), &[401]);
    withstands(&fake, with(&format!("Authorization: Bearer cpk_test_x\r\n{right}")), &[401]);
    withstands(&fake, with(&format!("{right}X-Partner-API-Key: {key}\r\n")), &[200]);
    withstands(&fake, with(&format!("{right}X-Partner-API-Key: cpk_test_x\r\n")), &[200]);
    withstands(&fake, with(&format!("X-Partner-API-Key: {key}\r\n")), &[200]);
    withstands(&fake, with("Authorization: Bearer \r\n"), &[401]);
    withstands(&fake, with("Authorization: \r\n"), &[401]);
    let not_text = with("Authorization: Bearer \u{ff}\u{fe}\r\n");
    withstands(&fake, not_text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>(), &[401]);
    withstands(&fake, with(&format!("Authorization: Bearer {}\r\n", "k".repeat(10_000))), &[401]);
    fake.stop();
}

#[test]
fn methods_forms_and_versions() {
    let fake = hasty();
    let with = |method: &str, target: &str| format!("{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n");
    withstands(&fake, with("OPTIONS", "*"), &[404, 405]);
    withstands(&fake, with("CONNECT", "example.com:443"), &[400, 404, 405]);
    for method in ["TRACE", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW", "get"] {
        withstands(&fake, with(method, &format!("{CREW}/crew_001/documents")), &[405]);
    }
    withstands(&fake, with("A".repeat(5000).as_str(), "/"), &[404, 400]);
    withstands(&fake, target(&fake, &format!("http://x{CREW}/crew_001/documents")), &[200]);
    withstands(&fake, target(&fake, "http://x"), &[404]);
    withstands(&fake, target(&fake, "http://[::1"), &[400]);
    let old = list(&fake, "").replace("HTTP/1.1", "HTTP/1.0");
    withstands(&fake, &old, &[200]);
    withstands(&fake, old.replace("Host: x\r\n", ""), &[200]);
    let link = target(&fake, &format!("{CREW}/crew_001/documents/doc_1/download")).replace("HTTP/1.1", "HTTP/1.0");
    let back = exchange(fake.address(), link.replace("Host: x\r\n", "").as_bytes(), Then::HalfClose);
    assert!(back.text().contains(&format!("{}/api/v2/files/", fake.base)), "{}", back.text());
    withstands(&fake, list(&fake, "").replace("Host: x\r\n", "Host: x\r\nHost: y\r\n"), &[200, 400]);
    withstands(&fake, list(&fake, "").replace("Host: x", "Host: a b/c"), &[200, 400]);
    fake.stop();
}

#[test]
fn fifty_requests_at_once_are_answered_in_order() {
    let fake = hasty();
    let last = target(&fake, "/last").replace("Host: x\r\n", "Host: x\r\nConnection: close\r\n");
    let Back { bytes, ended } =
        exchange(fake.address(), (list(&fake, "").repeat(49) + &last).as_bytes(), Then::HalfClose);
    let statuses = Back { bytes, ended }.statuses();
    assert_eq!(statuses, [[200].repeat(49), vec![404]].concat());
    assert!(ended);
    lives(&fake, "fifty at once");
    fake.stop();
}

#[test]
fn connections_that_are_dropped() {
    let fake = hasty();
    let request = list(&fake, "").into_bytes();
    let open: Vec<TcpStream> = (0..200).map(|_| connect(fake.address())).collect();
    for (number, mut stream) in open.iter().enumerate() {
        stream.write_all(&request[..request.len() * number / 200]).unwrap();
    }
    drop(open);
    lives(&fake, "two hundred dropped connections");
    fake.stop();
}

#[test]
fn requests_with_bytes_changed() {
    let fake = hasty();
    let valid = list(&fake, "Content-Length: 3\r\nAccept: */*\r\n").into_bytes();
    let valid = [valid, b"abc".to_vec()].concat();
    let change = (any::<Index>(), 0..4_usize, prop::collection::vec(any::<u8>(), 0..8));
    let changed = (Just(valid), prop::collection::vec(change, 1..6)).prop_map(|(mut bytes, changes)| {
        for (at, cut, put) in changes {
            let at = at.index(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, put);
            bytes.push(b'\n');
        }
        bytes
    });
    // What came out as a failure is told by its bytes; no file of seeds is wanted.
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&changed, |bytes| {
            let statuses = exchange(fake.address(), &bytes, Then::HalfClose).statuses();
            proptest::prop_assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
            proptest::prop_assert_eq!(fake.get(&format!("{CREW}/crew_001/documents")).status().as_u16(), 200);
            Ok(())
        })
        .unwrap();
    fake.stop();
}
