//! Programs and files that only some machines have. A test that needs one is skipped without it, and `make test` lists
//! it at the end; with `WITH_ALL_TOOLS`, as in the pipeline, it fails instead.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

/// Returns the first of these programs that is installed.
pub(crate) fn tool(names: &[&'static str]) -> Option<&'static str> {
    let is_installed =
        |name: &&&str| Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let found = names.iter().find(is_installed).copied();
    if found.is_none() {
        skip(&format!("none of {names:?} is installed"));
    }
    found
}

/// Returns the text of a file that a `make` target installs.
pub(crate) fn installed(path: &Path, target: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        skip(&format!("`make {target}` was not run"));
    }
    text
}

/// Appends the running test, and why it was not run, to the file that `make test` prints at its end. The output of a
/// test that passes is lost.
fn skip(why: &str) {
    assert!(env::var_os("WITH_ALL_TOOLS").is_none(), "{why}");
    let Some(path) = env::var_os("SKIPPED_TESTS_FILE") else { return };
    let thread = thread::current();
    let line = format!("  {}: {why}\n", thread.name().unwrap_or("a test"));
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(line.as_bytes()).unwrap();
}
