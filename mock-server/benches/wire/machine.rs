//! What Linux tells about the machine and about a process. Elsewhere the bench does not run.

use std::fs::read_to_string;

use crate::Result;

/// Ticks of `/proc/PID/stat` in a second: `USER_HZ`, which is 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// The CPU time that a process has used so far, in seconds, to the hundredth.
pub(crate) fn cpu_seconds(process: u32) -> Result<f64> {
    let stat = read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold anything, so fields are counted from its end: utime is the 12th from there.
    let (_, fields) = stat.rsplit_once(')').ok_or("a stat without a name")?;
    let mut times = fields.split_whitespace().skip(11);
    let mut next = || times.next().and_then(|time| time.parse::<u32>().ok()).ok_or("a stat without times");
    Ok(f64::from(next()? + next()?) / TICKS)
}

/// The memory of a process that is resident, in MiB.
pub(crate) fn resident_mib(process: u32) -> Result<f64> {
    status_mib(process, "VmRSS:")
}

/// How much of that is no page of the program's own file, in MiB: what it allocated.
pub(crate) fn allocated_mib(process: u32) -> Result<f64> {
    status_mib(process, "RssAnon:")
}

fn status_mib(process: u32, name: &str) -> Result<f64> {
    let status = read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("a status without its memory")?;
    let kib: u32 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(f64::from(kib) / 1024.0)
}

/// The number of cores, the model of the CPU, and how busy the machine was over the last minute.
pub(crate) fn describe() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let info = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    let model = model.map_or("unknown CPU", |(_, model)| model.trim());
    let busy = read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split(' ').next().unwrap_or("?");
    Ok(format!("{cores} cores, {model}, load average {busy} at the start"))
}
