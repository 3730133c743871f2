//! Programs that only some machines have. A test that needs one is skipped without it, and `make test` lists it at the
//! end; with `WITH_ALL_TOOLS`, as in the pipeline, it fails instead.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

/// Returns the first of these programs that is installed.
pub(crate) fn tool(names: &[&'static str]) -> Option<&'static str> {
    let installed =
        |name: &&&str| Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let found = names.iter().find(installed).copied();
    if found.is_none() {
        assert!(env::var_os("WITH_ALL_TOOLS").is_none(), "none of {names:?} is installed");
        record_skip(&format!("none of {names:?} is installed"));
    }
    found
}

/// Returns true if `python3` has a module; otherwise the test is recorded as skipped.
pub(crate) fn python_with(module: &'static str) -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", &format!("import {module}")]).stdout(Stdio::null()).stderr(Stdio::null());
    let has_it = python.status().is_ok_and(|status| status.success());
    if !has_it {
        assert!(env::var_os("WITH_ALL_TOOLS").is_none(), "python3 with the module {module} is not installed");
        record_skip(&format!("python3 with the module {module} is not installed"));
    }
    has_it
}

/// Appends the running test, and why it was not run, to the file that `make test` prints at its end. The output of a
/// test that passes is lost.
pub(crate) fn record_skip(why: &str) {
    let Some(path) = env::var_os("SKIPPED_TESTS_FILE") else { return };
    let thread = thread::current();
    let line = format!("  {}: {why}\n", thread.name().unwrap_or("a test"));
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(line.as_bytes()).unwrap();
}
