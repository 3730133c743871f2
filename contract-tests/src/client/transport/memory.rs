//! The peak of a process's resident memory.
//!
//! The figure of `wait4` starts at the gate's own size, since on Linux a child inherits its
//! parent's high-water mark over `fork` and `exec`. It is exact if it is larger than that.
//! Otherwise the value that was read from /proc while the client ran is better.

/// Returns the high-water mark of a process in bytes; `None` if it can't be read.
#[cfg(target_os = "linux")]
pub(super) fn high_water(pid: i32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes << 10)
}

/// Returns the high-water mark of a process in bytes; `None` if it can't be read.
#[cfg(not(target_os = "linux"))]
pub(super) fn high_water(_pid: i32) -> Option<u64> {
    None
}

/// Resets the high-water mark of a process; returns true on success.
pub(super) fn reset_high_water(pid: i32) -> bool {
    cfg!(target_os = "linux") && std::fs::write(format!("/proc/{pid}/clear_refs"), "5").is_ok()
}

/// Returns the gate's own high-water mark in bytes.
pub(super) fn own() -> Option<u64> {
    high_water(i32::try_from(std::process::id()).ok()?)
}

/// Returns the peak from the figure at the end, the sampled one and the inherited floor, all in
/// bytes.
pub(super) fn peak(reported: u64, sampled: Option<u64>, inherited: Option<u64>) -> Option<u64> {
    if reported == 0 || inherited.is_some_and(|floor| reported <= floor) {
        return sampled.or((reported > 0).then_some(reported));
    }
    sampled.max(Some(reported))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inherited_peak_does_not_count() {
        assert_eq!(peak(100, Some(7), Some(100)), Some(7));
        assert_eq!(peak(101, Some(7), Some(100)), Some(101));
        assert_eq!(peak(50, None, Some(100)), Some(50));
        assert_eq!(peak(50, None, None), Some(50));
        assert_eq!(peak(0, None, None), None);
    }
}
