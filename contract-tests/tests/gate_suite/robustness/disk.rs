//! What can't be written is said before the first case; a report that fails does not take the others with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::robustness::gate::{GOOD, Gate};

/// One plain case.
const PLAIN: [&str; 3] = ["client", "--only", "plain/three-documents"];

/// A client that leaves a file where it was started.
fn ran(mark: &std::path::Path) -> String {
    format!("touch {}; exec {GOOD}", mark.display())
}

#[test]
fn a_report_that_can_not_be_written_is_refused_before_the_first_case() {
    let (gate, place) = (Gate::new(), tempfile::tempdir().unwrap());
    let mark = place.path().join("ran");
    for path in [place.path().join("missing/report.json"), place.path().to_owned()] {
        let report = format!("--report=json={}", path.display());
        let ended = gate.run(&[&PLAIN[..], &[&report]].concat(), &["sh", "-c", &ran(&mark)]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
        assert!(ended.err.contains(&path.display().to_string()), "{}", ended.err);
    }
    assert!(!mark.exists());
}

#[test]
fn a_missing_folder_for_temporary_files_is_said_in_one_line() {
    let gate = Gate::new();
    let mut command = gate.command(&PLAIN, &[GOOD]);
    let output = command.env("TMPDIR", "/nowhere/at/all").output().unwrap();
    let ended = gate.ended(&output);
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{}", ended.err);
    assert!(ended.err.starts_with("crewpass-contract: TMPDIR /nowhere/at/all: "), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
}

#[test]
fn a_full_disk_stops_no_other_report_and_leaves_the_old_one() {
    let (gate, place) = (Gate::new(), tempfile::tempdir().unwrap());
    let junit = place.path().join("junit.xml");
    fs::write(&junit, "old").unwrap();
    fs::set_permissions(&junit, fs::Permissions::from_mode(0o640)).unwrap();
    let reports = ["--report=json=/dev/full".to_owned(), format!("--report=junit={}", junit.display())];
    let args: Vec<&str> = PLAIN.into_iter().chain(reports.iter().map(String::as_str)).collect();
    let ended = gate.run(&args, &[GOOD]);
    assert_eq!(ended.code, Some(2), "{}{}", ended.out, ended.err);
    assert!(ended.err.contains("/dev/full: "), "{}", ended.err);
    assert!(fs::read_to_string(&junit).unwrap().starts_with("<?xml"));
    assert_eq!(fs::metadata(&junit).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "a temporary file was left");
}

#[test]
fn a_full_standard_output_is_named() {
    let gate = Gate::new();
    let mut list = std::process::Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    list.arg("list");
    for mut command in [gate.command(&PLAIN, &[GOOD]), list] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(err.contains("crewpass-contract: standard output can't be written: "), "{err}");
    }
}
