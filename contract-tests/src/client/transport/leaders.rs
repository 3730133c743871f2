//! The processes that the gate itself started. Every other child of a gate that adopts orphans is something that a client
//! left behind.

use std::collections::BTreeSet;
use std::io;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::watchdog;

/// The processes that were started and not yet reaped.
static LEADERS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Is true once orphans become children of this process.
static ADOPTS: AtomicBool = AtomicBool::new(false);

/// Makes this process the parent of orphans, so that they are found and reaped: from then on every child of it that it
/// did not start by a transport is taken for a leftover of a client. A watchdog ends the clients if this process dies.
/// Its environment, memory and open files are closed to the clients, which run as the same user. Without support from the
/// system, nothing happens.
pub fn adopt_orphans() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        // What is not dumpable can't be traced either. A client is dumpable again: `execve` resets it.
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        if !ADOPTS.swap(true, Ordering::Relaxed) {
            watchdog::start();
        }
    }
    Ok(())
}

/// Starts a process of the gate. No search for leftovers happens before it is known.
pub(super) fn spawn(start: impl FnOnce() -> io::Result<Child>) -> io::Result<Child> {
    let mut leaders = lock();
    let child = start()?;
    leaders.extend(i32::try_from(child.id()));
    Ok(child)
}

/// Forgets a process that is about to be reaped.
pub(super) fn forget(id: i32) {
    lock().remove(&id);
}

/// Calls `search` with a function that says whether a child of the gate is a leftover; nothing is started meanwhile.
pub(super) fn while_none_starts<T>(search: impl FnOnce(&dyn Fn(i32) -> bool) -> T) -> T {
    let leaders = lock();
    search(&|id| ADOPTS.load(Ordering::Relaxed) && !leaders.contains(&id))
}

fn lock() -> MutexGuard<'static, BTreeSet<i32>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}
