//! What `make` says to somebody who begins.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::repo_rules::shell::repository;
use tempfile::TempDir;

/// A program that is put in the place of another one.
fn program(folder: &TempDir, script: &str) -> PathBuf {
    let path = folder.path().join("program");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn make(target: &str, variable: &str, value: &str) -> Output {
    let mut make = Command::new("make");
    make.args([target, &format!("{variable}={value}")]).current_dir(repository()).env_remove("MAKEFLAGS");
    make.output().unwrap()
}

#[test]
fn too_old_a_rust_is_told_in_words() {
    let folder = TempDir::new().unwrap();
    for (version, is_enough) in [("1.80.1 (a 2024-08-06)", false), ("1.95.0 (a 2026-01-01)", true), ("1.100.0", true)] {
        let rustc = program(&folder, &format!("echo 'rustc {version}'"));
        let ran = make("rust", "RUSTC", rustc.to_str().unwrap());
        let output = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.success(), is_enough, "{version}: {output}");
        assert_eq!(output.contains("is too old: version 1.95 or newer is needed"), !is_enough, "{version}: {output}");
    }
    let ran = make("rust", "RUSTC", "/nowhere/rustc");
    assert!(String::from_utf8(ran.stderr).unwrap().contains("Rust is not installed"));
}

#[test]
fn a_taken_port_is_answered_with_what_make_takes() {
    let folder = TempDir::new().unwrap();
    for (code, has_hint) in [(4, true), (3, false)] {
        let cargo = program(&folder, &format!("exit {code}"));
        let ran = make("run", "CARGO", cargo.to_str().unwrap());
        let output = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(output.contains("make run PORT=9000"), has_hint, "{output}");
        assert!(!ran.status.success() && output.contains(&format!("Error {code}")), "{output}");
    }
}
