//! Recorded cases: what the witnesses of a real run would hand over, written down by hand.

use std::path::PathBuf;
use std::time::Duration;

use crewpass_contract::client::case::{Case, Expected, Run};
use crewpass_contract::client::judge::{Finding, Verdict};
use crewpass_contract::client::observability::Observability;
use crewpass_contract::client::plan::PlannedCase;
use crewpass_contract::client::play::{PlayCase, Unplayed};
use crewpass_contract::client::witness::{End, Entry, Exchange, Kind, Listener, Losses, Process, Strain, Tree};

pub(crate) const KEY: &str = "cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25";
pub(crate) const TOKEN: &str = "eyJhbGciOiJub25lIn0.c2VjcmV0";

fn exchange(seq: u64, target: &str, status: u16, json: Option<String>) -> Exchange {
    Exchange {
        seq,
        listener: Listener::Base,
        tls: false,
        connection: 1,
        started: Duration::from_millis(120 * seq),
        ended: Some(Duration::from_millis(120 * seq + 4)),
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: vec![("authorization".to_owned(), format!("Bearer {KEY}").into_bytes())],
        status,
        response_headers: Vec::new(),
        bytes: json.as_ref().map_or(11, |text| text.len() as u64),
        json: json.map(Into::into),
        whole: true,
        fault: None,
    }
}

fn file(bytes: &str) -> Entry {
    let kind = Kind::File { len: bytes.len() as u64, sha256: "ab".repeat(32), bytes: Some(bytes.into()) };
    Entry { kind, mode: 0o644 }
}

fn run(exit: i32) -> Run {
    let crew = "/api/v2/employers/me/crew/crew_001/documents";
    let link = format!("{{\"download_url\":\"http://127.0.0.1:41873/api/v2/files/{TOKEN}\"}}");
    let mut after = Tree::default();
    after.entries.insert(PathBuf::from("work/out/PST_certificate.pdf"), file("%PDF-1.7 ..."));
    Run {
        current: vec![Expected {
            crew_id: "crew_001".into(),
            id: "doc_1".into(),
            file_name: None,
            sha256: "ab".repeat(32),
            len: 12,
        }],
        wire: vec![
            exchange(1, crew, 200, Some("{\"items\":[]}".to_owned())),
            exchange(2, &format!("{crew}/doc_1/download"), 200, Some(link)),
            exchange(3, &format!("/api/v2/files/{TOKEN}"), 200, None),
        ],
        handshakes: Vec::new(),
        before: Tree::default(),
        after,
        process: Process {
            end: End::Exit(exit),
            took: Duration::from_millis(480),
            took_to_stop: None,
            peak_memory: None,
            stdout: format!("saved with {KEY} from {TOKEN}\n").into_bytes(),
            stderr: b"<b>&\x1b[2J".to_vec(),
            printed: 40,
            left_behind: 0,
            strain: Strain::default(),
            losses: Losses::default(),
        },
        report: None,
    }
}

/// A case in which the client ended with this code.
pub(crate) fn case(planned: &PlannedCase, exit: i32) -> Case {
    Case {
        scenario: planned.scenario.clone(),
        variant: planned.variant.clone(),
        crew_id: planned.scenario.crew_id.clone(),
        key: KEY.to_owned(),
        base: "http://127.0.0.1:41873".to_owned(),
        out_dir: PathBuf::from("work/out"),
        deadline: Duration::from_secs(20),
        client_deadline: Duration::from_secs(20),
        unreachable: None,
        exit_classes: false,
        observability: Observability::Process,
        runs: vec![run(exit)],
    }
}

/// A client that ends with 0 in plain scenarios and with 1 where a refusal is right, or always with one code.
pub(crate) struct Recorded {
    /// The code, where it is always the same.
    pub(crate) always: Option<i32>,
}

impl PlayCase for Recorded {
    async fn play(&self, planned: PlannedCase) -> Result<Case, Unplayed> {
        let right = i32::from(planned.scenario.twin.is_some());
        Ok(case(&planned, self.always.unwrap_or(right)))
    }
}

pub(crate) fn finding(observed: &str) -> Finding {
    Finding {
        expected: "the SHA-256 of PST_certificate.pdf is that of doc_1".to_owned(),
        observed: observed.to_owned(),
        exchange: Some(3),
        ..Finding::default()
    }
}

/// Judges the exit alone: 0 where everything can be had, 1 where it can't.
pub(crate) fn by_exit(case: &Case) -> Verdict {
    let right = i32::from(case.scenario.twin.is_some());
    match case.runs[0].process.end {
        End::Exit(code) if code == right => Verdict::Pass(None),
        _ => Verdict::Fail(vec![finding(&format!("{} holds {TOKEN} and {KEY}", case.base))]),
    }
}

pub(crate) fn always_pass(_: &Case) -> Verdict {
    Verdict::Pass(None)
}

pub(crate) fn always_fail(case: &Case) -> Verdict {
    Verdict::Fail(vec![finding(&format!("the bytes at {}/x of work/out differ, by {TOKEN} and {KEY}", case.base))])
}

pub(crate) fn not_exercised(_: &Case) -> Verdict {
    Verdict::NotExercised("no link was followed".to_owned())
}

pub(crate) fn not_observable(_: &Case) -> Verdict {
    Verdict::NotObservable("memory can't be seen on this system".to_owned())
}
