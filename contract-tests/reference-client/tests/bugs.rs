//! The program starts and lists its variants; as a test of the program, this also has it built for the gate's tests.

use std::process::Command;

#[test]
fn it_lists_its_variants() {
    let listed = Command::new(env!("CARGO_BIN_EXE_crewpass-reference-client")).arg("--list-bugs").output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let variants: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert!(variants.as_array().is_some_and(|variants| !variants.is_empty()), "{variants}");
}
