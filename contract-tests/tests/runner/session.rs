//! Clients that stay: what is seen of their jobs, and what becomes of them when they do not keep to the protocol.

use std::time::Duration;

use crewpass_contract::client::case::Case;
use crewpass_contract::client::judge::{Verdict, judge_of};
use crewpass_contract::client::run::{Fake, HarnessError, Options, play};
use crewpass_contract::client::transport::{Class, Exec, Session, SubjectError};
use crewpass_contract::client::witness::End;
use serde_json::json;

use crate::harness::{played, scenario, try_to_play};

fn session(argv: &[&str]) -> Options {
    let exec = Exec { argv: argv.iter().map(ToString::to_string).collect(), ..Exec::default() };
    let grace = Duration::from_secs(1);
    Options { grace, ..Options::new(Session::new(exec, grace).unwrap()) }
}

fn reference(bug: &[&str]) -> Options {
    session(&[&[env!("REFERENCE_CLIENT"), "--session"], bug].concat())
}

/// A client of one job at a time, in shell: what it does for each line of a job, in `$line`.
fn adapter(each: &str) -> Options {
    let script = format!(
        "read hello; echo '{{\"type\":\"ready\",\"max_inflight\":1}}'
        while read -r line; do
            case \"$line\" in *'\"bye\"'*) exit 0;; esac
            id=${{line#*\\\"id\\\":\\\"}}; id=${{id%%\\\"*}}
            {each}
        done"
    );
    session(&["sh", "-c", &script])
}

fn verdict(case: &Case, id: &str) -> Verdict {
    judge_of(id).unwrap()(case)
}

#[tokio::test]
async fn a_good_client_says_what_it_saved() {
    let case = played(&scenario(json!({"world": three()})), &reference(&[])).await;
    let run = &case.runs[0];
    let report = run.report.as_ref().unwrap();
    assert_eq!((run.process.end, report.outcome, case.exit_classes), (End::Exit(0), Class::Ok, true));
    assert_eq!((report.files.len(), report.items.len(), report.errors.len()), (2, 2, 0));
    assert!(run.after.has(report.files[0].sha256.as_ref().unwrap()));
    for id in ["CPK-OUT-01", "CPK-OUT-03", "CPK-LIST-03"] {
        assert_eq!(verdict(&case, id), Verdict::Pass(None), "{id}");
    }
    assert!(run.wire.len() == 5 && String::from_utf8_lossy(&run.process.stdout).contains("\"result\""));
}

/// Two documents, one of them of an unknown issuer.
fn three() -> serde_json::Value {
    let document = |id: &str, issuer: serde_json::Value| {
        json!({
            "id": id, "type": "STCW", "title": id, "issuer": issuer, "verification_status": "verified",
            "file": {"generate": "pdf", "name": format!("{id}.pdf"), "content_type": "application/pdf"},
        })
    };
    json!({
        "partners": [{
            "id": "prt_1", "granted_scopes": ["crew:documents:read", "crew:documents:download"],
            "keys": [{"name": "full"}],
        }],
        "vessels": [{"id": "ves_1", "name": "M/Y One", "partners": ["prt_1"]}],
        "crew": [{
            "id": "crew_001", "vessels": ["ves_1"],
            "consent": {"prt_1": ["crew:documents:read", "crew:documents:download"]},
            "documents": [document("doc_1", json!(null)), document("doc_2", json!("MCA"))],
        }],
    })
}

#[tokio::test]
async fn one_process_serves_many_jobs_at_once_each_its_own() {
    let (fake, options, plain) = (Fake::start().await.unwrap(), reference(&[]), scenario(json!({"world": three()})));
    assert_eq!(options.subject.at_once().await.unwrap(), Some(4));
    let one = || play(&fake, &plain, None, &options);
    let cases = tokio::join!(one(), one(), one(), one(), one(), one());
    for case in [cases.0, cases.1, cases.2, cases.3, cases.4, cases.5] {
        let case = case.unwrap();
        assert_eq!(verdict(&case, "CPK-OUT-01"), Verdict::Pass(None));
        assert_eq!(verdict(&case, "CPK-AUTH-04"), Verdict::Pass(None));
    }
}

#[tokio::test]
async fn a_secret_that_a_session_keeps_or_prints_is_found() {
    let printed = played(&scenario(json!({})), &reference(&["--bug", "logs-key"])).await;
    assert!(matches!(verdict(&printed, "CPK-AUTH-04"), Verdict::Fail(_)));
    let kept =
        adapter("echo \"$line\" >$HOME/jobs; echo '{\"type\":\"result\",\"id\":\"'$id'\",\"outcome\":\"partial\"}'");
    let case = try_to_play(&scenario(json!({})), &kept).await.unwrap();
    assert_eq!(case.runs[0].process.end, End::Exit(10));
    assert!(case.runs[0].after.entries.keys().any(|path| path.ends_with("home/jobs")), "{:?}", case.runs[0].after);
}

#[tokio::test]
async fn a_crash_is_one_of_its_job_and_the_next_has_a_new_process() {
    for (does, end) in [("kill -KILL $$", End::Signal(9)), ("exit 7", End::Gone(7)), ("exit 0", End::Gone(0))] {
        let options = adapter(does);
        for _ in 0..2 {
            let case = played(&scenario(json!({})), &options).await;
            assert_eq!(case.runs[0].process.end, end);
            assert!(end.is_crash() && !end.is_success());
        }
    }
}

#[tokio::test]
async fn the_deadline_ends_the_process_and_the_next_job_has_another() {
    let options = adapter(
        "[ -e $HOME/once ] || { >$HOME/once; sleep 60 & wait; }; echo '{\"type\":\"result\",\"id\":\"'$id'\",\"outcome\":\"denied\"}'",
    );
    let options = Options { deadline: Duration::from_secs(4), ..options };
    let ends = async || played(&scenario(json!({})), &options).await.runs[0].process.end;
    assert_eq!((ends().await, ends().await), (End::Deadline, End::Exit(20)));
}

#[tokio::test]
async fn sigterm_reaches_a_session() {
    let scenario = scenario(json!({
        "faults": [{"name": "silent", "match": {"step": "list"}, "then": {"stall": true}}],
        "runs": [{"terminate": {"fault": "silent"}}],
    }));
    let case = played(&scenario, &reference(&[])).await;
    assert_eq!(case.runs[0].process.end, End::Terminated(Some(24)));
    assert!(case.runs[0].process.took_to_stop.unwrap() < case.runs[0].process.took);
}

#[tokio::test]
async fn a_report_that_the_disk_contradicts_is_a_failure() {
    let says = |fields: &str| {
        let line = format!("{{\"type\":\"result\",\"id\":\"'$id'\",{fields}}}");
        adapter(&format!(
            "base=${{line#*\\\"base\\\":\\\"}}; base=${{base%%\\\"*}}; curl -s $base/ >/dev/null; echo '{line}'"
        ))
    };
    for fields in [
        r#""outcome":"ok""#,
        r#""outcome":"partial","files":[{"document_id":"doc_1","path":"nowhere.pdf"}]"#,
        r#""outcome":"denied","files":[{"document_id":"doc_9","path":"/etc/hosts"}]"#,
    ] {
        let case = played(&scenario(json!({"world": three()})), &says(fields)).await;
        assert!(matches!(verdict(&case, "CPK-OUT-03"), Verdict::Fail(_)), "{fields}");
    }
    let honest = played(&scenario(json!({"world": three()})), &says(r#""outcome":"denied""#)).await;
    assert_eq!(verdict(&honest, "CPK-OUT-03"), Verdict::Pass(None));
}

#[tokio::test]
async fn an_issuer_that_was_null_stays_null_in_the_report() {
    let mut case = played(&scenario(json!({"world": three()})), &reference(&[])).await;
    let report = case.runs[0].report.as_mut().unwrap();
    let item = report.items.iter_mut().find(|item| item["document_id"] == "doc_1").unwrap();
    item["issuer"] = json!("unknown");
    assert!(matches!(verdict(&case, "CPK-LIST-03"), Verdict::Fail(_)));
}

#[tokio::test]
async fn who_does_not_keep_to_the_protocol_is_told_so() {
    let problem = async |options: &Options| match try_to_play(&scenario(json!({})), options).await {
        Err(HarnessError::Subject(SubjectError::Session(problem))) => problem,
        other => panic!("{other:?}"),
    };
    let never = session(&["sh", "-c", "read hello; echo it is too early >&2; exit 3"]);
    assert!(
        problem(&never).await.contains("it ended before it was ready; the last line that it printed: it is too early")
    );
    assert!(problem(&session(&["sh", "-c", "echo Welcome"])).await.contains("not a message of the protocol"));
    assert!(problem(&adapter("echo 'Downloading...'")).await.contains("not a message of the protocol"));
    let other = adapter("echo '{\"type\":\"result\",\"id\":\"j77\",\"outcome\":\"ok\"}'");
    assert!(problem(&other).await.contains("it answered `j77`, which is not an open job"));
    let adapter_error = adapter("echo '{\"type\":\"adapter_error\",\"id\":\"'$id'\",\"message\":\"no jar\"}'");
    let failed = try_to_play(&scenario(json!({})), &adapter_error).await;
    assert!(matches!(failed, Err(HarnessError::Subject(SubjectError::Adapter(message))) if message == "no jar"));
}
