//! The examples in Rust, which no test depends on: they are built when they are asked for.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds every example, and returns the folder of the programs.
pub(crate) fn examples() -> PathBuf {
    let programs = Path::new(env!("REFERENCE_CLIENT")).parent().unwrap();
    let built = Command::new(env!("CARGO"))
        // The whole workspace is named, so that no dependency is built again with other features.
        .args(["build", "--quiet", "--workspace", "--bins", "--examples", "--target-dir"])
        .arg(programs.parent().unwrap())
        .status();
    assert!(built.unwrap().success());
    programs.to_path_buf()
}
