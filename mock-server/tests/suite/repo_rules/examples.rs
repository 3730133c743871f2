//! The guide's steps and the documented loop save what the fake serves, and what they save opens.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::repo_rules::shell::Shell;

/// What `file` calls a file.
fn kind(path: &Path) -> String {
    let output = Command::new("file").arg("--brief").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_steps_save_a_real_pdf() {
    let shell = Shell::new();
    let output = shell.run("DOCUMENT_ID=doc_1 bash examples/guide/steps.sh");
    assert!(output.status.success(), "{output:?}");
    let saved = shell.folder.path().join("doc_1.pdf");
    assert!(kind(&saved).starts_with("PDF document"), "{}", kind(&saved));
    let bytes = fs::read(&saved).unwrap();
    assert_eq!(bytes, shell.served("doc_1"));
    assert!(bytes.trim_ascii_end().ends_with(b"%%EOF"));
}

#[test]
fn the_steps_fail_where_there_is_no_document() {
    let shell = Shell::new();
    for line in ["DOCUMENT_ID=doc_0 bash examples/guide/steps.sh", "CREW_ID=crew_003 bash examples/guide/steps.sh"] {
        assert!(!shell.run(line).status.success(), "{line}");
    }
}

#[test]
fn the_loop_saves_every_current_document() {
    let shell = Shell::new();
    let output = shell.run("mkdir out && python3 examples/guide/loop.py out");
    assert!(output.status.success(), "{output:?}");
    let mut saved: Vec<_> =
        fs::read_dir(shell.folder.path().join("out")).unwrap().map(|entry| entry.unwrap().path()).collect();
    saved.sort();
    assert_eq!(saved.len(), 6);
    for path in saved {
        let name = path.file_name().unwrap().to_str().unwrap();
        let document = name.split('-').next().unwrap();
        assert_eq!(fs::read(&path).unwrap(), shell.served(document), "{name}");
        let opens = ["PDF document", "PNG image", "JPEG image"].iter().any(|known| kind(&path).starts_with(known));
        assert!(opens, "{name}: {}", kind(&path));
    }
}

#[test]
fn the_loop_fails_where_a_document_is_missing() {
    let shell = Shell::new();
    let output = shell
        .run("crewpass-mock ctl store down --times 1 --at link && mkdir out && python3 examples/guide/loop.py out");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(fs::read_dir(shell.folder.path().join("out")).unwrap().count(), 5);
}
