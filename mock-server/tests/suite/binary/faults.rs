//! `serve --fault`: rules from files, and how a wrong one is told.

use std::path::PathBuf;

use crate::support::executable::{Fake, run};
use crate::support::raw::CREW;

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn rules_come_from_files_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let first = written(&folder, "first.yaml", "- when: {times: 1}\n  then: {status: 500}\n");
    let second = written(&folder, "second.json", r#"[{"when": {"times": 1}, "then": {"status": 502}}]"#);
    let fake = Fake::start(&["--fault", first.to_str().unwrap(), "--fault", second.to_str().unwrap()]);
    let list = format!("{CREW}/crew_001/documents");
    let statuses: Vec<_> = (0..3).map(|_| fake.get(&list).status().as_u16()).collect();
    assert_eq!(statuses, [500, 502, 200]);
    fake.stop();
}

#[test]
fn a_wrong_rule_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = written(&folder, "wrong.yaml", "- match: {step: link}\n  then: {statsu: 503}\n");
    let ran = run(&["serve", "--bind", "127.0.0.1:0", "--fault", wrong.to_str().unwrap()]);
    assert_eq!((ran.code, &*ran.stdout), (Some(3), ""), "{ran:?}");
    assert!(ran.stderr.contains("wrong.yaml:2:10") && ran.stderr.contains("`status`"), "{}", ran.stderr);
}

#[test]
fn a_name_that_two_files_give_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let one = written(&folder, "one.yaml", "- {name: same, then: {close: true}}\n");
    let path = one.to_str().unwrap();
    let ran = run(&["serve", "--bind", "127.0.0.1:0", "--fault", path, "--fault", path]);
    assert!(ran.failed(2).contains("there is a rule `same` already"));
}

#[test]
fn a_connection_of_http_2_breaks_too() {
    // 18 is curl's code for a transfer that is not whole, 55 and 56 are those for a connection that is gone.
    for (then, codes, size) in [
        ("{cut: {after: 100}}", &[18][..], Some("100")),
        // curl may meet the RST while it sends, before it has read what came.
        ("{cut: {after: 100, how: reset}}", &[55, 56], None),
        ("{reset: true}", &[55, 56], Some("0")),
        ("{truncated: 50}", &[0], Some("50")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let rule = written(&folder, "rule.yaml", &format!("- then: {then}\n"));
        let fake = Fake::start(&["--fault", rule.to_str().unwrap()]);
        let list = format!("{}{CREW}/crew_001/documents", fake.base);
        let key = format!("Authorization: Bearer {}", fake.key);
        let mut curl = std::process::Command::new("curl");
        curl.args(["--silent", "--noproxy", "*", "--http2-prior-knowledge", "--output", "/dev/null"]);
        let output = curl.args(["--write-out", "%{size_download}", &list, "-H", &key]).output().unwrap();
        assert!(codes.contains(&output.status.code().unwrap()), "{then}: {output:?}");
        let came = String::from_utf8(output.stdout).unwrap();
        assert!(size.is_none_or(|size| size == came), "{then}: {came}");
        fake.stop();
    }
}
