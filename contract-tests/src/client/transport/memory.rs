//! How much memory a process had resident at most.
//!
//! What the system tells at the end (`wait4`) counts from the gate's own size on, since on Linux a child inherits its
//! parent's high-water mark over `fork` and `exec`. It is exact where it is larger than that; below it, what was read
//! from /proc while the client ran is the better figure.

/// The high-water mark of a process in bytes; `None` where it can't be seen.
#[cfg(target_os = "linux")]
pub(super) fn high_water(pid: i32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes << 10)
}

/// The high-water mark of a process in bytes; `None` where it can't be seen.
#[cfg(not(target_os = "linux"))]
pub(super) fn high_water(_pid: i32) -> Option<u64> {
    None
}

/// Begins to count the high-water mark of a process anew; whether that worked.
pub(super) fn count_anew(pid: i32) -> bool {
    cfg!(target_os = "linux") && std::fs::write(format!("/proc/{pid}/clear_refs"), "5").is_ok()
}

/// The gate's own high-water mark.
pub(super) fn own() -> Option<u64> {
    high_water(i32::try_from(std::process::id()).ok()?)
}

/// The peak from both figures.
pub(super) fn peak(told_at_the_end: u64, seen: Option<u64>, inherited: Option<u64>) -> Option<u64> {
    if told_at_the_end == 0 || inherited.is_some_and(|floor| told_at_the_end <= floor) {
        return seen.or((told_at_the_end > 0).then_some(told_at_the_end));
    }
    seen.max(Some(told_at_the_end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inherited_does_not_count() {
        assert_eq!(peak(100, Some(7), Some(100)), Some(7));
        assert_eq!(peak(101, Some(7), Some(100)), Some(101));
        assert_eq!(peak(50, None, Some(100)), Some(50));
        assert_eq!(peak(50, None, None), Some(50));
        assert_eq!(peak(0, None, None), None);
    }
}
