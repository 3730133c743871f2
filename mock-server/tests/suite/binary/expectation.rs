//! The expectation of the starter world that lies in the repository is the one that `describe` writes.

use std::path::Path;
use std::process::Command;

#[test]
fn the_expectation_of_the_starter_world_is_current() {
    let described = Command::new(env!("CARGO_BIN_EXE_crewpass-mock"))
        .args(["describe", "--clock", "2026-01-15T09:00:00Z"])
        .output()
        .unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/contract/starter.expect.yaml");
    let kept = std::fs::read_to_string(kept).unwrap();
    assert_eq!(String::from_utf8(described.stdout).unwrap(), kept, "run `make generate`");
}
