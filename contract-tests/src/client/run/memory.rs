//! Where the system keeps files in memory, for cases whose files are few and small.

use std::env;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};

/// The folder that Linux has for it.
const MEMORY: &str = "/dev/shm";

/// There must be room for so much. The cases that are played at once need some dozens of megabytes.
const ROOM: u64 = 1 << 30;

/// Returns a folder in memory for sandboxes, unless `TMPDIR` names another place. There is none where it is small, as
/// in many containers, or where nothing in it may be run: what a client unpacks may be a program.
///
/// A client that brings each document to the disk waits for whatever else writes there. With a deadline of a few
/// seconds, a compiler beside it would make it seem wrong.
pub(crate) fn in_memory() -> Option<PathBuf> {
    let env = env::var_os("TMPDIR").is_some_and(|path| !path.is_empty());
    let folder = Path::new(MEMORY);
    (!env && suits(folder, ROOM)).then(|| folder.to_owned())
}

/// Returns true if a folder is in memory, open to us, and has the room.
fn suits(folder: &Path, room: u64) -> bool {
    let Ok(system) = statvfs(folder) else { return false };
    let shut = StatVfsMountFlags::NOEXEC | StatVfsMountFlags::RDONLY;
    let has_room = system.f_bavail.saturating_mul(system.f_frsize) >= room;
    is_memory(folder) && has_room && !system.f_flag.intersects(shut) && access(folder, Access::WRITE_OK).is_ok()
}

#[cfg(target_os = "linux")]
fn is_memory(folder: &Path) -> bool {
    // `TMPFS_MAGIC` of linux/magic.h.
    rustix::fs::statfs(folder).is_ok_and(|system| system.f_type == 0x0102_1994)
}

#[cfg(not(target_os = "linux"))]
fn is_memory(_folder: &Path) -> bool {
    false
}
