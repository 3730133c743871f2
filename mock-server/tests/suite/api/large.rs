//! Large files: made for whoever asked while all others go on, and taken in without being held in memory.

use std::time::Duration;

use crate::api::bodies::{upload, with_file};
use crate::api::wire::{Connection, LIST, follow, get, link, request, send, starter};

/// Large enough that it takes long to make.
const LARGE: usize = 24 << 20;

#[tokio::test]
async fn nobody_else_waits_while_a_large_file_is_made() {
    let fake = with_file(&format!(r#"{{"generate": "bytes", "size": {LARGE}}}"#), &[]).await;
    let path = link(&fake, "doc_1").await;
    let mut download = Connection::open(fake.address()).await;
    download.begin(&request("GET", &path, &[])).await;
    // This test and the fake share one thread: a file that is made on it is there before any list is.
    let lists = async {
        for _ in 0..3 {
            assert_eq!(get(&fake, LIST).await.status(), 200);
        }
    };
    tokio::select! {
        biased;
        _ = download.head() => panic!("the file was there first"),
        () = lists => {}
    }
    let whole = async {
        assert!(download.head().await.starts_with("HTTP/1.1 200"));
        follow(&fake, &path).await
    };
    let again = tokio::time::timeout(Duration::from_mins(2), whole).await.unwrap();
    assert_eq!(again.body.len(), LARGE);
}

#[tokio::test]
async fn a_file_in_memory_comes_out_the_same_in_every_form() {
    for setting in ["file_headers=full", "file_headers=chunked", "link_use=once", "ranges=honoured"] {
        for length in [65_536, 1 << 20] {
            let fake = starter(&[setting]).await;
            let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let document = upload(&fake, "doc_1", bytes.clone());
            let path = link(&fake, &document).await;
            assert_eq!(send(&fake, "HEAD", &path, &[]).await.body, b"", "{setting}");
            assert!(follow(&fake, &path).await.body == bytes, "{setting} {length}");
            let path = link(&fake, &document).await;
            let part = send(&fake, "GET", &path, &["Range: bytes=5000-60000"]).await;
            let expected = if part.status() == 206 { &bytes[5000..=60_000] } else { &bytes };
            assert!(part.body == expected, "{setting} {length}: a part");
            assert_eq!(part.status() == 206, setting == "ranges=honoured");
        }
    }
}

#[tokio::test]
async fn a_large_upload_is_served_as_it_was_sent() {
    let fake = starter(&[]).await;
    for length in [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_001] {
        let sent: String = ('a'..='z').cycle().take(length).collect();
        let lines = ["Host: 127.0.0.1", "Connection: close", &format!("Content-Length: {length}")].join("\r\n");
        let path = "/__mock/crew/crew_001/documents?type=STCW&title=Large";
        let upload = format!("POST {path} HTTP/1.1\r\n{lines}\r\n\r\n{sent}");
        let uploaded = Connection::open(fake.address()).await.send(&upload).await;
        assert_eq!(uploaded.status(), 201, "{}", uploaded.whole());
        let id = uploaded.json()["document_id"].as_str().unwrap().to_owned();
        let path = link(&fake, &id).await;
        assert!(follow(&fake, &path).await.body == sent.as_bytes(), "{length}");
    }
}
