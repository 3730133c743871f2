//! Every documented answer, whole: status line, headers in their order, body.

use crate::api::wire::{LIST, bearer, follow, get, link, link_path, send, starter};
use insta::assert_snapshot;

#[tokio::test]
async fn the_list() {
    let fake = starter(&[]).await;
    assert_snapshot!(get(&fake, LIST).await.whole());
}

#[tokio::test]
async fn an_empty_list() {
    let fake = starter(&[]).await;
    assert_snapshot!(get(&fake, "/api/v2/employers/me/crew/crew_005/documents").await.whole());
}

#[tokio::test]
async fn the_link() {
    let fake = starter(&[]).await;
    assert_snapshot!(get(&fake, &link_path("doc_1")).await.whole());
}

#[tokio::test]
async fn the_link_of_a_file_without_name_and_type() {
    let fake = starter(&[]).await;
    assert_snapshot!(get(&fake, &link_path("doc_6")).await.whole());
}

#[tokio::test]
async fn the_link_with_optional_fields_absent() {
    let fake = starter(&["optional_fields=absent"]).await;
    assert_snapshot!(get(&fake, &link_path("doc_6")).await.whole());
}

#[tokio::test]
async fn the_file() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    assert_snapshot!(follow(&fake, &path).await.whole());
}

#[tokio::test]
async fn a_file_that_is_made_from_the_seed() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_2").await;
    assert_snapshot!(follow(&fake, &path).await.whole());
}

#[tokio::test]
async fn the_partner() {
    let fake = starter(&[]).await;
    assert_snapshot!(get(&fake, "/api/v2/partners/me").await.whole());
}

#[tokio::test]
async fn the_partner_of_a_narrowed_key() {
    let fake = starter(&[]).await;
    let key = bearer(&fake, "no_download");
    assert_snapshot!(send(&fake, "GET", "/api/v2/partners/me", &[&key]).await.whole());
}

#[tokio::test]
async fn the_head_of_a_list() {
    let fake = starter(&[]).await;
    let key = bearer(&fake, "full");
    let head = send(&fake, "HEAD", LIST, &[&key]).await;
    assert_snapshot!(head.whole());
    let whole = get(&fake, LIST).await;
    assert_eq!(head.header("content-length").unwrap(), whole.body.len().to_string());
}

#[tokio::test]
async fn the_head_of_a_link_and_of_a_file() {
    let fake = starter(&[]).await;
    let key = bearer(&fake, "full");
    let of_link = send(&fake, "HEAD", &link_path("doc_1"), &[&key]).await;
    let path = link(&fake, "doc_1").await;
    let of_file = send(&fake, "HEAD", &path, &[]).await;
    assert_snapshot!(format!("{}{}", of_link.whole(), of_file.whole()));
}

#[tokio::test]
async fn fields_that_nobody_documents() {
    let fake = starter(&["unknown_fields=extra"]).await;
    let list = get(&fake, "/api/v2/employers/me/crew/crew_005/documents").await;
    let full = get(&fake, LIST).await;
    let link = get(&fake, &link_path("doc_1")).await;
    assert_snapshot!(format!("{}\n\n{}\n\n{}", list.whole(), full.whole(), link.whole()));
}

#[tokio::test]
async fn both_headers_carry_the_key() {
    let fake = starter(&[]).await;
    let key = fake.key_of("full").unwrap();
    for lines in [
        vec![format!("X-Partner-API-Key: {key}")],
        vec![format!("authorization: bEARER {key}")],
        vec![format!("Authorization: Bearer {key}"), format!("X-Partner-API-Key: {key}")],
    ] {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(send(&fake, "GET", LIST, &lines).await.status(), 200, "{}", lines.len());
    }
}
