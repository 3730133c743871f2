//! Reads from Linux what the threads of a client waited for. Other systems show nothing.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use super::strain::ThreadTimes;

/// The most processes of one client that are looked at.
const MOST: usize = 256;

/// The threads of a process and of everything that descends from it.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) threads: HashMap<i32, ThreadTimes>,
    /// Is true if a thread waits for a disk, which was only looked at if `look_for_disk` was set.
    pub(super) is_blocked: bool,
}

impl Tree {
    /// Reads the tree of a process.
    pub(super) fn read(leader: i32, look_for_disk: bool) -> Self {
        let (mut tree, mut open, mut seen) = (Self::default(), vec![leader], 0);
        while let Some(process) = open.pop() {
            seen += 1;
            if seen > MOST {
                break;
            }
            let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
            for thread in threads {
                let Some(id) = thread.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
                let path = thread.path();
                tree.threads.extend(times(&path).map(|times| (id, times)));
                tree.is_blocked |= look_for_disk && is_blocked(&path);
                let children = fs::read_to_string(path.join("children")).unwrap_or_default();
                open.extend(children.split_ascii_whitespace().filter_map(|child| child.parse::<i32>().ok()));
            }
        }
        tree
    }
}

/// Parses `schedstat`: nanoseconds on a core, nanoseconds ready without a core, number of turns.
fn times(thread: &std::path::Path) -> Option<ThreadTimes> {
    let text = fs::read_to_string(thread.join("schedstat")).ok()?;
    let mut fields = text.split_ascii_whitespace().map(|field| field.parse().map(Duration::from_nanos));
    Some(ThreadTimes { ran: fields.next()?.ok()?, waited: fields.next()?.ok()? })
}

/// Returns true if the thread is in the state that waits for a disk.
fn is_blocked(thread: &std::path::Path) -> bool {
    let text = fs::read_to_string(thread.join("stat")).unwrap_or_default();
    // The name before the state may have any characters.
    text.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('D'))
}

/// Returns the time in which some process of the machine waited for a disk; `None` if the system does not count it.
pub(super) fn disk_pressure() -> Option<Duration> {
    let text = fs::read_to_string("/proc/pressure/io").ok()?;
    let some = text.lines().find(|line| line.starts_with("some "))?;
    some.split("total=").nth(1)?.trim().parse().ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_and_children_are_in_the_tree() {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "sleep 60 & echo $!; wait"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        let sleeping: i32 = line.trim().parse().unwrap();
        let leader = i32::try_from(child.id()).unwrap();
        let tree = Tree::read(leader, true);
        assert!(tree.threads.contains_key(&leader) && tree.threads.contains_key(&sleeping), "{tree:?}");
        let kill = |id| {
            rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), rustix::process::Signal::KILL)
        };
        kill(sleeping).unwrap();
        child.wait().unwrap();
        assert!(Tree::read(leader, false).threads.is_empty());
    }
}
