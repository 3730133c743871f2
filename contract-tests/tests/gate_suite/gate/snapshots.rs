//! Snapshots: kept by a first run, held against by later ones.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::judged_output::judged_output;

fn run(folder: &Path, more: &[&str], client: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
    command.current_dir(folder).args(["client", "--only", "CPK-ERR-05,plain/three-documents", "--snapshot", "kept"]);
    judged_output(command.args(more).args(["--", env!("REFERENCE_CLIENT")]).args(client))
}

#[test]
fn a_run_that_differs_is_shown_until_it_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let code = |more: &[&str], client: &[&str]| run(folder.path(), more, client).status.code();
    assert_eq!(code(&[], &[]), Some(0));
    let kept = folder.path().join("kept/plain__three-documents.txt");
    let first = fs::read_to_string(&kept).unwrap();
    assert!(first.contains("PST_certificate.pdf: doc_1\n") && first.ends_with("  exit 0\n"), "{first}");
    assert_eq!(code(&[], &[]), Some(0));

    let new = folder.path().join("kept/plain__three-documents.txt.new");
    let other = ["--bug", "asks-link-twice"];
    let output = run(folder.path(), &[], &other);
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("+  GET /api/v2/employers/me/crew/crew_001/documents/doc_1/download -> 200"), "{printed}");
    assert!(new.exists() && fs::read_to_string(&kept).unwrap() == first);

    assert_eq!(code(&["--accept"], &other), Some(0));
    assert!(!new.exists() && fs::read_to_string(&kept).unwrap() != first);
    assert_eq!(code(&[], &other), Some(0));
}
