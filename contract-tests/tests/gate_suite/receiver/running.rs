//! A receiver that runs already, named by its URL.

use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

use crate::receiver::harness::path;

/// A process that is ended with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns a port that systems give to nobody who asks for any port, and on which nobody listens.
fn unused_port() -> u16 {
    let start = u16::try_from(RandomState::new().hash_one(0) % 4_000).unwrap();
    let mut ports = (0..4_000).map(|number| 10_000 + (start + number) % 4_000);
    ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).unwrap()
}

fn gate(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.arg("receiver").args(args).env_remove("GITHUB_WORKFLOW_REF").env("CREWPASS_LAST_RUN", "/dev/null");
    command.env_remove("WEBHOOK_SECRET");
    command
}

/// Judges the example receiver, or one with a bug, which is started by the test as soon as the gate has said how.
fn judged(program: &[&str], only: &str, sees_files: bool) -> (Option<i32>, String) {
    let (out, home, port) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), unused_port());
    let folder = out.path().display().to_string();
    let url = format!("http://127.0.0.1:{port}/hooks");
    let mut args = vec!["--only", only, "--fail-on", "may", "--url", &url, "--secret", "whsec_of_a_test"];
    if sees_files {
        args.extend(["--out-dir", &folder]);
    }
    let mut gate = Ended(gate(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut settings = String::new();
    let mut lines = BufReader::new(gate.0.stderr.take().unwrap());
    lines.read_line(&mut settings).unwrap();
    let value = |name: &str| settings.split_whitespace().find_map(|word| word.strip_prefix(name)).unwrap().to_owned();
    let (base, key) = (value("BASE="), value("CPK_KEY="));
    let mut receiver = Command::new("python3");
    receiver.args(program).env("PORT", port.to_string()).env("WEBHOOK_PATH", "/hooks").env("BASE", &base);
    receiver.env("CPK_KEY", key).env("CPK_LINK_HOSTS", base.trim_start_matches("http://")).env("OUT_DIR", &folder);
    // Its inbox is below HOME: two that share one take each other's events.
    receiver.env("WEBHOOK_SECRET", "whsec_of_a_test").env("HOME", home.path()).current_dir(out.path());
    let _receiver = Ended(receiver.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let mut shown = String::new();
    gate.0.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
    lines.read_to_string(&mut shown).unwrap();
    (gate.0.wait().unwrap().code(), shown)
}

#[test]
fn a_good_one_keeps_what_can_be_seen_of_it() {
    let good = path("examples/receivers/python/crewpass_receiver.py");
    let (code, shown) = judged(&[&good], "HOOK-01,HOOK-03,HOOK-06,HOOK-11,HOOK-12,HOOK-16", true);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("6 obligations: 6 kept"), "{shown}");
}

#[test]
fn a_broken_one_is_caught_by_its_files() {
    let broken = path("contract-tests/tests/receivers/broken.py");
    let (code, shown) = judged(&[&broken, "header-type"], "HOOK-01,HOOK-16", true);
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("fail           CPK-HOOK-16"), "{shown}");
    assert!(shown.contains("crewpass-contract receiver --only CPK-HOOK-16 --url http://127.0.0.1:"), "{shown}");
}

#[test]
fn where_files_are_not_seen_nothing_is_passed_by_them() {
    let good = path("examples/receivers/python/crewpass_receiver.py");
    let (code, shown) = judged(&[&good], "HOOK-03,HOOK-16", false);
    assert_eq!(code, Some(3), "{shown}");
    assert!(shown.contains("not_observable CPK-HOOK-16"), "{shown}");
}

#[test]
fn what_can_not_be_judged_or_reached_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old"), "old").unwrap();
    let full = folder.path().display().to_string();
    let here = "http://127.0.0.1:9/hooks";
    for (args, why) in [
        (&["--url", here][..], "--secret"),
        (&["--url", "http://192.0.2.1/hooks", "--secret", "s"], "deliveries go there only with --allow-host 192.0.2.1"),
        (&["--url", "https://127.0.0.1/hooks", "--secret", "s"], "https is not supported"),
        (&["--url", here, "--secret", "s", "--only", "HOOK-17"], "CPK-HOOK-17 can be judged only if the gate starts"),
        (&["--url", here, "--secret", "s", "--out-dir", &full], "is not empty: its files could be taken for effects"),
        (&["--url", here, "--secret", "s", "--", "true"], "cannot be used with"),
        (&["--out-dir", &full, "--", "true"], "--url"),
    ] {
        let output = gate(args).output().unwrap();
        let shown = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {shown}");
        assert!(shown.contains(why), "{args:?}: {shown}");
    }
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = gate(&["--url", here, "--secret", "s", "--bind", &address]).output().unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(shown.contains(&format!("can't listen on {address}: ")) && shown.contains("`--bind`"), "{shown}");
}
