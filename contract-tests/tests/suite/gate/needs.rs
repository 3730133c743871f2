//! Programs of others that a test looks through. At a desk a test is left out without its own; the pipeline has all of
//! them and says so, and there none is left out.

use std::env;
use std::process::{Command, Stdio};

/// The first of these programs that is installed.
#[expect(clippy::print_stderr, reason = "whoever runs the test sees what it left out")]
pub(crate) fn tool(names: &[&'static str]) -> Option<&'static str> {
    let installed =
        |name: &&&str| Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    let found = names.iter().find(installed).copied();
    if found.is_none() {
        assert!(env::var_os("WITH_ALL_TOOLS").is_none(), "none of {names:?} is installed");
        eprintln!("left out: none of {names:?} is installed");
    }
    found
}
