//! The watchdog: a shell that ends every client and removes every sandbox when the gate dies, also by SIGKILL.
//!
//! Rationale: a parent-death signal would have to be set between fork and exec, which needs unsafe code; it also follows
//! the thread that forks, and does not reach the children of a client. The shell only waits for the end of its input,
//! which the system closes with the gate.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::leaders;

/// Reads `+ GROUP`, `- GROUP` and `s FOLDER`. A quiet end leaves no group and no folder.
const SCRIPT: &str = r#"trap '' HUP INT TERM
groups=
while read -r what rest; do
    case $what in
    +) groups="$groups $rest" ;;
    -) others=; for group in $groups; do [ "$group" = "$rest" ] || others="$others $group"; done; groups=$others ;;
    s) set -- "$@" "$rest" ;;
    esac
done
for group in $groups; do kill -KILL "-$group"; done 2> /dev/null
# A client that has just been started may not be registered yet, but the path of its sandbox is in its environment.
there=
for folder; do [ ! -e "$folder" ] || there="$there
$folder/"; done
for pass in 1 2; do
    [ -n "$there" ] || break
    for process in $(grep -laF -e "${there#?}" /proc/[0-9]*/environ); do
        process=${process#/proc/}
        kill -KILL "${process%/environ}"
    done
done 2> /dev/null
for folder; do [ ! -e "$folder" ] || { chmod -R u+rwx "$folder"; rm -rf "$folder"; }; done 2> /dev/null
"#;

/// The input of the shell; none if it could not be started.
static INPUT: OnceLock<Option<Mutex<ChildStdin>>> = OnceLock::new();

/// Starts the watchdog. A system without a shell has none.
pub(super) fn start() {
    INPUT.get_or_init(|| {
        let shell = || {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", SCRIPT]).env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn()
        };
        leaders::spawn(shell).ok()?.stdin.take().map(Mutex::new)
    });
}

/// Guards a client's process group until [`forget_group`].
pub(super) fn guard_group(id: i32) {
    send(format_args!("+ {id}\n"));
}

/// Forgets a group that is about to be reaped.
pub(super) fn forget_group(id: i32) {
    send(format_args!("- {id}\n"));
}

/// Guards a folder that is gone when the gate ends by itself.
pub(crate) fn guard_folder(path: &Path) {
    send(format_args!("s {}\n", path.display()));
}

fn send(line: std::fmt::Arguments<'_>) {
    if let Some(Some(input)) = INPUT.get() {
        // If the shell is gone, there is no receiver for the message.
        let _ = input.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.to_string().as_bytes());
    }
}
