//! The owner of a sandbox, in its name: a later run of the gate knows by it what a dead gate left, and removes that.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use rustix::process::{Pid, Signal, kill_process};

use super::sandbox::{SANDBOX, remove};

/// Returns the mark of this process, such as `4026531836x0000123x000000456789x`: the namespace of process ids,
/// the process, and its start. Letters and digits only, so that reports recognise the name. Its length is constant,
/// so that what a client writes about its folder has the same size in each run.
pub(super) fn mark() -> &'static str {
    static MARK: OnceLock<String> = OnceLock::new();
    MARK.get_or_init(|| {
        let own = std::process::id();
        match (namespace(), start_of(own)) {
            (Some(namespace), Some(start)) => format!("{namespace}x{own:0>7}x{start:0>12}x"),
            _ => String::new(),
        }
    })
}

/// Removes the sandboxes of gates that are dead, and ends the processes that work in them.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(is_abandoned) && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            end_processes_in(&entry.path());
            remove(&entry.path());
        }
    }
}

/// Returns true if a name is that of a sandbox whose gate is dead.
fn is_abandoned(name: &str) -> bool {
    let Some(owner) = name.strip_prefix(SANDBOX) else { return false };
    let mut parts = owner.splitn(4, 'x');
    let mut number = || parts.next()?.parse::<u64>().ok();
    let (Some(space), Some(process), Some(start)) = (number(), number(), number()) else { return false };
    // Another namespace has other processes, of which nothing is known here.
    let is_known = namespace().is_some_and(|own| own == space.to_string());
    is_known && u32::try_from(process).is_ok_and(|process| start_of(process) != Some(start))
}

/// Ends the processes that work in a folder or have it in their environment.
fn end_processes_in(folder: &Path) {
    let text = folder.as_os_str().as_encoded_bytes();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| Pid::from_raw(name.parse().ok()?)) else { continue };
        let at = entry.path();
        let works_there = fs::read_link(at.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
            || fs::read(at.join("environ")).is_ok_and(|all| memchr::memmem::find(&all, text).is_some());
        if works_there {
            // An error means that it is gone, or not ours.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Returns the number of the namespace of process ids.
fn namespace() -> Option<String> {
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    let number: String = link.to_str()?.chars().filter(char::is_ascii_digit).collect();
    (!number.is_empty()).then_some(number)
}

/// Returns the start of a process since the machine's, in ticks.
fn start_of(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sandbox_of_a_dead_gate_is_abandoned() {
        assert!(!is_abandoned(&format!("{SANDBOX}{}a1b2c3", mark())));
        assert_eq!(mark().len(), namespace().unwrap().len() + "x0000123x000000456789x".len());
        let namespace = namespace().unwrap();
        assert!(is_abandoned(&format!("{SANDBOX}{namespace}x{}x1xa1b2c3", std::process::id())), "the id was reused");
        for other in ["x", "crewpass-contract-a1b2c3", "crewpass-contract-session-a1", "crewpass-contract-1x2x3xabc"] {
            assert!(!is_abandoned(other), "{other}");
        }
    }

    #[test]
    fn a_sweep_removes_what_a_dead_gate_left_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let dead = folder.path().join(format!("{SANDBOX}{}x{}x1xabc", namespace().unwrap(), std::process::id()));
        let live = folder.path().join(format!("{SANDBOX}{}abc", mark()));
        for path in [&dead, &live] {
            fs::create_dir_all(path.join("a/b")).unwrap();
        }
        let mut client = std::process::Command::new("sleep").arg("600").current_dir(dead.join("a")).spawn().unwrap();
        sweep(folder.path());
        assert!(!dead.exists() && live.exists());
        assert!(!client.wait().unwrap().success());
    }
}
