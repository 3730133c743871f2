//! Files that change on the disk after the world was loaded, and documents whose store is down.

use std::path::PathBuf;

use crewpass_mock::{MockServer, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::api::wire::{builder, follow, get, link, link_path, request};

/// Larger than what is held in memory, and than the buffers of a socket.
const LENGTH: usize = 32 << 20;

/// A fake of a world with one large file, which is on the disk.
struct OnDisk {
    fake: MockServer,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

async fn on_disk(settings: &[&str]) -> OnDisk {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bin");
    std::fs::write(&file, vec![b'o'; LENGTH]).unwrap();
    let scopes = "[crew:documents:read, crew:documents:download]";
    let document = "{id: doc_1, type: A, title: B, verification_status: verified, file: {path: a.bin}}";
    let person = format!("{{id: crew_001, vessels: [v], consent: {{p: {scopes}}}, documents: [{document}]}}");
    let partner = format!("{{id: p, granted_scopes: {scopes}, keys: [{{name: full}}]}}");
    let world =
        format!("seed: 1\npartners: [{partner}]\nvessels: [{{id: v, name: V, partners: [p]}}]\ncrew: [{person}]\n");
    std::fs::write(folder.path().join("world.yaml"), world).unwrap();
    let world = World::open(folder.path()).unwrap();
    let settings: Vec<_> = settings.iter().map(|setting| setting.split_once('=').unwrap()).collect();
    let builder =
        settings.iter().fold(builder(&[]).world(world), |made, (name, value)| made.policy(name, value).unwrap());
    OnDisk { fake: builder.start().await.unwrap(), file, _folder: folder }
}

#[tokio::test]
async fn a_file_that_shrank_grew_or_went_is_503_at_both_steps() {
    let on_disk = on_disk(&["retry_after=seconds"]).await;
    let path = link(&on_disk.fake, "doc_1").await;
    assert_eq!(follow(&on_disk.fake, &path).await.body.len(), LENGTH);
    for length in [Some(LENGTH - 1), Some(LENGTH + 1), None] {
        match length {
            Some(length) => std::fs::write(&on_disk.file, vec![b'n'; length]).unwrap(),
            None => std::fs::remove_file(&on_disk.file).unwrap(),
        }
        for answer in [follow(&on_disk.fake, &path).await, get(&on_disk.fake, &link_path("doc_1")).await] {
            assert_eq!(answer.outcome(), "503 file_store_unavailable", "{length:?}");
            assert_eq!(answer.header("retry-after"), Some("2"), "it is the announced 503");
        }
    }
}

#[tokio::test]
async fn a_pipe_in_the_place_of_a_file_keeps_nobody_waiting() {
    let on_disk = on_disk(&["store_down_at=file"]).await;
    let path = link(&on_disk.fake, "doc_1").await;
    std::fs::remove_file(&on_disk.file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&on_disk.file).status().unwrap().success());
    assert_eq!(follow(&on_disk.fake, &path).await.outcome(), "503 file_store_unavailable");
    assert_eq!(get(&on_disk.fake, &link_path("doc_1")).await.status(), 200, "the session is not locked");
}

#[tokio::test]
async fn where_only_the_file_step_shows_it_a_link_is_given() {
    let on_disk = on_disk(&["store_down_at=file"]).await;
    std::fs::remove_file(&on_disk.file).unwrap();
    let path = link(&on_disk.fake, "doc_1").await;
    assert_eq!(follow(&on_disk.fake, &path).await.status(), 503);
}

#[tokio::test]
async fn a_file_that_is_overwritten_during_a_download_ends_it_broken() {
    let on_disk = on_disk(&[]).await;
    let path = link(&on_disk.fake, "doc_1").await;
    let mut stream = TcpStream::connect(on_disk.fake.address()).await.unwrap();
    stream.write_all(request("GET", &path, &[]).as_bytes()).await.unwrap();
    let mut start = vec![0; 4_096];
    stream.read_exact(&mut start).await.unwrap();
    // The same length, in the same file, which seems to be as old as before.
    let written = on_disk.file.metadata().unwrap().modified().unwrap();
    std::fs::write(&on_disk.file, vec![b'n'; LENGTH]).unwrap();
    std::fs::File::options().write(true).open(&on_disk.file).unwrap().set_modified(written).unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    let head = start.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert!(rest.iter().all(|byte| *byte == b'o'), "the versions are mixed");
    assert!(start.len() - head + rest.len() < LENGTH, "it came out whole");
    assert_eq!(follow(&on_disk.fake, &path).await.status(), 503);
}

#[tokio::test]
async fn the_store_can_be_down_for_one_document() {
    let fake = builder(&[]).start().await.unwrap();
    let (one, two) = (link(&fake, "doc_1").await, link(&fake, "doc_2").await);
    let set = async |store: &str| {
        let body = format!("{{\"store\": \"{store}\"}}");
        let length = body.len();
        let lines = format!("Host: localhost\r\nContent-Length: {length}\r\n");
        let target = "/__mock/crew/crew_001/documents/doc_1";
        let request = format!("POST {target} HTTP/1.1\r\n{lines}\r\n{body}");
        crate::api::wire::Connection::open(fake.address()).await.send(&request).await
    };
    let answer = set("down").await;
    assert_eq!((answer.status(), &answer.json()["store"]), (200, &"down".into()), "{}", answer.whole());
    assert_eq!(get(&fake, &link_path("doc_1")).await.outcome(), "503 file_store_unavailable");
    assert_eq!(follow(&fake, &one).await.outcome(), "503 file_store_unavailable");
    assert_eq!(follow(&fake, &two).await.status(), 200);
    assert_eq!(get(&fake, &link_path("doc_2")).await.status(), 200);
    // The checks come first.
    let unknown = crate::api::wire::send(&fake, "GET", &link_path("doc_1"), &[]).await;
    assert_eq!(unknown.outcome(), "401 invalid_api_key");
    assert_eq!(set("up").await.status(), 200);
    assert_eq!(follow(&fake, &one).await.status(), 200);
}

#[tokio::test]
async fn a_world_says_for_which_documents_the_store_is_down() {
    let scopes = "[crew:documents:read, crew:documents:download]";
    let document = |id: &str, store: &str| {
        format!(
            "{{id: {id}, type: A, title: B, verification_status: verified, store: {store}, file: {{generate: pdf}}}}"
        )
    };
    let documents = [document("doc_1", "down"), document("doc_2", "up")].join(", ");
    let world = format!(
        "partners: [{{id: p, granted_scopes: {scopes}, keys: [{{name: full}}]}}]\n\
         vessels: [{{id: v, name: V, partners: [p]}}]\n\
         crew: [{{id: crew_001, vessels: [v], consent: {{p: {scopes}}}, documents: [{documents}]}}]\n"
    );
    let fake = builder(&[]).world(World::parse(&world, "made", None).unwrap()).start().await.unwrap();
    assert_eq!(get(&fake, &link_path("doc_1")).await.status(), 503);
    assert_eq!(get(&fake, &link_path("doc_2")).await.status(), 200);
}
