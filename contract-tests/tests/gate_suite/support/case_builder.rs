//! Cases that are told, not played: a story of what a client asked, got, saved and said.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use crewpass_contract::client::case::{Case, Expected, Run};
use crewpass_contract::client::observability::Observability;
use crewpass_contract::client::scenario::Scenario;
use crewpass_contract::client::witness::{End, Entry, Exchange, Handshake, Kind, Listener, Losses, Process, Strain};
use serde_json::{Value, json};

/// The key of every story.
pub(crate) const KEY: &str = "cpk_test_00112233445566778899aabbccddeeff";

/// `BASE` of every story.
pub(crate) const BASE: &str = "http://127.0.0.1:4000";

/// The folder to save into, from the root of the sandbox.
pub(crate) const OUT: &str = "a/b/c/work/out";

/// A case in the making; what is told goes into its last run.
#[derive(Clone, Debug)]
pub(crate) struct CaseBuilder {
    pub(crate) case: Case,
    now: Duration,
    seq: u64,
}

impl CaseBuilder {
    /// Begins one, with three documents. `scenario` is what its file says beside title and world.
    pub(crate) fn new(scenario: &str) -> Self {
        let scenario: Scenario = serde_saphyr::from_str(&format!("title: a story\nworld: three\n{scenario}")).unwrap();
        let case = Case {
            crew_id: scenario.crew_id.clone(),
            scenario: Arc::new(scenario),
            variant: None,
            key: KEY.into(),
            base: BASE.into(),
            out_dir: OUT.into(),
            deadline: Duration::from_secs(20),
            client_deadline: Duration::from_secs(20),
            unreachable: None,
            exit_classes: false,
            observability: Observability::Process,
            runs: Vec::new(),
        };
        Self { case, now: Duration::ZERO, seq: 0 }.run(&["doc_1", "doc_2", "doc_3"])
    }

    /// A good client's story of a good server.
    pub(crate) fn good() -> Self {
        Self::new("").all()
    }

    /// Begins another run, with these documents, in the folder as it is.
    pub(crate) fn run(mut self, documents: &[&str]) -> Self {
        let current = documents.iter().map(|id| expected(id)).collect();
        let before = self.case.runs.last().map(|run| run.after.clone()).unwrap_or_default();
        let process = Process {
            end: End::Exit(0),
            took: Duration::from_secs(1),
            took_to_stop: None,
            peak_memory: Some(30 << 20),
            stdout: Vec::new(),
            stderr: Vec::new(),
            printed: 0,
            left_behind: 0,
            strain: Strain::default(),
            losses: Losses::default(),
        };
        let after = before.clone();
        self.case.runs.push(Run {
            current,
            wire: Vec::new(),
            handshakes: Vec::new(),
            before,
            after,
            process,
            report: None,
        });
        self.now = Duration::ZERO;
        self
    }

    /// The run that is being told.
    pub(crate) fn last(&mut self) -> &mut Run {
        self.case.runs.last_mut().unwrap()
    }

    /// The list, and each document as it should go.
    pub(crate) fn all(mut self) -> Self {
        self = self.list();
        let ids: Vec<String> = self.last().current.iter().map(|one| one.id.clone()).collect();
        ids.iter().fold(self, |story, id| story.link(id).file(id).saves(id))
    }

    /// Any request: where to, what for, and what came back; the next begins 10 ms later.
    pub(crate) fn asks(mut self, target: &str, status: u16, answer: Option<Value>) -> Self {
        self.seq += 1;
        let key = vec![("authorization".to_owned(), format!("Bearer {KEY}").into_bytes())];
        let exchange = Exchange {
            seq: self.seq,
            listener: Listener::Base,
            tls: false,
            connection: self.seq,
            started: self.now,
            ended: Some(self.now + Duration::from_millis(5)),
            method: "GET".into(),
            target: target.into(),
            headers: if target.starts_with("/api/v2/files/") { Vec::new() } else { key },
            status,
            response_headers: vec![("date".into(), b"Mon, 08 Jun 2026 10:00:00 GMT".to_vec())],
            json: answer.map(|json| Bytes::from(json.to_string())),
            bytes: 100,
            whole: status != 0,
            fault: None,
        };
        self.now += Duration::from_millis(10);
        self.last().wire.push(exchange);
        self
    }

    /// Changes the request that was told last.
    pub(crate) fn but(mut self, change: impl FnOnce(&mut Exchange)) -> Self {
        change(self.last().wire.last_mut().unwrap());
        self
    }

    /// The list, as it is.
    pub(crate) fn list(mut self) -> Self {
        let run = self.last();
        let items: Vec<Value> = run.current.iter().map(|one| json!({"document_id": one.id, "issuer": "MCA"})).collect();
        let answer = json!({"crew_unique_id": "crew_001", "items": items});
        self.asks(LIST, 200, Some(answer))
    }

    /// The list, refused.
    pub(crate) fn list_is(self, status: u16) -> Self {
        self.asks(LIST, status, Some(json!({"error": {"code": "a_code", "message": "no"}})))
    }

    /// A link, given: the first to a document unless it was asked before.
    pub(crate) fn link(self, id: &str) -> Self {
        let url = format!("{BASE}{}", self.next_file(id));
        self.link_to(id, &json!(url))
    }

    /// A link with another `download_url`.
    pub(crate) fn link_to(self, id: &str, url: &Value) -> Self {
        let name = expected(id).file_name;
        let answer = json!({
            "document_id": id, "download_url": url, "expires_at": "2026-06-08T10:15:00Z",
            "content_type": "application/pdf", "file_name": name,
        });
        self.asks(&link_path(id), 200, Some(answer))
    }

    /// A link, refused.
    pub(crate) fn link_is(self, id: &str, status: u16) -> Self {
        self.asks(&link_path(id), status, Some(json!({"error": {"code": "a_code", "message": "no"}})))
    }

    /// The newest link is followed, and gives the file.
    pub(crate) fn file(self, id: &str) -> Self {
        self.file_is(id, 200)
    }

    /// The newest link is followed, and answers so.
    pub(crate) fn file_is(self, id: &str, status: u16) -> Self {
        let target = self.newest_file(id);
        self.asks(&target, status, None)
    }

    /// The target of the newest link of a document.
    pub(crate) fn newest_file(&self, id: &str) -> String {
        file_path(id, self.links_of(id).max(1) - 1)
    }

    fn next_file(&self, id: &str) -> String {
        file_path(id, self.links_of(id))
    }

    fn links_of(&self, id: &str) -> usize {
        let wire = self.case.runs.iter().flat_map(|run| &run.wire);
        wire.filter(|one| one.target == link_path(id) && one.status == 200).count()
    }

    /// A document is saved under its name.
    pub(crate) fn saves(self, id: &str) -> Self {
        let name = expected(id).file_name.unwrap_or_else(|| format!("{id}.pdf"));
        self.writes(&format!("{OUT}/{name}"), &hash(id))
    }

    /// A file is written, by its path from the root.
    pub(crate) fn writes(mut self, path: &str, sha256: &str) -> Self {
        let kind = Kind::File { len: 100, sha256: sha256.into(), bytes: Some(b"%PDF".to_vec()) };
        self.last().after.entries.insert(path.into(), Entry { kind, mode: 0o644 });
        self
    }

    /// A file of these bytes is written.
    pub(crate) fn writes_text(mut self, path: &str, text: &str) -> Self {
        let kind = Kind::File { len: text.len() as u64, sha256: hash(text), bytes: Some(text.as_bytes().to_vec()) };
        self.last().after.entries.insert(path.into(), Entry { kind, mode: 0o644 });
        self
    }

    /// Something lay there before this run.
    pub(crate) fn lay(mut self, path: &str, kind: Kind) -> Self {
        let run = self.last();
        for tree in [&mut run.before, &mut run.after] {
            tree.entries.insert(path.into(), Entry { kind: kind.clone(), mode: 0o644 });
        }
        self
    }

    /// The folder is empty before this run.
    pub(crate) fn fresh(mut self) -> Self {
        let run = self.last();
        let outside = |path: &PathBuf, _: &mut Entry| !path.starts_with(Path::new(OUT));
        run.before.entries.retain(outside);
        run.after.entries.retain(outside);
        self
    }

    /// It prints a line.
    pub(crate) fn prints(mut self, line: &str) -> Self {
        self.last().process.stdout.extend_from_slice(format!("{line}\n").as_bytes());
        self
    }

    /// Time passes.
    pub(crate) fn waits(mut self, milliseconds: u64) -> Self {
        self.now += Duration::from_millis(milliseconds);
        self
    }

    /// A TLS connection without a request.
    pub(crate) fn shakes_hands(mut self, listener: Listener) -> Self {
        self.last().handshakes.push(Handshake { listener, completed: false });
        self
    }

    /// It ends.
    pub(crate) fn ends(mut self, end: End) -> Self {
        self.last().process.end = end;
        self
    }

    /// It exits.
    pub(crate) fn exits(self, code: i32) -> Self {
        self.ends(End::Exit(code))
    }

    /// The case is changed.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Case)) -> Self {
        change(&mut self.case);
        self
    }
}

/// The list's path.
pub(crate) const LIST: &str = "/api/v2/employers/me/crew/crew_001/documents";

/// The path of a link.
pub(crate) fn link_path(id: &str) -> String {
    format!("{LIST}/{id}/download")
}

/// The target of the n-th link to a document.
pub(crate) fn file_path(id: &str, number: usize) -> String {
    format!("/api/v2/files/eyJ0b2tlbiI6IjAwMDAwMDAwIn0.{id}-{number}-signature")
}

/// The hash of a document's bytes.
pub(crate) fn hash(id: &str) -> String {
    format!("sha256-of-{id}")
}

/// A regular file for [`CaseBuilder::lay`].
pub(crate) fn regular(sha256: &str) -> Kind {
    Kind::File { len: 7, sha256: sha256.into(), bytes: None }
}

fn expected(id: &str) -> Expected {
    Expected {
        crew_id: "crew_001".into(),
        id: id.into(),
        file_name: Some(format!("{id}.pdf")),
        sha256: hash(id),
        len: 100,
    }
}
