//! What an embedder gets: the public names of the library, and the crates that it does not build.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::repo_rules::shell::repository;

/// The public names. Those of `tls` exist with that feature only.
const PUBLIC_NAMES: &str = "
    Authority BadFault BadPolicy BindError Builder Change ChangeError Clock ControlAccess
    CurrentDocument DEFAULT_NAMES EndpointName Entry EntryKind Exchange Fault FaultReport Filter HeaderNames
    Journal KindFilter Leak Leaf Limits ListenOptions Listener MockServer NotConsumed Origins OutOfRange Policies Problem
    Reach SESSION_IDLE ServeOutcome Session SessionSpec StatusFilter Store TlsConfig TlsError
    TooManySessions Traffic Validity WebhookSecret World WorldError
";

/// Crates that only a feature needs.
const FEATURE_CRATES: &str = "
    clap clap_complete fake jpeg-encoder miette notify pdf-writer png rand rcgen rustls
    terminal_size textwrap ureq
";

fn lib() -> String {
    fs::read_to_string(repository().join("mock-server/src/lib.rs")).unwrap()
}

/// Returns the names of the `pub use` items of a source text.
fn re_exported_names(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in source.split("\npub use ").skip(1) {
        let path = item.split(';').next().unwrap();
        let last = path.split_once('{').map_or_else(|| path.rsplit("::").next().unwrap(), |(_, list)| list);
        names.extend(last.trim_end_matches('}').split(',').map(|name| name.trim().to_owned()));
    }
    names.remove("");
    names
}

#[test]
fn the_facade_exports_exactly_the_listed_names() {
    let listed: BTreeSet<_> = PUBLIC_NAMES.split_whitespace().map(str::to_owned).collect();
    assert_eq!(re_exported_names(&lib()), listed);
}

#[test]
fn no_module_but_cli_is_public_without_internals() {
    let source = lib();
    let (before, rest) = source.split_once("if #[cfg(feature = \"internals\")] {").unwrap();
    let (_, after) = rest.split_once("} else {").unwrap();
    let outside = [before, after].concat();
    let public: Vec<_> = outside.lines().map(str::trim).filter(|line| line.starts_with("pub ")).collect();
    let others: Vec<_> = public.iter().filter(|line| !line.starts_with("pub use ")).collect();
    assert_eq!(others, [&"pub mod cli;"]);
}

#[test]
fn an_embedder_gets_no_state_of_a_session() {
    let source = fs::read_to_string(repository().join("mock-server/src/session/handle.rs")).unwrap();
    let functions: Vec<_> =
        source.split("\n\n").filter(|part| part.contains("    pub fn ") && part.contains("SessionState")).collect();
    assert!(!functions.is_empty(), "the tests of this workspace lock a session");
    let open: Vec<_> = functions.iter().filter(|part| !part.contains("#[cfg(feature = \"internals\")]")).collect();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn an_embedder_builds_no_crate_of_a_feature() {
    let tree = Command::new(env!("CARGO"))
        .args("tree -p crewpass-mock -e normal --no-default-features --prefix none --offline".split(' '))
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    let built: BTreeSet<_> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(built.contains("axum"), "{text}");
    let wrong: Vec<_> = FEATURE_CRATES.split_whitespace().filter(|name| built.contains(name)).collect();
    assert_eq!(wrong, [""; 0]);
}
