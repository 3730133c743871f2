//! How much of a body went out, to the byte, and whether it went out whole.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::journal::reading::{each, journal};
use crate::support::fake::{CREW, Fake};

#[tokio::test]
async fn bytes_are_exact_and_bodiless_answers_are_whole() {
    let fake = Fake::start(&["ranges=honoured"]).await;
    let list = fake.list("crew_001").await;
    fake.ask("HEAD", &format!("{CREW}/crew_001/documents"), &fake.key()).await;
    let link = fake.link("doc_1").await;
    let file = fake.follow(&link).await;
    fake.ask("GET", &link, "Range: bytes=10-19\r\n").await;
    fake.ask("GET", &link, "Range: bytes=999999-\r\n").await;
    fake.ask("POST", &link, "Content-Length: 0\r\n").await;
    let page = journal(&fake, "").await;
    let bytes = each(&page, "bytes");
    assert_eq!((&bytes[0], &bytes[1]), (&json!(list.body.len()), &json!(0)));
    assert_eq!((&bytes[3], &bytes[4], &bytes[5]), (&json!(file.body.len()), &json!(10), &json!(0)));
    assert!(bytes[6].as_u64().unwrap() > 0);
    assert!(each(&page, "whole").iter().all(|whole| whole == true), "{page}");
}

#[tokio::test]
async fn a_body_without_a_length_is_counted_too() {
    let fake = Fake::start(&["file_headers=chunked"]).await;
    let link = fake.link("doc_1").await;
    let file = fake.follow(&link).await;
    fake.ask("HEAD", &link, "").await;
    let page = journal(&fake, "?step=file").await;
    assert_eq!(each(&page, "bytes"), [json!(file.body.len()), json!(0)]);
    assert_eq!(each(&page, "whole"), [true, true]);
}

/// More than the buffers between the two ends hold.
const LARGE: usize = 64 << 20;

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_did_not_get_it_whole() {
    let fake = Fake::start(&[]).await;
    let body = "x".repeat(LARGE);
    fake.done("POST", "/crew/crew_001/documents?type=CV&title=Large", &body).await;
    let link = fake.link("doc_u1").await;
    let mut stream = TcpStream::connect(fake.server.address()).await.unwrap();
    stream.write_all(format!("GET {link} HTTP/1.1\r\nHost: fake.test\r\n\r\n").as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 1_000]).await.unwrap();
    let open = journal(&fake, "?step=file").await;
    assert_eq!((each(&open, "seq").len(), &open["open"], &open["next"]), (0, &json!(1), &json!(3)));
    drop(stream);
    let page = journal(&fake, "?step=file&wait=5m").await;
    assert_eq!(each(&page, "whole"), [false], "{page}");
    let bytes = each(&page, "bytes")[0].as_u64().unwrap();
    assert!((1..LARGE as u64).contains(&bytes), "{bytes}");
}

#[tokio::test]
async fn a_test_that_embeds_the_fake_reads_what_went_by_unmasked_only_where_named_so() {
    let fake = Fake::start(&[]).await;
    let link = fake.link("doc_1").await;
    fake.follow(&link).await;
    let exchanges = fake.server.session().exchanges();
    let [asked, followed] = &*exchanges else { panic!("{exchanges:?}") };
    let key = fake.server.key().unwrap();
    assert_eq!(followed.raw_target(), link);
    assert!(!followed.target().contains(&link) && followed.target().starts_with("/api/v2/files/eyJ…"));
    assert_eq!(asked.raw_headers()["authorization"], format!("Bearer {key}"));
    assert_eq!(asked.header("Authorization").unwrap(), format!("Bearer cpk_test_…{}", &key[key.len() - 4..]));
    assert!(asked.json_body().unwrap()["download_url"].as_str().unwrap().contains("/api/v2/files/eyJ…"));
    assert!(std::str::from_utf8(asked.raw_json_body().unwrap()).unwrap().contains(&link));
    assert_eq!(followed.raw_json_body(), None, "bytes of files are not kept");
    assert_eq!((asked.connection(), followed.connection()), (1, 2));
    assert!(asked.started <= asked.answered.unwrap() && asked.ended <= followed.started);
    assert!(followed.ended < Duration::from_hours(1));
    let shown = format!("{exchanges:?} {}", exchanges.iter().map(ToString::to_string).collect::<String>());
    assert!(!shown.contains(&key) && !shown.contains(&link), "{shown}");
}
