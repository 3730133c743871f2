//! How the process begins and ends: its lines, its files, its signals and its exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::worlds::LargeFile;
use crate::support::executable::{Fake, Guarded, SOON, command, run};
use crate::support::raw::{Then, connect, exchange};

/// Asks for the only file of a large world, and reads up to the end of the head.
fn begin_download(fake: &Fake) -> TcpStream {
    let link = fake.link("crew_1", "doc_1");
    let path = link.strip_prefix(&fake.base).unwrap();
    let mut stream = connect(fake.address());
    let head = head_of(&mut stream, "GET", path);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    stream
}

/// Asks, and reads the head of the answer.
fn head_of(stream: &mut TcpStream, method: &str, path: &str) -> String {
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Waits until a fake that was told to stop takes no more connections.
fn no_longer_listens(fake: &Fake) {
    let until = Instant::now() + SOON;
    while TcpStream::connect_timeout(&fake.address(), Duration::from_secs(1)).is_ok() {
        assert!(Instant::now() < until, "it goes on listening");
        std::thread::yield_now();
    }
}

#[test]
fn a_stop_lets_a_download_end() {
    const LENGTH: u64 = 30 << 20;
    let large = LargeFile::new(LENGTH);
    for signal in ["TERM", "INT"] {
        let fake = Fake::start(&["--world", large.world()]);
        let mut download = begin_download(&fake);
        fake.signal(signal);
        no_longer_listens(&fake);
        let got = std::io::copy(&mut download, &mut std::io::sink()).unwrap();
        assert_eq!(got, LENGTH, "{signal}");
        let ran = fake.ended();
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{signal}");
    }
}

#[test]
fn a_stop_does_not_wait_for_ever() {
    let large = LargeFile::new(30 << 20);
    let fake = Fake::start(&["--world", large.world()]);
    let stalled = begin_download(&fake);
    fake.stop();
    drop(stalled);
}

#[test]
fn a_stop_closes_idle_connections_at_once() {
    // More than lies in the buffers of two sockets.
    const LENGTH: u64 = 200 << 20;
    let large = LargeFile::new(LENGTH);
    let fake = Fake::start(&["--world", large.world()]);
    // One that was never asked anything has to ask soon in any case.
    let mut idle = connect(fake.address());
    head_of(&mut idle, "HEAD", "/");
    let mut busy = begin_download(&fake);
    fake.signal("TERM");
    // It does not wait for the download, which else would be cut off by then.
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
    assert_eq!(std::io::copy(&mut busy, &mut std::io::sink()).unwrap(), LENGTH);
    assert_eq!(fake.ended().code, Some(0));
}

#[test]
fn a_taken_port_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = run(&["serve", "--bind", &address]).failed(4);
    assert!(line.starts_with(&format!("crewpass-mock: can't listen on {address}: ")), "{line}");
    assert!(line.contains("--bind 127.0.0.1:0"), "{line}");
}

#[test]
fn the_ready_file_is_whole() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ready.json");
    std::fs::write(&path, "of an earlier run").unwrap();
    let fake = Fake::start(&["--ready-file", path.to_str().unwrap()]);
    let ready: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(ready, fake.ready);
    let names: Vec<_> = ready.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["base", "control", "key", "pid"]);
    assert_eq!(ready["pid"], fake.pid());
    assert_eq!(ready["control"], format!("{}/__mock", fake.base));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left");
    fake.stop();
}

#[test]
fn a_ready_file_that_cannot_be_written_is_one_line() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("no/such/ready.json");
    let line = run(&["serve", "--bind", "127.0.0.1:0", "--ready-file", path.to_str().unwrap()]).failed(6);
    assert!(line.contains("ready.json"), "{line}");
}

#[test]
fn a_ready_file_replaces_nothing_but_a_file() {
    let folder = TempDir::new().unwrap();
    let [kept, link, pipe, file] = ["kept", "link", "pipe", "file"].map(|name| folder.path().join(name));
    std::fs::write(&kept, "kept").unwrap();
    std::os::unix::fs::symlink(&kept, &link).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // The same holds for the file that is written first.
    std::os::unix::fs::symlink(&kept, folder.path().join("file.crewpass-mock")).unwrap();
    for path in [&link, &pipe, &file] {
        let refused = run(&["serve", "--bind", "127.0.0.1:0", "--ready-file", path.to_str().unwrap()]).failed(6);
        assert!(refused.contains("not a regular file"), "{refused}");
    }
    assert!(link.is_symlink() && folder.path().join("file.crewpass-mock").is_symlink() && !file.exists());
    assert!(!pipe.metadata().unwrap().is_file() && std::fs::read_to_string(kept).unwrap() == "kept");
}

#[test]
fn a_file_of_a_flag_is_read_only_as_far_as_it_makes_sense() {
    for (args, code) in [
        (["serve", "--bind", "127.0.0.1:0", "--callback-ca", "/dev/zero"].as_slice(), 6),
        (&["serve", "--bind", "127.0.0.1:0", "--world", "/dev/zero"], 3),
        (&["serve", "--bind", "127.0.0.1:0", "--fault", "/dev/zero"], 3),
        (&["ctl", "--base", "https://127.0.0.1:9", "--ca", "/dev/zero", "health"], 6),
        (&["ctl", "faults", "add", "/dev/zero"], 6),
    ] {
        let ran = run(args);
        assert_eq!((ran.code, &*ran.stdout), (Some(code), ""), "{args:?}: {ran:?}");
        let is_plain = ran.stderr.contains("not a regular file") || ran.stderr.contains("has more than");
        assert!(is_plain, "{args:?}: {ran:?}");
    }
}

/// What `serve` prints for people, as a script: the exports and the commands.
fn printed_script(text: &str) -> String {
    let commands = text.lines().filter(|line| line.starts_with("  "));
    commands.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_lines_for_people_work_as_they_stand() {
    let bin = Path::new(env!("CARGO_BIN_EXE_crewpass-mock")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    for tls in [&[][..], &["--tls"], &["--tls", "--tls-ca", "the $HOME's \"authority\".pem"]] {
        let folder = TempDir::new().unwrap();
        let mut serve = command();
        serve.args(["serve", "--bind", "127.0.0.1:0"]).args(tls).current_dir(folder.path());
        let mut child = Guarded(serve.stdout(Stdio::piped()).spawn().unwrap());
        let lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
        let text = lines.take_while(|line| !line.contains("Ctrl-C")).collect::<Vec<_>>().join("\n");
        let mut script = printed_script(&text);
        if tls.len() != 1 {
            script += "\ncrewpass-mock ctl clock freeze\ncrewpass-mock explain /api/v2/partners/me";
        }
        let mut shell = Command::new("bash");
        shell.args(["-euc", &script]).current_dir(folder.path()).env("PATH", &path).env("no_proxy", "*");
        let ran = shell.output().unwrap();
        let printed = String::from_utf8(ran.stdout).unwrap();
        assert!(ran.status.success(), "{script}\n{}", String::from_utf8_lossy(&ran.stderr));
        assert!(printed.contains(r#"{"crew_unique_id":"crew_001","items":["#), "{printed}");
        assert!(printed.contains(r#""download_url":"http"#), "{printed}");
        assert_eq!(printed.contains(r#"{"frozen":true"#), tls.len() != 1, "{printed}");
        assert!(std::fs::read(folder.path().join("certificate.pdf")).unwrap().starts_with(b"%PDF-"));
    }
}

#[test]
fn a_wrong_world_is_told_with_its_place() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("wrong.yaml");
    std::fs::write(&path, "name: wrong\nvessels:\n  - {id: ves_1, name: One, partners: [prt_1]}\n").unwrap();
    let path = path.to_str().unwrap();
    for args in [["serve", "--bind", "127.0.0.1:0", "--json", "--world", path].as_slice(), &["check-world", path]] {
        let ran = run(args);
        assert_eq!((ran.code, &*ran.stdout), (Some(3), ""), "{ran:?}");
        assert!(ran.stderr.contains("wrong.yaml:3:"), "{}", ran.stderr);
        assert!(ran.stderr.contains("prt_1"), "{}", ran.stderr);
    }
    let gone = run(&["serve", "--bind", "127.0.0.1:0", "--world", &format!("{path}.gone")]);
    assert_eq!((gone.code, &*gone.stdout), (Some(3), ""), "{gone:?}");
}

#[test]
fn a_world_that_is_fine() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/worlds/starter.yaml");
    let ran = run(&["check-world", path.to_str().unwrap()]);
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:?}");
    assert!(ran.stdout.contains("starter.yaml: fine. 3 partners, 3 vessels, "), "{}", ran.stdout);
}

#[test]
fn usage_that_is_wrong_ends_with_two() {
    let policy = |text: &str| run(&["serve", "--bind", "127.0.0.1:0", "--policy", text]).failed(2);
    let value = policy("dead_link=411");
    assert!(["404", "403", "410"].iter().all(|choice| value.contains(choice)), "{value}");
    let name = policy("ded_link=404");
    assert!(name.contains("dead_link"), "{name}");
    policy("dead_link");
    for args in [["--no-such-flag"].as_slice(), &["serve", "--no-such-flag"], &["no-such-command"], &[]] {
        let ran = run(args);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_one_line() {
    let starter = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/worlds/starter.yaml");
    let commands = [
        ["schema"].as_slice(),
        &["check-world", starter],
        &["generate"],
        &["completions", "bash"],
        &["serve", "--bind", "127.0.0.1:0", "--json"],
    ];
    for args in commands {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ended = command().args(args).stdout(full).output().unwrap();
        let message = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), message.lines().count()), (Some(6), 1), "{args:?}: {message}");
        assert!(message.starts_with("crewpass-mock: "), "{args:?}: {message}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [["schema"].as_slice(), &["generate"], &["completions", "bash"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = command().args(args).stdout(writer).output().unwrap();
        assert_eq!((ended.status.code(), &*ended.stderr), (Some(0), b"".as_slice()), "{args:?}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for args in [["--help"], ["--version"], ["-h"], ["-V"], ["help"]] {
        let ran = run(&args);
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:?}");
        assert!(ran.stdout.contains("crewpass-mock"), "{ran:?}");
    }
}

#[test]
fn a_control_token_that_no_request_can_have_is_refused_and_not_shown() {
    for token in [" sesame", "sesame\n", "ses\name"] {
        let line = run(&["serve", "--bind", "127.0.0.1:0", "--control-token", token]).failed(2);
        assert!(line.contains("control token") && !line.contains("sesame"), "{line}");
    }
}

#[test]
fn programs_are_told_on_stderr_that_other_machines_can_reach_it() {
    let fake = Fake::start_for_others(&[]);
    assert!(fake.says("other machines").starts_with("crewpass-mock: It listens on 0.0.0.0:"));
}

#[test]
fn with_a_token_nobody_is_sent_to_the_console() {
    for (token, is_named) in [(None, true), (Some("sesame"), false)] {
        let mut command = command();
        command.args(["serve", "--bind", "127.0.0.1:0"]);
        token.map(|token| command.args(["--control-token", token]));
        let mut child = Guarded(command.stdout(Stdio::piped()).spawn().unwrap());
        let stdout = BufReader::new(child.0.stdout.take().unwrap());
        let last = stdout.lines().map(Result::unwrap).find(|line| line.contains("Ctrl-C ends")).unwrap();
        assert_eq!(last.contains("in a browser"), is_named, "{last}");
        assert!(last.contains("crewpass-mock ctl --help"), "{last}");
    }
}

#[test]
fn header_names_are_in_lower_case_or_as_other_servers_write_them() {
    let request = b"GET /api/v2/partners/me HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (args, name) in [(&[][..], "\r\nwww-authenticate: "), (&["--title-case-headers"], "\r\nWww-Authenticate: ")] {
        let fake = Fake::start(args);
        let back = exchange(fake.address(), request, Then::Wait);
        assert!(back.statuses() == [401] && back.text().contains(name), "{}", back.text());
        fake.stop();
    }
}
