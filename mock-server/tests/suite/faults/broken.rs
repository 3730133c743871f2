//! Connections and bodies that break: RST, FIN, cuts at exactly the byte, stalls, drips; with TLS beneath, too.

use std::time::{Duration, Instant};

use crewpass_mock::http::SendfileCache;
use crewpass_mock::session::{Upload, UploadMetadata};
use crewpass_mock::world::Content;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::faults::wire::{End, Fake, LIMIT, LINK, LIST};

#[tokio::test]
async fn a_reset_is_a_rst_and_a_close_a_fin_and_nothing_comes_before() {
    for (then, end) in [("{reset: true}", End::Rst), ("{close: true}", End::Fin)] {
        let rule = format!("{{then: {then}}}");
        for fake in [Fake::with(&[&rule]).await, Fake::over_tls(&[&rule]).await] {
            let seen = fake.get(LIST).await;
            assert_eq!((seen.end, &*seen.head, seen.body.len()), (end, "", 0), "{then}");
            assert_eq!(fake.counts(), [(1, 1)]);
            let journal = fake.server.journal();
            let exchange = journal.exchanges().next().unwrap();
            assert_eq!((exchange.status(), exchange.whole), (None, false), "{then}");
        }
    }
}

#[tokio::test]
async fn a_cut_comes_at_exactly_the_byte_and_its_length_promised_more() {
    for (how, end) in [("fin", End::Fin), ("reset", End::Rst)] {
        for after in [0, 1, 100] {
            let rule = format!("{{match: {{step: list}}, then: {{cut: {{after: {after}, how: {how}}}}}}}");
            for fake in [Fake::with(&[&rule]).await, Fake::over_tls(&[&rule]).await] {
                let seen = fake.get(LIST).await;
                assert_eq!((seen.status(), seen.body.len(), seen.end), (200, after, end), "{rule}");
                fake.server.session().lock().faults.clear();
                let whole = fake.get(LIST).await;
                assert_eq!(seen.length(), whole.body.len(), "{rule}");
                assert!(whole.body.starts_with(&seen.body));
            }
        }
    }
}

#[tokio::test]
async fn a_cut_may_announce_any_length() {
    let fake = Fake::with(&["{match: {step: file}, then: {cut: {after: 100, of: 10737418240}}}"]).await;
    let seen = fake.get(&fake.link().await).await;
    assert_eq!((seen.header("content-length"), seen.body.len()), (Some("10737418240"), 100));
}

#[tokio::test]
async fn a_cut_in_chunks_has_no_last_chunk() {
    for rule in [
        "{match: {step: file}, then: {cut: {after: 100, chunked: true}}}",
        "{match: {step: list}, then: {cut: {after: 100, chunked: true}}}",
    ] {
        let fake = Fake::with(&[rule]).await;
        let link = fake.link().await;
        let seen = fake.get(if rule.contains("file") { &link } else { LIST }).await;
        assert_eq!((seen.header("content-length"), seen.header("transfer-encoding")), (None, Some("chunked")));
        assert!(seen.body.starts_with(b"64\r\n") && seen.body.ends_with(b"\r\n"), "{}", seen.text());
        assert_eq!(seen.body.len(), 4 + 100 + 2, "and nothing behind");
    }
}

/// The kernel sends such a file by itself.
#[tokio::test]
async fn a_large_file_is_cut_at_exactly_the_byte() {
    let bytes: Vec<u8> = (0..100_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    for (how, end) in [("fin", End::Fin), ("reset", End::Rst)] {
        let rule = format!("{{match: {{step: file}}, then: {{cut: {{after: 40001, how: {how}}}}}}}");
        let fake = Fake::with(&[&rule]).await;
        let content = Content::Memory(SendfileCache::default().insert(bytes.clone().into()));
        let note = UploadMetadata { supersedes: Some("doc_1".to_owned()), ..UploadMetadata::default() };
        let upload = Upload { content };
        let document = fake.server.session().lock().upload("crew_001", &note, upload, Timestamp::now()).unwrap();
        let link = fake.get(&LINK.replace("doc_1", &document)).await.link();
        let seen = fake.get(&link).await;
        assert!(seen.end == end && seen.body == bytes[..40_001], "{how}: {} bytes", seen.body.len());
    }
}

#[tokio::test]
async fn a_cut_past_the_end_is_a_broken_end_too() {
    let fake = Fake::with(&["{then: {cut: {after: 1000000}}}"]).await;
    let seen = fake.get(LIST).await;
    seen.json();
    assert_eq!(seen.length(), seen.body.len() + 1);
}

#[tokio::test]
async fn a_cut_file_leaves_a_link_that_is_good_once_unspent() {
    for (then, second) in [
        ("{cut: {after: 100}}", 200),
        ("{drip: {bytes: 2000, every: 10ms}}", 404),
        ("{truncated: 100}", 404),
        ("{gzip: always}", 404),
        ("{content_type: text/plain}", 404),
    ] {
        let rule = format!("{{match: {{step: file}}, when: {{times: 1}}, then: {then}}}");
        let fake = Fake::built(&[&rule], |builder| builder.policy("link_use", "once").unwrap()).await;
        let link = fake.link().await;
        assert_eq!(fake.get(&link).await.status(), 200);
        assert_eq!(fake.get(&link).await.status(), second, "{then}");
    }
}

#[tokio::test]
async fn a_drip_takes_its_time_and_is_whole() {
    let fake = Fake::with(&["{match: {step: file}, then: {drip: {bytes: 400, every: 20ms}}}"]).await;
    let link = fake.link().await;
    let begun = Instant::now();
    let seen = fake.get(&link).await;
    let pieces = u32::try_from(seen.body.len().div_ceil(400)).unwrap();
    assert!(pieces > 3 && begun.elapsed() >= Duration::from_millis(20) * (pieces - 1), "{:?}", begun.elapsed());
    assert_eq!(seen.length(), seen.body.len());
}

#[tokio::test]
async fn a_drip_ends_in_a_cut_where_both_are_told() {
    let rules = ["{then: {cut: {after: 10}}}", "{then: {drip: {bytes: 4, every: 10ms}}}"];
    let seen = Fake::with(&rules).await.get(LIST).await;
    assert_eq!((seen.body.len(), seen.end), (10, End::Fin));
}

/// Asks, reads so many bytes of the body, sees that nothing follows, and leaves.
async fn leave_a_stall(fake: &Fake, wanted: usize) {
    let mut stream = TcpStream::connect(fake.address()).await.unwrap();
    stream.write_all(fake.request("GET", LIST, "").as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let body = |seen: &[u8]| seen.windows(4).position(|four| four == b"\r\n\r\n").map(|at| seen.len() - at - 4);
    while wanted > 0 && body(&seen) != Some(wanted) {
        assert_ne!(timeout(LIMIT, stream.read_buf(&mut seen)).await.unwrap().unwrap(), 0);
    }
    let more = timeout(Duration::from_millis(300), stream.read_buf(&mut seen)).await;
    assert!(more.is_err(), "nothing more comes: {more:?}");
    // The server sees that the client has left, and ends its side; that is what is read here.
    stream.shutdown().await.unwrap();
    assert_eq!(timeout(LIMIT, stream.read_buf(&mut seen)).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_stall_lasts_until_the_client_leaves() {
    leave_a_stall(&Fake::with(&["{then: {stall: true}}"]).await, 0).await;
    leave_a_stall(&Fake::with(&["{then: {stall: {after: 7}}}"]).await, 7).await;
}
