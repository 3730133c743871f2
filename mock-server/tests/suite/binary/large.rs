//! Large files go through the process in pieces, and may vanish or shrink beneath it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};

use super::worlds::LargeFile;
use crate::support::executable::Fake;
use crate::support::raw::connect;

const MEMORY: u64 = 64 << 20;

/// A request for a link, over a connection that is closed afterwards.
fn following(fake: &Fake, link: &str) -> String {
    let path = link.strip_prefix(&fake.base).unwrap();
    format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
}

#[test]
fn a_large_file_is_not_held_in_memory() {
    const LENGTH: u64 = 300 << 20;
    let large = LargeFile::new(LENGTH);
    let fake = Fake::start(&["--world", large.world()]);
    let mut stream = BufReader::with_capacity(256 << 10, connect(fake.address()));
    stream.get_mut().write_all(following(&fake, &fake.link("crew_1", "doc_1")).as_bytes()).unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
    }
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(std::io::copy(&mut stream, &mut std::io::sink()).unwrap(), LENGTH);
    assert!(fake.peak_memory() < MEMORY, "{} bytes", fake.peak_memory());
    fake.stop();
}

#[test]
fn stalled_readers_of_a_large_file_cost_little() {
    let large = LargeFile::new(300 << 20);
    let fake = Fake::start(&["--world", large.world()]);
    let request = following(&fake, &fake.link("crew_1", "doc_1"));
    let stalled: Vec<_> = (0..10)
        .map(|_| {
            let mut stream = connect(fake.address());
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_exact(&mut [0; 4096]).unwrap();
            stream
        })
        .collect();
    assert!(fake.peak_memory() < MEMORY, "{} bytes", fake.peak_memory());
    drop(stalled);
    fake.stop();
}

#[test]
fn a_file_that_is_gone_is_the_stores_503() {
    let large = LargeFile::new(2 << 20);
    let fake = Fake::start(&["--world", large.world()]);
    let link = fake.link("crew_1", "doc_1");
    let written = std::fs::metadata(large.file()).unwrap().modified().unwrap();
    std::fs::remove_file(large.file()).unwrap();
    let (status, body) = fake.follow(&link);
    let body = String::from_utf8(body).unwrap();
    assert_eq!(status, 503);
    assert!(body.contains("file_store_unavailable") && !body.contains("large.bin"), "{body}");
    let again = File::create(large.file()).unwrap();
    again.set_len(2 << 20).unwrap();
    assert_eq!(fake.follow(&link).0, 503, "it has another time of change");
    again.set_modified(written).unwrap();
    assert_eq!(fake.follow(&link).0, 503, "it is another file, whatever its time says");
    fake.signal("TERM");
    assert_eq!(fake.ended().code, Some(0));
}

#[test]
fn a_file_that_shrank_is_the_stores_503() {
    const LENGTH: u64 = 8 << 20;
    let large = LargeFile::new(LENGTH);
    let fake = Fake::start(&["--world", large.world()]);
    let link = fake.link("crew_1", "doc_1");
    File::options().write(true).open(large.file()).unwrap().set_len(3 << 20).unwrap();
    let (status, body) = fake.follow(&link);
    let body = String::from_utf8(body).unwrap();
    assert!(status == 503 && body.contains("file_store_unavailable") && !body.contains("large.bin"), "{body}");
    assert_eq!(fake.ask_link("crew_1", "doc_1").status(), 503, "no link leads to it");
    assert_eq!(fake.listed("crew_1"), ["doc_1"]);
    fake.signal("TERM");
    let ran = fake.ended();
    assert_eq!((ran.code, ran.stderr.matches("large.bin").count()), (Some(0), 1), "{}", ran.stderr);
}

#[test]
fn a_large_upload_is_not_held_in_memory() {
    const LENGTH: u64 = 50 << 20;
    let large = LargeFile::new(LENGTH);
    // A base apart from the file's own: what the fake holds of the world is nothing of the upload.
    let fake = Fake::start(&[]);
    let before = fake.peak_memory();
    fake.ctl(&["upload", "crew_001", "doc_1", large.file().to_str().unwrap()]).fine();
    let more = fake.peak_memory() - before;
    assert!(more < 16 << 20, "{more} bytes more than before");
    let id = fake.listed("crew_001").remove(0);
    let (status, bytes) = fake.follow(&fake.link("crew_001", &id));
    assert_eq!((status, bytes.len() as u64), (200, LENGTH));
    fake.stop();
}

#[test]
fn the_temporary_file_of_an_upload_goes_with_the_process() {
    const LENGTH: u64 = 2 << 20;
    let large = LargeFile::new(LENGTH);
    let folder = tempfile::TempDir::new().unwrap();
    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    let fake = Fake::start_in(folder.path(), &[]);
    fake.ctl(&["upload", "crew_001", "doc_1", large.file().to_str().unwrap()]).fine();
    let id = fake.listed("crew_001").remove(0);
    assert_eq!(fake.follow(&fake.link("crew_001", &id)).1.len() as u64, LENGTH);
    assert_eq!(names(), 0, "a file without a name is never left");
    fake.signal("KILL");
    fake.ended();
    assert_eq!(names(), 0);
}
