//! Following a link: redirects in front of the file, and links that may be used once.

use std::time::Duration;

use crewpass_mock::session::Reach;

use crate::api::bodies::upload;
use crate::api::wire::{Connection, bearer, follow, link, request, send, set_clock, starter};

#[tokio::test]
async fn redirects_lead_to_the_file_on_the_same_origin() {
    let file = {
        let fake = starter(&[]).await;
        let path = link(&fake, "doc_1").await;
        follow(&fake, &path).await.body
    };
    for (value, status, hops) in [("302x3", 302, 3), ("303", 303, 1), ("307x5", 307, 5), ("308x2", 308, 2)] {
        let fake = starter(&[&format!("file_redirect={value}")]).await;
        let mut path = link(&fake, "doc_1").await;
        let mut seen = 0;
        let answer = loop {
            let answer = follow(&fake, &path).await;
            let Some(location) = answer.header("location") else { break answer };
            assert_eq!(answer.status(), status, "{value}");
            let next = location.strip_prefix("http://fake.test").unwrap().to_owned();
            assert!(next.starts_with("/api/v2/files/eyJ") && next != path, "{next}");
            path = next;
            seen += 1;
        };
        assert_eq!((seen, answer.status()), (hops, 200), "{value}");
        assert_eq!(answer.body, file, "{value}");
        set_clock(&fake, "2026-06-08T10:15:00Z");
        assert_eq!(follow(&fake, &path).await.status(), 404, "{value}: a hop lives no longer than the link");
    }
}

#[tokio::test]
async fn a_link_that_may_be_used_once() {
    for headers in ["full", "chunked"] {
        let fake = starter(&["link_use=once", "dead_link=410", &format!("file_headers={headers}")]).await;
        let path = link(&fake, "doc_1").await;
        let again = link(&fake, "doc_1").await;
        assert_eq!(send(&fake, "HEAD", &path, &[]).await.status(), 200);
        assert_eq!(send(&fake, "HEAD", &path, &[]).await.status(), 200, "HEAD spends nothing");
        assert_eq!(follow(&fake, &path).await.status(), 200);
        assert_eq!(follow(&fake, &path).await.outcome(), "410 link_expired");
        assert_eq!(send(&fake, "HEAD", &path, &[]).await.status(), 410);
        assert_eq!(follow(&fake, &again).await.status(), 200, "another link to the same document");
    }
}

#[tokio::test]
async fn a_link_may_be_used_often_by_default() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    for _ in 0..3 {
        assert_eq!(follow(&fake, &path).await.status(), 200);
    }
}

#[tokio::test]
async fn an_empty_file_spends_its_link() {
    for headers in ["full", "chunked"] {
        let fake = starter(&["link_use=once", &format!("file_headers={headers}")]).await;
        let id = upload(&fake, "doc_1", "");
        let path = link(&fake, &id).await;
        assert_eq!(follow(&fake, &path).await.status(), 200);
        assert_eq!(follow(&fake, &path).await.status(), 404, "{headers}");
    }
}

#[tokio::test]
async fn a_refusal_spends_nothing() {
    let fake = starter(&["link_use=once", "ranges=honoured", "key_on_file=refused"]).await;
    let path = link(&fake, "doc_1").await;
    fake.session().lock().store.file = Reach::DownFor(1);
    assert_eq!(follow(&fake, &path).await.status(), 503);
    assert_eq!(send(&fake, "GET", &path, &[&bearer(&fake, "full")]).await.status(), 400);
    assert_eq!(send(&fake, "GET", &path, &["Range: bytes=9999-"]).await.status(), 416);
    assert_eq!(follow(&fake, &path).await.status(), 200);
    assert_eq!(follow(&fake, &path).await.status(), 404);
}

#[tokio::test]
async fn redirects_spend_nothing() {
    let fake = starter(&["link_use=once", "file_redirect=302"]).await;
    let path = link(&fake, "doc_1").await;
    assert_eq!(follow(&fake, &path).await.status(), 302);
    let hop = follow(&fake, &path).await;
    let file = hop.header("location").unwrap().strip_prefix("http://fake.test").unwrap();
    assert_eq!(follow(&fake, file).await.status(), 200);
    assert_eq!(follow(&fake, file).await.status(), 404);
    assert_eq!(follow(&fake, &path).await.status(), 404, "the first hop of a spent link");
}

/// A download that is larger than all buffers between the two ends, so that one who stops reading stops it.
const LARGE: usize = 32 << 20;

#[tokio::test]
async fn a_download_that_breaks_off_sets_its_link_free() {
    for headers in ["full", "chunked"] {
        let fake = starter(&["link_use=once", &format!("file_headers={headers}")]).await;
        let id = upload(&fake, "doc_1", vec![7; LARGE]);
        let path = link(&fake, &id).await;
        let mut broken = Connection::open(fake.address()).await;
        broken.begin(&request("GET", &path, &[])).await;
        assert!(broken.head().await.starts_with("HTTP/1.1 200"));
        assert_eq!(follow(&fake, &path).await.status(), 404, "{headers}: reserved while it is on its way");
        drop(broken);
        // The fake learns of the break when it next writes; until then the link stays reserved.
        let again = async {
            loop {
                let answer = follow(&fake, &path).await;
                if answer.status() == 200 {
                    return answer;
                }
                tokio::task::yield_now().await;
            }
        };
        let again = tokio::time::timeout(Duration::from_mins(2), again).await.unwrap();
        assert_eq!(again.body.len(), LARGE, "{headers}");
        assert_eq!(follow(&fake, &path).await.status(), 404, "{headers}: spent");
    }
}
