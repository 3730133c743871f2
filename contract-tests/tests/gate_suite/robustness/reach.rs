//! What a client can reach of the gate: its environment, memory and open files are closed to it.

use std::process::Command;

use crate::gate::needs::{record_skip, tool};
use crate::robustness::gate::{GOOD, Gate};

/// A user without any rights.
const NOBODY: &str = "65534";

/// Refuses to work if it can open a part of the process that started it.
const LOOK: &str = "for part in environ maps; do cat /proc/$PPID/$part > /dev/null 2>&1 && exit 9; done; \
    ls /proc/$PPID/fd > /dev/null 2>&1 && exit 9; exec GOOD";

/// Runs the gate as a user without rights: the superuser reaches everything.
fn run_as_nobody(gate: &Gate, client: &[&str]) -> Option<std::process::Output> {
    let mut plain = gate.command(&["client", "--only", "plain/three-documents", "--verbose"], client);
    if !rustix::process::geteuid().is_root() {
        return Some(plain.output().unwrap());
    }
    let setpriv = tool(&["setpriv"])?;
    let mut command = Command::new(setpriv);
    command.args(["--reuid", NOBODY, "--clear-groups"]).arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Some(command.current_dir(gate.folder()).output().unwrap())
}

#[test]
fn a_client_reaches_nothing_of_the_gates_process() {
    let gate = Gate::open_to_all();
    let Some(output) = run_as_nobody(&gate, &["sh", "-c", &LOOK.replace("GOOD", GOOD)]) else { return };
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(127) {
        return record_skip("another user can't run the programs of this build");
    }
    assert_eq!(output.status.code(), Some(0), "{printed}");
}
