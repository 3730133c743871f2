//! A running executable that ends with its guard, and commands that run to their end.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::support::http_client::blocking_client;
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::Value;

/// How long a test waits for what should come at once.
pub(crate) const SOON: Duration = Duration::from_mins(2);

/// The executable, cut off from what the environment says.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-mock"));
    let own = std::env::vars_os().map(|(name, _)| name);
    for name in own.filter(|name| name.to_string_lossy().starts_with("CREWPASS_MOCK_")) {
        command.env_remove(name);
    }
    for name in ["BASE", "CPK_CA_FILE", "CPK_KEY"] {
        command.env_remove(name);
    }
    // What a test finds on stderr is what it provoked.
    command.env("CREWPASS_MOCK_QUIET", "true");
    command.env("COLUMNS", "100").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command to its end.
pub(crate) fn run(args: &[&str]) -> Ran {
    let output = command().args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A text without the breaks of its lines, which depend on the length of a temporary folder's name.
pub(crate) fn words(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

impl Ran {
    /// What it printed, if it went well.
    pub(crate) fn fine(self) -> Value {
        assert_eq!((self.code, &*self.stderr), (Some(0), ""), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The one line on stderr of a command that failed with `code` and printed nothing else.
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, &*self.stdout), (Some(code), ""), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        self.stderr
    }
}

/// A child process that is killed when this is dropped, from the moment it exists.
pub(crate) struct Guarded(pub(crate) Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A key or a token that stands whole in a text. A masked one has an ellipsis where its middle was.
fn whole_secret(text: &str) -> Option<&str> {
    let long = |prefix: &str, least: usize| {
        text.match_indices(prefix).find_map(|(at, _)| {
            let rest = &text[at + prefix.len()..];
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            (end >= least).then(|| &text[at..at + prefix.len() + end])
        })
    };
    long("cpk_test_", 16).or_else(|| long("cpk_live_", 16)).or_else(|| long("eyJ", 40))
}

#[test]
fn a_whole_secret_is_seen() {
    let (key, token) = ("cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25", format!("eyJ{}", "a".repeat(60)));
    assert_eq!(whole_secret(&format!("Bearer {key}, and more")), Some(key));
    assert_eq!(whole_secret(&format!("/api/v2/files/{token}.b")), Some(&*token));
    assert_eq!(whole_secret("Bearer cpk_test_…8a25, eyJ…wxyz"), None);
}

/// A fake in a process of its own, killed when this is dropped.
#[must_use = "the process ends when this is dropped"]
pub(crate) struct Fake {
    pub(crate) base: String,
    pub(crate) key: String,
    pub(crate) ready: Value,
    child: Guarded,
    stdout: BufReader<ChildStdout>,
    stderr: Receiver<String>,
    lines: Receiver<String>,
    client: Client,
}

impl Fake {
    /// `serve` on a free port, once it listens.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::spawn(command(), args)
    }

    /// The same, with a folder of its own for temporary files.
    pub(crate) fn start_in(temporary: &std::path::Path, args: &[&str]) -> Self {
        let mut command = command();
        command.env("TMPDIR", temporary);
        Self::spawn(command, args)
    }

    /// The same with a command that has its own environment or standard input.
    pub(crate) fn spawn(command: Command, args: &[&str]) -> Self {
        Self::spawn_at("127.0.0.1:0", command, args)
    }

    /// The same, bound to every address. It is asked over loopback.
    pub(crate) fn start_for_others(args: &[&str]) -> Self {
        Self::spawn_at("0.0.0.0:0", command(), args)
    }

    /// The same, bound to an address as a person writes it.
    pub(crate) fn start_on(bind: &str) -> Self {
        Self::spawn_at(bind, command(), &[])
    }

    fn spawn_at(bind: &str, mut command: Command, args: &[&str]) -> Self {
        command.args(["serve", "--bind", bind, "--json"]).args(args);
        let mut child = Guarded(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        let mut stdout = BufReader::new(child.0.stdout.take().unwrap());
        let errors = BufReader::new(child.0.stderr.take().unwrap());
        let (sender, stderr) = channel();
        let (tell_line, lines) = channel();
        thread::spawn(move || {
            let mut text = String::new();
            for line in errors.lines() {
                let line = line.unwrap_or_else(|_| "no UTF-8".to_owned());
                text += &(line.clone() + "\n");
                // Few tests listen.
                let _ = tell_line.send(line);
            }
            let _ = sender.send(text);
        });
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let why = if line.is_empty() { stderr.recv_timeout(SOON).unwrap() } else { String::new() };
        assert!(!line.is_empty(), "serve {args:?} did not start: {why}");
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        let client = blocking_client();
        let base = text("base").replace("//0.0.0.0:", "//127.0.0.1:");
        Self { base, key: text("key"), ready, child, stdout, stderr, lines, client }
    }

    /// What it says on stderr from here to the line that has `last` in it.
    pub(crate) fn says(&self, last: &str) -> String {
        let mut text = String::new();
        loop {
            let line = self.lines.recv_timeout(SOON).unwrap_or_else(|_| panic!("no `{last}` behind {text}"));
            text += &(line.clone() + "\n");
            if line.contains(last) {
                return text;
            }
        }
    }

    /// Takes its standard input, if that is a pipe.
    pub(crate) fn stdin(&mut self) -> std::process::ChildStdin {
        self.child.0.stdin.take().unwrap()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.base.strip_prefix("http://").unwrap().parse().unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended by itself.
    ///
    /// What it said on stderr tells no key and no token whole.
    pub(crate) fn ended(mut self) -> Ran {
        // Its stderr closes when it ends, and unlike `wait` that can be waited for with a limit.
        let stderr = self.stderr.recv_timeout(SOON).unwrap();
        let code = self.child.0.wait().unwrap().code();
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        assert_eq!(whole_secret(&stderr), None);
        Ran { code, stdout, stderr }
    }

    /// Stops it as a service manager does; it must have nothing to complain about.
    ///
    /// Whatever the test did, nothing that was kept of it tells a key or a token whole.
    pub(crate) fn stop(self) {
        for path in ["/__mock/journal", "/__mock/journal.har", "/__mock/faults", "/__mock/health"] {
            let kept = self.request("GET", path).send().ok().filter(|answer| answer.status() == 200);
            let kept = kept.map(|answer| answer.text().unwrap()).unwrap_or_default();
            assert_eq!(whole_secret(&kept), None, "{path}");
        }
        self.signal("TERM");
        let ran = self.ended();
        assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (Some(0), "", ""));
    }

    /// `ctl` on this fake.
    pub(crate) fn ctl(&self, args: &[&str]) -> Ran {
        run(&[&["ctl", "--base", &self.base], args].concat())
    }

    /// A request of a path or a URL of this fake, without a key.
    pub(crate) fn request(&self, method: &str, target: &str) -> RequestBuilder {
        let url = if target.starts_with('/') { format!("{}{target}", self.base) } else { target.to_owned() };
        self.client.request(method.parse().unwrap(), url)
    }

    /// A GET with the key.
    pub(crate) fn get(&self, path: &str) -> Response {
        self.request("GET", path).bearer_auth(&self.key).send().unwrap()
    }

    /// The ids that a list shows.
    pub(crate) fn listed(&self, crew: &str) -> Vec<String> {
        let list: Value = self.get(&format!("{}/{crew}/documents", crate::support::raw::CREW)).json().unwrap();
        let ids = list["items"].as_array().unwrap().iter().map(|item| item["document_id"].as_str().unwrap().to_owned());
        ids.collect()
    }

    /// The answer to the link step.
    pub(crate) fn ask_link(&self, crew: &str, document: &str) -> Response {
        self.get(&format!("{}/{crew}/documents/{document}/download", crate::support::raw::CREW))
    }

    /// A link that is given.
    pub(crate) fn link(&self, crew: &str, document: &str) -> String {
        let answer = self.ask_link(crew, document);
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().unwrap()["download_url"].as_str().unwrap().to_owned()
    }

    /// The status and the bytes that a link gives.
    pub(crate) fn follow(&self, link: &str) -> (u16, Vec<u8>) {
        let answer = self.request("GET", link).send().unwrap();
        (answer.status().as_u16(), answer.bytes().unwrap().to_vec())
    }

    /// The most memory that the process ever held, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().trim().parse::<u64>().unwrap() << 10
    }
}
